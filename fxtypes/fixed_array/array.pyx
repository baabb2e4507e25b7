# cython: freethreading_compatible=True
"""FixedArray: an N-dimensional array of fixed-point numbers."""

import operator
import sys
from fractions import Fraction

import numpy as np

cimport cython
cimport numpy as cnp
from cpython.object cimport PyObject, PyTypeObject
from cpython.ref cimport Py_DECREF, Py_INCREF
from cpython.tuple cimport PyTuple_SET_ITEM
from libc.math cimport isnan, ldexp

from fxtypes.format.overlap cimport assign, independent
from fxtypes.kernels.calls cimport Step, cache_array, run, run_pair
from fxtypes.kernels.products cimport (
    count_moves as _count_moves,
    extremes as _extremes,
    magnitude_bits as _magnitude_bits,
    one_thread,
    quick as quick_product,
)

from ..context.context import DEFAULT, current
from ..errors import FormatError
from ..format import Format, many_axes, read_numbers, storage
from ..format.derived import common_format
from ..kernels import look_up, plan
from ..operations import (
    assignment,
    bounds,
    comparison,
    convert,
    element_moves,
    exact_keys,
    read_operands,
    reductions,
    sort_order,
    truth,
)
from ..operations.operand import Operand

cdef extern from "Python.h":
    int PyContextVar_Get(object var, PyObject *default_value, PyObject **value) except -1
    object PyType_GenericAlloc(PyTypeObject *type, Py_ssize_t items)

cdef extern from "numpy/arrayobject.h":
    object PyArray_NewFromDescr(
        PyTypeObject *subtype, cnp.dtype descr, int nd, const cnp.npy_intp *dims,
        const cnp.npy_intp *strides, void *data, int flags, PyObject *obj)

cdef extern from *:
    """
    // Other threads may be looking: what is seen is whole.
    static PyObject *look(PyObject **at) { return __atomic_load_n(at, __ATOMIC_ACQUIRE); }
    static void show(PyObject **at, PyObject *v) { __atomic_store_n(at, v, __ATOMIC_RELEASE); }
    """
    PyObject *look(PyObject **at)
    void show(PyObject **at, PyObject *value)

cnp.import_array()

cdef object _current = current
cdef object _default = DEFAULT
cdef object _operand_type = Operand
cdef object _PAIRWISE = plan.PAIRWISE
cdef object _INTEGER = np.integer
cdef int _FEW = 1000  # floats that are looked through here, with the GIL
cdef int _KEEP = 1000  # plans of operations with numbers kept for a format
# The ufuncs whose commonest call needs no reading of keywords.
cdef dict _pairwise_ufuncs = {
    getattr(np, name): name for name in plan.PAIRWISE if hasattr(np, name)
}
cdef cnp.ndarray _NOTHING = np.zeros(0, np.int8)
cdef object _NO_FORMAT = Format(8, 0)
cdef _Plans _NO_PLANS = plans_of(_NO_FORMAT)
cdef frozenset _NUMBERS = frozenset((int, float, Fraction, np.float64))
# Whose quick loops take operands of one storage only.
cdef frozenset _OF_ONE_STORAGE = frozenset(("divide", "bitwise_and", "bitwise_or", "bitwise_xor"))
cdef list _COMPARISON_NAMES = [
    "less", "less_equal", "equal", "not_equal", "greater", "greater_equal",
]


cdef FixedArray wrap(cnp.ndarray raw, object fmt):
    """A FixedArray over storage of exactly the format's dtype."""
    cdef FixedArray a = FixedArray.__new__(FixedArray)
    a.storage = raw
    a.format = fmt
    a.plans = plans_of(fmt)
    return a


cdef FixedArray wrap_like(cnp.ndarray raw, FixedArray like):
    """`wrap` in the format of another array, without looking it up."""
    cdef FixedArray a = FixedArray.__new__(FixedArray)
    a.storage, a.format, a.plans = raw, like.format, like.plans
    return a


cdef class _Plans:
    """What operations on arrays of one format need, kept for the next of them."""

    def __cinit__(self):
        self.known = {}


cdef _Plans plans_of(object fmt):
    plans = fmt._core
    if plans is None:
        plans = _Plans()
        (<_Plans>plans).dtype = storage.dtype(fmt)
        object.__setattr__(fmt, "_core", plans)
    return plans


