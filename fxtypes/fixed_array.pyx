"""FixedArray: an N-dimensional array of fixed-point numbers."""

import numbers
import operator
from fractions import Fraction

import numpy as np

cimport cython
cimport numpy as cnp

from fxtypes._kernels.kernels cimport Step, run, run_pair

from . import convert, inputs, matmul, operands, plan, printing, reductions, scalar, storage
from .errors import FormatError
from .format import Format

cnp.import_array()

cdef dict _OPERATORS = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "minimum": min,
    "maximum": max,
    "equal": operator.eq,
    "not_equal": operator.ne,
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
}
cdef cnp.ndarray _NOTHING = np.zeros(0, np.int8)
cdef object _NO_FORMAT = Format(8, 0)
cdef dict _NO_PLANS = plans_of(_NO_FORMAT)
cdef list _COMPARISON_NAMES = ["less", "less_equal", "equal", "not_equal", "greater", "greater_equal"]


cdef FixedArray wrap(cnp.ndarray raw, object fmt):
    """A FixedArray over storage of exactly the format's dtype."""
    cdef FixedArray a = FixedArray.__new__(FixedArray)
    a.storage = raw
    a.format = fmt
    a.plans = plans_of(fmt)
    return a


cdef dict plans_of(object fmt):
    plans = fmt._core
    if plans is None:
        plans = {}
        object.__setattr__(fmt, "_core", plans)
    return plans


