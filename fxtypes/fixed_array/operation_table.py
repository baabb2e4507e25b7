"""Every operation by its name, and what computes it."""

from ..elementary import registry
from ..operations import operands, powers, to_integers
from ..operations.beyond_128_bits import BITWISE, DIVISIONS, PYTHON
from ..operations.elementwise import (
    clip,
    combine,
    elementary,
    invert,
    quotient,
    remainder,
    shift,
    sign,
    square,
)
from ..operations.evaluate import Operation

# Operations of two arrays of one format that are one kernel's work: FixedArray keeps their
# plans at hand.
PAIRWISE = frozenset({*PYTHON, *BITWISE})

OPERATIONS = {
    **{name: Operation(combine) for name in PAIRWISE},
    **{name: Operation(combine, (0, 1)) for name in DIVISIONS},
    **{name: Operation(combine, (0,)) for name in ("positive", "negative", "absolute")},
    **{name: Operation(clip, (0, 0, 0)) for name in ("clip", "clip_low", "clip_high")},
    **{name: Operation(elementary, None) for name in registry.FUNCTIONS},
    **{name: Operation(to_integers.to_integer, (0,)) for name in to_integers.ROUNDINGS},
    "round": Operation(to_integers.round, (0,)),
    "divmod": Operation((quotient, remainder), (0, 1)),
    "invert": Operation(invert, (None,)),
    "left_shift": Operation(shift, (0, 0), operands.counts),
    "power": Operation(powers.power, (0, 1), operands.exponents),
    "right_shift": Operation(shift, (0, 0), operands.counts),
    "sign": Operation(sign, (0,)),
    "square": Operation(square, (0,)),
}


def find(name):
    """The operation of a name."""
    return OPERATIONS.get(name) or _product(name)


def _product(name):
    """A product's operation; they are a good part of the package, imported by the first one."""
    from ..products.table import PRODUCTS

    OPERATIONS.update({key: Operation(compute, grown=grown)
                       for key, (compute, grown) in PRODUCTS.items()})  # fmt: skip
    return OPERATIONS[name]
