"""Sigmoid, tanh and softmax as hardware approximates them: by a small table, or by straight lines.

Integers and exact fractions only; docs/approximations.md says each step, bit for bit, and states
the largest errors. What comes before an output is computed apart from the caller's context: it is
no overflow or underflow of the output, and draws nothing. The output alone is rounded as `format`
says, once, in one operation.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from contextvars import Context
from fractions import Fraction
from functools import lru_cache
from typing import ParamSpec, SupportsIndex, TypeVar

import numpy as np
from numpy.typing import NDArray

import fxtypes as fx

P = ParamSpec("P")
T = TypeVar("T")

APPROXIMATIONS = ("table", "piecewise_linear")
TABLE_BITS = 10  # where nobody says
LEAST_TABLE_BITS, MOST_TABLE_BITS = 2, 16
LINEAR_BITS = 16  # of the intermediate numbers of a piecewise linear softmax

# PLAN, in eighths of |x|: where the second, third and last of its lines begin.
_STARTS = (8, 19, 40)
_SLOPES = (Fraction(1, 4), Fraction(1, 8), Fraction(1, 32))  # the last one's is 0
_ABOVE_HALF = (0, 4, 11, 16)  # each line's value at x = 0, less 1/2, in 1/32

_LOG2_E = 5909  # log2 e in 1/4096
# 1/m for m in [1, 1.25), [1.25, 1.5), ...: a line's value at m = 0 in 1/128, less m times 1/32.
_RECIPROCAL_STARTS = np.array([232, 187, 157, 136])
_RECIPROCAL_SLOPES = np.array([26, 17, 12, 9])


def check_approximation(
    approximation: str | None, table_bits: SupportsIndex = TABLE_BITS
) -> tuple[str | None, int]:
    """Return an approximation and the bits of its table as a layer keeps them, both checked.

    Parameters
    ----------
    approximation : {None, "table", "piecewise_linear"}
        None: the exact function.
    table_bits : int
        2 to 16; checked whatever the approximation is.

    Raises
    ------
    ValueError
        If there is no such approximation, or `table_bits` is none of these integers.

    Examples
    --------
    >>> check_approximation("table", 8)
    ('table', 8)
    """
    if approximation is not None and approximation not in APPROXIMATIONS:
        names = ", ".join(map(repr, APPROXIMATIONS))
        raise ValueError(f"approximation must be {names} or None (exact), got {approximation!r}")
    try:
        bits = operator.index(table_bits)
    except TypeError:
        bits = 0
    if isinstance(table_bits, bool) or not LEAST_TABLE_BITS <= bits <= MOST_TABLE_BITS:
        raise ValueError(
            f"table_bits must be an integer from {LEAST_TABLE_BITS} to {MOST_TABLE_BITS}, "
            f"got {table_bits!r}"
        )
    return approximation, bits


def sigmoid(
    x: fx.FixedArray, format: fx.Format, approximation: str, table_bits: SupportsIndex = TABLE_BITS
) -> fx.FixedArray:
    """The logistic function 1 / (1 + e**-x), approximated.

    Parameters
    ----------
    x : FixedArray
        Of any shape and format.
    format : Format
        The result's.
    approximation : {"table", "piecewise_linear"}
        "table": the exact function of x rounded to at most `table_bits` bits. "piecewise_linear":
        PLAN [1]_, whose lines have powers of two as their slopes; off by at most .0190.
    table_bits : int
        Of the table's argument, 2 to 16.

    Returns
    -------
    FixedArray
        Of x's shape, rounded once.

    Raises
    ------
    ValueError
        If there is no such approximation, or no table of so many bits.

    References
    ----------
    .. [1] H. Amin, K. M. Curtis, B. R. Hayes-Gill, "Piecewise linear approximation applied to
       nonlinear function of a neural network", IEE Proceedings - Circuits, Devices and Systems
       144 (6), 1997.

    Examples
    --------
    >>> import fxtypes as fx
    >>> x = fx.array([-6, -0.5, 0, 2], fx.Format(16, 11))
    >>> sigmoid(x, fx.Format(16, 14), "piecewise_linear")
    FixedArray([0.   , 0.375, 0.5  , 0.875], format=Format(16, 14))
    """
    if _is_table(approximation, table_bits):
        address = table_argument("sigmoid", x.format, format, table_bits)
        return fx.sigmoid(_apart(_plain(x).astype, address), format=format)
    lines, offsets = _apart(_lines, x, _STARTS, 3, 16)
    return fx.linear_combination((*_SLOPES, 1), (*lines, offsets), format)


def tanh(
    x: fx.FixedArray, format: fx.Format, approximation: str, table_bits: SupportsIndex = TABLE_BITS
) -> fx.FixedArray:
    """The hyperbolic tangent, approximated.

    Parameters and errors are those of `sigmoid`. "piecewise_linear" is 2 s(2 x) - 1, s being
    PLAN; off by at most .0380.

    Examples
    --------
    >>> import fxtypes as fx
    >>> x = fx.array([-3, -0.25, 0, 1], fx.Format(16, 11))
    >>> tanh(x, fx.Format(16, 14), "piecewise_linear")
    FixedArray([-1.  , -0.25,  0.  ,  0.75], format=Format(16, 14))
    """
    if _is_table(approximation, table_bits):
        address = table_argument("tanh", x.format, format, table_bits)
        return fx.tanh(_apart(_plain(x).astype, address), format=format)
    lines, offsets = _apart(_lines, x, _STARTS, 4, 0)
    return fx.linear_combination((*(4 * s for s in _SLOPES), 2), (*lines, offsets), format)


def softmax(
    x: fx.FixedArray, format: fx.Format, approximation: str, table_bits: SupportsIndex = TABLE_BITS
) -> fx.FixedArray:
    """e**x over its sum along the last axis, with both the power and the quotient approximated.

    Parameters
    ----------
    x : FixedArray
        Of shape (..., n), n at least 1, and any format.
    format : Format
        The result's.
    approximation : {"table", "piecewise_linear"}
        "table": e**(x - max(x)) and the reciprocal of the sum come from tables of `table_bits`
        bits. "piecewise_linear": 2**-f is 1 - f / 2 between whole exponents, and the reciprocal
        four lines; off by at most .0215.
    table_bits : int
        Of the tables' arguments, 2 to 16.

    Returns
    -------
    FixedArray
        Of x's shape, rounded once. A row's sum is near 1, not 1.

    Raises
    ------
    ValueError
        If a row is empty, there is no such approximation, or no table of so many bits.

    Examples
    --------
    >>> import fxtypes as fx
    >>> x = fx.array([[1, 1, 1, 1], [0, 9, 0, 0]], fx.Format(16, 8))
    >>> softmax(x, fx.Format(16, 14), "table")
    FixedArray([[0.25, 0.25, 0.25, 0.25],
                [0.  , 1.  , 0.  , 0.  ]], format=Format(16, 14))
    """
    by_table = _is_table(approximation, table_bits)
    if not x.ndim or not x.shape[-1]:
        return fx.softmax(x, format=format)  # its error
    powers, factor = _apart(_softmax_factors, x, operator.index(table_bits) if by_table else None)
    return fx.multiply(powers, factor, format=format)


def table_argument(
    function: str, argument: fx.Format, result: fx.Format, table_bits: SupportsIndex = TABLE_BITS
) -> fx.Format:
    """The format that a table's argument is rounded into, to nearest_even, saturating.

    Parameters
    ----------
    function : {"sigmoid", "tanh"}
    argument, result : Format
        Of x, and of the function's result.
    table_bits : int
        The most that it has.

    Examples
    --------
    >>> import fxtypes as fx
    >>> table_argument("sigmoid", fx.Format(16, 10), fx.Format(16, 10), 8)
    Format(8, 4)
    """
    if function == "sigmoid":
        constant_from = reach("sigmoid", result.frac_bits)
    else:
        # 1 - tanh(x) = 2 sigmoid(-2 x). 2**8 is beyond where either is constant at 256 bits.
        constant_from = reach("sigmoid", min(result.frac_bits + 1, 256)) - 1
    int_bits = min(argument.int_bits - argument.signed, constant_from)
    return _address_format(int_bits, argument, operator.index(table_bits) - 1)


def straight_lines(function: str) -> list[tuple[Fraction, Fraction, Fraction]]:
    """PLAN's lines for arguments of at least 0; below, sigmoid(-x) = 1 - sigmoid(x).

    Parameters
    ----------
    function : {"sigmoid", "tanh"}
        Of "tanh" it is 2 s(2 x) - 1, and tanh(-x) = -tanh(x).

    Returns
    -------
    list of (start, slope, value)
        Each line begins at a start, and would have that value at x = 0.

    Examples
    --------
    >>> straight_lines("sigmoid")[1]
    (Fraction(1, 1), Fraction(1, 8), Fraction(5, 8))
    """
    starts = [Fraction(eighths, 8) for eighths in (0, *_STARTS)]
    slopes = [*_SLOPES, Fraction(0)]
    values = [Fraction(1, 2) + Fraction(above, 32) for above in _ABOVE_HALF]
    if function == "tanh":
        starts, slopes = [s / 2 for s in starts], [4 * s for s in slopes]
        values = [2 * v - 1 for v in values]
    return list(zip(starts, slopes, values, strict=True))


@lru_cache(maxsize=1024)
def reach(name: str, frac_bits: int) -> int:
    """The least k of 0 to 8 for which a function of -2**k is 0, to the nearest 2**-frac_bits.

    Parameters
    ----------
    name : {"sigmoid", "exp"}
    frac_bits : int
        At most 256: there it is 8.

    Examples
    --------
    >>> reach("sigmoid", 15)
    4
    """
    return _apart(_reach, name, frac_bits)


def _reach(name: str, frac_bits: int) -> int:
    powers = fx.array([-(1 << k) for k in range(9)], fx.Format(16, 0))
    tail = getattr(fx, name)(powers, format=fx.Format(8, frac_bits))
    return int(np.argmax(tail.raw == 0))


def _is_table(approximation: str, table_bits: SupportsIndex) -> bool:
    checked, _ = check_approximation(approximation, table_bits)
    if checked is None:
        raise ValueError("approximation None is the exact function, which fxtypes computes")
    return checked == "table"


def _apart(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call it outside of the caller's context: nothing is counted, drawn, or widened."""
    return Context().run(function, *args, **kwargs)


