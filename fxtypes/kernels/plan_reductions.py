"""Plans of reductions and running sums and products; see plan.py."""

from functools import lru_cache

from ..format.derived import guard_bits, raw_range
from .plan import PLANS_KEPT, elementwise, make_step

REDUCTIONS = {"sum": 0, "mean": 1, "min": 2, "max": 3, "squares": 4}


@lru_cache(PLANS_KEPT)
def reduction(reduction, x, result, n, total, name=None):
    """The plan of a reduction of `n` elements (for sums: at most `total`).

    `name`: what events and messages call it, where that is not `reduction`.
    """
    low, high = raw_range(x)
    point, lift = x.frac_bits, 0
    if reduction in ("sum", "mean"):
        low, high = low * total, high * total
    elif reduction == "squares":
        low, high, point = 0, max(low * low, high * high) * total, 2 * point
    else:
        low, high = 2 * low - 1, 2 * high + 1  # the fold starts from +-2^(bits - 2)
    if reduction == "mean":
        lift = max(0, result.frac_bits + guard_bits(result) - point)
        point += lift
        low, high = low << lift, high << lift
    return make_step(
        name or reduction,
        REDUCTIONS[reduction],
        (x,),
        (lift,),
        point,
        min(low, -n),
        max(high, n),
        result,
        (n,),
    )


@lru_cache(PLANS_KEPT)
def prefix_sums(x, result, total, name="cumsum"):
    """The plan of cumsum along an axis of at most `total` elements."""
    low, high = raw_range(x)
    return make_step(name, 0, (x,), (0,), x.frac_bits, low * total, high * total, result)


@lru_cache(PLANS_KEPT)
def running_product(name, x, result):
    """The plans of a product's first step, into `result`, and of its others."""
    first = elementwise("convert", (x,), result, name)
    rest = elementwise("multiply", (result, x), result, name)
    level = max(first.level, rest.level)
    return first.at_level(level), rest.at_level(level)
