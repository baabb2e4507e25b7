"""Random FixedArrays, by integer arithmetic alone: the same bits on every machine.

The random bits are those of stochastic rounding (Philox4x32-7, see `fxtypes.seed`): each element
takes draws k = 0, 1, 2, ... of its index (in C order) until it has enough. Without a seed a call
takes one step of the stream in force; with one it is step 0 of that seed's stream.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, SupportsIndex

import numpy as np

from .context import random_stream
from .fixed_array import FixedArray
from .fixed_array.array import check_format
from .format import derived, read_numbers, storage
from .kernels import calls, python_rounding

if TYPE_CHECKING:
    from .fixed_array.operand_types import Number, Shape
    from .format import Format

__all__ = [
    "normal",
    "uniform",
]

_WORD = 1 << 64  # a draw is a word below it
_BLOCK = 1 << 14  # elements made at a time, as Python's integers take more memory than the result
_ROUNDING = 1 << 63  # the k of the draw that rounds into a stochastic format
_NORMAL_BITS = 112  # fraction bits of a normal deviate


def uniform(
    shape: Shape,
    format: Format,
    low: Number = 0,
    high: Number = 1,
    seed: SupportsIndex | None = None,
) -> FixedArray:
    """Numbers from [low, high), every value that the format can represent equally likely.

    Parameters
    ----------
    shape : int or tuple of int
    format : Format
    low, high : number or decimal string
        The bounds, taken exactly.
    seed : int, optional
        From 0 to 2**128 - 1; without it the call takes one step of the stream in force.

    Raises
    ------
    ValueError
        If the format has no value in [low, high), or a bound is not finite.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.random.uniform(4, fx.Format(8, 6), low=-1, high=1, seed=0)
    >>> bool((a >= -1).all() and (a < 1).all())
    True
    """
    check_format(format)
    first = max(_ceil("low", low, format), format.raw_min)
    end = min(_ceil("high", high, format), format.raw_max + 1)
    if first >= end:
        raise ValueError(f"{format!r} has no value in [{low}, {high})")
    stream = _stream(seed)
    result = storage.allocate(storage.shape_of(shape), storage.dtype(format))
    flat, count = result.reshape(-1), end - first
    integers = _integers_by_words if count <= _WORD else _integers_by_pairs
    for start in range(0, result.size, _BLOCK):
        size = min(_BLOCK, result.size - start)
        raws = integers(count, stream, start, size).astype(object) + first
        flat[start : start + size] = storage.from_integers(raws, format)
    return FixedArray._from_storage(result, format)


def normal(
    shape: Shape,
    format: Format,
    mean: Number = 0,
    deviation: Number = 1,
    seed: SupportsIndex | None = None,
) -> FixedArray:
    """Normally distributed numbers, rounded once from deviates of 112 fraction bits.

    Parameters
    ----------
    shape : int or tuple of int
    format : Format
        Its modes say how a number is rounded, and what becomes of one out of range.
    mean, deviation : number or decimal string
        Taken exactly; the standard deviation must not be negative.
    seed : int, optional
        As for `uniform`.

    Notes
    -----
    Marsaglia's polar method [1]_ in integer arithmetic.

    References
    ----------
    .. [1] G. Marsaglia, T. A. Bray, "A convenient method for generating normal variables",
       SIAM Review 6 (3), 1964.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.random.normal(1000, fx.Format(16, 8), mean=1, deviation="0.5", seed=0)
    >>> abs(float(a.mean()) - 1) < 0.1
    True
    """
    check_format(format)
    mu, sigma = _number("mean", mean), _number("deviation", deviation)
    if sigma < 0:
        raise ValueError(f"the deviation must not be negative, got {sigma}")
    stream = _stream(seed)
    sizes = storage.shape_of(shape)
    guard = derived.guard_bits(format)
    # mu + sigma * x over one denominator, x = deviate / 2**_NORMAL_BITS.
    scale = math.lcm(mu.denominator, sigma.denominator)
    offset = int(mu * scale) << _NORMAL_BITS
    slope = int(sigma * scale)
    shift = format.frac_bits + guard - _NORMAL_BITS
    numerator, denominator = (1 << shift, scale) if shift >= 0 else (1, scale << -shift)

    def values():
        for deviate in _deviates(stream, math.prod(sizes)):
            quotient, rest = divmod((offset + slope * deviate) * numerator, denominator)
            yield quotient | (rest != 0)  # rounded to odd

    raw = python_rounding.finish(values(), guard, format, "normal", sizes, stream, _ROUNDING)
    return FixedArray._from_storage(raw, format)


def _deviates(stream, size):
    """Standard normal deviates times 2**_NORMAL_BITS, one an element."""
    from .elementary.logarithm import log  # late, as few programs need it

    for index in range(size):
        i = index % _BLOCK
        if i == 0:
            count = min(_BLOCK, size - index)
            firsts, seconds = (calls.draws(stream, index, count, k).tolist() for k in (0, 1))
        u, v, k = firsts[i], seconds[i], 0
        while True:
            # Odd numbers of 65 bits, so symmetric around 0 and never 0; s = square / 2**128.
            a, b = 2 * u + 1 - _WORD, 2 * v + 1 - _WORD
            square = a * a + b * b
            if square < 1 << 128:
                break
            k += 2
            u, v = (int(calls.draws(stream, index, 1, k + j)[0]) for j in (0, 1))
        # a * sqrt(-2 ln s / s): a / 2**64 times the root of (2 ln(1/s)) / s
        logarithm = -log(square, 128, 2 * _NORMAL_BITS)
        yield a * math.isqrt((2 * logarithm << 128) // square) >> 64


def _integers_by_words(count, stream, start, size):
    """Integers from 0 to count - 1, all equally likely, for elements from index `start` on.

    A draw modulo count, if it is below the largest multiple of count; else the next draw.
    """
    accepted = _WORD // count * count
    words = calls.draws(stream, start, size)
    if accepted < _WORD:
        for index in np.flatnonzero(words >= np.uint64(accepted)):
            k, word = 0, accepted
            while word >= accepted:
                k += 1
                word = int(calls.draws(stream, start + int(index), 1, k)[0])
            words[index] = word
    return words if count == _WORD else words % np.uint64(count)


def _integers_by_pairs(count, stream, start, size):
    """As `_integers_by_words`, of words of 128 bits, two draws each."""
    accepted = (1 << 128) // count * count
    low, high = (calls.draws(stream, start, size, k).astype(object) for k in (0, 1))
    words = high * _WORD + low
    for index, word in enumerate(words):
        k = 0
        while word >= accepted:
            k += 2
            pair = [int(calls.draws(stream, start + index, 1, k + j)[0]) for j in (0, 1)]
            word = pair[1] * _WORD + pair[0]
        words[index] = word % count
    return words


def _stream(seed: SupportsIndex | None) -> tuple[int, int, int]:
    """The step of a stream that a call draws from."""
    return (
        random_stream.next_step()
        if seed is None
        else random_stream.Stream(random_stream.check_seed(seed)).take()
    )


def _number(name: str, value: Number) -> Fraction:
    number = read_numbers.exact_value(value)
    if isinstance(number, float):
        raise ValueError(f"{name} must be finite, got {value!r}")
    return Fraction(number)


def _ceil(name: str, value: Number, format: Format) -> int:
    """The lowest raw integer that is not below a value."""
    return math.ceil(_number(name, value) / format.resolution)
