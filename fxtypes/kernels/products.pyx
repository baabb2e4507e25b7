# cython: freethreading_compatible=True
"""The kernels of matrix products, called on blocks of NumPy arrays."""

from _thread import allocate_lock as Lock

import numpy as np

cimport numpy as cnp
from cpython.object cimport PyObject, PyTypeObject
from cpython.ref cimport Py_INCREF
from libc.stdint cimport int64_t, uint64_t
from libc.stdlib cimport getenv
from libc.string cimport memset
from libc.time cimport clock_t

from ..context import threads
from ..format import storage
from .zeros cimport without_zeros
from .calls cimport (
    FX_COUNTED_WORDS, FX_LEVELS, FX_MAX_MODULI, FX_NO_MEMORY, FX_PLANES, Arrays, Axes,
    Call, Counts, CScheme, InterruptCheck, Matrices, Matrix, Step, Task, clear, kernels,
    look_for_signals, new_array, shape_of, signed_integer,
)

cnp.import_array()

cdef extern from "numpy/arrayobject.h":
    cnp.ndarray PyArray_NewFromDescr(PyTypeObject *subtype, cnp.dtype descr, int nd,
                                     const cnp.npy_intp *dims, const cnp.npy_intp *strides,
                                     void *data, int flags, PyObject *obj)

TILES = bool(kernels.has_tiles)

# So many multiply-adds are done by direct loops: a choice costs more than it saves.
cdef int64_t _SMALL = 1 << 13
SMALL = _SMALL
cdef int _PLANS_KEPT = 4096  # of one format

# Multiply-adds between two looks for Ctrl-C, by level: of a product, and of an accumulator's loop.
cdef int64_t[5] _LOOKS = [1 << 24, 1 << 24, 1 << 24, 1 << 24, 1 << 22]
cdef int64_t[5] _ACCUMULATOR_LOOKS = [1 << 22, 1 << 22, 1 << 22, 1 << 19, 1 << 17]
cdef tuple _USUAL = (tuple(_LOOKS), tuple(_ACCUMULATOR_LOOKS))
cdef int64_t _CALL = 1 << 8  # multiply-adds that take as long as a call


def cut(int64_t work):
    """For tests: look for Ctrl-C after so many multiply-adds (0: as usual)."""
    for level in range(FX_LEVELS):
        _LOOKS[level], _ACCUMULATOR_LOOKS[level] = (work or usual[level] for usual in _USUAL)


cdef class Scheme:
    """A path's parameters: see instructions.hh and products/paths.py.

    Parameters
    ----------
    path : int
        A code of `calls.Path`.
    words : tuple of int
        How many words of 32 bits hold an element of each operand; 5: 128 bits without a sign.
    **parameters
        The path's own: `limbs`, `limb_width`, `rounded_bits` (pairs of int), `block`,
        `estimates_top`, `planes`, `plane_width` (int), `moduli` (tuple of int).
    """

    cdef CScheme c

    def __init__(self, int path, words=(1, 1), **parameters):
        memset(&self.c, 0, sizeof(CScheme))
        self.c.path = path
        self.c.words[0], self.c.words[1] = words
        for name, value in parameters.items():
            if name == "limbs":
                self.c.limbs[0], self.c.limbs[1] = value
            elif name == "limb_width":
                self.c.limb_width[0], self.c.limb_width[1] = value
            elif name == "block":
                self.c.block = value
            elif name == "rounded_bits":
                self.c.rounded_bits[0], self.c.rounded_bits[1] = value
            elif name == "estimates_top":
                self.c.estimates_top = value
            elif name == "planes":
                self.c.planes = value
            elif name == "plane_width":
                self.c.plane_width = value
            elif name == "moduli":
                if len(value) > FX_MAX_MODULI:
                    raise ValueError(f"at most {FX_MAX_MODULI} moduli, got {len(value)}")
                self.c.moduli = <int>len(value)
                for i, modulus in enumerate(value):
                    self.c.modulus[i] = modulus
            else:
                raise TypeError(f"a scheme has no {name}")


# The events of a block, and those of the conversions that end an accumulator's loop.
cdef struct BlockCounts:
    Counts steps, conversions


