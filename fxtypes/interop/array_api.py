"""An Array API namespace (2025.12) for each format: ``a.__array_namespace__()``.

The format is the real floating-point data type, and the default one. Booleans and integers (masks,
indices, counts) are NumPy's own arrays. The functions are NumPy's own as well, and dispatch
FixedArrays to numpy_functions.py; those that the standard doesn't have are there too. There are no
complex numbers, no NaN and no infinities, and no extensions (linalg, fft).

https://data-apis.org/array-api/2025.12/
"""

import math
from functools import lru_cache, wraps
from typing import NamedTuple

import numpy as np

from ..errors import FormatError
from ..fixed_array import FixedArray, array
from ..format import Format, derived
from ..format.read_numbers import shorten
from ..functions import creation, sorting, splitting
from .numpy_handlers import OWN, OWN_UFUNCS, with_initial
from .numpy_names import OTHER_NAME, SAME_NAME, UFUNCS, words

VERSION = "2025.12"
_VERSIONS = ("2021.12", "2022.12", "2023.12", "2024.12", "2025.12")

_INTEGRAL = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")


def namespace(format, api_version=None):
    """The namespace whose creation functions default to `format`; always the same object.

    Raises
    ------
    ValueError
        For a version of the standard that isn't there.

    Examples
    --------
    >>> import fxtypes as fx
    >>> xp = fx.array([1, 2], fx.Format(16, 8)).__array_namespace__()
    >>> xp.sqrt(xp.full(2, 2.0))
    FixedArray([1.4140625, 1.4140625], format=Format(16, 8))
    """
    if api_version is not None and api_version not in _VERSIONS:
        raise ValueError(f"Array API version {api_version!r}: there is {', '.join(_VERSIONS)}")
    return _namespace(format)


@lru_cache(None)
def _namespace(format):
    return Namespace(format)


class FInfo(NamedTuple):
    """What `finfo` tells of a format, in Python floats where it is no integer."""

    bits: int
    eps: float
    max: float
    min: float
    smallest_normal: float
    dtype: Format


