"""Powers, each rounded once from the exact one."""

import numpy as np

from ..context import blocks
from ..format import derived, many_axes, storage
from ..kernels import calls, plan, python_rounding
from . import convert, read_operands
from .operand import Operand

_TABLES = 16  # bits of elements whose functions are looked up
_INFINITE = 1024  # powers of magnitude 2**1024 and more count as infinities
_KNOWN = 1 << 13  # powers kept for when the same one is asked for again: 2 MB


def power(name, operands, result):
    """x**y in storage of `result`.

    y is a FixedArray's, or has no format: an array of integers of any kind, or of Python's
    integers and Fractions.
    """
    from ..elementary import evaluate  # late, as many programs need none of it

    base, exponent = operands
    x, fmt = base
    n = _one_integer(exponent)
    if n is not None and _is_small(fmt, n):
        if n < 0:
            evaluate.check_powers((x, exponent.raw), (fmt, None), result)
        return blocks.run(lambda x: _by_products(name, Operand(x, fmt), n, result), (x,), result)
    if n is not None and n > 1 and fmt.width > _TABLES and n * fmt.int_bits < _INFINITE:
        step = plan.integer_power(name, fmt, n, result)
        if step is not None:
            return calls.elementwise(step, (x,))
    if exponent.format is None:
        exponent = read_operands.exact(exponent.raw)
    if exponent.format is not None:
        return evaluate.evaluate(name, (base, exponent), result)
    y = exponent.raw
    evaluate.check_powers((x, y), (fmt, None), result)
    known = {}
    return blocks.run(
        lambda x, y: _one_by_one(name, Operand(x, fmt), y, result, known), (x, y), result
    )


def _one_integer(exponent):
    """A single exponent without a format as Python's integer, if it is one; else None."""
    y, fmt = exponent
    if fmt is not None or y.ndim or (y.dtype.kind == "O" and type(y[()]) is not int):
        return None
    return int(y)


def _one_by_one(name, base, y, result, known):
    """Powers whose exponents no format holds; `known` keeps some of them for the next block."""
    from ..elementary.powers import rational_power
    from ..elementary.registry import finite_or_float

    x, fmt = base
    shape = many_axes.broadcast_shapes(x.shape, y.shape)
    x, y = np.broadcast_to(x, shape), np.broadcast_to(y, shape)
    guard = derived.guard_bits(result)
    out_bits = result.frac_bits + guard

    def values():
        for raw, exponent in zip(storage.integers(x, fmt), many_axes.flat(y), strict=True):
            pair = raw, exponent
            value = known.get(pair)
            if value is None:
                ratio = exponent.as_integer_ratio()
                value = finite_or_float(rational_power(raw, ratio, fmt.frac_bits, out_bits))
                if len(known) < _KNOWN:
                    known[pair] = value
            yield value

    return python_rounding.finish(values(), guard, result, name, shape)


def _is_small(fmt, n):
    """Whether powers are products of which the last but one fits 128 bits, or a quotient."""
    if n < 2:
        return n >= -1
    return (n - 1) * fmt.width <= 128 and abs((n - 1) * fmt.frac_bits) <= 256


def _by_products(name, base, n, result):
    """Powers whose exponent is small: see `_is_small`."""
    x, fmt = base
    if n == 0:
        one = np.broadcast_to(np.ones((), np.int8), x.shape)
        return convert.cast(one, derived.TINY, result, name)
    if n == 1:
        return convert.cast(x, fmt, result, name)
    if n == -1:
        step = plan.elementwise("divide", (derived.TINY, fmt), result, name)
        return calls.elementwise(step, (np.ones((), np.int8), x))
    so_far, raw = derived.floor_wrap(fmt), x
    for e in range(2, n):
        product = so_far.replace(width=e * fmt.width, frac_bits=e * fmt.frac_bits)
        raw = calls.elementwise(
            plan.elementwise("multiply", (so_far, fmt), product, "move"), (raw, x)
        )
        so_far = product
    return calls.elementwise(plan.elementwise("multiply", (so_far, fmt), result, name), (raw, x))
