"""Sums of arrays times exact coefficients, rounded once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..fixed_array import FixedArray
from ..fixed_array.array import check_format
from ..format import read_numbers
from ..operations.operand import Operand
from .arguments import wrap

if TYPE_CHECKING:
    from ..fixed_array.operand_types import Number
    from ..format import Format

__all__ = [
    "linear_combination",
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
    from ..operations import elementwise  # late, as few programs need it

    check_format(format)
    factors, terms = list(coefficients), list(arrays)
    if len(factors) != len(terms) or not 1 <= len(terms) <= 8:
        raise ValueError(
            f"expected 1 to 8 arrays and as many coefficients, got {len(terms)} arrays and "
            f"{len(factors)} coefficients"
        )
    for a in terms:
        if not isinstance(a, FixedArray):
            raise TypeError(f"expected FixedArrays, got {type(a).__name__}")
    parts = [Operand(a._storage, a.format) for a in terms]
    dyadic = tuple(_dyadic(factor) for factor in factors)
    return wrap(elementwise.linear_combination(dyadic, parts, format), format)


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