class Namespace:
    """The functions of the Array API standard, with a format as the floating-point data type."""

    __array_api_version__ = VERSION
    bool = np.dtype(np.bool_)
    int8, int16, int32, int64, uint8, uint16, uint32, uint64 = map(np.dtype, _INTEGRAL)
    e, pi, inf, nan = math.e, math.pi, math.inf, math.nan
    newaxis = None

    def __init__(self, format):
        self.format = format
        self.__name__ = f"fxtypes.array_api[{format}]"

    def __repr__(self):
        return f"<Array API namespace of {self.format!r}>"

    def __reduce__(self):
        return namespace, (self.format,)

    def __getattr__(self, name):
        if name in SHARED:
            return SHARED[name]
        if name in _BEYOND:
            return getattr(np, name)
        raise AttributeError(f"{self!r} has no {name}")

    def __dir__(self):
        return sorted({*super().__dir__(), *SHARED})

    def __array_namespace_info__(self):
        """What the standard's inspection functions tell."""
        return Info(self.format)

    # -- creation --------------------------------------------------------------------------

    def asarray(self, obj, /, *, dtype=None, device=None, copy=None):
        """A number, nested sequence or array as an array.

        Without `dtype` booleans and integers stay NumPy's, and other numbers are rounded once
        into the format. A FixedArray keeps its own.
        """
        _check_device(device)
        if isinstance(obj, FixedArray) and dtype in (None, obj.format):
            return obj.copy() if copy else obj
        if dtype is None:
            dtype = self._inferred(obj)
        if isinstance(dtype, Format):
            if copy is False:
                raise ValueError("asarray: a conversion can't be had without a copy (copy=False)")
            return array(obj, dtype)
        if isinstance(obj, FixedArray):
            return obj.to_numpy(dtype)
        return np.asarray(obj, dtype=dtype, copy=copy)

    def _inferred(self, obj):
        if isinstance(obj, np.ndarray | np.generic):
            return obj.dtype if obj.dtype.kind in "biu" else self.format
        if isinstance(obj, list | tuple) and _holds_fixed(obj):
            return self.format
        try:
            found = np.asarray(obj).dtype
        except (ValueError, TypeError, OverflowError):
            return self.format
        return found if found.kind in "biu" and np.size(obj) else self.format

    def zeros(self, shape, *, dtype=None, device=None):
        """Zeros, by default in the format."""
        return self._made(creation.zeros, np.zeros, (shape,), dtype, device)

    def ones(self, shape, *, dtype=None, device=None):
        """Ones, by default in the format."""
        return self._made(creation.ones, np.ones, (shape,), dtype, device)

    def empty(self, shape, *, dtype=None, device=None):
        """Zeros: storage never holds what happens to lie in memory."""
        return self._made(creation.zeros, np.zeros, (shape,), dtype, device)

    def full(self, shape, fill_value, *, dtype=None, device=None):
        """One value everywhere; of a boolean or an integer NumPy's, else in the format."""
        if dtype is None and isinstance(fill_value, bool | int | np.bool_ | np.integer):
            dtype = np.bool_ if isinstance(fill_value, bool | np.bool_) else np.int64
        return self._made(creation.full, np.full, (shape, fill_value), dtype, device)

    def eye(self, n_rows, n_cols=None, /, *, k=0, dtype=None, device=None):
        """Ones on a diagonal, zeros elsewhere, by default in the format."""
        return self.astype(np.eye(n_rows, n_cols, k, dtype=np.int8), dtype or self.format)

    def linspace(self, start, stop, /, num, *, dtype=None, device=None, endpoint=True):
        """Evenly spaced values, each rounded once from its exact value."""
        _check_device(device)
        dtype = self.format if dtype is None else dtype
        if isinstance(dtype, Format):
            return creation.linspace(start, stop, num, endpoint, format=dtype)
        return np.linspace(start, stop, num, endpoint, dtype=dtype)

    def arange(self, start, /, stop=None, step=1, *, dtype=None, device=None):
        """Values from `start` in steps; of integers NumPy's, else in the format."""
        _check_device(device)
        if stop is None:
            start, stop = 0, start
        if dtype is None:
            integers = all(isinstance(v, int | np.integer) for v in (start, stop, step))
            dtype = np.int64 if integers else self.format
        if isinstance(dtype, Format):
            return creation.arange(start, stop, step, format=dtype)
        return np.arange(start, stop, step, dtype=dtype)

    def from_dlpack(self, x, /, *, device=None, copy=None):
        """Another library's array, floats rounded once into the format."""
        _check_device(device)
        if isinstance(x, FixedArray):
            raise TypeError("a FixedArray's elements have no DLPack type; use a.raw or a.words")
        if not hasattr(x, "__dlpack__"):
            raise TypeError(f"from_dlpack takes another library's array, got {shorten(x)}")
        return self.asarray(np.from_dlpack(x), copy=copy)

    def _made(self, ours, numpys, args, dtype, device):
        _check_device(device)
        dtype = self.format if dtype is None else dtype
        if isinstance(dtype, Format):
            return ours(*args, dtype)
        return numpys(*args, dtype=dtype)

    def zeros_like(self, x, /, *, dtype=None, device=None):
        """Zeros of the shape and, without `dtype`, the data type of `x`."""
        _check_array("zeros_like", x)
        return self.zeros(x.shape, dtype=dtype or x.dtype, device=device)

    def ones_like(self, x, /, *, dtype=None, device=None):
        """Ones of the shape and, without `dtype`, the data type of `x`."""
        _check_array("ones_like", x)
        return self.ones(x.shape, dtype=dtype or x.dtype, device=device)

    def empty_like(self, x, /, *, dtype=None, device=None):
        """As `zeros_like`."""
        _check_array("empty_like", x)
        return self.zeros(x.shape, dtype=dtype or x.dtype, device=device)

    def full_like(self, x, /, fill_value, *, dtype=None, device=None):
        """One value in the shape and, without `dtype`, the data type of `x`."""
        _check_array("full_like", x)
        return self.full(x.shape, fill_value, dtype=dtype or x.dtype, device=device)

    # -- data types ------------------------------------------------------------------------

    def astype(self, x, dtype, /, *, copy=True, device=None):
        """The values in another data type: rounded once into a format, truncated to integers."""
        _check_device(device)
        if isinstance(dtype, Format):
            if isinstance(x, FixedArray):
                return x if x.format is dtype and not copy else x.astype(dtype)
            return array(x, dtype)
        if isinstance(x, FixedArray):
            return x.to_numpy(dtype)
        return np.asarray(x).astype(dtype, copy=copy)

    def isdtype(self, dtype, kind):
        """Whether a data type is of a kind; a format is ``"real floating"``."""
        if isinstance(kind, tuple):
            return any(self.isdtype(dtype, k) for k in kind)
        if isinstance(dtype, Format) or isinstance(kind, Format):
            return dtype == kind if isinstance(kind, Format) else np.isdtype(np.float64, kind)
        return np.isdtype(dtype, kind)

    def result_type(self, *arrays_and_dtypes):
        """The data type of an operation on these: formats meet as in `fxtypes.add`."""
        kinds = [getattr(x, "dtype", x) for x in arrays_and_dtypes]
        formats = [kind for kind in kinds if isinstance(kind, Format)]
        if not formats:
            return np.result_type(*kinds)
        found = formats[0]
        for fmt in formats[1:]:
            found = derived.common_format(found, fmt)
        return found

    def can_cast(self, from_, to, /):
        """Whether every value of one data type is one of the other, with the same modes."""
        source = getattr(from_, "dtype", from_)
        if isinstance(source, Format) and isinstance(to, Format):
            try:
                return derived.common_format(source, to) is to
            except FormatError:
                return False
        if isinstance(source, Format) or isinstance(to, Format):
            return False
        return bool(np.can_cast(source, to))

    def finfo(self, type, /):
        """What a format's numbers are like."""
        fmt = getattr(type, "dtype", type)
        if not isinstance(fmt, Format):
            raise TypeError(f"finfo takes a format, got {fmt!r}")
        low, high = (float(np.float64(array(v, fmt).to_numpy())) for v in (fmt.min, fmt.max))
        step = float(fmt.resolution)
        return FInfo(fmt.width, step, high, low, step, fmt)

    def iinfo(self, type, /):
        """NumPy's of an integer data type."""
        return np.iinfo(getattr(type, "dtype", type))


