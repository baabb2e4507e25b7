"""Sums of neighbours times integers over an integer, exact and rounded once, by kernels."""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from ..format import Format, derived, storage
from ..format.format import MAX_FRAC_BITS
from ..kernels import calls, plan
from ..kernels.plan import PLANS_KEPT


class Plan(NamedTuple):
    """How sums of neighbours are made; see `planned`.

    Attributes
    ----------
    weights : tuple of int
    split : tuple or None
        Two steps that make a quotient and a rest of each element, and the first one's constant.
        None: the elements themselves are the rests, and there are no quotients.
    divide : tuple or None
        Two steps, the rests' sum and its division, and the divisor. None: they are not divided.
    finish : Step
        Of the quotients' terms and the divided rests; of the elements where nothing is divided.
    """

    weights: tuple
    split: Any
    divide: Any
    finish: Any


def weighted_sums(sums, raw, axis):
    """``(weights[0] * x[i] + weights[1] * x[i + 1] + ...) / divisor`` along an axis, in storage.

    There are ``len(weights) - 1`` elements less along the axis.
    """
    n, lead = raw.shape[axis] - len(sums.weights) + 1, (slice(None),) * axis

    def terms(raw):
        return tuple(raw[(*lead, slice(i, i + n))] for i, w in enumerate(sums.weights) if w)

    if sums.divide is None:
        return calls.elementwise(sums.finish, terms(raw))
    rests, quotients = raw, ()
    if sums.split is not None:
        multiply, factor, subtract = sums.split
        found = calls.elementwise(multiply, (raw, factor))
        rests, quotients = calls.elementwise(subtract, (raw, found)), terms(found)
    add, divide, divisor = sums.divide
    rest = calls.elementwise(divide, (calls.elementwise(add, terms(rests)), divisor))
    return calls.elementwise(sums.finish, (*quotients, rest))


@lru_cache(PLANS_KEPT)
def planned(name, fmt, bits, weights, divisor, result):
    """The plan of such sums, rounded once; None: beyond the kernels.

    Where sums may leave 64 bits, an element x is q * divisor + r, with q = floor(x * m / 2**bits)
    and m = floor(2**bits / divisor): as |x| <= 2**bits, x * m / 2**bits differs from x / divisor by
    at most 1, and |r| <= 2 * divisor. The sum of the r is divided and rounded to odd, to as many
    bits as decide a rounding; the q, even multiples of its last bit, are added, which leaves that
    bit as it is, and all is rounded once.

    Parameters
    ----------
    name : str
        What events and messages call the operation.
    fmt : Format
        The elements'.
    bits : int
        None of them, as an integer, is beyond 2**bits in magnitude.
    weights : tuple of int
        At most seven.
    divisor : int
        Odd and positive.
    result : Format
    """
    factors, most = tuple((w, 0) for w in weights if w), sum(map(abs, weights))
    if max(most, divisor).bit_length() > 62:
        return None  # a kernel's coefficients
    if divisor == 1:
        finish = plan.linear_combination(factors, (fmt,) * len(factors), result, name)
        return Plan(weights, None, None, finish)
    integers = derived.floor_wrap(fmt).replace(frac_bits=0)
    largest, rests, split, quotients = most << bits, integers, None, ()
    if largest.bit_length() > 63:
        m = (1 << bits) // divisor
        factor = _of_size(m.bit_length(), bits)
        whole, rests = _of_size(m.bit_length(), 0), _of_size(divisor.bit_length() + 1, 0)
        split = (
            plan.elementwise("multiply", (integers, factor), whole, "move"),
            storage.from_integers(np.array(m, object), factor),
            plan.linear_combination(((1, 0), (-divisor, 0)), (integers, whole), rests, "move"),
        )
        largest = most * 2 * divisor
        quotients = (derived.with_frac_bits(whole, fmt.frac_bits),) * len(factors)
    # The sum of rests and the divisor have elements of one size: there is a fast loop for 64 bits.
    summed = _of_size(largest.bit_length(), 0)
    frac_bits = max(result.frac_bits + derived.guard_bits(result), fmt.frac_bits + 1)
    shift = frac_bits - fmt.frac_bits
    divided = _of_size((largest // divisor + 1 << shift).bit_length(), frac_bits)
    if summed is None or divided is None:
        return None
    divided = divided.replace(rounding="odd")
    add = plan.linear_combination(factors, (rests,) * len(factors), summed, "move")
    shifted = derived.with_frac_bits(summed, fmt.frac_bits)
    divide = plan.elementwise("divide", (shifted, summed), divided, "move")
    finish = plan.linear_combination(
        (*factors[: len(quotients)], (1, 0)), (*quotients, divided), result, name
    )
    constant = storage.from_integers(np.array(divisor, object), summed)
    return Plan(weights, split, (add, divide, constant), finish)


def _of_size(bits, frac_bits):
    """A signed format of 64 or 128 bits for magnitudes of `bits` bits; None: there is none."""
    if bits > 127 or abs(frac_bits) > MAX_FRAC_BITS:
        return None
    return derived.floor_wrap(Format(64 if bits < 64 else 128, frac_bits))
