"""Every operation by its name, and what computes it."""

from ..kernels import plan
from ..operations import elementwise, integer_arguments, powers, to_integers
from ..operations.beyond_128_bits import DIVISIONS
from ..operations.evaluate import Operation

_DIVIDE = (elementwise.quotient, elementwise.remainder)

# Those of one operand have one neutral operand; 0 / 1 and 0 ** 1 are 0.
OPERATIONS = {
    operation.name: operation
    for operation in (
        *(Operation(name, elementwise.combine) for name in plan.PAIRWISE.difference(DIVISIONS)),
        *(Operation(name, elementwise.combine, (0, 1)) for name in DIVISIONS),
        *(
            Operation(name, elementwise.combine, (0,))
            for name in ("positive", "negative", "absolute")
        ),
        *(
            Operation(name, elementwise.clip, (0, 0, 0))
            for name in ("clip", "clip_low", "clip_high")
        ),
        *(Operation(name, to_integers.to_integer, (0,)) for name in to_integers.ROUNDINGS),
        Operation("round", to_integers.round, (0,)),
        Operation("divmod", _DIVIDE, (0, 1)),
        Operation("invert", elementwise.invert, (None,)),
        Operation("left_shift", elementwise.shift, (0, 0), integer_arguments.shift_counts),
        Operation("power", powers.power, (0, 1), integer_arguments.exponents),
        Operation("right_shift", elementwise.shift, (0, 0), integer_arguments.shift_counts),
        Operation("sign", elementwise.sign, (0,)),
        Operation("square", elementwise.square, (0,)),
    )
}


def find(name):
    """The operation of a name."""
    return OPERATIONS.get(name) or _import_and_find(name)


def _import_and_find(name):
    """The operation of an elementary function or a product.

    Both are a good part of the package, and imported when the first of them is called.
    """
    from ..elementary import registry

    if name in registry.FUNCTIONS:
        found = [
            Operation(key, elementwise.elementary, None)
            for key in registry.FUNCTIONS
            if key not in OPERATIONS  # as power is, which takes other exponents too
        ]
    else:
        from ..products.table import PRODUCTS

        found = [Operation(key, compute, grown=grown) for key, (compute, grown) in PRODUCTS.items()]
    OPERATIONS.update({operation.name: operation for operation in found})
    return OPERATIONS[name]
