"""NumPy's functions by name, and the functions of ours that stand for them."""

import numpy as np

from ..functions import (
    assignment,
    choosing,
    comparing,
    creation,
    differences,
    elementwise,
    indexing,
    interpolation,
    joining,
    linear_combination,
    manipulation,
    padding,
    products,
    rearranging,
    reductions,
    searching,
    sets,
    softmax,
    sorting,
    splitting,
    statistics,
)

_MODULES = (
    *(assignment, choosing, comparing, creation, differences, elementwise, indexing),
    *(interpolation, joining, linear_combination, manipulation, padding, products, rearranging),
    *(reductions, searching, sets, softmax, sorting, splitting, statistics),
)


def our_function(name):
    for module in _MODULES:
        if name in module.__all__:
            return getattr(module, name)
    raise LookupError(f"fxtypes has no function {name!r}")


def numpys(name):
    """NumPy's function of a name such as ``linalg.norm``; None where this NumPy has none."""
    found = np
    for part in name.split("."):
        if part.startswith("_") or not hasattr(found, part):
            return None
        found = getattr(found, part)
    return found


# -- the tables ---------------------------------------------------------------------------


def table(names, values):
    """NumPy's own function of each name, where this NumPy has it, and the value."""
    pairs = ((numpys(name), value) for name, value in zip(names, values, strict=True))
    return {key: value for key, value in pairs if key is not None}


def handled(names):
    """NumPy's function and ours for each pair of names."""
    return table(names, [our_function(ours) for ours in names.values()])