def _plain(x: fx.FixedArray) -> fx.FixedArray:
    """The same numbers in a format that never draws or raises."""
    return x.view_as(x.format.replace(rounding="nearest_even", overflow="saturate"))


def _address_format(int_bits: int, fmt: fx.Format, bits: int) -> fx.Format:
    """A signed format for numbers of `fmt` below 2**int_bits, of at most `bits` bits and a sign.

    None of its bits lies below the last one of `fmt`.
    """
    int_bits = max(int_bits, 1 - fmt.frac_bits)
    frac_bits = min(fmt.frac_bits, bits - int_bits)
    return fx.Format(1 + int_bits + frac_bits, frac_bits)


def _lines(
    x: fx.FixedArray, starts: tuple[int, ...], address_bits: int, half: int
) -> tuple[list[fx.FixedArray], fx.FixedArray]:
    """For each of PLAN's slopes x where it applies, else 0; and each element's value at 0.

    The address, |x| rounded down, has `address_bits` bits behind the point: it decides which line
    it is, as all of them start at its whole numbers.
    """
    x = _plain(x)
    address = x.astype(fx.Format(8, address_bits, rounding="toward_zero"))
    segments, offsets = _plan(starts, half)
    patterns = address.to_bits()
    segment = np.take(segments, patterns)
    return [fx.where(segment == i, x, 0) for i in range(len(_SLOPES))], fx.take(offsets, patterns)


