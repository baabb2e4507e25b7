"""Comparing the elementary functions with their oracle, raw integer by raw integer."""

import copy
import functools
import math

import numpy as np
import pytest
from checks import SEED, check_message, fixed, words
from elementary_oracle import (
    GUARD,
    Dyadic,
    Expected,
    OutsideDomain,
    evaluate,
    expected_log_softmax,
    expected_logsumexp,
    expected_softmax,
    is_pole,
)

import fxtypes as fx


class Case:
    """A function's arguments, and the results to so many fraction bits, evaluated once.

    Arguments outside the domain are left out.

    Parameters
    ----------
    name : str
        A key of `elementary_oracle.FUNCTIONS`.
    operands : list of (list of int, Format)
        Raw integers of equal number, and their format, for each argument.
    frac_bits : int
        The result's.
    """

    def __init__(self, name, operands, frac_bits):
        self.name, self.frac_bits = name, frac_bits
        self.formats = [fmt for _, fmt in operands]
        points = [fmt.frac_bits for fmt in self.formats]
        rows = zip(*(raws for raws, _ in operands), strict=True)
        bits = frac_bits + GUARD
        self.arguments, self.odd, self.arrays = [], [], {}
        for arguments in (tuple(map(Dyadic, row, points)) for row in rows):
            try:
                self.odd.append(evaluate(name, arguments, bits))
            except OutsideDomain:
                continue
            self.arguments.append(arguments)

    @functools.cached_property
    def expected(self):
        """What every mode's results follow from."""
        return Expected(self.odd)

    def part(self, keep):
        """The case of some elements only, given by number."""
        found = copy.copy(self)
        found.arguments = [self.arguments[i] for i in keep]
        found.odd = [self.odd[i] for i in keep]
        found.arrays = {}
        vars(found).pop("expected", None)  # which is of all elements
        return found

    def call(self, result, shape=None, layout="contiguous"):
        """The package's function of these arguments."""
        key = shape, layout
        if key not in self.arrays:
            self.arrays[key] = [
                fixed([each[k].raw for each in self.arguments], fmt, shape, layout)
                for k, fmt in enumerate(self.formats)
            ]
        with fx.seeded(SEED):
            return getattr(fx, self.name)(*self.arrays[key], format=result)

    def check(self, result, shape=None, layout="contiguous", counted=None):
        """Assert that every element is right in the format `result`, and what is counted.

        Where an element can't be represented the call must raise; then the others are checked.
        `counted`: whether events are recorded, which other loops do; None: once so, once not.
        """
        assert result.frac_bits == self.frac_bits
        if not self.arguments:
            return
        size = len(self.arguments)
        found_shape = (size,) if shape is None else shape
        expected, draws = self.expected, words(result, size)
        raws = expected.stored(result, draws)
        refused = [i for i, raw in enumerate(raws) if raw is None]
        if refused:
            infinite = [i for i in refused if expected.infinite[i]]
            poles = any(is_pole(self.name, self.arguments[i]) for i in infinite)
            errors = (ZeroDivisionError, fx.FixedOverflowError) if poles else fx.FixedOverflowError
            with pytest.raises(errors) as info:
                self.call(result, shape, layout)
            if not expected.infinite.any():
                check_message(str(info.value), len(refused), refused[0], found_shape)
            kept = sorted(set(range(size)) - set(refused))
            self.part(kept).check(result, counted=counted)
            return
        if counted is not True:
            found = self.call(result, shape, layout)
            assert found.format == result
            assert found.shape == found_shape
            self.compare(found, raws, result)
        if counted is False:
            return
        with fx.record() as events:
            found = self.call(result, shape, layout)
        self.compare(found, raws, result)
        if not expected.infinite.any():
            counts = expected.events(result, draws)
            assert events.by_operation == {self.name: counts}, (
                self.formats,
                result,
                events.by_operation,
                counts,
            )

    def compare(self, found, raws, result):
        got = found.raw.reshape(-1).astype(object)
        wrong = np.flatnonzero((got != raws).astype(bool))
        if wrong.size:
            i = int(wrong[0])
            raise AssertionError(
                f"{self.name}{self.arguments[i]} in {result!r} is {raws[i]}, not {got[i]}; "
                f"{wrong.size} of {raws.size} are wrong; formats {self.formats}"
            )