@cython.final
@cython.no_gc  # as NumPy's arrays: nothing that it holds leads back to it
@cython.freelist(64)
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

    def __dealloc__(self):
        cache_array(<PyObject *>self.storage)

    def __init__(self, *args, **kwargs):
        raise TypeError("make FixedArrays by fx.array(values, format), "
                        "FixedArray.from_raw(integers, format) or fx.zeros(shape, format)")

    # -- construction --------------------------------------------------------------------

    @staticmethod
    def from_raw(integers, format=None):
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
        return wrap(convert.from_raw(integers, check_format(format)), format)

    @staticmethod
    def _from_storage(raw, format):
        """Wrap storage (see storage.py) without a copy; for this package's own modules."""
        cdef _Plans plans = plans_of(format)
        if not isinstance(raw, np.ndarray) or (
                raw.dtype is not plans.dtype and raw.dtype != plans.dtype):
            raise TypeError(f"storage of {format!r} is an array of {plans.dtype}")
        return wrap(raw, format)

    @property
    def _storage(self):
        """The storage, writable; for this package's own modules."""
        return self.storage

    # -- properties ----------------------------------------------------------------------

    @property
    def dtype(self):
        """The same as `format`.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.zeros(2, fx.Format(8, 4)).dtype
        Format(8, 4)
        """
        return self.format

    @property
    def shape(self):
        """The sizes of the axes, a tuple of ints.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.zeros((2, 3), fx.Format(8, 4)).shape
        (2, 3)
        """
        return tuple([self.storage.shape[i] for i in range(self.storage.ndim)])

    @property
    def ndim(self):
        """The number of axes.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.zeros((2, 3), fx.Format(8, 4)).ndim
        2
        """
        return self.storage.ndim

    @property
    def size(self):
        """The number of elements.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.zeros((2, 3), fx.Format(8, 4)).size
        6
        """
        return self.storage.size

    @property
    def itemsize(self):
        """Bytes an element: 1, 2, 4, 8 or 16.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.zeros(3, fx.Format(12, 4)).itemsize, fx.zeros(3, fx.Format(100, 4)).itemsize
        (2, 16)
        """
        return self.storage.itemsize

    @property
    def nbytes(self):
        """Bytes of all elements.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.zeros(3, fx.Format(12, 4)).nbytes
        6
        """
        return self.storage.nbytes

    @property
    def T(self):
        """A view with the axes reversed.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.zeros((2, 3), fx.Format(8, 4)).T.shape
        (3, 2)
        """
        return wrap(self.storage.T, self.format)

    @property
    def real(self):
        """A view of all elements: they are real. Assigning to it sets them.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.array([1, 2], fx.Format(8, 4)).real
        FixedArray([1., 2.], format=Format(8, 4))
        """
        return wrap_like(self.storage, self)

    @real.setter
    def real(self, values):
        self[...] = values

    @property
    def imag(self):
        """Zeros of the array's shape and format, read-only.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.array([1, 2], fx.Format(8, 4)).imag
        FixedArray([0., 0.], format=Format(8, 4))
        """
        zeros = np.zeros(self.shape, self.storage.dtype)
        zeros.flags.writeable = False
        return wrap_like(zeros, self)

    @property
    def flat(self):
        """The elements in C order: to iterate over, to index and to assign to.

        As `numpy.ndarray.flat`: values that are assigned are repeated as often as needed, each
        rounded once. What an index gives is a copy.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([[1, 2], [3, 4]], fx.Format(8, 4))
        >>> a.flat[1], a.flat[1:3]
        (FixedArray(2., format=Format(8, 4)), FixedArray([2., 3.], format=Format(8, 4)))
        >>> a.flat[::3] = 0.5
        >>> a
        FixedArray([[0.5, 2. ],
                    [3. , 0.5]], format=Format(8, 4))
        """
        from .flat import Flat  # late, as few programs need it
        return Flat(self)

    @flat.setter
    def flat(self, values):
        self.flat[...] = values

    @property
    def flags(self):
        """How the elements lie in memory, and whether they can be set: `numpy.ndarray.flags`.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.zeros((2, 3), fx.Format(8, 4))
        >>> a.flags.c_contiguous, a.T.flags.c_contiguous
        (True, False)
        >>> a.flags.writeable = False
        """
        return self.storage.flags

    @property
    def strides(self):
        """Bytes from an element to the next along each axis, a tuple of ints.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.zeros((2, 3), fx.Format(12, 4)).strides
        (6, 2)
        """
        return tuple([self.storage.strides[i] for i in range(self.storage.ndim)])

    @property
    def base(self):
        """An array of the memory that a view shows; None if the array has its own.

        A new FixedArray at each call, in the view's format.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.zeros(3, fx.Format(8, 4))
        >>> a.base is None, a[1:].base
        (True, FixedArray([0., 0., 0.], format=Format(8, 4)))
        """
        base = (<object>self.storage).base
        if isinstance(base, np.ndarray) and base.dtype == self.storage.dtype:
            return wrap_like(base, self)
        return base

    @property
    def raw(self):
        """The raw integers as a NumPy array: value times ``2**format.frac_bits``.

        Up to 64 bits a read-only view of dtype int8/16/32/64 (unsigned: uint); above, a new
        object array of Python ints.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.array([0.5, -8], fx.Format(8, 4)).raw
        array([   8, -128], dtype=int8)
        >>> fx.array([0.5, -8], fx.Format(100, 4)).raw
        array([8, -128], dtype=object)
        """
        if self.storage.itemsize == 16:
            return storage.to_integers(self.storage, self.format)
        return _read_only(self)

    @property
    def words(self):
        """A read-only view of the storage: up to 64 bits the same as `raw`, above of shape
        ``(..., 2)`` and dtype uint64, low word first, extended to 128 bits.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.array([0.5, -8], fx.Format(8, 4)).words
        array([   8, -128], dtype=int8)
        >>> fx.array([0.5, -1], fx.Format(100, 4)).words
        array([[                   8,                    0],
               [18446744073709551600, 18446744073709551615]], dtype=uint64)
        """
        return storage.words(_read_only(self))

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

    def tobytes(self, order="C"):
        """The bytes of the storage, in C order or, with ``order="F"``, in Fortran's.

        Those of `words`: little-endian integers of 1, 2, 4, 8 or 16 bytes, sign- or zero-extended.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.array([0.5, -8], fx.Format(12, 4)).tobytes().hex()
        '080080ff'
        """
        return self.storage.tobytes(order)

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

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([1.5, -2.75], fx.Format(8, 4))
        >>> a.to_numpy(), a.to_numpy(int)
        (array([ 1.5 , -2.75]), array([ 1, -2]))
        """
        return convert.to_numpy(self.storage, self.format, dtype)

    def __array__(self, dtype=None, copy=None):
        if copy is False:
            raise ValueError("a FixedArray's values can't be had without a copy; use a.raw")
        return convert.to_numpy(self.storage, self.format, np.float64 if dtype is None else dtype)

    def tolist(self):
        """The values as nested lists of floats, each rounded once.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.array([[1.5], [2]], fx.Format(8, 4)).tolist()
        [[1.5], [2.0]]
        """
        values = self.to_numpy()
        storage.reserve(values.size, 40, "floats")
        return values.tolist()

    def to_fractions(self):
        """The exact values, an object array of `fractions.Fraction`.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.array([1.5, -0.0625], fx.Format(8, 4)).to_fractions()
        array([Fraction(3, 2), Fraction(-1, 16)], dtype=object)
        """
        return convert.to_fractions(self.storage, self.format)

    def item(self, *index):
        """An element's exact value, a `fractions.Fraction`.

        Parameters
        ----------
        *index : int or tuple of int, optional
            Its index in C order, or one an axis; without it the only element.

        Raises
        ------
        ValueError
            If the array has not exactly one element, and none is chosen.
        IndexError
            If it has no such element.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.array([1.5], fx.Format(8, 4)).item()
        Fraction(3, 2)
        >>> fx.array([[1, 2], [3, 4]], fx.Format(8, 4)).item(1, 0)
        Fraction(3, 1)
        """
        if index:
            return wrap(np.array(self.storage.item(*index), self.storage.dtype), self.format).item()
        number = _single(self, "item()")
        places = self.format.frac_bits
        return Fraction(number, 1 << places) if places > 0 else Fraction(number << -places)

    def __bool__(self):
        return _single(self, "the truth value of an array") != 0

    def __int__(self):
        number = _single(self, "int()")
        return -_floor(-number, self.format) if number < 0 else _floor(number, self.format)

    def __float__(self):
        # Python rounds the integer, ties to even; no result is subnormal.
        return ldexp(<double>_single(self, "float()"), -self.format.frac_bits)

    def __trunc__(self):
        number = _single(self, "math.trunc()")
        return -_floor(-number, self.format) if number < 0 else _floor(number, self.format)

    def __floor__(self):
        return _floor(_single(self, "math.floor()"), self.format)

    def __ceil__(self):
        return -_floor(-_single(self, "math.ceil()"), self.format)

    def __round__(self, ndigits=None):
        if ndigits is not None:
            return self.round(ndigits)
        number = _single(self, "round()")
        places = self.format.frac_bits
        if places <= 0:
            return number << -places
        whole = number >> places
        twice = (number - (whole << places)) * 2
        return whole + (twice + (whole & 1) > 1 << places)

    def __contains__(self, value):
        return bool(np.any(self == value))

    def as_integer_ratio(self):
        """The only element as a pair of integers, in lowest terms: its exact value.

        `fractions.Fraction` takes it by itself from Python 3.14 on; `item` gives one, too.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.array(-0.75, fx.Format(8, 4)).as_integer_ratio()
        (-3, 4)
        """
        number = _single(self, "as_integer_ratio()")
        places = self.format.frac_bits
        if places <= 0:
            return number << -places, 1
        common = min((number & -number).bit_length() - 1, places) if number else places
        return number >> common, 1 << places - common

    def __complex__(self):
        return complex(float(self))

    def astype(self, format=None):
        """The values rounded once into another format, always a new array.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.array([1.75, -1.75], fx.Format(8, 2)).astype(fx.Format(8, 0, rounding="floor"))
        FixedArray([ 1, -2], format=Format(8, 0, rounding='floor'))
        """
        check_format(format)
        return wrap(convert.cast(self.storage, self.format, format), format)

    def copy(self, order="C"):
        """A new array of the same elements; `order` is that of the memory, as in NumPy.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([3, -1, 0.5], fx.Format(8, 4))
        >>> b = a.copy()
        >>> b[0] = 7
        >>> a
        FixedArray([ 3. , -1. ,  0.5], format=Format(8, 4))
        """
        return wrap(self.storage.copy(order), self.format)

    def __copy__(self):
        return self.copy()

    def __deepcopy__(self, memo):
        return self.copy()

    def __reduce__(self):
        a = self if self.storage.ndim < 64 else self.reshape(-1)  # words have an axis of their own
        return _restore, (np.asarray(a.words, order="C"), self.shape, self.format)

    def __setstate__(self, state):
        raise ValueError("a pickled FixedArray is altered: it has no state of its own")

    def view_as(self, format=None):
        """A view of the same raw integers under another binary point or other modes.

        Raises
        ------
        FormatError
            If the format differs in width or signedness.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([3, -1, 0.5], fx.Format(8, 4))
        >>> a.view_as(fx.Format(8, 3))
        FixedArray([ 6., -2.,  1.], format=Format(8, 3))
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
        if cnp.PyArray_CheckExact(key) and (<cnp.ndarray>key).ndim:
            raw = look_up.by_codes(self.storage, key)
            return wrap_like(self.storage[key] if raw is None else raw, self)
        parts = key if isinstance(key, tuple) else (key,)
        if any([part is Ellipsis for part in parts]):
            return wrap_like(self.storage[parts], self)
        raw = self.storage[(*parts, Ellipsis)]  # keeps NumPy from unwrapping a single element
        return wrap_like(raw if raw.ndim else raw.copy(), self)

    def __setitem__(self, key, value):
        cdef bint own = isinstance(value, FixedArray)
        found = None if own else _number_in_format(self, value)
        if found is not None:
            assign(self.storage, key, found)
            return
        cdef cnp.ndarray raw = (<FixedArray>value).storage if own else _read(value)
        if raw.ndim and _is_single_element(key, self.storage.ndim):
            self.storage[key]  # an IndexError, where there is no such element
            raise ValueError("setting an array element with a sequence.")
        # Each element that is made draws, and counts, for itself.
        if self.format.rounding == "stochastic" or _context().recorder is not None:
            raw = many_axes.broadcast_assigned(raw, self.storage[key].shape)
        if not own:
            raw = convert.from_numbers(raw, self.format)
        elif value.format is not self.format:
            raw = convert.cast(raw, value.format, self.format)
        assign(self.storage, key, raw)

    def __delitem__(self, key):
        raise ValueError("an array's elements can't be deleted; fx.delete(a, index) makes one "
                         "without them")

    def reshape(self, *shape, order="C", copy=None):
        """The same elements in another shape; a view wherever NumPy's is one.

        `order` and `copy` as for `fxtypes.reshape`.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.array([1, 2, 3, 4], fx.Format(8, 4)).reshape(2, 2)
        FixedArray([[1., 2.],
                    [3., 4.]], format=Format(8, 4))
        """
        wanted = shape[0] if len(shape) == 1 else shape
        return wrap(element_moves.reshape(self.storage, wanted, order, copy), self.format)

    def ravel(self, order="C"):
        """The elements in one axis; a view where possible.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([[1, 2.5], [-3, 0]], fx.Format(8, 4))
        >>> a.ravel()
        FixedArray([ 1. ,  2.5, -3. ,  0. ], format=Format(8, 4))
        """
        return wrap(self.storage.ravel(order), self.format)

    def flatten(self, order="C"):
        """A new array of the elements in one axis.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([[1, 2.5], [-3, 0]], fx.Format(8, 4))
        >>> a.flatten()
        FixedArray([ 1. ,  2.5, -3. ,  0. ], format=Format(8, 4))
        """
        return wrap(self.storage.flatten(order), self.format)

    def transpose(self, *axes):
        """A view with the axes permuted, by default reversed.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.zeros((2, 3, 4), fx.Format(8, 4)).transpose(1, 2, 0).shape
        (3, 4, 2)
        """
        return wrap(self.storage.transpose(*axes), self.format)

    def swapaxes(self, axis1, axis2):
        """A view with two axes exchanged.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.zeros((2, 3, 4), fx.Format(8, 4)).swapaxes(0, 2).shape
        (4, 3, 2)
        """
        return wrap(self.storage.swapaxes(axis1, axis2), self.format)

    def squeeze(self, axis=None):
        """A view without axes of length 1.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.zeros((1, 3, 1), fx.Format(8, 4)).squeeze().shape
        (3,)
        """
        return wrap(self.storage.squeeze(axis), self.format)

    # -- moving and ordering elements -----------------------------------

    @property
    def mT(self):
        """A view with the last two axes exchanged.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.zeros((2, 3, 4), fx.Format(8, 4)).mT.shape
        (2, 4, 3)
        """
        return wrap(element_moves.matrix_transpose(self.storage), self.format)

    @property
    def device(self):
        """Where the elements lie: always ``"cpu"``.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.zeros(2, fx.Format(8, 4)).device
        'cpu'
        """
        return "cpu"

    def to_device(self, device, *, stream=None):
        """The array itself; `device` must be ``"cpu"``.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([3, -1, 0.5], fx.Format(8, 4))
        >>> a.to_device("cpu") is a
        True
        """
        if device != "cpu" or stream is not None:
            raise ValueError(f"a FixedArray lies on device 'cpu', not {device!r}")
        return self

    def fill(self, value):
        """Set all elements to `value`, rounded once into the format.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([3, -1, 0.5], fx.Format(8, 4))
        >>> a.fill(0.3)
        >>> a
        FixedArray([0.3125, 0.3125, 0.3125], format=Format(8, 4))
        """
        if type(value) is not int and type(value) is not float and np.ndim(value):
            raise ValueError(f"fill takes one number, got {read_numbers.shorten(value)}")
        self[...] = value

    def sort(self, axis=-1, kind=None, *, stable=None):
        """Sort in place; as `fxtypes.sort`.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([3, -1, 0.5], fx.Format(8, 4))
        >>> a.sort()
        >>> a
        FixedArray([-1. ,  0.5,  3. ], format=Format(8, 4))
        """
        raw, axis = sort_order.along_axis(self.storage, operator.index(axis))
        steady = sort_order.is_stable("sort", kind, stable)
        sort_order.sort_in_place(raw, self.format, axis, steady)

    def argsort(self, axis=-1, kind=None, *, stable=None):
        """The indices that sort the array; as `fxtypes.argsort`.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([3, -1, 0.5], fx.Format(8, 4))
        >>> a.argsort()
        array([1, 2, 0])
        """
        raw, axis = sort_order.along_axis(self.storage, axis, indices=True)
        steady = sort_order.is_stable("argsort", kind, stable)
        return sort_order.argsort(raw, self.format, axis, steady)

    def partition(self, kth, axis=-1):
        """Partition in place; as `fxtypes.partition`.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([3, -1, 0.5], fx.Format(8, 4))
        >>> a.partition(1)
        >>> a[1]
        FixedArray(0.5, format=Format(8, 4))
        """
        raw, axis = sort_order.along_axis(self.storage, operator.index(axis))
        self.storage[...] = sort_order.partition(raw, self.format, kth, axis)

    def argpartition(self, kth, axis=-1):
        """The indices that partition the array; as `fxtypes.argpartition`.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([3, -1, 0.5], fx.Format(8, 4))
        >>> a[a.argpartition(0)[:1]]
        FixedArray([-1.], format=Format(8, 4))
        """
        raw, axis = sort_order.along_axis(self.storage, axis, indices=True)
        return sort_order.argpartition(raw, self.format, kth, axis)

    def searchsorted(self, v, side="left", sorter=None):
        """Where elements of `v` would go in the sorted array; as `fxtypes.searchsorted`.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.array([1, 2, 3], fx.Format(8, 4)).searchsorted([0.99, 2.01])
        array([0, 2])
        """
        given = _operand_of(v)
        if given[1] is self.format:
            return sort_order.searchsorted(self.storage, given[0], self.format, side, sorter)
        x, y = exact_keys.exact_keys([_operand_of(self), given])
        return np.searchsorted(x, y, side=side, sorter=sorter)

    def nonzero(self):
        """The places of the elements that are not 0; as `fxtypes.nonzero`.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.array([0, 1, 0, -1], fx.Format(8, 4)).nonzero()
        (array([1, 3]),)
        """
        return np.nonzero(storage.truth(self.storage))

    def take(self, indices, axis=None, mode="raise"):
        """The elements at `indices`; as `fxtypes.take`.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([3, -1, 0.5], fx.Format(8, 4))
        >>> a.take([2, 0])
        FixedArray([0.5, 3. ], format=Format(8, 4))
        """
        return wrap(np.asarray(element_moves.take(self.storage, indices, axis, mode)), self.format)

    def put(self, indices, values, mode="raise"):
        """Set the elements at `indices`; as `fxtypes.put`.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([3, -1, 0.5], fx.Format(8, 4))
        >>> a.put([0, -1], 7)
        >>> a
        FixedArray([ 7., -1.,  7.], format=Format(8, 4))
        """
        assignment.put(self.storage, self.format, indices, _operand_of(values), mode)

    def repeat(self, repeats, axis=None):
        """Each element `repeats` times; as `fxtypes.repeat`.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([3, -1, 0.5], fx.Format(8, 4))
        >>> a.repeat(2)
        FixedArray([ 3. ,  3. , -1. , -1. ,  0.5,  0.5], format=Format(8, 4))
        """
        if isinstance(repeats, FixedArray):
            raise TypeError("repeat: counts are integers, not a FixedArray")
        return wrap(element_moves.repeat(self.storage, repeats, axis), self.format)

    def compress(self, condition, axis=None):
        """The parts whose condition is true; as `fxtypes.compress`.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([3, -1, 0.5], fx.Format(8, 4))
        >>> a.compress([True, False, True])
        FixedArray([3. , 0.5], format=Format(8, 4))
        """
        if isinstance(condition, FixedArray):
            condition = storage.truth((<FixedArray>condition).storage)
        return wrap(np.compress(condition, self.storage, axis), self.format)

    def diagonal(self, offset=0, axis1=0, axis2=1):
        """A read-only view of the diagonals; as `fxtypes.diagonal`.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([[1, 2.5], [-3, 0]], fx.Format(8, 4))
        >>> a.diagonal()
        FixedArray([1., 0.], format=Format(8, 4))
        """
        found = element_moves.call_numpy(self.storage.diagonal, offset, axis1, axis2)
        return wrap_like(found, self)

    # -- reductions ----------------------------------------------------------------------

    def sum(self, axis=None, format=None, out=None, keepdims=False, initial=None, where=True):
        """The exact sum over `axis` (all axes without it); as `fxtypes.sum`.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([[1, 2.5], [-3, 0]], fx.Format(8, 4))
        >>> a.sum(), a.sum(axis=0)
        (FixedArray(0.5, format=Format(8, 4)), FixedArray([-2. ,  2.5], format=Format(8, 4)))
        """
        return reduce("sum", self, axis, keepdims, format, out, initial, where)

    def mean(self, axis=None, format=None, out=None, keepdims=False, *, where=True):
        """The exact mean over `axis`, rounded once; as `fxtypes.mean`.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([[1, 2.5], [-3, 0]], fx.Format(8, 4))
        >>> a.mean(), a.mean(axis=0)
        (FixedArray(0.125, format=Format(8, 4)), FixedArray([-1.  ,  1.25], format=Format(8, 4)))
        """
        return reduce("mean", self, axis, keepdims, format, out, None, where)

    def prod(self, axis=None, format=None, out=None, keepdims=False, initial=None, where=True):
        """The product over `axis`, rounded at each step; as `fxtypes.prod`.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([3, -1, 0.5], fx.Format(8, 4))
        >>> a.prod()
        FixedArray(-1.5, format=Format(8, 4))
        """
        return reduce("prod", self, axis, keepdims, format, out, initial, where)

    def min(self, axis=None, out=None, keepdims=False, initial=None, where=True, *, format=None):
        """The lowest element over `axis`; as `fxtypes.min`.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([[1, 2.5], [-3, 0]], fx.Format(8, 4))
        >>> a.min(axis=0)
        FixedArray([-3.,  0.], format=Format(8, 4))
        """
        return reduce("min", self, axis, keepdims, format, out, initial, where)

    def max(self, axis=None, out=None, keepdims=False, initial=None, where=True, *, format=None):
        """The highest element over `axis`; as `fxtypes.max`.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([[1, 2.5], [-3, 0]], fx.Format(8, 4))
        >>> a.max(axis=1, keepdims=True)
        FixedArray([[2.5],
                    [0. ]], format=Format(8, 4))
        """
        return reduce("max", self, axis, keepdims, format, out, initial, where)

    def ptp(self, axis=None, out=None, keepdims=False, *, format=None):
        """The highest less the lowest element over `axis`; as `fxtypes.ptp`.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([3, -1, 0.5], fx.Format(8, 4))
        >>> a.ptp()
        FixedArray(4., format=Format(8, 4))
        """
        return reduce("ptp", self, axis, keepdims, format, out)

    def var(self, axis=None, format=None, out=None, ddof=0, keepdims=False, *, where=True):
        """The exact variance over `axis`, rounded once; as `fxtypes.var`.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([3, -1, 0.5], fx.Format(8, 4))
        >>> a.var(format=fx.Format(16, 8))
        FixedArray(2.72265625, format=Format(16, 8))
        """
        return reduce("var", self, axis, keepdims, format, out, None, where, ddof=ddof)

    def std(self, axis=None, format=None, out=None, ddof=0, keepdims=False, *, where=True):
        """The root of the exact variance over `axis`, rounded once; as `fxtypes.std`.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([3, -1, 0.5], fx.Format(8, 4))
        >>> a.std(format=fx.Format(16, 8))
        FixedArray(1.6484375, format=Format(16, 8))
        """
        return reduce("std", self, axis, keepdims, format, out, None, where, ddof=ddof)

    def cumsum(self, axis=None, format=None, out=None):
        """The exact sums of the elements so far along `axis`; as `fxtypes.cumsum`.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([3, -1, 0.5], fx.Format(8, 4))
        >>> a.cumsum()
        FixedArray([3. , 2. , 2.5], format=Format(8, 4))
        """
        return reduce("cumsum", self, axis, False, format, out)

    def cumprod(self, axis=None, format=None, out=None):
        """The products so far along `axis`, rounded at each step; as `fxtypes.cumprod`.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([3, -1, 0.5], fx.Format(8, 4))
        >>> a.cumprod()
        FixedArray([ 3. , -3. , -1.5], format=Format(8, 4))
        """
        return reduce("cumprod", self, axis, False, format, out)

    def argmax(self, axis=None, out=None, *, keepdims=False):
        """The position of the first highest element over `axis`, NumPy's int64.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([[1, 2.5], [-3, 0]], fx.Format(8, 4))
        >>> a.argmax(), a.argmax(axis=0)
        (np.int64(1), array([0, 0]))
        """
        return truth.arg_extreme("argmax", self.storage, self.format, axis, keepdims, out=out)

    def argmin(self, axis=None, out=None, *, keepdims=False):
        """The position of the first lowest element over `axis`, NumPy's int64.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([[1, 2.5], [-3, 0]], fx.Format(8, 4))
        >>> a.argmin(), a.argmin(axis=0)
        (np.int64(2), array([1, 1]))
        """
        return truth.arg_extreme("argmin", self.storage, self.format, axis, keepdims, out=out)

    def any(self, axis=None, out=None, keepdims=False, *, where=True):
        """Whether an element over `axis` is not 0: NumPy booleans.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([[1, 2.5], [-3, 0]], fx.Format(8, 4))
        >>> a.any(axis=1)
        array([ True,  True])
        """
        return truth.truth("any", self.storage, axis, keepdims, out=out, where=where)

    def all(self, axis=None, out=None, keepdims=False, *, where=True):
        """Whether no element over `axis` is 0: NumPy booleans.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([[1, 2.5], [-3, 0]], fx.Format(8, 4))
        >>> a.all(axis=1)
        array([ True, False])
        """
        return truth.truth("all", self.storage, axis, keepdims, out=out, where=where)

    def round(self, decimals=0, format=None, out=None):
        """The nearest multiples of 10**-decimals; as `fxtypes.round`.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([3, -1, 0.5], fx.Format(8, 4))
        >>> a.round()
        FixedArray([ 3., -1.,  0.], format=Format(8, 4))
        """
        return apply("round", (self,), format, out, True, {"decimals": operator.index(decimals)})

    def clip(self, min=None, max=None, format=None, out=None):
        """Each element, but not below `min` nor above `max` (either may be None).

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([3, -1, 0.5], fx.Format(8, 4))
        >>> a.clip(0, 1.5)
        FixedArray([1.5, 0. , 0.5], format=Format(8, 4))
        """
        return clip(self, min, max, format, out)

    def dot(self, other, out=None):
        """The product with `other`; as `fxtypes.dot`.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([3, -1, 0.5], fx.Format(8, 4))
        >>> a.dot([0, 1, 2])
        FixedArray(0., format=Format(8, 4))
        """
        found = None if out is not None else _quick_product(self, other)
        if found is not None:
            return found
        return _apply("dot", (self, other), None, out, True, {"accumulator": None})

    def trace(self, offset=0, axis1=0, axis2=1, format=None, out=None):
        """The sum of a diagonal; as `fxtypes.trace`.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.array([[1, 2.5], [-3, 0.5]], fx.Format(8, 4)).trace()
        FixedArray(1.5, format=Format(8, 4))
        """
        options = {"offset": offset, "axis1": axis1, "axis2": axis2}
        return _apply("trace", (self,), format, out, True, options)

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

    def __floordiv__(a, b):
        return _operator("floor_divide", a, b)

    def __rfloordiv__(a, b):
        return _operator("floor_divide", b, a)

    def __mod__(a, b):
        return _operator("remainder", a, b)

    def __rmod__(a, b):
        return _operator("remainder", b, a)

    def __divmod__(a, b):
        return _operator("divmod", a, b)

    def __rdivmod__(a, b):
        return _operator("divmod", b, a)

    def __pow__(a, b, modulus):
        if modulus is None and type(b) is int and b == 2 and _is_usual(_context()):
            return _quick("multiply", a, a)
        return NotImplemented if modulus is not None else _operator("power", a, b)

    def __rpow__(a, b, modulus):
        return NotImplemented if modulus is not None else _operator("power", b, a)

    def __and__(a, b):
        return _operator("bitwise_and", a, b)

    def __rand__(a, b):
        return _operator("bitwise_and", b, a)

    def __or__(a, b):
        return _operator("bitwise_or", a, b)

    def __ror__(a, b):
        return _operator("bitwise_or", b, a)

    def __xor__(a, b):
        return _operator("bitwise_xor", a, b)

    def __rxor__(a, b):
        return _operator("bitwise_xor", b, a)

    def __matmul__(a, b):
        found = _quick_product(a, b)
        return _operator("matmul", a, b) if found is None else found

    def __rmatmul__(a, b):
        return _operator("matmul", b, a)

    def __lshift__(a, count):
        return shifted("left_shift", a, count, None, None, True)

    def __rlshift__(a, b):
        return shifted("left_shift", b, a, None, None, True)

    def __rshift__(a, count):
        return shifted("right_shift", a, count, None, None, True)

    def __rrshift__(a, b):
        return shifted("right_shift", b, a, None, None, True)

    def __iadd__(self, other):
        return _in_place("add", self, other)

    def __isub__(self, other):
        return _in_place("subtract", self, other)

    def __imul__(self, other):
        return _in_place("multiply", self, other)

    def __itruediv__(self, other):
        return _in_place("divide", self, other)

    def __ifloordiv__(self, other):
        return _in_place("floor_divide", self, other)

    def __imod__(self, other):
        return _in_place("remainder", self, other)

    def __iand__(self, other):
        return _in_place("bitwise_and", self, other)

    def __ior__(self, other):
        return _in_place("bitwise_or", self, other)

    def __ixor__(self, other):
        return _in_place("bitwise_xor", self, other)

    def __imatmul__(self, other):
        return _in_place("matmul", self, other)

    def __ilshift__(self, count):
        return shifted("left_shift", self, count, None, self, True)

    def __irshift__(self, count):
        return shifted("right_shift", self, count, None, self, True)

    def __ipow__(self, exponent):
        return _in_place("power", self, exponent)

    def __neg__(self):
        return _unary("negative", self)

    def __pos__(self):
        return _unary("positive", self)

    def __abs__(self):
        return _unary("absolute", self)

    def __invert__(self):
        cdef FixedArray x = self
        if not _is_usual(_context()):
            return _apply("invert", (self,), None, None, True, {})
        ones = x.plans.known.get("ones")
        if ones is None:
            number = -1 if x.format.signed else x.format.raw_max
            ones = storage.from_integers(np.array(number, object), x.format)
            ones = x.plans.known.setdefault("ones", ones)
        return wrap_like(run(_plan_of(x, "bitwise_xor", 2), (x.storage, ones), None), x)

    def __richcmp__(self, other, int op):
        return _compare(_COMPARISON_NAMES[op], self, other, None, True)

    __hash__ = None

    # -- the NumPy world -----------------------------------------------------------------

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        if len(inputs) == 2 and not kwargs and method == "__call__":
            name = _pairwise_ufuncs.get(ufunc)
            if name is not None:
                a, b = inputs
                found = _quick(name, a, b)
                if found is not None:
                    return found
        if _ufunc is None:
            _load_protocols()
        return _ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(self, function, types, args, kwargs):
        if _function is None:
            _load_protocols()
        return _function(function, types, args, kwargs)

    def __array_namespace__(self, *, api_version=None):
        """The Array API namespace of this array's format."""
        return _namespace(self.format, api_version)

    # -- text ----------------------------------------------------------------------------

    def __repr__(self):
        from ..format import text  # late here and below, as few programs print
        shown = text.array_text(self.storage, self.format, "FixedArray(")
        shape = f", shape={self.shape}" if self.size == 0 and self.shape != (0,) else ""
        return f"FixedArray({shown}{shape}, format={self.format!r})"

    def __str__(self):
        from ..format import text
        return text.formatted(self.storage, self.format, "")

    def __format__(self, spec):
        """The elements in decimal, as `spec` says: f, e, g, n, % and a precision alone as Python's
        floats, but rounded once from the exact value, ties to even; or as bit patterns: x, X and b.

        Examples
        --------
        >>> import fxtypes as fx
        >>> a = fx.array([0.125, -3], fx.Format(12, 4))
        >>> f"{a:.2f}", f"{a[0]:.2f}"
        ('[ 0.12 -3.00]', '0.12')
        >>> f"{a:x}"
        '[002 fd0]'
        """
        from ..format import text
        return text.formatted(self.storage, self.format, spec)

    def _repr_html_(self):
        """A table for Jupyter, large arrays summarised as `numpy.set_printoptions` says."""
        from ..format import text
        return text.table(self.storage, self.format)


