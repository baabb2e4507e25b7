"""Functions for those of NumPy's that no public function of ours stands for, by NumPy's names."""

import math
from functools import reduce

import numpy as np

from ..context import context
from ..fixed_array import FixedArray
from ..format import derived, read_numbers, text
from ..functions import (
    common_format,
    creation,
    elementwise,
    indexing,
    joining,
    manipulation,
    norms,
    products,
    reductions,
)
from ..functions.arguments import check_fixed, wrap
from ..operations.reduced_axes import normalize_axes, result_shape


def _size(a, axis=None):
    axes = normalize_axes(tuple(axis) if isinstance(axis, list) else axis, a.ndim)
    return math.prod(a.shape[i] for i in axes)


def _like(make):
    """zeros_like, full_like and so on, with NumPy's keywords."""

    def function(a, *args, format=None, shape=None):
        if format is None:
            if not isinstance(a, FixedArray):
                raise TypeError("without a FixedArray to be like, pass dtype=Format(...)")
            format = a.format
        return make(np.shape(a) if shape is None else shape, *args, format)

    return function


def _constant(value):
    """A function that has one answer for all our numbers."""
    return lambda x: np.full(x.shape, value) if x.ndim else np.bool_(value)


def _infinite(name):
    """isposinf or isneginf: there are no infinities."""
    return lambda x: np.zeros(check_fixed(name, x).shape, dtype=bool)


def _linalg_diagonal(x, offset=0):
    return indexing.diagonal(x, offset, -2, -1)


def _shifted(numpys):
    """fftshift or ifftshift, which only move elements."""

    def function(x, axes=None):
        return wrap(numpys(check_fixed("fftshift", x)._storage, axes), x.format)

    return function


def _overlap(numpys):
    """shares_memory or may_share_memory."""

    def function(a, b, max_work=None):
        x, y = (v._storage if isinstance(v, FixedArray) else v for v in (a, b))
        return numpys(x, y, max_work=max_work)

    return function


def _astype(x, format, copy=True):
    return x if x.format is format and not copy else x.astype(format)


def _array2string(
    a,
    max_line_width=None,
    precision=None,
    suppress_small=None,
    separator=" ",
    prefix="",
    *,
    formatter=None,
    threshold=None,
    edgeitems=None,
    sign=None,
    floatmode=None,
    suffix="",
    legacy=None,
):
    """All digits, or those that are asked for; nothing is ever printed with an exponent."""
    if legacy is not None:
        raise TypeError("np.array2string of FixedArrays takes no legacy=")
    a = check_fixed("array2string", a)
    if formatter is not None:
        formatter = _of_elements(formatter, a)
    return text.array_text(
        a._storage,
        a.format,
        prefix,
        separator,
        max_line_width=max_line_width,
        precision=precision,
        formatter=formatter,
        threshold=threshold,
        edgeitems=edgeitems,
        sign=sign,
        floatmode=floatmode,
        suffix=suffix,
    )


def _of_elements(formatter, a):
    """The function among NumPy's `formatter` that is for our numbers, of raw integers; or None."""
    if not isinstance(formatter, dict):
        raise TypeError(f"array2string: formatter is a dict, got {read_numbers.shorten(formatter)}")
    kinds = ("float", "float_kind", "all")
    function = next((formatter[kind] for kind in kinds if formatter.get(kind)), None)
    if function is None:
        return None

    def of_raw(integer):
        return function(FixedArray.from_raw(integer, a.format))

    return of_raw


def _array_repr(a, max_line_width=None, precision=None, suppress_small=None):
    start = "FixedArray("
    shown = _array2string(a, max_line_width, precision, separator=", ", prefix=start)
    shape = f", shape={a.shape}" if a.size == 0 and a.shape != (0,) else ""
    return f"{start}{shown}{shape}, format={a.format!r})"


def _array_str(a, max_line_width=None, precision=None, suppress_small=None):
    return _array2string(a, max_line_width, precision)


def _of_truth(numpys):
    """NumPy's function of `a != 0`: with its out= and where=."""

    def function(a, **kwargs):
        return numpys(np.asarray(check_fixed(numpys.__name__, a) != 0), **kwargs)

    return function