cdef class Product:
    """A product under way: blocks of `out` are computed, also by several threads, then settled.

    With `last`, the conversion at its end, an accumulator's loop, of which `step` is one turn.

    Parameters
    ----------
    step : Step
    shape : tuple of int
        The result's.
    last : Step, optional
    inner : int
        Turns of the accumulator's loop.
    initial : numpy.ndarray, optional
        One more term of each sum, in storage, broadcast to the result's shape.
    start : Step, optional
        With `last` and `initial`: how these become the accumulators that the loop begins from.
    place : numpy.ndarray of int64, optional
        The rows of the result that are computed, the others being 0.
    """

    cdef Step step, last, start
    cdef Call call, conversion
    cdef cnp.ndarray initial
    cdef const char *initial_data  # NULL: there are none
    cdef const cnp.npy_intp *initial_strides
    cdef const cnp.npy_intp *shape  # of the result, as `nd`
    cdef int nd
    cdef int64_t roundings, looks  # of an element; multiply-adds between two looks for Ctrl-C
    cdef int wanted, conversions_wanted, ended
    cdef object lock  # of the counts
    cdef cnp.ndarray place
    cdef readonly cnp.ndarray out

    def __init__(self, Step step not None, tuple shape not None, Step last=None, int64_t inner=1,
                 cnp.ndarray initial=None, Step start=None, cnp.ndarray place=None):
        cdef cnp.npy_intp[64] sizes
        if initial is not None and shape_of(initial) != shape:
            raise ValueError(f"initial terms of shape {shape_of(initial)} for a result of {shape}")
        self.step, self.last, self.start, self.call = step, last, start, Call()
        self.initial = initial
        self.initial_data = NULL
        if initial is not None:
            self.initial_data = <const char *>cnp.PyArray_DATA(initial)
            self.nd, self.shape, self.initial_strides = initial.ndim, initial.shape, initial.strides
        self.place = place
        dtype = (step if last is None else last).dtype
        if place is None:
            for i, size in enumerate(shape):
                sizes[i] = size
            self.out = new_array(dtype, len(shape), sizes)
        else:
            self.out = storage.allocate(shape, dtype, np.zeros)
        self.call.prepare(step, step.stochastic or (last is not None and last.stochastic))
        self.roundings, self.looks, self.lock, self.ended = 1, _LOOKS[step.c.level], Lock(), 0
        self.wanted, self.conversions_wanted = self.call.counts.wanted, 0
        if last is not None:
            # Counted apart: each raises by its own format's mode.
            self.roundings, self.conversion = inner + (start is not None), Call()
            self.conversion.prepare(last, False)
            self.conversions_wanted = self.conversion.counts.wanted
            self.looks = _ACCUMULATOR_LOOKS[step.c.level]

    def block(self, Scheme scheme not None, cnp.ndarray a not None, b, cnp.ndarray out not None,
              int64_t first, tuple corner not None):
        """a (m, k) times b (k, n) into a part of `out`; or, by planes, sums (planes, m, n).

        out : a matrix of `self.out`, whose first element is the one with the index `first`.
        corner : the row and the column in which the part begins; a row of those that are computed.
        """
        cdef Matrices matrices
        cdef BlockCounts counts
        cdef int64_t i = corner[0], j = corner[1]
        memset(&matrices, 0, sizeof(Matrices))
        _set_out(&matrices, out, 0)
        matrices.pitch = matrices.n
        if scheme.c.path == FX_PLANES:
            matrices.a = <char *>cnp.PyArray_DATA(a)
            matrices.m, matrices.n = a.shape[1], a.shape[2]
        else:
            _set_operands(&matrices, a, b, 0)
        if self.place is not None:
            matrices.place = <const int64_t *>cnp.PyArray_DATA(self.place) + i
            i = 0
        first += i * matrices.pitch + j
        matrices.out += i * matrices.out_row + j * matrices.out_column
        self.set_initial(&matrices, first)
        self.begin(&counts)
        with nogil:
            self.multiply(&scheme.c, &counts, first, &matrices)
        self.add(&counts)

    def stack(self, Scheme scheme not None, cnp.ndarray a not None, cnp.ndarray b not None):
        """All matrices of a (..., m, k) times those of b (..., k, n) into `self.out`.

        Their leading axes are equal, and no axis of the result is empty. Each product is a block
        of its own, and none by planes.
        """
        cdef int nd = a.ndim - 2, axis = 0
        cdef Matrices matrices
        cdef cnp.npy_intp[64] index
        cdef int64_t first = 0, work = 0
        cdef clock_t looked = 0
        cdef BlockCounts counts, part
        cdef cnp.ndarray out = self.out
        memset(&matrices, 0, sizeof(Matrices))
        _set_operands(&matrices, a, b, nd)
        _set_out(&matrices, out, nd)
        matrices.pitch = matrices.n
        memset(index, 0, sizeof(index))
        self.begin(&counts)
        with nogil:
            while axis >= 0:
                self.begin(&part)
                self.set_initial(&matrices, first)
                self.multiply(&scheme.c, &part, first, &matrices)
                _add(&counts.steps, &part.steps)
                _add(&counts.conversions, &part.conversions)
                first += matrices.m * matrices.n
                work += matrices.m * matrices.k * matrices.n + _CALL
                if work > self.looks:
                    work = 0
                    look_for_signals(&looked)
                axis = nd - 1
                while axis >= 0:  # on to the next matrix in C order
                    index[axis] += 1
                    matrices.a += a.strides[axis]
                    matrices.b += b.strides[axis]
                    matrices.out += out.strides[axis]
                    if index[axis] < out.shape[axis]:
                        break
                    matrices.a -= index[axis] * a.strides[axis]
                    matrices.b -= index[axis] * b.strides[axis]
                    matrices.out -= index[axis] * out.strides[axis]
                    index[axis] = 0
                    axis -= 1
        self.add(&counts)

    cdef void set_initial(self, Matrices *matrices, int64_t first) noexcept nogil:
        """The initial terms of a block that begins with element `first` of the result."""
        cdef int axis
        cdef const char *found = self.initial_data
        if found != NULL:
            for axis in range(self.nd - 1, -1, -1):
                found += first % self.shape[axis] * self.initial_strides[axis]
                first //= self.shape[axis]
            matrices.initial_row = self.initial_strides[self.nd - 2]
            matrices.initial_column = self.initial_strides[self.nd - 1]
        matrices.initial = found

    cdef void begin(self, BlockCounts *counts) noexcept nogil:
        clear(&counts.steps)
        clear(&counts.conversions)
        counts.steps.wanted, counts.conversions.wanted = self.wanted, self.conversions_wanted

    cdef int multiply(self, const CScheme *scheme, BlockCounts *counts, int64_t first,
                      const Matrices *matrices) except -1 nogil:
        """A block; it is left undone where `stop` was called."""
        cdef int outcome
        cdef clock_t looked = 0
        cdef InterruptCheck check
        cdef Task task = self.call.task, start, conversion
        cdef const Task *first_step = NULL
        check.every, check.ask, check.last = self.looks, look_for_signals, &looked
        check.ended = &self.ended
        task.counts, task.first = &counts.steps, first
        if self.last is None:
            outcome = kernels.product(&task, scheme, &check, matrices)
        else:
            conversion = task  # its draws are of the same step
            conversion.step, conversion.counts = &self.last.c, &counts.conversions
            if self.start is not None:
                start = task
                start.step, first_step = &self.start.c, &start
            outcome = kernels.accumulate(&task, first_step, &conversion, &check, matrices)
        if outcome == FX_NO_MEMORY:
            with gil:
                raise MemoryError(
                    f"fxtypes needs memory to pack operands: matmul of ({matrices.m}, "
                    f"{matrices.k}) and ({matrices.k}, {matrices.n})"
                )
        return 0

    cdef int add(self, const BlockCounts *counts) except -1:
        if self.wanted or self.conversions_wanted:
            with self.lock:
                _add(&self.call.counts, &counts.steps)
                if self.last is not None:
                    _add(&self.conversion.counts, &counts.conversions)
        return 0

    def stop(self):
        """Leave the blocks undone that other threads are at."""
        self.ended = 1

    @property
    def codes(self):
        """The operands' storage codes."""
        return self.step.c.storage[0], self.step.c.storage[1]

    def settle(self, tuple shape not None):
        """Report the counts, or raise, with the shape that the result will have."""
        cdef int64_t size = cnp.PyArray_SIZE(self.out)
        self.call.settle(self.step, shape, size * self.roundings)
        if self.last is not None:
            self.conversion.settle(self.last, shape, size)
        return self.out