# -- below: what methods and public functions share ---------------------------------------

def check_format(format):
    """Return a Format as it is; anything else is a `TypeError` that says what to pass."""
    if format is None:
        raise TypeError("expected a Format, got None; pass format=fx.Format(width, frac_bits), "
                        "or fx.Format.parse(text)")
    if not isinstance(format, Format):
        is_dtype = isinstance(format, type | np.dtype)
        way = "; a.to_numpy(dtype) makes a NumPy array" if is_dtype else ""
        raise TypeError(f"expected a Format, got {format!r}; write fx.Format(width, frac_bits) "
                        f"or fx.Format.parse(text){way}")
    return format


def array(obj, format=None):
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
    return wrap(convert.from_numbers(_read(obj), format), format)


cdef cnp.ndarray _read(object value):
    """`read_numbers.read`, which takes longer to look at a few floats than they to be rounded."""
    return value if _are_few_floats(value) else read_numbers.read(value)


cdef bint _are_few_floats(object value):
    """Whether it is an array of few float64, none of them NaN, that kernels take as it is."""
    if not cnp.PyArray_CheckExact(value):
        return False
    cdef cnp.ndarray x = value
    cdef cnp.npy_intp size = cnp.PyArray_SIZE(x), i
    if cnp.PyArray_TYPE(x) != cnp.NPY_DOUBLE or not cnp.PyArray_ISCARRAY_RO(x) or size > _FEW:
        return False
    cdef const double *numbers = <const double *>cnp.PyArray_DATA(x)
    for i in range(size):
        if isnan(numbers[i]):
            return False
    return True