def _cumulative(name):
    """cumulative_sum or cumulative_prod."""

    def function(x, axis=None, format=None, out=None, include_initial=False):
        if axis is None and check_fixed(name, x).ndim > 1:
            raise ValueError(f"{name}: give the axis, as there are {x.ndim} axes")
        if not include_initial:
            return getattr(reductions, name)(x, axis, format, out)
        found = with_initial(getattr(reductions, name)(x, axis, format), name, axis or 0)
        return found if out is None else elementwise.positive(found, format, out)

    return function


def with_initial(found, name, axis):
    """A cumsum or cumprod along an axis with the sum, or product, of nothing in front."""
    shape = list(found.shape)
    shape[axis] = 1
    first = (np.zeros_like if name == "cumsum" else np.ones_like)(found, shape=tuple(shape))
    return np.concatenate([first, found], axis=axis)


def _of_shape(numpys):
    """A function of NumPy that asks for nothing but the shape."""
    return lambda a, **kwargs: numpys(np.broadcast_to(np.int8(0), a.shape), **kwargs)


def _copysign(a, b, format=None, out=None, where=True):
    """a with the sign of b; of 0 that is plus."""
    own = a.format if isinstance(a, FixedArray) else b.format
    turned = np.asarray(_negative(a) != _negative(b))
    signs = wrap(1 - 2 * turned.view(np.int8), derived.TINY)
    format = own if format is None and out is None else format
    return elementwise.multiply(common_format.as_fixed(a, own), signs, format, out, where)


def _negative(x):
    """Where there is a minus sign, that of a float's zero too."""
    numbers = x if isinstance(x, FixedArray) else read_numbers.read(x, read_numbers.exact_number)
    if not isinstance(x, FixedArray) and numbers.dtype.kind == "f":
        return np.signbit(numbers)
    return np.asarray(numbers < 0, dtype=bool)


def _modf(a, format=None, out=(None, None), where=True):
    """(a - trunc(a), trunc(a)): both have the sign of a."""
    a = check_fixed("modf", a)
    own = a.format if format is None else format
    unrounded = derived.floor_wrap(a.format)
    with context.uncounted():
        integers = elementwise.trunc(a, unrounded)
        parts = elementwise.subtract(a, integers, unrounded), integers
    # Both are made before one is stored: `out` may overlap a, and a format may raise.
    made = [
        elementwise.positive(part, own if target is None else target.format, where=where)
        for part, target in zip(parts, out, strict=True)
    ]
    for found, target in zip(made, out, strict=True):
        if target is not None:
            np.copyto(target, found, where=where)
    return tuple(
        found if target is None else target for found, target in zip(made, out, strict=True)
    )


def _heaviside(a, at_zero, format=None):
    """0 for negative elements, 1 for positive ones, `at_zero` for 0."""
    own = [v.format for v in (a, at_zero) if isinstance(v, FixedArray)]
    result = reduce(derived.common_format, own) if format is None else format
    a = a if isinstance(a, FixedArray) else read_numbers.read(a, read_numbers.exact_number)
    zero, above = np.asarray(a == 0, dtype=bool), np.asarray(a > 0, dtype=bool)
    at_zero = common_format.as_fixed(at_zero, own[0])
    steps = wrap(np.asarray(above, np.int8), derived.TINY)
    return common_format.gather(
        "heaviside", [at_zero, steps], result, lambda given, step: np.where(zero, given, step)
    )


def _nan_to_num(x, copy=True, nan=0.0, posinf=None, neginf=None):
    """The array itself, or a copy: there is nothing to replace."""
    x = check_fixed("nan_to_num", x)
    return x.copy() if copy else x


def _real(x, tol=100):
    """A view: all of a real number."""
    return check_fixed("real", x)[...]


def _vector_norm(x, *, axis=None, keepdims=False, ord=2):
    """The norm of all elements over axes, as one vector."""
    x = check_fixed("vector_norm", x)
    axes = normalize_axes(axis, x.ndim)
    kept = [i for i in range(x.ndim) if i not in axes]
    rows = manipulation.transpose(x, (*kept, *axes)).reshape(
        *(x.shape[i] for i in kept), math.prod(x.shape[i] for i in axes))  # fmt: skip
    return norms.norm(rows, ord, axis=-1).reshape(result_shape(x.shape, axes, keepdims))