cdef void _add(Counts *total, const Counts *part) noexcept nogil:
    cdef int i
    if part.overflow and (total.overflow == 0 or part.first < total.first):
        total.first = part.first
        for i in range(FX_COUNTED_WORDS):
            total.first_value[i] = part.first_value[i]
    total.overflow += part.overflow
    total.underflow += part.underflow
    total.inexact += part.inexact


cdef void _set_operands(Matrices *matrices, cnp.ndarray a, cnp.ndarray b, int axis) noexcept:
    """Their matrices, whose rows are `axis`."""
    matrices.m, matrices.k, matrices.n = a.shape[axis], a.shape[axis + 1], b.shape[axis + 1]
    matrices.a, matrices.b = <char *>cnp.PyArray_DATA(a), <char *>cnp.PyArray_DATA(b)
    matrices.a_row, matrices.a_column = a.strides[axis], a.strides[axis + 1]
    matrices.b_row, matrices.b_column = b.strides[axis], b.strides[axis + 1]


cdef void _set_out(Matrices *matrices, cnp.ndarray out, int axis) noexcept:
    matrices.m, matrices.n = out.shape[axis], out.shape[axis + 1]
    matrices.out = <char *>cnp.PyArray_DATA(out)
    matrices.out_row, matrices.out_column = out.strides[axis], out.strides[axis + 1]