@lru_cache
def _plan(starts: tuple[int, ...], half: int) -> tuple[NDArray[np.intp], fx.FixedArray]:
    """The line of each address of 8 bits, and its value at x = 0 in 1/32, `half` added."""
    raws = np.arange(256).astype(np.uint8).view(np.int8).astype(int)
    segments = np.searchsorted(starts, abs(raws), side="right")
    offsets = half + np.sign(raws) * np.array(_ABOVE_HALF)[segments]
    return segments, fx.FixedArray.from_raw(offsets, fx.Format(8, 5))


def _softmax_factors(
    x: fx.FixedArray, table_bits: int | None
) -> tuple[fx.FixedArray, fx.FixedArray]:
    """Powers, and by row what each is multiplied by; `table_bits` None: piecewise linear."""
    x = _plain(x)
    bits = table_bits or LINEAR_BITS
    guard = (x.shape[-1] - 1).bit_length()  # the roundings of n powers add up
    power = fx.Format(bits + guard, bits + guard - 1, signed=False)
    int_bits = max(min(x.format.int_bits, reach("exp", power.frac_bits)), 0)
    below = _address_format(int_bits, x.format, bits).replace(overflow="saturate_symmetric")
    difference = fx.subtract(x, x.max(axis=-1, keepdims=True), format=below)
    exact = table_bits is not None
    powers = fx.exp(difference, format=power) if exact else _linear_exp(difference, power)

    # Below, 2**exponent <= total < 2**(exponent + 1), and total = m * 2**exponent.
    total = powers.sum(
        axis=-1,
        keepdims=True,
        format=fx.Format(power.width + guard, power.frac_bits, signed=False),
    )
    whole = total.astype(fx.Format(guard + 2, 0, rounding="floor")).raw
    exponent = np.searchsorted(1 << np.arange(1, guard + 1), whole, side="right")
    near_one = fx.Format(bits + 1, bits, signed=False)
    m = fx.right_shift(total, exponent, format=near_one)
    inverse = fx.reciprocal(m, format=near_one) if exact else _linear_reciprocal(m)
    shifted = fx.Format(bits + guard + 1, bits + guard, signed=False)
    return powers, fx.right_shift(inverse, exponent, format=shifted)