def _matrix_norm(x, *, keepdims=False, ord="fro"):
    return norms.norm(x, ord, axis=(-2, -1), keepdims=keepdims)


def _linalg_trace(x, offset=0, format=None):
    return products.trace(x, offset, -2, -1, format)


def _linalg_outer(x1, x2):
    shapes = np.shape(x1), np.shape(x2)
    if any(len(shape) != 1 for shape in shapes):
        raise ValueError(f"linalg.outer takes vectors, got shapes {shapes[0]} and {shapes[1]}")
    return products.outer(x1, x2)


def _along_axis(func1d, axis, arr, *args, **kwargs):
    """What a function makes of each vector along an axis, put where the vector was."""
    arr = check_fixed("apply_along_axis", arr)
    rows = manipulation.moveaxis(arr, axis, -1)
    kept = rows.shape[:-1]
    if 0 in kept:
        raise ValueError(f"apply_along_axis: no vector along axis {axis} of shape {arr.shape}")
    made = [_array_of(func1d(rows[index], *args, **kwargs)) for index in np.ndindex(kept)]
    if isinstance(made[0], FixedArray):
        found = joining.stack(made)
    else:
        found = np.stack([np.asarray(part) for part in made])
    found = found.reshape((*kept, *found.shape[1:]))
    added = found.ndim - len(kept)
    start = axis % arr.ndim
    return np.moveaxis(found, range(len(kept), found.ndim), range(start, start + added))


def _array_of(found):
    """What a function returned; a sequence of FixedArrays as one FixedArray."""
    if isinstance(found, list | tuple):
        found = [_array_of(part) for part in found]
        if any(isinstance(part, FixedArray) for part in found):
            return joining.stack(found)
    return found


def _over_axes(func, a, axes):
    """A function of an array and an axis, over several axes one after the other."""
    found = check_fixed("apply_over_axes", a)
    for axis in np.atleast_1d(axes).tolist():
        part = func(found, axis)
        found = part if part.ndim == found.ndim else np.expand_dims(part, axis % found.ndim)
    return found


OWN_UFUNCS = {"copysign": _copysign, "heaviside": _heaviside, "modf": _modf}

OWN = {
    "apply_along_axis": _along_axis,
    "apply_over_axes": _over_axes,
    "cumulative_prod": _cumulative("cumprod"),
    "cumulative_sum": _cumulative("cumsum"),
    "diag_indices_from": _of_shape(np.diag_indices_from),
    "tril_indices_from": _of_shape(np.tril_indices_from),
    "triu_indices_from": _of_shape(np.triu_indices_from),
    "array2string": _array2string,
    "array_repr": _array_repr,
    "array_str": _array_str,
    "astype": _astype,
    "count_nonzero": _of_truth(np.count_nonzero),
    "empty_like": _like(creation.zeros),
    "fft.fftshift": _shifted(np.fft.fftshift),
    "fft.ifftshift": _shifted(np.fft.ifftshift),
    "full_like": _like(creation.full),
    "imag": _like(creation.zeros),
    "iscomplex": _constant(False),
    "iscomplexobj": lambda x: False,
    "isneginf": _infinite("isneginf"),
    "isposinf": _infinite("isposinf"),
    "isreal": _constant(True),
    "isrealobj": lambda x: True,
    "linalg.diagonal": _linalg_diagonal,
    "linalg.matrix_norm": _matrix_norm,
    "linalg.outer": _linalg_outer,
    "linalg.trace": _linalg_trace,
    "linalg.vector_norm": _vector_norm,
    "may_share_memory": _overlap(np.may_share_memory),
    "nan_to_num": _nan_to_num,
    "ndim": lambda a: a.ndim,
    "ones_like": _like(creation.ones),
    "real": _real,
    "real_if_close": _real,
    "shape": lambda a: a.shape,
    "shares_memory": _overlap(np.shares_memory),
    "size": _size,
    "zeros_like": _like(creation.zeros),
}