cdef cnp.ndarray quick(cnp.ndarray a, cnp.ndarray b, int code, object format, dict plans,
                       object planner):
    """A small product of two matrices of one format, nobody counting; None: not this way.

    Parameters
    ----------
    code : int
        The format's storage code.
    plans : dict
        Where the format's plans are kept.
    planner : callable
        From the format, the operands' magnitudes in bits (two) and the inner length to a step
        and a scheme: `products.paths.small_product`.
    """
    cdef cnp.npy_intp[2] shape
    cdef Matrices matrices
    cdef Axes axes
    cdef Counts counts
    cdef Task task
    cdef cnp.ndarray out
    cdef Step step
    cdef Scheme scheme
    cdef int p, q
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[0]:
        return None
    _set_operands(&matrices, a, b, 0)
    if (max(matrices.m, matrices.k, matrices.n) > _SMALL
            or matrices.m * matrices.k * matrices.n > _SMALL or getenv("FXTYPES_GEMM") != NULL):
        return None
    axes.nd, axes.shape, axes.strides = 2, <const int64_t *>a.shape, <const ptrdiff_t *>a.strides
    p = kernels.magnitude_bits(code, &axes, matrices.a)
    axes.shape, axes.strides = <const int64_t *>b.shape, <const ptrdiff_t *>b.strides
    q = kernels.magnitude_bits(code, &axes, matrices.b)
    key = (p << 8 | q) << 16 | matrices.k
    found = plans.get(key)
    if found is None:
        found = planner(format, p, q, matrices.k)
        if len(plans) < _PLANS_KEPT:
            plans.setdefault(key, found)
    step, scheme = found
    if step.stochastic or step.raises:
        return None
    shape[0], shape[1] = matrices.m, matrices.n
    out = new_array(step.dtype, 2, shape)
    _set_out(&matrices, out, 0)
    matrices.pitch = matrices.n
    matrices.initial = NULL
    matrices.place = NULL
    counts.wanted = 0
    task.step, task.counts, task.first = &step.c, &counts, 0
    task.stream.key = task.stream.base = 0
    if kernels.product(&task, &scheme.c, NULL, &matrices):
        raise MemoryError(f"fxtypes needs memory to copy an operand: matmul of {shape_of(a)} and "
                          f"{shape_of(b)}")
    return out


cpdef cnp.ndarray one_thread(cnp.ndarray a, cnp.ndarray b, tuple formats, cnp.ndarray initial,
                             object planner):
    """The product of two matrices, if one thread does it without a BLAS; else None.

    Parameters
    ----------
    formats : tuple of (Format or None)
        The operands', the result's, and that of the initial terms or None.
    initial : numpy.ndarray or None
        One more term of each sum, in storage: of the result's shape, or of one of its rows.
    planner : callable
        `products.matrix_product.plan_of_one_thread`.
    """
    cdef Product product
    cdef int64_t i, j, m = a.shape[0], n = b.shape[1], rows, columns
    cdef cnp.ndarray place
    if a.shape[1] != b.shape[0]:
        return None
    shape = (m, n)
    bits = (magnitude_bits(a, storage.code(formats[0])),
            magnitude_bits(b, storage.code(formats[1])))
    in_force = (wish(), threads.get_num_threads())
    planned = planner(bits, (m, a.shape[1], n), formats, *in_force)
    if planned is None:  # before zeros are looked for: whoever does it looks himself
        return None
    whole = a
    a, b, place = without_zeros(a, b, initial is None)
    if a is not whole:
        m = a.shape[0]
        planned = planner(bits, (m, a.shape[1], n), formats, *in_force)
        if planned is None:
            return None
    scheme, step, (rows, columns) = planned
    if initial is not None and initial.ndim == 1:
        initial = _as_rows(initial, m)
    product = Product(step, shape, None, 1, initial, None, place)
    if m <= rows and n <= columns and product.out.size:
        product.block(scheme, a, b, product.out, 0, (0, 0))
    elif product.out.size:
        for i in range(0, m, rows):
            for j in range(0, n, columns):
                product.block(
                    scheme, a[i:i + rows], b[:, j:j + columns], product.out, 0, (i, j))
    return product.settle(shape)