def ends_and_middle(fmt):
    """Raw integers where most goes wrong: both ends, around 0, 1, 1/2 and powers of two."""
    found = {fmt.raw_min, fmt.raw_min + 1, fmt.raw_max, fmt.raw_max - 1}
    for power in {0, 1, fmt.width // 2, fmt.width - 2, fmt.frac_bits - 1, fmt.frac_bits}:
        if power >= 0:
            found |= {sign * (1 << power) + d for sign in (1, -1) for d in (-1, 0, 1)}
    return sorted(raw for raw in found | {0} if fmt.raw_min <= raw <= fmt.raw_max)


def some_arguments(chosen, fmt, size, near=None):
    """Raw integers of a format, of all magnitudes; `near`: mostly below this value."""
    top = (
        fmt.raw_max if near is None else max(min(fmt.raw_max, math.floor(near / fmt.resolution)), 1)
    )
    found = []
    for _ in range(size):
        kind = chosen.random()
        if kind < 0.05:
            found.append(chosen.choice(ends_and_middle(fmt)))
        elif kind < 0.6:
            found.append(chosen.randint(-top, top))
        else:
            found.append(chosen.choice((1, -1)) * chosen.getrandbits(chosen.randint(1, fmt.width)))
    return [min(max(raw if fmt.signed else abs(raw), fmt.raw_min), fmt.raw_max) for raw in found]


ROW_FUNCTIONS = ("softmax", "log_softmax", "logsumexp")


class Rows:
    """Rows of one length, and their results to so many fraction bits, evaluated once.

    Parameters
    ----------
    name : str
        One of `ROW_FUNCTIONS`.
    rows : list of list of int
        Raw integers.
    fmt : Format
        Theirs.
    frac_bits : int
        The result's.
    """

    def __init__(self, name, rows, fmt, frac_bits):
        self.name, self.rows, self.fmt, self.frac_bits = name, rows, fmt, frac_bits
        bits = frac_bits + GUARD
        if name == "logsumexp":
            self.odd = [expected_logsumexp(row, fmt.frac_bits, bits) for row in rows]
        else:
            function = {"softmax": expected_softmax, "log_softmax": expected_log_softmax}[name]
            self.odd = [value for row in rows for value in function(row, fmt.frac_bits, bits)]

    def check(self, result, kept=None, axis=-1, layout="contiguous"):
        """Assert that every result is right in the format `result`, and what is counted.

        Parameters
        ----------
        kept : tuple of int, optional
            The shape that the rows have; without it they are one after the other.
        axis : int
            Which axis of the array the rows' own is.
        """
        assert result.frac_bits == self.frac_bits
        kept, length = kept or (len(self.rows),), len(self.rows[0])
        place = np.moveaxis(np.arange(len(self.rows) * length).reshape(*kept, length), -1, axis)
        flat = [raw for row in self.rows for raw in row]
        x = fixed([flat[i] for i in place.ravel()], self.fmt, place.shape, layout)
        order, shape = place.ravel(), place.shape
        if self.name == "logsumexp":
            order, shape = np.arange(len(self.rows)), kept
        expected, draws = Expected([self.odd[i] for i in order]), words(result, len(order))
        raws = expected.stored(result, draws)

        def call():
            with fx.seeded(SEED):
                return getattr(fx, self.name)(x, axis, format=result)

        refused = [i for i, raw in enumerate(raws) if raw is None]
        if refused:
            with pytest.raises(fx.FixedOverflowError) as info:
                call()
            check_message(str(info.value), len(refused), refused[0], shape)
            return
        self.compare(call(), raws, result, order)
        with fx.record() as events:
            self.compare(call(), raws, result, order)
        assert events.by_operation == {self.name: expected.events(result, draws)}

    def compare(self, found, raws, result, order):
        assert found.format == result
        got = found.raw.reshape(-1).astype(object)
        wrong = np.flatnonzero((got != raws).astype(bool))
        if wrong.size:
            i = int(wrong[0])
            row = self.rows[order[i] // (1 if self.name == "logsumexp" else len(self.rows[0]))]
            raise AssertionError(
                f"{self.name} of {row} in {self.fmt!r} is {raws[i]} in {result!r}, not {got[i]}; "
                f"{wrong.size} of {raws.size} are wrong"
            )


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
