"""Random FixedArrays, by integer arithmetic alone: the same bits on every machine.

The random bits are those of stochastic rounding (Philox4x32-7, see `fxtypes.seed`): each element
takes draws k = 0, 1, 2, ... of its index (in C order) until it has enough. Without a seed a call
takes one step of the stream in force; with one it is step 0 of that seed's stream.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, SupportsIndex

import numpy as np

from .context import blocked_operation, blocks, random_stream
from .fixed_array import FixedArray
from .fixed_array.array import check_format
from .format import Format, derived, read_numbers, storage
from .kernels import calls, plan, python_rounding

if TYPE_CHECKING:
    from .fixed_array.operand_types import Number, Shape

__all__ = [
    "normal",
    "uniform",
]

_WORD = 1 << 64  # a draw is a word below it
_BLOCK = 1 << 14  # elements made at a time, as Python's integers take more memory than the result
_ROUNDING = 1 << 63  # the k of the draw that rounds into a stochastic format
_NORMAL_BITS = 112  # fraction bits of a normal deviate
_DEVIATES = Format(128, _NORMAL_BITS)  # they are below 10
_ONE = np.ones((), np.int8)


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
        raise ValueError(f"{format!r} has no value in [{_shown(low)}, {_shown(high)})")
    stream = _stream(seed)
    result = storage.allocate(storage.shape_of(shape), storage.dtype(format))
    flat, count = result.reshape(-1), end - first
    integers = _integers_by_words if count <= _WORD else _integers_by_pairs
    for start in range(0, result.size, _BLOCK):
        size = min(_BLOCK, result.size - start)
        words = integers(count, stream, start, size)
        if format.width <= 64:
            # Modulo 2**64, where the sum is exact; what storage drops of it repeats the sign.
            words = words.astype(np.uint64, copy=False) + np.uint64(first % _WORD)
            flat[start : start + size] = words.astype(result.dtype)
        else:
            raws = words.astype(object) + first
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
        raise ValueError(f"the deviation must not be negative, got {_shown(sigma)}")
    stream, sizes = _stream(seed), storage.shape_of(shape)
    step = _normal_step(mu, sigma, format)
    if step is None:
        raw = _normal_one_by_one(mu, sigma, format, sizes, stream)
        return FixedArray._from_storage(raw, format)
    result = storage.allocate(sizes, storage.dtype(format))
    with blocked_operation.blocked(sizes) as operation:
        for _, block in operation.blocks(result, blocks.cut(sizes, _BLOCK)):
            made = _deviates(stream, blocked_operation.start_of_block(), block.size)
            block[...] = calls.elementwise(step, (made.reshape(block.shape), _ONE))
    return FixedArray._from_storage(result, format)


def _normal_step(mu, sigma, format):
    """The plan of mu + sigma * deviate, exact and rounded once; None: no kernel does it."""
    if format.rounding == "stochastic":  # its draw is not the first of an element
        return None
    pairs = []
    for number in (sigma, mu):
        zeros = (number.numerator & -number.numerator).bit_length() - 1 if number else 0
        mantissa = number.numerator >> zeros
        if number.denominator & (number.denominator - 1) or mantissa.bit_length() > 63:
            return None
        pairs.append((mantissa, zeros + 1 - number.denominator.bit_length()))
    try:
        return plan.linear_combination(tuple(pairs), (_DEVIATES, derived.TINY), format, "normal")
    except OverflowError:  # beyond the widest level
        return None


def _normal_one_by_one(mu, sigma, format, sizes, stream):
    guard = derived.guard_bits(format)
    # mu + sigma * x over one denominator, x = deviate / 2**_NORMAL_BITS.
    scale = math.lcm(mu.denominator, sigma.denominator)
    offset = int(mu * scale) << _NORMAL_BITS
    slope = int(sigma * scale)
    shift = format.frac_bits + guard - _NORMAL_BITS
    numerator, denominator = (1 << shift, scale) if shift >= 0 else (1, scale << -shift)

    def values():
        size = math.prod(sizes)
        for start in range(0, size, _BLOCK):
            made = _deviates(stream, start, min(_BLOCK, size - start))
            for deviate in storage.integers(made, _DEVIATES):
                quotient, rest = divmod((offset + slope * deviate) * numerator, denominator)
                yield quotient | (rest != 0)  # rounded to odd

    return python_rounding.finish(values(), guard, format, "normal", sizes, stream, _ROUNDING)


def _deviates(stream, start, size):
    """Standard normal deviates of elements from index `start` on, in storage of `_DEVIATES`."""
    made, undecided = calls.normal_deviates(stream, start, size, _log_tables())
    for i in np.flatnonzero(undecided):
        deviate = np.array(deviate_of(stream, start + int(i)), object)
        made[i] = storage.from_integers(deviate, _DEVIATES)
    return made


def deviate_of(stream: tuple[int, int, int], index: int) -> int:
    """A standard normal deviate times 2**_NORMAL_BITS: the definition of the kernel's."""
    from .elementary.logarithm import log  # late, as few programs need it

    square, k = _WORD * _WORD, 0
    while square >= _WORD * _WORD:
        u, v = (int(calls.draws(stream, index, 1, k + j)[0]) for j in (0, 1))
        # Odd numbers of 65 bits, so symmetric around 0 and never 0; s = square / 2**128.
        a, b = 2 * u + 1 - _WORD, 2 * v + 1 - _WORD
        square = a * a + b * b
        k += 2
    # a * sqrt(-2 ln s / s): a / 2**64 times the root of (2 ln(1/s)) / s
    logarithm = -log(square, 128, 2 * _NORMAL_BITS)
    return a * math.isqrt((2 * logarithm << 128) // square) >> 64


@lru_cache(1)
def _log_tables():
    """What the kernel's logarithm is made of: the reference's, at 192 bits."""
    from .elementary import logarithm

    first, second, ln2, terms = logarithm.tables_of_words(192)
    inverses = [(1 << 192) // n for n in range(2, terms + 1)]
    mask = _WORD - 1
    return tuple(
        np.array([[v >> 64 * k & mask for k in range(3)] for v in values], np.uint64)
        for values in (first, second, inverses, [ln2])
    )


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


def _shown(value: Number) -> str:
    return read_numbers.show(read_numbers.exact_value(value))


def _ceil(name: str, value: Number, format: Format) -> int:
    """The lowest raw integer that is not below a value."""
    return math.ceil(_number(name, value) / format.resolution)