@cython.final
cdef class FixedArray:
    """An N-dimensional array of binary fixed-point numbers, made by `fxtypes.array` and kin.

    It behaves like a NumPy array: it broadcasts, slices give views, and operators work
    elementwise. Every operation computes the exact mathematical result, rounds it once into
    the result's format and then handles overflow, by that format's modes. Operands of equal
    format give that format; a Python or NumPy operand never changes it.

    Attributes
    ----------
    format : Format
        What each element looks like.

    Examples
    --------
    >>> import fxtypes as fx
    >>> q = fx.Format(16, 8)
    >>> a = fx.array([0.5, -1.25, 3], q)
    >>> a + a
    FixedArray([ 1. , -2.5,  6. ], format=Format(16, 8))
    >>> a / 3
    FixedArray([ 0.16796875, -0.41796875,  1.        ], format=Format(16, 8))
    """

    def __cinit__(self):
        # What FixedArray.__new__ gives without `wrap`, as altered pickles may ask for.
        self.storage, self.format, self.plans = _NOTHING, _NO_FORMAT, _NO_PLANS

    def __init__(self, *args, **kwargs):
        raise TypeError("make FixedArrays by fx.array(values, format), "
                        "FixedArray.from_raw(integers, format) or fx.zeros(shape, format)")

    # -- construction --------------------------------------------------------------------

    @staticmethod
    def from_raw(integers, format):
        """An array of given raw integers: ``value = raw * 2**-format.frac_bits``.

        Parameters
        ----------
        integers : int, nested sequence or numpy.ndarray of integers
            Integers of any kind, Python's in an object array included.
        format : Format

        Raises
        ------
        FixedOverflowError
            If one is outside ``[format.raw_min, format.raw_max]``, in every mode.
        TypeError
            If one is not an integer.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.FixedArray.from_raw([1, -128], fx.Format(8, 4))
        FixedArray([ 0.0625, -8.    ], format=Format(8, 4))
        """
        return wrap(np.array(convert.from_raw(integers, check_format(format))), format)

    @staticmethod
    def _from_storage(raw, format):
        """Wrap storage (see storage.py) without a copy; for this package's own modules."""
        if not isinstance(raw, np.ndarray) or raw.dtype != storage.dtype(format):
            raise TypeError(f"storage of {format!r} is an array of {storage.dtype(format)}")
        return wrap(raw, format)

    @property
    def _storage(self):
        """The storage, writable; for this package's own modules."""
        return self.storage

    # -- properties ----------------------------------------------------------------------

    @property
    def dtype(self):
        """The same as `format`."""
        return self.format

    @property
    def shape(self):
        """The sizes of the axes, a tuple of ints."""
        return tuple([self.storage.shape[i] for i in range(self.storage.ndim)])

    @property
    def ndim(self):
        """The number of axes."""
        return self.storage.ndim

    @property
    def size(self):
        """The number of elements."""
        return self.storage.size

    @property
    def itemsize(self):
        """Bytes an element: 1, 2, 4, 8 or 16."""
        return self.storage.itemsize

    @property
    def nbytes(self):
        """Bytes of all elements."""
        return self.storage.nbytes

    @property
    def T(self):
        """A view with the axes reversed."""
        return wrap(self.storage.T, self.format)

    @property
    def raw(self):
        """The raw integers as a NumPy array: value times ``2**format.frac_bits``.

        Up to 64 bits a read-only view of dtype int8/16/32/64 (unsigned: uint); above, a new
        object array of Python ints.
        """
        if self.storage.itemsize == 16:
            return storage.to_integers(self.storage, self.format)
        return _read_only(self.storage)

    @property
    def words(self):
        """A read-only view of the storage: up to 64 bits the same as `raw`, above of shape
        ``(..., 2)`` and dtype uint64, low word first, extended to 128 bits."""
        return _read_only(storage.words(self.storage))

    # -- conversion ----------------------------------------------------------------------

    def to_bits(self):
        """The elements' bit patterns as unsigned integers, a NumPy array.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.array([-1, 0.5], fx.Format(8, 4)).to_bits()
        array([240,   8], dtype=uint8)
        """
        return convert.to_bits(self.storage, self.format)

    def to_numpy(self, dtype=np.float64):
        """The values as a NumPy array.

        Parameters
        ----------
        dtype : numpy dtype
            A float dtype: rounded once, ties to even. An integer dtype: truncated.

        Raises
        ------
        FixedOverflowError
            If a value is out of an integer dtype's range.
        TypeError
            For dtypes that hold no real numbers.
        """
        return convert.to_numpy(self.storage, self.format, dtype)

    def __array__(self, dtype=None, copy=None):
        if copy is False:
            raise ValueError("a FixedArray's values can't be had without a copy; use a.raw")
        return convert.to_numpy(self.storage, self.format, np.float64 if dtype is None else dtype)

    def tolist(self):
        """The values as nested lists of floats, each rounded once."""
        return self.to_numpy().tolist()

    def to_fractions(self):
        """The exact values, an object array of `fractions.Fraction`."""
        return convert.to_fractions(self.storage, self.format)

    def item(self):
        """The only element's exact value, a `fractions.Fraction`.

        Raises
        ------
        ValueError
            If the array has not exactly one element.
        """
        self._check_single("item()")
        return self.to_fractions().reshape(-1)[0]

    def _check_single(self, what):
        if self.storage.size != 1:
            raise ValueError(f"{what} needs exactly one element, the array has shape {self.shape}")

    def __bool__(self):
        self._check_single("the truth value of an array")
        return bool(self.item() != 0)

    def __int__(self):
        self._check_single("int()")
        return int(self.item())

    def __float__(self):
        self._check_single("float()")
        return float(self.to_numpy().reshape(-1)[0])

    def astype(self, format):
        """The values rounded once into another format, always a new array.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.array([1.75, -1.75], fx.Format(8, 2)).astype(fx.Format(8, 0, rounding="floor"))
        FixedArray([ 1, -2], format=Format(8, 0, rounding='floor'))
        """
        check_format(format)
        return wrap(convert.cast(self.storage, self.format, format), format)

    def copy(self):
        """A new array of the same elements, C-contiguous."""
        return wrap(self.storage.copy(), self.format)

    def __copy__(self):
        return self.copy()

    def __deepcopy__(self, memo):
        return self.copy()

    def __reduce__(self):
        words = np.asarray(storage.words(self.storage), order="C")
        return _restore, (words, self.shape, self.format)

    def __setstate__(self, state):
        raise ValueError("a pickled FixedArray is altered: it has no state of its own")

    def view_as(self, format):
        """A view of the same raw integers under another binary point or other modes.

        Raises
        ------
        FormatError
            If the format differs in width or signedness.
        """
        check_format(format)
        if (format.width, format.signed) != (self.format.width, self.format.signed):
            raise FormatError(f"view_as keeps width and signedness: {self.format!r} can't be seen "
                              f"as {format!r}; astype converts")
        return wrap(self.storage, format)

    # -- indexing and shape --------------------------------------------------------------

    def __len__(self):
        if self.storage.ndim == 0:
            raise TypeError("a 0-d array has no length")
        return self.storage.shape[0]

    def __iter__(self):
        if self.storage.ndim == 0:
            raise TypeError("a 0-d array can't be iterated over")
        return (self[i] for i in range(self.storage.shape[0]))

    def __getitem__(self, key):
        parts = key if isinstance(key, tuple) else (key,)
        if any([part is Ellipsis for part in parts]):
            return wrap(self.storage[parts], self.format)
        raw = self.storage[(*parts, Ellipsis)]  # keeps NumPy from unwrapping a single element
        return wrap(raw if raw.ndim else raw.copy(), self.format)

    def __setitem__(self, key, value):
        cdef cnp.ndarray raw
        if self.format.rounding == "stochastic":  # each element that is made draws for itself
            shape = self.storage[key].shape
            if isinstance(value, FixedArray):
                value = wrap(np.broadcast_to((<FixedArray>value).storage, shape), value.format)
            else:
                value = np.broadcast_to(inputs.read(value), shape)
        raw = into(value, self.format)
        self.storage[key] = raw

    def reshape(self, *shape):
        """The same elements in another shape, in C order; a view wherever NumPy's is one."""
        return wrap(self.storage.reshape(*shape), self.format)

    def ravel(self):
        """The elements in one axis, in C order; a view where possible."""
        return wrap(self.storage.ravel(), self.format)

    def flatten(self):
        """A new array of the elements in one axis, in C order."""
        return wrap(self.storage.flatten(), self.format)

    def transpose(self, *axes):
        """A view with the axes permuted, by default reversed."""
        return wrap(self.storage.transpose(*axes), self.format)

    def swapaxes(self, axis1, axis2):
        """A view with two axes exchanged."""
        return wrap(self.storage.swapaxes(axis1, axis2), self.format)

    def squeeze(self, axis=None):
        """A view without axes of length 1."""
        return wrap(self.storage.squeeze(axis), self.format)

    # -- reductions ----------------------------------------------------------------------

    def sum(self, axis=None, keepdims=False, format=None):
        """The exact sum over `axis` (all axes without it), rounded once into `format`.

        Without `format` the result has the array's own. The sum of nothing is 0.
        """
        return self._reduce("sum", axis, keepdims, format)

    def mean(self, axis=None, keepdims=False, format=None):
        """The exact mean over `axis`, rounded once into `format` (by default the array's own).

        Raises
        ------
        ValueError
            If it is of no elements.
        """
        return self._reduce("mean", axis, keepdims, format)

    def min(self, axis=None, keepdims=False, format=None):
        """The lowest element over `axis`; `ValueError` if there is none."""
        return self._reduce("min", axis, keepdims, format)

    def max(self, axis=None, keepdims=False, format=None):
        """The highest element over `axis`; `ValueError` if there is none."""
        return self._reduce("max", axis, keepdims, format)

    def argmax(self, axis=None, keepdims=False):
        """The position of the first highest element over `axis`, NumPy's int64."""
        return reductions.arg_extreme("argmax", self.storage, self.format, axis, keepdims)

    def argmin(self, axis=None, keepdims=False):
        """The position of the first lowest element over `axis`, NumPy's int64."""
        return reductions.arg_extreme("argmin", self.storage, self.format, axis, keepdims)

    def _reduce(self, name, axis, keepdims, format):
        target = self.format if format is None else check_format(format)
        return wrap(reductions.reduce(name, self.storage, self.format, axis, keepdims, target), target)

    def clip(self, min=None, max=None, format=None):
        """Each element, but not below `min` nor above `max` (either may be None)."""
        return clip(self, min, max, format)

    def dot(self, other):
        """The product with `other`; as `fxtypes.dot`."""
        return dot(self, other)

    # -- operators -----------------------------------------------------------------------

    def __add__(a, b):
        return _operator("add", a, b)

    def __radd__(a, b):
        return _operator("add", b, a)

    def __sub__(a, b):
        return _operator("subtract", a, b)

    def __rsub__(a, b):
        return _operator("subtract", b, a)

    def __mul__(a, b):
        return _operator("multiply", a, b)

    def __rmul__(a, b):
        return _operator("multiply", b, a)

    def __truediv__(a, b):
        return _operator("divide", a, b)

    def __rtruediv__(a, b):
        return _operator("divide", b, a)

    def __matmul__(a, b):
        return product(a, b) if _is_operand(a, b) else NotImplemented

    def __rmatmul__(a, b):
        return product(b, a) if _is_operand(a, b) else NotImplemented

    def __imatmul__(self, other):
        if not _is_operand(self, other):
            return NotImplemented
        return _assign(self, product(self, other, self.format))

    def __iadd__(self, other):
        return _in_place("add", self, other)

    def __isub__(self, other):
        return _in_place("subtract", self, other)

    def __imul__(self, other):
        return _in_place("multiply", self, other)

    def __itruediv__(self, other):
        return _in_place("divide", self, other)

    def __lshift__(self, count):
        return shift(self, count, None, False)

    def __rshift__(self, count):
        return shift(self, count, None, True)

    def __ilshift__(self, count):
        return _assign(self, shift(self, count, None, False))

    def __irshift__(self, count):
        return _assign(self, shift(self, count, None, True))

    def __neg__(self):
        return unary("negative", self, None)

    def __pos__(self):
        return self.copy()

    def __abs__(self):
        return unary("absolute", self, None)

    def __richcmp__(self, other, int op):
        cdef FixedArray a = self, b
        cdef str name = _COMPARISON_NAMES[op]
        cdef Step step
        if isinstance(other, FixedArray):
            b = <FixedArray>other
            if a.format is b.format:
                step = a.plans.get(name)
                if step is not None:
                    return _scalar(run_pair(step, a.storage, b.storage))
        return compare(name, self, other)

    __hash__ = None

    # -- the NumPy world -----------------------------------------------------------------

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return _ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(self, function, types, args, kwargs):
        return _function(function, types, args, kwargs)

    # -- text ----------------------------------------------------------------------------

    def __repr__(self):
        text = printing.array_text(self.storage, self.format, "FixedArray(")
        shape = f", shape={self.shape}" if self.size == 0 and self.shape != (0,) else ""
        return f"FixedArray({text}{shape}, format={self.format!r})"

    def __str__(self):
        return printing.formatted(self.storage, self.format, "")

    def __format__(self, spec):
        """The elements in decimal, as `spec` says: f, e, g and % as Python's floats, but rounded
        once from the exact value, ties to even; or as bit patterns: x, X and b.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([0.125, -3], fx.Format(12, 4))
        >>> f"{a:.2f}", f"{a[0]:.2f}"
        ('[ 0.12 -3.00]', '0.12')
        >>> f"{a:x}"
        '[002 fd0]'
        """
        return printing.formatted(self.storage, self.format, spec)

    def _repr_html_(self):
        """A table for Jupyter, large arrays summarised as `numpy.set_printoptions` says."""
        return printing.table(self.storage, self.format)


