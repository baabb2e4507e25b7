"""Plans of reductions and running sums and products; see plan.py."""

from functools import lru_cache

from ..format.derived import guard_bits, raw_range
from .calls import Level, Operation, Reduction, Step
from .plan import PLANS_KEPT, Exact, align, aligned_operands, elementwise, make_step

REDUCTIONS = {
    "sum": Reduction.SUM,
    "mean": Reduction.MEAN,
    "min": Reduction.MIN,
    "max": Reduction.MAX,
    "squares": Reduction.SQUARES,
}


@lru_cache(PLANS_KEPT)
def reduction(reduction, x, result, n, total, name=None):
    """The plan of a reduction of `n` elements (for sums: at most `total`).

    `name`: what events and messages call it, where that is not `reduction`.
    """
    low, high = raw_range(x)
    frac_bits, lift = x.frac_bits, 0
    if reduction in ("sum", "mean"):
        low, high = low * total, high * total
    elif reduction == "squares":
        low, high, frac_bits = 0, max(low * low, high * high) * total, 2 * frac_bits
    else:
        low, high = 2 * low - 1, 2 * high + 1  # the fold starts from +-2^(bits - 2)
    if reduction == "mean":
        lift = max(0, result.frac_bits + guard_bits(result) - frac_bits)
        frac_bits += lift
        low, high = low << lift, high << lift
    exact = Exact((lift,), frac_bits, min(low, -n), max(high, n))
    lifts, _, target, level = align((x,), exact, result)
    if reduction == "squares" and _keeps_low_bits(name, target):
        level = min(level, Level.I128)  # which wraps, too
    operands = aligned_operands((x,), lifts)
    return Step(name or reduction, REDUCTIONS[reduction], level, operands, target, divisor=n)


def _keeps_low_bits(name, target):
    """Whether nothing but the lowest 128 bits, at most, of exact values matters: no events do."""
    return name == "move" and target.format.overflow == "wrap" and target.shift == 0


@lru_cache(PLANS_KEPT)
def prefix_sums(x, result, total, name="cumsum"):
    """The plan of cumsum along an axis of at most `total` elements."""
    low, high = raw_range(x)
    exact = Exact((0,), x.frac_bits, low * total, high * total)
    return make_step(name, Operation.COPY, (x,), exact, result)


@lru_cache(PLANS_KEPT)
def running_product(name, x, result):
    """The plans of a product's first step, into `result`, and of its others."""
    first = elementwise("convert", (x,), result, name)
    rest = elementwise("multiply", (result, x), result, name)
    level = max(first.level, rest.level)
    return first.replace(level=level), rest.replace(level=level)
