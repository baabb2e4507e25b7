"""softmax, log_softmax and logsumexp: small formats throughout, and rows at formats' ends."""

import itertools
import random

import pytest
from elementary_checks import ROW_FUNCTIONS as NAMES
from elementary_checks import Rows, row_of

import fxtypes as fx
from fxtypes.kernels.elementary import settled


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


@pytest.mark.parametrize("name", ["softmax"])
@pytest.mark.parametrize("places", [33, 40])
def test_shares_of_one_limb(name, places):
    """Against those of two limbs, rounded down twice, which is the same as once."""
    x = fx.random.uniform((200_000, 10), fx.Format(32, 20), -3, 3, seed=places)
    wide = getattr(fx, name)(x, 1, format=fx.Format(128, 120, rounding="floor"))
    before = settled()["two limbs"]
    result = fx.Format(places + 2, places, rounding="floor")
    found = getattr(fx, name)(x, 1, format=result)
    assert (found.raw == wide.astype(result).raw).all()
    # The error, 100 ulp or more, is that far from enough: of 2**21 ulp on either side.
    if places == 40:
        assert 50 < settled()["two limbs"] - before < 400