# -- below: what methods and public functions share ---------------------------------------

def check_format(format):
    """Return a Format as it is; anything else is a `TypeError` that says what to pass."""
    if not isinstance(format, Format):
        raise TypeError(f"expected a Format, got {format!r}; write fx.Format(width, frac_bits) "
                        "or fx.Format.parse(text)")
    return format


def array(obj, format):
    """An array of numbers, each rounded once from its exact value into `format`.

    Parameters
    ----------
    obj : number, nested sequence, numpy.ndarray or FixedArray
        Ints, floats (by their exact binary value), Fractions, Decimals, decimal strings, and
        sequences and arrays of these.
    format : Format

    Returns
    -------
    FixedArray
        Always a new array, of the shape of `obj`.

    Raises
    ------
    ValueError
        For NaN, text that is no number, or sequences of unequal lengths.
    FixedOverflowError
        If a value is out of range and the format's overflow is `raise`; for an infinity also
        if it is `wrap`.
    TypeError
        For anything that is no number.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.array([[0.1, "0.1"], [1, 1000]], fx.Format(16, 8))
    FixedArray([[  0.1015625 ,   0.1015625 ],
                [  1.        , 127.99609375]], format=Format(16, 8))
    """
    check_format(format)
    if isinstance(obj, FixedArray):
        return wrap(convert.cast((<FixedArray>obj).storage, obj.format, format, "convert"), format)
    return wrap(convert.read_into(obj, format), format)