class Info:
    """The inspection part of the standard."""

    def __init__(self, format):
        self._format = format

    def capabilities(self):
        """Boolean indexing and shapes that depend on data are there; at most 64 axes."""
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": 64}

    def default_device(self):
        """The only one."""
        return "cpu"

    def devices(self):
        """All of one."""
        return ("cpu",)

    def default_dtypes(self, *, device=None):
        """The data types of numbers, integers and indices; there is no complex one."""
        _check_device(device)
        integral = np.dtype(np.int64)
        return {"real floating": self._format, "integral": integral, "indexing": integral}

    def dtypes(self, *, device=None, kind=None):
        """The data types by name; the format is the only floating-point one."""
        _check_device(device)
        known = {"bool": np.dtype(np.bool_)}
        known |= {name: np.dtype(name) for name in _INTEGRAL}
        known["format"] = self._format
        if kind is None:
            return known
        check = _namespace(self._format).isdtype
        return {name: dtype for name, dtype in known.items() if check(dtype, kind)}


def _check_device(device):
    if device not in (None, "cpu"):
        raise ValueError(f"there is only device 'cpu', not {device!r}")


def _check_array(name, x):
    if not isinstance(x, FixedArray | np.ndarray | np.generic):
        raise TypeError(f"{name} takes an array, got {shorten(x)}")


def _holds_fixed(obj):
    return any(
        _holds_fixed(part) if isinstance(part, list | tuple) else isinstance(part, FixedArray)
        for part in obj
    )


# -- functions that need no format --------------------------------------------------------


def _is_fixed(x):
    return isinstance(x, FixedArray) or (isinstance(x, list | tuple) and any(map(_is_fixed, x)))


def _floating(function):
    """A function that the standard defines for floating-point data types only."""

    def checked(*args, **kwargs):
        if not any(map(_is_fixed, args)):
            name = function.__name__
            raise TypeError(f"{name} takes a FixedArray; use astype(x, format) for integers")
        return function(*args, **kwargs)

    return wraps(function)(checked)


def sort(x, /, *, axis=-1, descending=False, stable=True):
    """A sorted copy."""
    if isinstance(x, FixedArray):
        return sorting.sort(x, axis, stable=stable, descending=descending)
    found = np.sort(x, axis=axis, stable=stable)
    return np.flip(found, axis) if descending else found


