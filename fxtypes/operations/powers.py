"""Integer powers, each rounded once from the exact one."""

import math
from fractions import Fraction

import numpy as np

from ..context import blocks
from ..format import derived, many_axes, storage
from ..kernels import calls, plan, python_rounding
from . import convert
from .operand import Operand

# Odd powers of no more bits are computed exactly. Longer ones are exact in no format, nor ties:
# two bounds that are close enough decide how they round.
_EXACT_BITS = 4096
_KNOWN = 1 << 13  # powers kept for when the same one is asked for again: 2 MB
_HUGE = 1024  # a magnitude of 2**1024 or more is an infinity


def power(name, operands, result):
    """x**n in storage of `result`; n an array of integers of any kind."""
    (x, fmt), (n, _) = operands
    if result.overflow in ("raise", "wrap"):
        _check_poles(name, x, n, result)
    known = {}

    def work(x, n):
        raw = _by_kernel(name, Operand(x, fmt), int(n), result) if n.ndim == 0 else None
        return _one_by_one(name, Operand(x, fmt), n, result, known) if raw is None else raw

    return blocks.run(work, (x, n), result)


def _check_poles(name, x, n, result):
    """ZeroDivisionError where 0 is raised to a negative power, an infinity."""
    if not (n < 0).any():
        return
    shape = many_axes.broadcast_shapes(x.shape, n.shape)
    x, n = np.broadcast_to(x, shape), np.broadcast_to(n, shape)
    poles = sum(
        np.count_nonzero(np.logical_not(storage.truth(x[key])) & (n[key] < 0))
        for key in blocks.cut(shape)
    )
    if poles:
        raise ZeroDivisionError(
            f"{name}: 0 to a negative power in {poles} of {x.size} elements, which "
            f"overflow mode {result.overflow.value!r} can't represent"
        )


def _one_by_one(name, base, n, result, known):
    """Powers of Python's integers; `known` keeps some of them for the next block."""
    x, fmt = base
    shape = many_axes.broadcast_shapes(x.shape, n.shape)
    x, n = np.broadcast_to(x, shape), np.broadcast_to(n, shape)
    guard = derived.guard_bits(result)
    out_bits = result.frac_bits + guard

    def values():
        exponents = map(int, many_axes.flat(n))
        for pair in zip(storage.integers(x, fmt), exponents, strict=True):
            value = known.get(pair)
            if value is None:
                value = to_odd(*pair, fmt.frac_bits, out_bits)
                if len(known) < _KNOWN:
                    known[pair] = value
            yield value

    return python_rounding.finish(values(), guard, result, name, shape)


def _by_kernel(name, base, n, result):
    """Small powers by products; None where the last but one needs more than 128 bits."""
    x, fmt = base
    if n == 0:
        one = np.broadcast_to(np.ones((), np.int8), x.shape)
        return convert.cast(one, derived.TINY, result, name)
    if n == 1:
        return convert.cast(x, fmt, result, name)
    if n == -1:
        step = plan.elementwise("divide", (derived.TINY, fmt), result, name)
        return calls.elementwise(step, (np.ones((), np.int8), x))
    if n < 0 or (n - 1) * fmt.width > 128 or abs((n - 1) * fmt.frac_bits) > 256:
        return None
    so_far, raw = derived.floor_wrap(fmt), x
    for e in range(2, n):
        product = so_far.replace(width=e * fmt.width, frac_bits=e * fmt.frac_bits)
        raw = calls.elementwise(
            plan.elementwise("multiply", (so_far, fmt), product, "move"), (raw, x)
        )
        so_far = product
    return calls.elementwise(plan.elementwise("multiply", (so_far, fmt), result, name), (raw, x))


def to_odd(raw, n, frac_bits, out_bits):
    """(raw * 2**-frac_bits)**n * 2**out_bits to odd; +-inf from a magnitude of 2**1024 on."""
    if n == 0:
        return python_rounding.to_odd(Fraction(1), out_bits)
    if raw == 0:
        return 0 if n > 0 else math.inf
    sign = -1 if raw < 0 and n & 1 else 1
    zeros = (raw & -raw).bit_length() - 1
    odd = abs(raw) >> zeros
    exponent = n * (zeros - frac_bits)  # the power is sign * odd**n * 2**exponent
    if odd == 1:
        return math.inf * sign if exponent >= _HUGE else sign * _shifted(1, exponent + out_bits)
    if odd.bit_length() * abs(n) <= _EXACT_BITS:
        magnitude = odd ** abs(n)
        if n > 0:
            if magnitude.bit_length() + exponent > _HUGE:
                return math.inf * sign
            return sign * _shifted(magnitude, exponent + out_bits)
        if exponent >= _HUGE + magnitude.bit_length():  # 2**exponent / magnitude >= 2**1024
            return math.inf * sign
        return sign * _divided(magnitude, exponent + out_bits)
    return _by_interval(odd, n, exponent, out_bits, sign)


def _shifted(value, by):
    """value * 2**by to odd, value positive."""
    if by >= 0:
        return value << by
    if -by > value.bit_length():
        return 1
    floor = value >> -by
    return floor | (floor << -by != value)


def _divided(divisor, by):
    """2**by / divisor to odd; the divisor odd and above 1, so that it is never exact."""
    return (1 << by) // divisor | 1 if by > 0 else 1


def _by_interval(odd, n, exponent, out_bits, sign):
    """sign * odd**n * 2**(exponent + out_bits) to odd, from two bounds of the power.

    They are found by repeated squaring, with ever more bits until both round alike.
    """
    # All bits down to 2**-out_bits, the growth of the error with n, and some.
    precision = _HUGE + abs(out_bits) + 2 * n.bit_length() + 64
    while True:
        # low * 2**e < odd**|n| < high * 2**f
        (low, e), (high, f) = (_truncated(odd, abs(n), precision, up) for up in (False, True))
        if n < 0:
            scale = 2 * precision
            low, e, high, f = (1 << scale) // high, -f - scale, -(-(1 << scale) // low), -e - scale
        e, f = e + exponent, f + exponent
        if low.bit_length() + e > _HUGE:
            return math.inf * sign
        if high.bit_length() + f <= _HUGE:
            # odd(v) of an open interval: both ends' floors to even integers agree
            if high.bit_length() + f + out_bits < 0:
                return sign
            floor_low, floor_high = _floor(low, e + out_bits), _floor(high, f + out_bits)
            if floor_low == floor_high:
                return sign * (floor_low | 1)
        precision *= 2


def _floor(value, by):
    return value << by if by >= 0 else value >> -by


def _truncated(base, n, precision, up):
    """base**n as (mantissa, exponent), the mantissa rounded up or down to `precision` bits."""
    mantissa, exponent = 1, 0
    for bit in bin(n)[2:]:
        mantissa, exponent = mantissa * mantissa, 2 * exponent
        if bit == "1":
            mantissa *= base
        excess = mantissa.bit_length() - precision
        if excess > 0:
            mantissa = -(-mantissa >> excess) if up else mantissa >> excess
            exponent += excess
    return mantissa, exponent