cdef bint _is_single_element(object key, int ndim):
    """Whether an index chooses a single element."""
    parts = key if isinstance(key, tuple) else (key,)
    if len(parts) != ndim:
        return False
    for part in parts:
        if isinstance(part, cnp.ndarray):
            if part.ndim or part.dtype.kind not in "iu":
                return False
        elif isinstance(part, bool) or not isinstance(part, (int, _INTEGER)):
            return False
    return True


cdef object _single(FixedArray a, str what):
    """The raw integer of an array's only element."""
    cdef cnp.ndarray raw = a.storage
    if cnp.PyArray_SIZE(raw) != 1:
        raise ValueError(f"{what} needs exactly one element, the array has shape {a.shape}")
    if cnp.PyArray_ITEMSIZE(raw) < 16:
        return cnp.PyArray_GETITEM(raw, <char *>cnp.PyArray_DATA(raw))
    return int.from_bytes((<object>raw).tobytes(), sys.byteorder, signed=a.format.signed)


cdef object _floor(object number, object fmt):
    """The integer at or below number * 2**-frac_bits."""
    places = fmt.frac_bits
    return number >> places if places >= 0 else number << -places


cdef cnp.ndarray _number_in_format(FixedArray a, object number):
    """A Python number rounded into the array's format, kept for the next time; None: not this way.

    Only where nobody counts and nothing is drawn.
    """
    cdef cnp.ndarray raw
    if (type(number) is not int and type(number) is not float) or not _is_usual(_context()) or (
            a.format.rounding == "stochastic"):
        return None
    key = ("convert", type(number), number)
    found = a.plans.known.get(key)
    if found is None:
        raw = convert.from_numbers(read_numbers.read(number), a.format)
        raw.flags.writeable = False  # it is shared
        if len(a.plans.known) < _KEEP:
            a.plans.known.setdefault(key, raw)
        return raw
    return found