def _linear_exp(difference: fx.FixedArray, power: fx.Format) -> fx.FixedArray:
    """e**difference = 2**-t: 1 - f / 2, f being t's fraction, shifted by its whole part."""
    # At most 28. Below 0 a difference is 0 or so large that its power is 0, here as well.
    frac_bits = max(difference.format.frac_bits + 12, 0)
    t = -difference.raw.astype(np.int64) * _LOG2_E
    whole = t >> frac_bits
    mantissa = (2 << frac_bits) - (t - (whole << frac_bits))
    exact = fx.Format(frac_bits + 2, frac_bits + 1, signed=False)
    return fx.right_shift(fx.FixedArray.from_raw(mantissa, exact), whole, format=power)


def _linear_reciprocal(m: fx.FixedArray) -> fx.FixedArray:
    """1 / m for m in [1, 2), in m's format: of four lines that which m's first two bits choose."""
    bits = m.format.frac_bits
    raw = m.raw.astype(np.int64)
    quarter = (raw >> (bits - 2)) & 3
    lines = (_RECIPROCAL_STARTS[quarter] << bits) - 4 * _RECIPROCAL_SLOPES[quarter] * raw
    return fx.FixedArray.from_raw(lines, fx.Format(bits + 8, bits + 7, signed=False)).astype(
        m.format
    )
