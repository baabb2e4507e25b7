"""Sums of arrays times exact coefficients, with a root or a quotient, rounded once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..fixed_array import FixedArray
from ..fixed_array.array import check_format
from ..format import read_numbers
from ..kernels import calls, plan
from ..kernels.plan import PLANS_KEPT
from ..operations.operand import Operand
from .arguments import wrap

if TYPE_CHECKING:
    from ..fixed_array.operand_types import Number
    from ..format import Format
    from ..kernels.calls import Step

__all__ = [
    "combination_with_quotient",
    "linear_combination",
    "root_of_squares",
]


def linear_combination(
    coefficients: Iterable[Number], arrays: Iterable[FixedArray], format: Format
) -> FixedArray:
    """The sum of coefficient * array, exact, and rounded once into `format`.

    Parameters
    ----------
    coefficients : sequence of int, float or Fraction
        Each a 63-bit integer times a power of two from 2**-512 to 2**512: every float of
        moderate size is one.
    arrays : sequence of FixedArray
        One to eight, of any formats; they broadcast.
    format : Format
        The result's.

    Raises
    ------
    ValueError
        If a coefficient is not such a number, or the lengths differ.

    Examples
    --------
    >>> import fxtypes as fx
    >>> q = fx.Format(16, 8)
    >>> weight, gradient = fx.array([1.0], q), fx.array([0.5], q)
    >>> fx.linear_combination([1, -0.1], [weight, gradient], q)
    FixedArray([0.94921875], format=Format(16, 8))
    """
    check_format(format)
    factors, terms = tuple(coefficients), tuple(arrays)
    formats = tuple([_format_or_type(a) for a in terms])
    step = _combination(factors, formats, format)
    return wrap(calls.elementwise(step, tuple([a._storage for a in terms])), format)


def root_of_squares(
    coefficients: Iterable[Number], arrays: Iterable[FixedArray], format: Format
) -> FixedArray:
    """The square root of the sum of coefficient * array**2, exact, and rounded once into `format`.

    Parameters
    ----------
    coefficients, arrays, format
        As of `linear_combination`.

    Raises
    ------
    ValueError
        If a sum is negative; or as of `linear_combination`.

    Notes
    -----
    Arrays and results of up to 64 bits are a kernel's work where no coefficient is negative and
    none is much smaller than the others; the rest is computed element by element in Python.

    Examples
    --------
    The running root mean square of a gradient, which Adam divides by:

    >>> import fxtypes as fx
    >>> q = fx.Format(16, 12)
    >>> root, gradient = fx.array([0.5], q), fx.array([1.0], q)
    >>> fx.root_of_squares([0.75, 0.25], [root, gradient], q)
    FixedArray([0.661376953125], format=Format(16, 12))
    """
    from ..operations import roots_and_quotients  # late, as few programs need it

    check_format(format)
    factors, terms = _terms(coefficients, arrays, 8)
    return wrap(roots_and_quotients.root_of_squares(factors, terms, format), format)


def combination_with_quotient(
    coefficients: Iterable[Number],
    arrays: Iterable[FixedArray],
    factor: Number,
    numerator: FixedArray,
    divisor: FixedArray,
    offset: Number,
    format: Format,
) -> FixedArray:
    """A linear combination and a quotient together, exact, and rounded once into `format`.

    The sum of coefficient * array, plus
    ``factor * numerator / (max(divisor, divisor.format.resolution) + offset)``.

    Parameters
    ----------
    coefficients, arrays, format
        As of `linear_combination`, but at most six.
    factor, offset : int, float or Fraction
        Such numbers as the coefficients; the offset is at least 0.
    numerator, divisor : FixedArray
        Of any formats; they broadcast with the others. Elements of `divisor` below one unit of its
        last place, 0 and negative ones too, count as that unit.

    Raises
    ------
    ValueError
        If the offset is negative; or as of `linear_combination`.

    Notes
    -----
    As of `root_of_squares`: a kernel's work up to 64 bits.

    Examples
    --------
    Adam's step, from the first moment and the root of the second:

    >>> import fxtypes as fx
    >>> q = fx.Format(16, 12)
    >>> weight, moment, root = fx.array([1.0], q), fx.array([0.5], q), fx.array([0.25], q)
    >>> fx.combination_with_quotient([1], [weight], -0.125, moment, root, 2**-10, q)
    FixedArray([0.7509765625], format=Format(16, 12))
    """
    from ..operations import roots_and_quotients  # late, as few programs need it

    check_format(format)
    factors, terms = _terms(coefficients, arrays, 6)
    more, ends = _terms((factor, offset), (numerator, divisor), 2)
    if more[1][0] < 0:
        raise ValueError(f"the offset must not be negative, got {offset!r}")
    raw = roots_and_quotients.combination_with_quotient(factors + more, terms + ends, format)
    return wrap(raw, format)


def _terms(
    coefficients: Iterable[Number], arrays: Iterable[FixedArray], most: int
) -> tuple[tuple[tuple[int, int], ...], list[Operand]]:
    """Coefficients as (mantissa, exponent), and arrays as operands; both checked."""
    factors, terms = list(coefficients), list(arrays)
    _check_terms(factors, list(map(_format_or_type, terms)), most)
    return tuple(map(_dyadic, factors)), [Operand(a._storage, a.format) for a in terms]


def _format_or_type(term: Any) -> Format | type:
    return term.format if isinstance(term, FixedArray) else type(term)


def _check_terms(factors: Sequence[Number], formats: Sequence[Format | type], most: int) -> None:
    """Raise where the numbers of coefficients and arrays differ, or some are no FixedArrays.

    Such a one has its type among the formats.
    """
    if len(factors) != len(formats) or not 1 <= len(formats) <= most:
        raise ValueError(
            f"expected 1 to {most} arrays and as many coefficients, got {len(formats)} arrays and "
            f"{len(factors)} coefficients"
        )
    for fmt in formats:
        if isinstance(fmt, type):
            raise TypeError(f"expected FixedArrays, got {fmt.__name__}")


@lru_cache(PLANS_KEPT)
def _combination(
    factors: tuple[Number, ...],
    formats: tuple[Format | type, ...],
    result: Format,
) -> Step:
    """The plan of a linear combination; equal coefficients have one, whatever their types."""
    _check_terms(factors, formats, 8)
    return plan.linear_combination(tuple(map(_dyadic, factors)), formats, result)


@lru_cache(4096, typed=True)
def _dyadic(value: Number) -> tuple[int, int]:
    """A number, mantissa * 2**exponent, as (mantissa, exponent); the mantissa is odd or 0."""
    number = read_numbers.exact_value(value)
    if not isinstance(number, float):
        numerator, denominator = number.as_integer_ratio()
        zeros = (numerator & -numerator).bit_length() - 1 if numerator else 0
        exponent = zeros - (denominator.bit_length() - 1)
        mantissa = numerator >> zeros
        if (
            not denominator & (denominator - 1)
            and mantissa.bit_length() <= 63
            and abs(exponent) <= 512
        ):
            return mantissa, exponent
    raise ValueError(
        f"a coefficient must be a 63-bit integer times a power of two from 2**-512 to 2**512, "
        f"got {value!r}; float(value) is one near it"
    )