cdef inline object _context():
    cdef PyObject *value = NULL
    PyContextVar_Get(_current, NULL, &value)
    cdef object found = <object>value
    Py_DECREF(found)  # PyContextVar_Get gave a reference, the assignment took another
    return found


cdef inline bint _is_usual(object context):
    """Whether nobody counts, and results have their operands' format."""
    return context is _default or (context.recorder is None and not context.full_precision)


# Most calls are of two arrays of one format, or of one and a Python number, with nothing else
# asked for: `_quick` is their way, and each step on it is paid by every call on few elements.

cdef inline Step _plan_of(FixedArray x, str name, int operands):
    """The plan of an operation on arrays of x's format, made by the first call; None: none."""
    cdef PyObject **slot = &x.plans.recent[(<size_t><void *>name >> 4) % 32]
    cdef PyObject *found = look(slot)
    if found != NULL and (<Step>found).name is name:
        return <Step>found
    cdef Step step = x.plans.known.get(name)
    if step is None:
        step = _make_plan(name, x.format, operands)
        if step is None:
            return None
        step = x.plans.known.setdefault(name, step)  # never replaced: others may be reading
    if step.name is name:
        show(slot, <PyObject *>step)  # `known` keeps it alive
    return step


cdef Step _make_plan(str name, object fmt, int operands):
    if name in _COMPARISON_NAMES:
        return plan.comparison(name, fmt, fmt)
    if operands == 2 and name not in _PAIRWISE:
        return None
    return plan.elementwise(name, (fmt,) * operands, fmt)


