"""softmax, log_softmax and logsumexp: small formats throughout, and rows at formats' ends."""

import itertools
import random

import numpy as np
import pytest
from checks import SEED, fixed, words
from elementary_oracle import (
    GUARD,
    Expected,
    expected_log_softmax,
    expected_logsumexp,
    expected_softmax,
)

import fxtypes as fx

NAMES = ("softmax", "log_softmax", "logsumexp")


def results(name, row, frac_bits, out_bits):
    if name == "logsumexp":
        return [expected_logsumexp(row, frac_bits, out_bits)]
    function = {"softmax": expected_softmax, "log_softmax": expected_log_softmax}[name]
    return function(row, frac_bits, out_bits)


class Rows:
    """Rows of one length, and their results, evaluated once for all modes."""

    def __init__(self, name, rows, fmt, frac_bits):
        self.name, self.rows, self.fmt = name, rows, fmt
        bits = frac_bits + GUARD
        odd = [value for row in rows for value in results(name, row, fmt.frac_bits, bits)]
        self.expected = Expected(odd)

    def check(self, result, axis=-1):
        draws = words(result, len(self.expected))
        raws = self.expected.stored(result, draws)
        shape = len(self.rows), len(self.rows[0])
        x = fixed([raw for row in self.rows for raw in row], self.fmt, shape)
        if axis == 0:
            x = x.T
        function = getattr(fx, self.name)

        def call():
            with fx.seeded(SEED):
                return function(x, axis, format=result)

        if any(raw is None for raw in raws):
            with pytest.raises(fx.FixedOverflowError):
                call()
            return
        with fx.record() as events:
            found = call()
        assert found.format == result
        got = found.raw.astype(object)
        got = got.T if axis == 0 and got.ndim == 2 else got
        wrong = np.flatnonzero((got.reshape(-1) != raws).astype(bool))
        if wrong.size:
            i = int(wrong[0])
            row = self.rows[i if self.name == "logsumexp" else i // shape[1]]
            raise AssertionError(
                f"{self.name} of {row} in {self.fmt!r}: {raws[i]} in {result!r}, "
                f"not {got.reshape(-1)[i]}"
            )
        if not (axis == 0 and result.rounding == "stochastic"):
            assert events.by_operation[self.name] == self.expected.events(result, draws)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("width", "length"), [(4, 2), (3, 3), (2, 4), (6, 1)])
def test_every_row(name, width, length):
    modes = itertools.cycle(itertools.product(fx.Rounding, fx.Overflow))
    for places in (0, width // 2, width + 1):
        fmt = fx.Format(width, places)
        every = range(fmt.raw_min, fmt.raw_max + 1)
        rows = [list(row) for row in itertools.product(every, repeat=length)]
        for result in (fx.Format(8, 6), fx.Format(70, 66)):
            group = Rows(name, rows, fmt, result.frac_bits)
            for rounding, overflow in itertools.islice(modes, 7):
                group.check(result.replace(rounding=rounding, overflow=overflow))
            group.check(result, axis=0)


def row_of(chosen, fmt, length):
    """Elements near each other, over the whole format, its ends, or all alike."""
    kind = chosen.randrange(5)
    if kind == 0:
        return [chosen.choice((fmt.raw_min, fmt.raw_max)) for _ in range(length)]
    if kind == 1:
        return [chosen.randint(fmt.raw_min, fmt.raw_max) for _ in range(length)]
    if kind == 2:
        return [chosen.randint(fmt.raw_min, fmt.raw_max)] * length
    middle = chosen.randint(fmt.raw_min, fmt.raw_max)
    spread = max(int(chosen.choice((1, 8, 60)) / fmt.resolution), 2)
    near = (middle + chosen.randint(-spread, spread) for _ in range(length))
    return [min(max(raw, fmt.raw_min), fmt.raw_max) for raw in near]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [8, 16, 24, 32, 64, 96, 128])
@pytest.mark.parametrize(
    "times", [pytest.param(1, id="some"), pytest.param(30, id="many", marks=pytest.mark.long)]
)
def test_random_rows(name, width, times):
    chosen = random.Random(f"{name} {width}")
    for _ in range(12 * times):
        places = chosen.choice((0, width // 2, width - 4, width, width + 9, -4, 200))
        fmt = fx.Format(width, places, chosen.random() < 0.8)
        length = chosen.choice((1, 2, 3, 10, 10, 17, 40))
        rows = Rows(
            name,
            [row_of(chosen, fmt, length) for _ in range(4)],
            fmt,
            places := chosen.choice((0, width // 2, width - 2, width, -3, 90)),
        )
        result = fx.Format(chosen.choice((8, 16, 64, 128, width)), places, name != "softmax")
        modes = chosen.choice(list(fx.Rounding)), chosen.choice(list(fx.Overflow))
        rows.check(result.replace(rounding=modes[0], overflow=modes[1]))
        rows.check(result, axis=0)