cdef cnp.ndarray into(object value, object fmt):
    """What is assigned, rounded once into `fmt`, as storage."""
    if isinstance(value, FixedArray):
        if value.format is fmt:
            return (<FixedArray>value).storage
        return convert.cast((<FixedArray>value).storage, value.format, fmt)
    return convert.read_into(value, fmt)


cdef object _operator(str name, object a, object b):
    cdef FixedArray x, y
    cdef Step step
    if isinstance(a, FixedArray) and isinstance(b, FixedArray):
        x, y = <FixedArray>a, <FixedArray>b
        if x.format is y.format:
            step = x.plans.get(name)
            if step is not None:
                return wrap(run_pair(step, x.storage, y.storage), x.format)
    elif not _is_operand(a, b):
        return NotImplemented
    return binary(name, a, b, None)


cdef bint _is_operand(object a, object b):
    """Whether the one of the two that is no FixedArray is a number or an array of them."""
    other = b if isinstance(a, FixedArray) else a
    return isinstance(other, (FixedArray, numbers.Number, np.ndarray, np.generic, list, tuple)) or (
        isinstance(other, inputs.Decimal))


def binary(str name, a, b, format):
    """One of + - * / minimum maximum on any operands, one of them a FixedArray."""
    cdef Step step
    (x, x_format), (y, y_format), result = pair(name, a, b, format)
    if x_format is None or y_format is None:
        return _one_by_one(name, x, x_format, y, y_format, result)
    step = plan.elementwise(name, (x_format, y_format), result)
    if x_format is y_format and x_format is result:
        plans_of(result)[name] = step
    return wrap(run_pair(step, x, y), result)