cdef FixedArray _quick(str name, object a, object b):
    """An operation that needs no reading of operands and no choice of a format; None: it does."""
    cdef FixedArray x
    cdef Step step
    cdef object context
    if isinstance(a, FixedArray):
        x = <FixedArray>a
        if isinstance(b, FixedArray):
            if x.format is not (<FixedArray>b).format:
                return None
            step = _plan_of(x, name, 2)
            context = _context()
            if step is None or (context is not _default and context.full_precision):
                return None
            return wrap_like(run_pair(step, x.storage, (<FixedArray>b).storage, context), x)
        if type(b) is int or type(b) is float:
            return _with_number(name, x, b, False)
    elif (type(a) is int or type(a) is float) and isinstance(b, FixedArray):
        return _with_number(name, <FixedArray>b, a, True)
    return None


cdef FixedArray _with_number(str name, FixedArray a, object number, bint reflected):
    """`_quick` with a Python int or float, its reading and plan kept.

    A float only where nobody counts: rounding it into the array's format is an event.
    """
    cdef tuple found
    cdef cnp.ndarray raw
    cdef Step step
    cdef object context = _context()
    if name not in _PAIRWISE or (context is not _default and (
            context.full_precision
            or context.recorder is not None and type(number) is not int)):
        return None
    key = (name, type(number), number, reflected)
    found = a.plans.known.get(key)
    if found is None:
        if name in bounds.DIRECTIONS:
            raw, fmt = bounds.read_one(name, number, a.format)
        else:
            raw, fmt = read_operands.read(number, a.format)
        if fmt is None:
            return None
        if name in _OF_ONE_STORAGE and type(number) is int:
            for same in (a.format, a.format.replace(frac_bits=0)):
                element = read_operands.exact_element(number, same)
                if element is not None:
                    raw, fmt = element, same
                    break
        formats = (fmt, a.format) if reflected else (a.format, fmt)
        found = plan.elementwise(name, formats, a.format), raw
        if len(a.plans.known) < _KEEP:
            a.plans.known.setdefault(key, found)
    step, raw = found
    return wrap_like(run(step, (raw, a.storage) if reflected else (a.storage, raw), None), a)


def _plan_small_product(*arguments):
    from ..products import paths  # late: only arrays that are multiplied need it

    return paths.small_product(*arguments)


cdef object _product_planner = _plan_small_product


cdef FixedArray _quick_product(object a, object b):
    """The product of two small matrices or vectors of one format; None: not this way."""
    cdef FixedArray x, y
    cdef cnp.ndarray raw, left, right
    if not (isinstance(a, FixedArray) and isinstance(b, FixedArray)
            and _is_usual(_context())):
        return None
    x, y = a, b
    if x.format is not y.format:
        return None
    code = x.plans.known.get("storage")
    if code is None:
        code = x.plans.known.setdefault("storage", storage.code(x.format))
    left, right = x.storage, y.storage
    if left.ndim == 2 and right.ndim == 2:
        raw = quick_product(left, right, code, x.format, x.plans.known, _product_planner)
        return None if raw is None else wrap_like(raw, x)
    if left.ndim not in (1, 2) or right.ndim not in (1, 2):
        return None
    shape = (<object>left).shape[:left.ndim - 1] + (<object>right).shape[1:]
    left = left.reshape(1, -1) if left.ndim == 1 else left
    right = right.reshape(-1, 1) if right.ndim == 1 else right
    raw = quick_product(left, right, code, x.format, x.plans.known, _product_planner)
    return None if raw is None else wrap_like(raw.reshape(shape), x)


def small_product(a, b, int a_axes=0, int b_axes=0):
    """The product of two small operands of one format, of 1 or 2 axes; None: not this way.

    If it is given, an operand's number of axes has to be that.
    """
    if (isinstance(a, FixedArray) and isinstance(b, FixedArray)
            and (not a_axes or (<FixedArray>a).storage.ndim == a_axes)
            and (not b_axes or (<FixedArray>b).storage.ndim == b_axes)):
        return _quick_product(a, b)
    return None


def _plan_one_thread(*arguments):
    from ..products import matrix_product  # late, as above

    return matrix_product.plan_of_one_thread(*arguments)


cdef object _thread_planner = _plan_one_thread


cdef FixedArray _product_of_one_thread(object a, object b, object format, object initial):
    """The product of two matrices in a format that is asked for; None: not this way."""
    cdef FixedArray x, y, more
    cdef cnp.ndarray raw = None, initial_raw = None
    if not (isinstance(a, FixedArray) and isinstance(b, FixedArray) and isinstance(format, Format)):
        return None
    x, y, initial_format = a, b, None
    if x.storage.ndim != 2 or y.storage.ndim != 2:
        return None
    if initial is not None:
        if not isinstance(initial, FixedArray):
            return None
        more = initial
        initial_raw, initial_format = more.storage, more.format
        if initial_raw.ndim != 1 or initial_raw.shape[0] != y.storage.shape[1]:
            return None
    formats = (x.format, y.format, format, initial_format)
    raw = one_thread(x.storage, y.storage, formats, initial_raw, _thread_planner)
    return None if raw is None else wrap(raw, format)


cdef object _unary(str name, FixedArray x):
    cdef object context = _context()
    if context is not _default and context.full_precision:
        return _apply(name, (x,), None, None, True, {})
    return wrap_like(run(_plan_of(x, name, 1), (x.storage,), None), x)


cdef object _operator(str name, object a, object b):
    found = _quick(name, a, b)
    if found is not None:
        return found
    if not _is_operand(a, b):
        return NotImplemented
    if (type(a) is np.ndarray or type(b) is np.ndarray) and _is_usual(_context()):
        found = _pair_in_format(name, a, b, a.format if isinstance(a, FixedArray) else b.format)
        if found is not None:
            return found
    return _apply(name, (a, b), None, None, True, {})


cdef bint _is_operand(object a, object b):
    """Whether the one of the two that is no FixedArray is a number or an array of them."""
    other = b if isinstance(a, FixedArray) else a
    return isinstance(other, FixedArray) or read_operands.is_operand(other)


cdef bint _has_format(object a, object b, object format):
    """Whether the operands' arrays have a format, which so is the result's anyway."""
    cdef bint x = isinstance(a, FixedArray), y = isinstance(b, FixedArray)
    return ((x or y) and (not x or (<FixedArray>a).format is format)
            and (not y or (<FixedArray>b).format is format))