cdef cnp.ndarray _as_rows(cnp.ndarray row, cnp.npy_intp count):
    """np.broadcast_to(row, (count, len(row))), which takes longer than a small product."""
    cdef cnp.npy_intp[2] shape, strides
    cdef cnp.dtype dtype = <cnp.dtype>cnp.PyArray_DESCR(row)
    shape[0], shape[1] = count, row.shape[0]
    strides[0], strides[1] = 0, row.strides[0]
    Py_INCREF(dtype)  # PyArray_NewFromDescr steals one
    found = PyArray_NewFromDescr(
        <PyTypeObject *>cnp.ndarray, dtype, 2, shape, strides, cnp.PyArray_DATA(row), 0, NULL)
    cnp.set_array_base(found, row)
    return found


def slices(cnp.ndarray x not None, int code, int count, int width):
    """A matrix in storage `code` as planes of float64: (count, rows, columns).

    The sum of plane d times 2**(width * d) is the matrix; all planes but the last are balanced.
    """
    cdef Matrix matrix
    matrix.rows, matrix.columns, matrix.storage = x.shape[0], x.shape[1], code
    matrix.data = <char *>cnp.PyArray_DATA(x)
    matrix.row, matrix.column = x.strides[0], x.strides[1]
    cdef cnp.ndarray out = storage.allocate((count, x.shape[0], x.shape[1]), np.float64)
    cdef double *target = <double *>cnp.PyArray_DATA(out)
    with nogil:
        kernels.slices(&matrix, count, width, target)
    return out


def wish():
    """The path that FXTYPES_GEMM asks for; "auto" without it."""
    cdef const char *found = getenv("FXTYPES_GEMM")
    return found.decode(errors="replace") if found != NULL and found[0] else "auto"


cpdef int magnitude_bits(cnp.ndarray x, int code) except -1:
    """The bits that the largest magnitude needs: of v when v >= 0, else of -v - 1."""
    cdef const char *data = <const char *>cnp.PyArray_DATA(x)
    cdef int64_t[64] shape
    cdef Axes axes = _distinct(x, shape)
    cdef int bits
    with nogil:
        bits = kernels.magnitude_bits(code, &axes, data)
    return bits


cpdef tuple extremes(cnp.ndarray x, int code):
    """The lowest and the highest integer in storage of one element at least."""
    cdef const char *data = <const char *>cnp.PyArray_DATA(x)
    cdef int64_t[64] shape
    cdef Axes axes = _distinct(x, shape)
    cdef uint64_t[4] words
    if cnp.PyArray_SIZE(x) == 0:
        raise ValueError(f"the extremes of no elements: shape {shape_of(x)}")
    with nogil:
        kernels.extremes(code, &axes, data, words)
    return _integer(words, code & 1), _integer(words + 2, code & 1)


cpdef tuple count_moves(cnp.ndarray before, cnp.ndarray after, cnp.ndarray step):
    """How many elements of storage have a step other than 0, and how many of these differ.

    All have one shape, the first two one dtype.
    """
    cdef char *data[3]
    cdef const ptrdiff_t *strides[3]
    cdef int64_t[2] found
    cdef Arrays arrays
    cdef int bytes = cnp.PyArray_ITEMSIZE(before), step_bytes = cnp.PyArray_ITEMSIZE(step)
    for i, x in enumerate((before, after, step)):
        data[i] = <char *>cnp.PyArray_DATA(x)
        strides[i] = <const ptrdiff_t *>(<cnp.ndarray>x).strides
    arrays.nd, arrays.shape, arrays.count = before.ndim, <const int64_t *>before.shape, 3
    arrays.data, arrays.strides = data, strides
    with nogil:
        kernels.count_moves(bytes, step_bytes, &arrays, found)
    return found[0], found[1]


cdef object _integer(const uint64_t *words, bint is_unsigned):
    """The integer that two words hold."""
    cdef object low = words[0], high = words[1]
    if words[1] == 0 if is_unsigned else <int64_t>words[1] == <int64_t>words[0] >> 63:
        return low if is_unsigned else <int64_t>words[0]
    return high << 64 | low if is_unsigned else signed_integer(words, 2)


cdef Axes _distinct(cnp.ndarray x, int64_t *shape) noexcept:
    """Axes in which each element comes once, however often it was broadcast."""
    cdef Axes axes
    cdef int a
    for a in range(x.ndim):
        shape[a] = x.shape[a] if x.strides[a] or x.shape[a] == 0 else 1
    axes.nd, axes.shape, axes.strides = x.ndim, shape, <const ptrdiff_t *>x.strides
    return axes