def argsort(x, /, *, axis=-1, descending=False, stable=True):
    """The indices that sort `x`."""
    if isinstance(x, FixedArray):
        return sorting.argsort(x, axis, stable=stable, descending=descending)
    _check_array("argsort", x)
    if not descending:
        return np.argsort(x, axis=axis, stable=stable)
    backward = np.argsort(np.flip(x, axis), axis=axis, stable=stable)
    return np.flip(x.shape[axis] - 1 - backward, axis)


def unstack(x, /, *, axis=0):
    """A tuple of the parts along an axis."""
    if isinstance(x, FixedArray):
        return splitting.unstack(x, axis=axis)
    return tuple(np.moveaxis(x, axis, 0))


def clip(x, /, min=None, max=None):
    """Each element, but not below `min` nor above `max`."""
    return np.clip(x, min, max)


def broadcast_arrays(*arrays):
    """Views of the arrays in their common shape, a tuple."""
    return tuple(np.broadcast_arrays(*arrays))


def isin(x1, x2, /, *, invert=False):
    """Whether each element of `x1` is in `x2`, an array even of one."""
    return np.asarray(np.isin(x1, x2, invert=invert))


def meshgrid(*arrays, indexing="xy"):
    """Coordinate matrices from vectors of coordinates, a tuple."""
    return tuple(np.meshgrid(*arrays, indexing=indexing))


def _cumulative(numpys):
    """cumsum or cumprod with the standard's rules of axes and of the first element."""

    def function(x, /, *, axis=None, dtype=None, include_initial=False):
        _check_array(function.__name__, x)
        if axis is None:
            if x.ndim != 1:
                raise ValueError(f"{numpys.__name__}: give the axis of {x.ndim} axes")
            axis = 0
        found = numpys(x, axis=axis, dtype=dtype)
        return with_initial(found, numpys.__name__, axis) if include_initial else found

    function.__name__ = "cumulative_sum" if numpys is np.cumsum else "cumulative_prod"
    function.__doc__ = f"As `{numpys.__name__}`, from {0 if numpys is np.cumsum else 1} if asked."
    return function


def take_along_axis(x, indices, /, *, axis=-1):
    """One element for each index along `axis`."""
    return np.take_along_axis(x, indices, axis)


def matrix_transpose(x, /):
    """A view with the last two axes exchanged."""
    return np.swapaxes(x, -1, -2)


_ANY_NUMBER = words(
    """
    abs add all any argmax argmin bitwise_and bitwise_invert bitwise_left_shift bitwise_or
    bitwise_right_shift bitwise_xor broadcast_to ceil concat conj count_nonzero diff equal
    expand_dims flip floor floor_divide greater greater_equal imag isfinite isinf isnan less
    less_equal logical_and logical_not logical_or logical_xor matmul max maximum min minimum
    moveaxis multiply negative nonzero not_equal permute_dims positive pow prod real
    remainder repeat reshape roll round searchsorted sign square squeeze stack subtract sum
    take tensordot tile tril triu trunc unique_all unique_counts unique_inverse
    unique_values vecdot where
    """
)
_FLOATING = words(
    """
    acos acosh asin asinh atan atan2 atanh copysign cos cosh divide exp expm1 hypot log
    log10 log1p log2 logaddexp mean nextafter reciprocal signbit sin sinh sqrt std tan tanh
    var
    """
)

SHARED = {
    **{name: getattr(np, name) for name in _ANY_NUMBER},
    **{name: _floating(getattr(np, name)) for name in _FLOATING},
    "argsort": argsort,
    "broadcast_arrays": broadcast_arrays,
    "broadcast_shapes": np.broadcast_shapes,
    "clip": clip,
    "cumulative_prod": _cumulative(np.cumprod),
    "cumulative_sum": _cumulative(np.cumsum),
    "isin": isin,
    "matrix_transpose": matrix_transpose,
    "meshgrid": meshgrid,
    "sort": sort,
    "take_along_axis": take_along_axis,
    "unstack": unstack,
}

# Beside the standard's: NumPy's functions that take FixedArrays. Libraries that find a namespace
# ask it for `pad`, `einsum` or `lib.stride_tricks` as they ask NumPy.
_BEYOND = frozenset((*SAME_NAME, *OTHER_NAME, *OWN, *UFUNCS, *OWN_UFUNCS, "lib"))
