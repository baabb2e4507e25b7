"""Many results in a format: rounded once and overflowed, with what was counted, by NumPy."""

import functools
import math

import numpy as np
import oracle

GUARD = 66  # bits below the result's last one: those of a draw, and two more
EXACT, BELOW_TIE, TIE, ABOVE_TIE = range(4)
NARROW = 60  # bits of integers that NumPy's int64 may hold on the way


def integers(values):
    """Python integers in an array of int64 where they all fit, else of objects."""
    found = np.empty(len(values), object)
    found[:] = values
    if all(-1 << NARROW < value < 1 << NARROW for value in values):
        return found.astype(np.int64)
    return found


class Expected:
    """Results rounded to odd `GUARD` bits below a format's last one; infinities are floats.

    Attributes
    ----------
    below : numpy.ndarray
        Their floors, in units of the last bit.
    lost : numpy.ndarray of int
        EXACT, BELOW_TIE, TIE or ABOVE_TIE: what a floor loses.
    rest : list of int
        The same as a multiple of 2**-GUARD of a unit.
    infinite : numpy.ndarray of int
        The signs of infinities, else 0.
    """

    def __init__(self, odd):
        signs = [isinstance(value, float) and math.copysign(1, value) for value in odd]
        self.infinite = np.array(signs, np.int8)
        odd = [0 if sign else value for value, sign in zip(odd, signs, strict=True)]
        self.below = integers([value >> GUARD for value in odd])
        rest = [value & ((1 << GUARD) - 1) for value in odd]
        half = 1 << GUARD - 1
        self.lost = np.array([(r > 0) + (r >= half) + (r > half) for r in rest], np.int8)
        self.rest = rest

    @functools.cached_property
    def share(self):
        """What the floors lose as multiples of 2**-64 of a unit: a list of integers."""
        return [rest >> GUARD - 64 for rest in self.rest]

    def __len__(self):
        return len(self.lost)

    def rounded(self, rounding, words=None):
        """Raw integers of any size; `words` are the draws of stochastic rounding."""
        inexact = self.lost != EXACT
        odd = (self.below & 1).astype(bool)
        negative = (self.below < 0).astype(bool)
        mode = str(rounding)
        if mode == "stochastic":
            pairs = zip(self.share, words, strict=True)
            up = np.array([share + word >= 1 << 64 for share, word in pairs], bool)
        elif mode in ("floor", "ceil", "toward_zero", "away_from_zero", "odd"):
            up = (
                inexact
                & {
                    "floor": np.zeros(len(self), bool),
                    "ceil": np.ones(len(self), bool),
                    "toward_zero": negative,
                    "away_from_zero": ~negative,
                    "odd": ~odd,
                }[mode]
            )
        else:
            tie_up = {
                "nearest_even": odd,
                "nearest_odd": ~odd,
                "nearest_away": ~negative,
                "nearest_zero": negative,
                "nearest_up": np.ones(len(self), bool),
                "nearest_down": np.zeros(len(self), bool),
            }[mode]
            up = (self.lost == ABOVE_TIE) | ((self.lost == TIE) & tie_up)
        return self.below + up

    def stored(self, fmt, words=None):
        """Raw integers in a format; None where `fmt` can't represent what overflows."""
        raw = self.rounded(fmt.rounding, words)
        low, high = oracle.result_limits(fmt)
        over = ((raw > high) | (raw < low)).astype(bool) | (self.infinite != 0)
        raw = raw.astype(object)
        for i in np.flatnonzero(over).tolist():
            try:
                if self.infinite[i]:
                    raw[i] = oracle.quantize_infinity(int(self.infinite[i]), fmt)
                else:
                    raw[i] = oracle.overflow(raw[i], fmt)
            except oracle.OracleOverflow:
                raw[i] = None
        return raw

    def events(self, fmt, words=None):
        """The counts of storing them: overflow, underflow, inexact, elements.

        Not where there are infinities.
        """
        raw = self.rounded(fmt.rounding, words)
        low, high = oracle.result_limits(fmt)
        exact_zero = (self.lost == EXACT) & (self.below == 0)
        return {
            "overflow": int(np.count_nonzero((raw > high) | (raw < low))),
            "underflow": int(np.count_nonzero((raw == 0) & ~exact_zero.astype(bool))),
            "inexact": int(np.count_nonzero(self.lost != EXACT)),
            "elements": len(self),
        }