def pair(str name, a, b, format):
    """Two operands as (raw, format) each, and the format of the result."""
    if format is not None:
        check_format(format)
    if isinstance(a, FixedArray) and isinstance(b, FixedArray):
        result = format or plan.common_format(a.format, b.format)
        return ((<FixedArray>a).storage, a.format), ((<FixedArray>b).storage, b.format), result
    if isinstance(a, FixedArray):
        return ((<FixedArray>a).storage, a.format), operands.operand(b, a.format), format or a.format
    if isinstance(b, FixedArray):
        return operands.operand(a, b.format), ((<FixedArray>b).storage, b.format), format or b.format
    raise TypeError(f"{name} needs a FixedArray among its operands, got {type(a).__name__} and "
                    f"{type(b).__name__}")


def _one_by_one(name, x, x_format, y, y_format, result):
    """Operands too large for any kernel: Python's own numbers, element by element."""
    x, y = (v if f is None else convert.to_fractions(v, f) for v, f in ((x, x_format), (y, y_format)))
    if name == "divide" and (y == 0).any():
        raise ZeroDivisionError("divide: division of a huge integer by 0")
    if name in ("minimum", "maximum"):
        exact = np.frompyfunc(_OPERATORS[name], 2, 1)(x, y)
    elif name == "divide":
        exact = np.frompyfunc(Fraction, 2, 1)(x, y)
    else:
        exact = _OPERATORS[name](x, y)
    return wrap(convert.from_numbers(np.asarray(exact, dtype=object), result, name), result)


