"""What NumPy's own functions do with FixedArrays: handled, or refused by name.

Nothing falls back to objects or floats silently.
"""

import numpy as np

from . import fixed_array as _array
from . import functions as fx
from .fixed_array import FixedArray

# ufunc -> our function of the same operands, with format= where NumPy has none.
UFUNCS = {
    np.add: fx.add,
    np.subtract: fx.subtract,
    np.multiply: fx.multiply,
    np.true_divide: fx.divide,
    np.negative: fx.negative,
    np.positive: fx.positive,
    np.absolute: fx.absolute,
    np.minimum: fx.minimum,
    np.maximum: fx.maximum,
    np.left_shift: fx.left_shift,
    np.right_shift: fx.right_shift,
    np.equal: fx.equal,
    np.not_equal: fx.not_equal,
    np.less: fx.less,
    np.less_equal: fx.less_equal,
    np.greater: fx.greater,
    np.greater_equal: fx.greater_equal,
    np.matmul: fx.matmul,
    np.exp: fx.exp,
    np.log: fx.log,
    np.sqrt: fx.sqrt,
    np.tanh: fx.tanh,
}


def _shape_function(name):
    def function(a, *args, **kwargs):
        return FixedArray._from_storage(getattr(np, name)(a._storage, *args, **kwargs), a.format)

    return function


FUNCTIONS = {
    np.sum: fx.sum,
    np.mean: fx.mean,
    np.min: fx.min,
    np.max: fx.max,
    np.argmax: fx.argmax,
    np.argmin: fx.argmin,
    np.clip: fx.clip,
    np.where: fx.where,
    np.concatenate: fx.concatenate,
    np.stack: fx.stack,
    np.dot: fx.dot,
    np.zeros_like: fx.zeros_like,
    np.ones_like: fx.ones_like,
    np.empty_like: fx.empty_like,
    np.full_like: fx.full_like,
    np.shape: lambda a: a.shape,
    np.ndim: lambda a: a.ndim,
    np.size: lambda a, axis=None: a.size if axis is None else a.shape[axis],
    np.copy: lambda a: a.copy(),
    **{
        getattr(np, name): _shape_function(name)
        for name in (
            "reshape",
            "ravel",
            "transpose",
            "swapaxes",
            "moveaxis",
            "squeeze",
            "expand_dims",
            "broadcast_to",
        )
    },
}


def _ufunc(ufunc, method, operands, kwargs):
    if method != "__call__":
        raise TypeError(f"np.{ufunc.__name__}.{method} is not supported for FixedArrays")
    if ufunc not in UFUNCS:
        raise TypeError(f"np.{ufunc.__name__} is not supported for FixedArrays")
    if kwargs:
        raise TypeError(
            f"np.{ufunc.__name__} of FixedArrays takes no {', '.join(map(repr, sorted(kwargs)))}"
        )
    if ufunc in (np.left_shift, np.right_shift) and not isinstance(operands[0], FixedArray):
        raise TypeError(f"np.{ufunc.__name__}: a shift count is an integer, not a FixedArray")
    return UFUNCS[ufunc](*operands)


def _function(function, types, args, kwargs):
    if function not in FUNCTIONS:
        module = function.__module__ or "numpy"
        raise TypeError(f"{module}.{function.__name__} is not supported for FixedArrays")
    return FUNCTIONS[function](*args, **kwargs)


def install():
    """Tell FixedArray what to do when NumPy asks; done once, when the package is imported."""
    _array.install_protocol(_ufunc, _function)