cdef object pairwise(str name, object a, object b, object format, object out, object where):
    """`apply` for two operands; quick where nothing else is asked for."""
    if out is None and where is True and (format is None or _has_format(a, b, format)):
        found = _quick(name, a, b)
        if found is not None:
            return found
    if format is not None and out is None and where is True:
        found = _pair_in_format(name, a, b, format)
        if found is not None:
            return found
    if (where is True and isinstance(out, FixedArray) and _has_format(a, b, out.format)
            and (format is None or format is out.format)):
        found = _quick(name, a, b)
        if found is not None and found.shape == out.shape:
            return _deliver(name, (<FixedArray>found).storage, out.format, out, True)
    return _apply(name, (a, b), format, out, where, {})


cdef FixedArray _pair_in_format(str name, object a, object b, object format):
    """One kernel's work, in a format that is asked for; None: not this way."""
    cdef bint x = isinstance(a, FixedArray), y = isinstance(b, FixedArray)
    if not (x or y) or name not in _PAIRWISE or not isinstance(format, Format):
        return None
    if not (x and y) and name in bounds.DIRECTIONS:
        return None
    x_raw, x_format = _read_operand(a, b)
    y_raw, y_format = _read_operand(b, a)
    if x_format is None or y_format is None:  # integers beyond 128 bits
        return None
    step = plan.elementwise(name, (x_format, y_format), format, None)
    return wrap(run(step, (x_raw, y_raw), None), format)


cdef object _read_operand(object value, object other):
    """The storage and the format of one of two operands; `other` is the array, if it is none."""
    if isinstance(value, FixedArray):
        return (<FixedArray>value).storage, (<FixedArray>value).format
    fmt = (<FixedArray>other).format
    if _are_few_floats(value):
        return read_operands.in_range(value, fmt), fmt
    return read_operands.read(value, fmt)


def apply(str name, tuple given, format=None, out=None, where=True, dict options=None):
    """One operation on operands of any kind, one of them a FixedArray: read, compute, wrap.

    Parameters
    ----------
    name : str
        A key of `operation_table.OPERATIONS` or `products.table.PRODUCTS`.
    given : tuple
        The operands.
    format : Format, optional
        The result's.
    out : FixedArray, optional
        Where the results go, rounded into its format; left untouched by an error. It may
        overlap the operands. (Of an operation with two results: a tuple of two.)
    where : array of bool, optional
        Which positions are computed; the others count for nothing, and are 0 in a new array.
    options : dict, optional
        The operation's own.
    """
    return _apply(name, given, format, out, where, options or {})


# How operations are computed that the quick path can't; imported by the first of them, as that is a
# good part of the package.
cdef object _evaluate = None
cdef object _find = None


cdef int _import_operations() except -1:
    global _evaluate, _find
    from ..operations.evaluate import evaluate
    from .operation_table import find
    _evaluate, _find = evaluate, find
    return 0


cdef object _apply(str name, tuple given, object format, object out, object where, dict options):
    cdef list operands = []
    cdef bint has_array = False
    shape = None
    if _evaluate is None:
        _import_operations()
    if (len(given) == 1 and isinstance(given[0], FixedArray) and format is None and out is None
            and where is True):
        context = _context()
        if context is _default or not context.full_precision:
            return _of_one(name, given[0], options)
    for operand in given:
        operands.append(_operand_of(operand))
        has_array = has_array or isinstance(operand, FixedArray)
    if not has_array:
        kinds = " and ".join(type(operand).__name__ for operand in given)
        raise TypeError(f"{name} needs a FixedArray among its operands, got {kinds}")
    if format is not None:
        check_format(format)
    results = 2 if name == "divmod" else 1
    outs = out if isinstance(out, tuple) else (out,) * (results if out is None else 1)
    if len(outs) != results:
        wanted = "a tuple of two FixedArrays" if results == 2 else "a FixedArray"
        given_out = f"a tuple of {len(outs)}" if isinstance(out, tuple) else type(out).__name__
        raise TypeError(f"{name}: out= must be {wanted}, got {given_out}")
    formats = [format] * results
    for i, target in enumerate(outs):
        if target is not None:
            formats[i] = _format_of_out(name, target, format)
            shape = (<FixedArray>target).shape
    raw, found, mask = _evaluate(_find(name), operands, formats, shape, where, options)
    if results == 1:
        return _deliver(name, raw[0], found[0], outs[0], mask)
    for one, target in zip(raw, outs):
        _check_shape(name, one, target)
    return tuple([_deliver(name, one, fmt, target, mask)
                  for one, fmt, target in zip(raw, found, outs)])


cdef FixedArray _of_one(str name, FixedArray a, dict options):
    """An operation on one array, in its format: there is nothing to read, nor to choose."""
    raw = _find(name).compute(name, [_operand_of(a)], a.format, **options)
    return wrap_like(np.asarray(raw), a)


def reduce(str name, FixedArray a not None, axis, keepdims, format, out, initial=None,
           where=True, **options):
    """A reduction of one array: see `reductions.evaluate` and `masked_reductions.evaluate`."""
    if format is not None:
        check_format(format)
    if out is not None:
        format = _format_of_out(name, out, format)
    given = (name, _operand_of(a), axis, keepdims, format)
    if initial is None and where is True:
        raw, result = reductions.evaluate(*given, **options)
    else:
        from ..operations import masked_reductions  # late, as few programs need them
        if initial is not None:
            initial = _operand_of(initial)
        raw, result = masked_reductions.evaluate(*given, initial, where, **options)
    return _deliver(name, raw, result, out, True)


cdef object _format_of_out(str name, object out, object format):
    if not isinstance(out, FixedArray):
        kind = f"an array of {out.dtype}" if isinstance(out, np.ndarray) else type(out).__name__
        raise TypeError(f"{name}: out= must be a FixedArray, got {kind}")
    if format is not None and format is not (<FixedArray>out).format:
        raise FormatError(f"{name}: out= has {(<FixedArray>out).format!r}, format= is {format!r}; "
                          "leave format= out, or make them equal")
    return (<FixedArray>out).format


cdef int _check_shape(str name, cnp.ndarray raw, object out) except -1:
    if out is not None and (<object>raw).shape != out.shape:
        raise ValueError(f"{name}: a result of shape {(<object>raw).shape} doesn't go into an "
                         f"array of shape {out.shape}")
    return 0


cdef object _deliver(str name, object raw, object fmt, object out, object mask):
    """The results in a new array, or in `out` where `mask` says so."""
    raw = np.asarray(raw)
    if out is None:
        return wrap(raw, fmt)
    _check_shape(name, raw, out)
    cdef cnp.ndarray target = (<FixedArray>out).storage
    if mask is not True:
        mask = independent(mask, target)
    np.copyto(target, independent(raw, target), where=mask)
    return out


def magnitude_bits(FixedArray a not None):
    """The bits that the largest magnitude needs: of v when v >= 0, else of -v - 1."""
    return _magnitude_bits(a.storage, storage.code(a.format))


def extremes(FixedArray a not None):
    """The lowest and the highest raw integer, of at least one element; this is no event."""
    cdef int bytes = cnp.PyArray_ITEMSIZE(a.storage), code = 0 if a.format.signed else 1
    while bytes > 1:  # as `storage.code`, which takes as long as the rest
        bytes, code = bytes >> 1, code + 2
    return _extremes(a.storage, code)


def count_moves(FixedArray before not None, FixedArray after not None, FixedArray step not None):
    """How many elements have a step other than 0, and how many of these moved.

    `before` and `after` are of one format; raises ValueError if they aren't, or shapes differ.
    """
    if before.format != after.format or not before.shape == after.shape == step.shape:
        raise ValueError(
            f"what has {before.format!r} and the shape {before.shape} can't have become one of "
            f"{after.format!r} and {after.shape} by a step of shape {step.shape}"
        )
    return _count_moves(before.storage, after.storage, step.storage)


def compare(str name, FixedArray a not None, other, out=None, where=True):
    """An exact comparison with anything: a boolean array, or NumPy's bool for one element.

    NotImplemented where there is no order between the two.
    """
    return _compare(name, a, other, out, where)