def compare(str name, FixedArray a not None, other):
    """An exact comparison with anything: a boolean array, or NumPy's bool for one element."""
    cdef cnp.ndarray x = a.storage
    cdef Step step
    if isinstance(other, FixedArray):
        step = plan.comparison(name, a.format, other.format)
        if a.format is other.format:
            a.plans[name] = step
        return _scalar(run_pair(step, x, (<FixedArray>other).storage))
    if other is None or isinstance(other, (str, bytes)) or not _is_operand(a, other):
        if name in ("equal", "not_equal"):
            return _scalar(np.full(a.shape, name == "not_equal"))
        return NotImplemented
    if isinstance(other, (float, np.floating)) and np.isnan(other):
        return _scalar(np.full(a.shape, name == "not_equal"))
    unordered = None
    if isinstance(other, np.ndarray) and other.dtype.kind == "f":
        unordered = np.isnan(other)
        other = np.where(unordered, other.dtype.type(0), other) if unordered.any() else other
    values = inputs.read(other)
    if values.dtype.kind in "iu":
        step = plan.comparison(name, a.format, convert.integer_format(values.dtype))
        found = run(step, (x, values), None)
    elif values.dtype.kind == "f":
        found = run(plan.comparison(name, a.format, None), (x, values), None)
    else:
        found = _compare_objects(name, a, values)
    if unordered is not None and unordered.any():
        found = np.where(unordered, name == "not_equal", found)
    return _scalar(found)


def _compare_objects(name, FixedArray a, values):
    # To odd one bit below the array's last one: a value between two neighbours stays there.
    point = a.format.frac_bits + 1
    scaled = np.frompyfunc(lambda v: scalar.to_odd(v, point), 1, 1)(values)
    raw = storage.to_integers(a.storage, a.format).astype(object)
    return np.asarray(_OPERATORS[name](np.asarray(raw * 2, dtype=object), scaled), dtype=bool)


cdef object _scalar(cnp.ndarray found):
    return found if found.ndim else found[()]


cdef object _in_place(str name, FixedArray a, object b):
    if not _is_operand(a, b):
        return NotImplemented
    return _assign(a, binary(name, a, b, a.format))


cdef object _assign(FixedArray a, FixedArray result):
    if result.shape != a.shape:
        raise ValueError(f"an in-place operation can't change the shape {a.shape} to {result.shape}")
    a.storage[...] = result.storage
    return a


def unary(str name, FixedArray a not None, format):
    """negative, absolute or positive (a conversion) into `format` or the array's own."""
    result = a.format if format is None else check_format(format)
    cdef Step step = plan.elementwise(name, (a.format,), result)
    return wrap(run(step, (a.storage,), None), result)


def shift(FixedArray a not None, count, format, bint right):
    """a * 2**count (right: 2**-count), rounded and overflowed once."""
    result = a.format if format is None else check_format(format)
    counts = _counts(count)
    step, lowest, highest = plan.shift("right_shift" if right else "left_shift", a.format, result)
    if counts.dtype.kind == "u" and right:
        counts = np.minimum(counts, np.uint64(1 << 62)).astype(np.int64)
    counts = -counts if right else counts
    clamped = np.clip(counts, lowest, highest).astype(np.int64)
    return wrap(run(step, (a.storage, np.asarray(clamped - lowest)), None), result)


