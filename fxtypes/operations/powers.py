"""Powers, each rounded once from the exact one."""

import numpy as np

from ..context import blocks
from ..format import derived, many_axes, storage
from ..kernels import calls, plan, python_rounding
from . import convert
from .operand import Operand

_KNOWN = 1 << 13  # powers kept for when the same one is asked for again: 2 MB


def power(name, operands, result):
    """x**y in storage of `result`.

    y is a FixedArray's, or has no format: an array of integers of any kind, or of Python's
    integers and Fractions.
    """
    (x, fmt), (y, exponent_format) = operands
    integers = exponent_format is None and y.dtype.kind != "O"
    if not integers or result.overflow in ("raise", "wrap"):
        from ..elementary import evaluate  # late, as many programs need none of it

        if exponent_format is not None:
            return evaluate.evaluate(name, operands, result)
        evaluate.check_powers((x, y), (fmt, None), result)
    known = {}

    def work(x, y):
        raw = None
        if y.ndim == 0 and (integers or type(y[()]) is int):
            raw = _by_kernel(name, Operand(x, fmt), int(y), result)
        return _one_by_one(name, Operand(x, fmt), y, result, known) if raw is None else raw

    return blocks.run(work, (x, y), result)


def _one_by_one(name, base, y, result, known):
    """Powers of Python's numbers; `known` keeps some of them for the next block."""
    from ..elementary.powers import rational_power
    from ..elementary.registry import finite_or_float

    x, fmt = base
    shape = many_axes.broadcast_shapes(x.shape, y.shape)
    x, y = np.broadcast_to(x, shape), np.broadcast_to(y, shape)
    guard = derived.guard_bits(result)
    out_bits = result.frac_bits + guard

    def values():
        exponents = many_axes.flat(y) if y.dtype.kind == "O" else map(int, many_axes.flat(y))
        for raw, exponent in zip(storage.integers(x, fmt), exponents, strict=True):
            pair = raw, exponent
            value = known.get(pair)
            if value is None:
                ratio = exponent.as_integer_ratio()
                value = finite_or_float(rational_power(raw, ratio, fmt.frac_bits, out_bits))
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