cdef object _compare(str name, FixedArray a, object other, object out, object where):
    cdef FixedArray b
    cdef Step step
    cdef cnp.ndarray found
    if isinstance(other, FixedArray):
        b = <FixedArray>other
        if a.format is b.format:
            step = _plan_of(a, name, 2)
        else:
            step = plan.comparison(name, a.format, b.format)
        found = run_pair(step, a.storage, b.storage, _context())
    elif other is None or not read_operands.is_operand(other):
        if name not in ("equal", "not_equal") or read_operands.knows_ufuncs(other):
            return NotImplemented
        found = np.full(a.shape, name == "not_equal")
    elif type(other) in _NUMBERS and other == other:  # not NaN
        found = _compare_number(name, a, other)
    else:
        found = comparison.with_number(name, a.storage, a.format, other)
    if out is None and where is True:
        return _scalar(found)
    return comparison.into_out(name, found, out, where)


cdef cnp.ndarray _compare_number(str name, FixedArray a, object number):
    """`comparison.with_number` for one number, its reading and plan kept."""
    cdef tuple found
    cdef cnp.ndarray raw
    cdef Step step
    key = (name, type(number), number, None)
    found = a.plans.known.get(key)
    if found is None:
        found = comparison.prepared(name, a.format, number)
        if len(a.plans.known) < _KEEP:
            a.plans.known.setdefault(key, found)
    step, raw = found
    return run(step, (a.storage, raw), None)


cdef object _scalar(cnp.ndarray found):
    return found if found.ndim else found[()]


cdef object _in_place(str name, FixedArray a, object b):
    cdef FixedArray found = _quick(name, a, b)
    if found is not None:
        _check_shape(name, found.storage, a)
        a.storage[...] = found.storage
        return a
    if not _is_operand(a, b):
        return NotImplemented
    return _apply(name, (a, b), None, a, True, {})


cdef object shifted(str name, object a, object count, object format, object out, object where):
    """A shift; the count is an integer or an array of them."""
    cdef FixedArray x
    cdef Step step
    if format is None and where is True and isinstance(a, FixedArray):
        x = <FixedArray>a
        if out is None and type(count) is np.ndarray:
            step = _shift_by_each(name, x, (<cnp.ndarray>count).dtype)
            if step is not None:
                return wrap_like(run(step, (x.storage, count), None), x)
        elif (out is None or out is a) and type(count) is int and (
                -plan.ONE_SHIFT <= count <= plan.ONE_SHIFT):
            found = run(plan.one_shift(name, x.format, count if name == "left_shift" else -count,
                                       x.format), (x.storage,), None)
            if out is None:
                return wrap_like(found, x)
            x.storage[...] = found
            return x
    return _apply(name, (a, count), format, out, where, {})


cdef Step _shift_by_each(str name, FixedArray x, object counts):
    """The plan of a shift by an array of that dtype; None: not this way."""
    key = (name, counts)
    step = x.plans.known.get(key)
    if step is None and counts in plan.COUNTS and plan.shifts_by_any_count(x.format, x.format):
        step = x.plans.known.setdefault(key, plan.shift(name, x.format, counts, x.format))
    return step


def clip(a, low, high, format=None, out=None, where=True):
    """min(max(a, low), high), rounded once into `format`; either bound may be None."""
    if not isinstance(a, FixedArray):
        raise TypeError(f"clip needs a FixedArray, got {type(a).__name__}")
    given = tuple([bound for bound in (low, high) if bound is not None])
    if not given:
        name = "positive"
    elif len(given) == 2:
        name = "clip"
    else:
        name = "clip_low" if high is None else "clip_high"
    return _apply(name, (a, *given), format, out, where, {})


def product(a, b, format=None, accumulator=None, out=None, initial=None):
    """The matrix product of two operands, one of them a FixedArray; see `fxtypes.matmul`."""
    if format is None and accumulator is None and out is None and initial is None:
        found = _quick_product(a, b)
        if found is not None:
            return found
    if accumulator is None and out is None:
        found = _product_of_one_thread(a, b, format, initial)
        if found is not None:
            return found
    if accumulator is not None:
        check_format(accumulator)
    cdef dict options = {"accumulator": accumulator}
    if initial is not None:
        if not isinstance(initial, FixedArray):
            raise TypeError(f"matmul: initial must be a FixedArray, got {type(initial).__name__}; "
                            "fx.array(initial, format) makes one")
        options["initial"] = _operand_of(initial)
    return _apply("matmul", (a, b), format, out, True, options)


def pair(str name, a, b, format=None):
    """Two operands, each as an `Operand`, and the format of the result."""
    if format is not None:
        check_format(format)
    fixed = a if isinstance(a, FixedArray) else b
    if not isinstance(fixed, FixedArray):
        raise TypeError(f"{name} needs a FixedArray among its operands, got {type(a).__name__} and "
                        f"{type(b).__name__}")
    operands = [_operand_of(x) if isinstance(x, FixedArray)
                else read_operands.read(x, fixed.format) for x in (a, b)]
    if format is None:
        both = isinstance(a, FixedArray) and isinstance(b, FixedArray)
        format = common_format(a.format, b.format) if both else fixed.format
    return *operands, format


cdef object _operand_of(object value):
    """An operand as operations take it: a FixedArray's storage and format, or the value itself."""
    # Operand(raw, format), without the calls in Python that a small operation would notice.
    cdef object operand = PyType_GenericAlloc(<PyTypeObject *>_operand_type, 2)
    raw, fmt = value, None
    if isinstance(value, FixedArray):
        raw, fmt = (<FixedArray>value).storage, (<FixedArray>value).format
    Py_INCREF(raw)
    PyTuple_SET_ITEM(operand, 0, raw)
    Py_INCREF(fmt)
    PyTuple_SET_ITEM(operand, 1, fmt)
    return operand


cdef cnp.ndarray _read_only(FixedArray a):
    """A view of the storage that nobody can make writable.

    NumPy lets a view become writable where its base is a writable array or buffer. The base of
    this one is the FixedArray, which is neither.
    """
    cdef cnp.ndarray raw = a.storage
    cdef cnp.dtype dtype = <cnp.dtype>cnp.PyArray_DESCR(raw)
    Py_INCREF(dtype)  # PyArray_NewFromDescr steals one
    cdef cnp.ndarray view = PyArray_NewFromDescr(
        <PyTypeObject *>cnp.ndarray, dtype, raw.ndim, raw.shape, raw.strides,
        cnp.PyArray_DATA(raw), 0, NULL)
    cnp.set_array_base(view, a)
    return view


def _restore(*state):
    """Rebuild a pickled array, checking what comes in: `ValueError` for what is altered."""
    if len(state) != 3:
        raise ValueError(f"a pickled FixedArray is altered: it has {len(state)} parts, not 3")
    words, shape, format = state
    if not isinstance(format, Format):
        raise ValueError(f"a pickled FixedArray has a Format, not {type(format).__name__}")
    try:
        raw = storage.from_words(words, format)
    except ValueError as error:
        raise ValueError(f"a pickled FixedArray is altered: {error}") from None
    if type(shape) is tuple and len(shape) == 64 and raw.ndim == 1:
        try:
            raw = raw.reshape(shape)
        except (TypeError, ValueError):
            pass  # refused below
    if type(shape) is not tuple or raw.shape != shape:
        raise ValueError(f"a pickled FixedArray is altered: its shape is not {raw.shape}")
    return wrap(raw, format)


# What is built upon this class and called by it: see interop/protocols.py.

cdef object _ufunc = None
cdef object _function = None
cdef object _numpy_protocols = None
cdef object _namespace = None


def set_protocols(numpy_protocols, namespace):
    """Hand over what NumPy's protocols and the Array API call.

    Parameters
    ----------
    numpy_protocols : callable
        Returns what `__array_ufunc__` and `__array_function__` do; called once, by the first of
        them.
    namespace : callable
        ``namespace(format, api_version)``: what `__array_namespace__` returns.
    """
    global _numpy_protocols, _namespace
    _numpy_protocols, _namespace = numpy_protocols, namespace


cdef int _load_protocols() except -1:
    global _ufunc, _function
    _ufunc, _function = _numpy_protocols()
    return 0