def _counts(count):
    """Shift counts as an integer array; huge ones are as good as large ones."""
    values = None if isinstance(count, (float, FixedArray, str)) else np.asarray(count)
    if values is None or values.dtype.kind not in "iuO":
        raise TypeError(f"a shift count is an integer or an array of integers, got {count!r}")
    if values.dtype.kind == "O":
        limit = 1 << 62
        return np.asarray(np.frompyfunc(
            lambda v: max(-limit, min(limit, operator.index(v))), 1, 1)(values)).astype(np.int64)
    if values.dtype.kind == "i":
        values = values.astype(np.int64)
        return np.maximum(values, -(1 << 62))
    return values.astype(np.uint64)


def clip(a, low, high, format):
    """min(max(a, low), high), rounded once into `format`."""
    if not isinstance(a, FixedArray):
        raise TypeError(f"clip needs a FixedArray, got {type(a).__name__}")
    fixed = a.format
    bounds = [b for b in (low, high) if b is not None]
    if not bounds:
        return unary("positive", a, format)
    result = format
    if result is None:
        result = fixed
        for bound in bounds:
            if isinstance(bound, FixedArray):
                result = plan.common_format(result, bound.format)
    check_format(result)
    parts = [((<FixedArray>a).storage, fixed)]
    for bound in bounds:
        if isinstance(bound, FixedArray):
            parts.append(((<FixedArray>bound).storage, bound.format))
        else:
            parts.append(operands.operand(bound, fixed))
    if None in [fmt for _, fmt in parts]:
        exact = [raw if fmt is None else convert.to_fractions(raw, fmt) for raw, fmt in parts]
        for bound, choose in zip(exact[1:], [max, min] if low is not None else [min]):
            exact[0] = np.frompyfunc(choose, 2, 1)(exact[0], bound)
        return wrap(convert.from_numbers(np.asarray(exact[0], dtype=object), result, "clip"), result)
    step = plan.clip(tuple(fmt for _, fmt in parts), low is not None, result)
    return wrap(run(step, tuple([raw for raw, _ in parts]), None), result)


def product(a, b, format=None, accumulator=None):
    """The matrix product of two operands, one of them a FixedArray; see `fxtypes.matmul`."""
    if accumulator is not None:
        check_format(accumulator)
    (x, x_format), (y, y_format), result = pair("matmul", a, b, format)
    if x_format is None or y_format is None:
        raise OverflowError("matmul: an operand's integers need more than 128 bits; use fx.array "
                            "with a format to scale them")
    return wrap(matmul.matmul(x, x_format, y, y_format, result, accumulator), result)


def dot(a, b, format=None, accumulator=None):
    """The dot product of two operands, as `numpy.dot`; see `fxtypes.dot`."""
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return binary("multiply", a, b, format)
    if np.ndim(b) <= 2:
        return product(a, b, format, accumulator)
    raise ValueError(f"dot: b has {np.ndim(b)} axes; use matmul for stacks of matrices")


def combine(coefficients, arrays, result):
    """The exact sum of coefficient * array, rounded once; coefficients (mantissa, exponent)."""
    cdef Step step = plan.linear_combination(coefficients, tuple(a.format for a in arrays), result)
    return wrap(run(step, tuple([(<FixedArray?>a).storage for a in arrays]), None), result)


cdef object _read_only(cnp.ndarray raw):
    view = raw.view()
    view.flags.writeable = False
    return view


def _restore(words, shape, format):
    """Rebuild a pickled array, checking what comes in: `ValueError` for what is altered."""
    if not isinstance(format, Format):
        raise ValueError(f"a pickled FixedArray has a Format, not {type(format).__name__}")
    try:
        raw = storage.from_words(words, format)
    except ValueError as error:
        raise ValueError(f"a pickled FixedArray is altered: {error}") from None
    if type(shape) is not tuple or raw.shape != shape:
        raise ValueError(f"a pickled FixedArray is altered: its shape is not {raw.shape}")
    return wrap(raw, format)


cdef object _ufunc = None
cdef object _function = None


def install_protocol(ufunc, function):
    """Set what NumPy's ufuncs and functions do with FixedArrays; protocol.py calls it once."""
    global _ufunc, _function
    _ufunc, _function = ufunc, function
