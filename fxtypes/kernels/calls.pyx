# cython: freethreading_compatible=True
"""The kernels, called on NumPy arrays: broadcasting, draws, counts and the GIL."""

import os
from fractions import Fraction
from functools import lru_cache

import numpy as np

cimport numpy as cnp
from cpython.object cimport PyObject, PyTypeObject
from cpython.exc cimport PyErr_CheckSignals, PyErr_Clear
from cpython.ref cimport Py_DECREF, Py_INCREF
from libc.math cimport isinf
from libc.time cimport CLOCKS_PER_SEC, clock, clock_t
from libc.string cimport memset

from fxtypes.context.stream cimport Stream as RandomStream

from ..context import blocked_operation, events, random_stream
from ..context.context import DEFAULT, current
from ..format import storage
from ..format.modes import Overflow, Rounding

cnp.import_array()

cdef extern from "numpy/arrayobject.h":
    PyObject *PyArray_NewFromDescr(PyTypeObject *subtype, cnp.dtype descr, int nd,
                                   const cnp.npy_intp *dims, const cnp.npy_intp *strides,
                                   void *data, int flags, PyObject *obj)

cdef extern from "array_cache.hh" namespace "fx":
    cdef cppclass ArrayCache:
        PyObject *take(cnp.dtype, cnp.npy_intp)
        void keep(PyObject *)

cdef extern from "Python.h":
    int PyContextVar_Get(object var, PyObject *default_value, PyObject **value) except -1

include "codes.pxi"

cdef object _current = current
cdef object _default = DEFAULT
cdef cnp.dtype _FLOAT64 = np.dtype(np.float64)
cdef tuple _DIVISIONS = (FX_DIVIDE, FX_FLOOR_DIVIDE, FX_REMAINDER)
cdef int64_t _GIL_FREE = 2000  # elements from which dropping the GIL pays

# Long work is done in blocks, and between them Ctrl-C is looked for: elements a block, by level.
# The slowest operations take 10, 10, 80, 300 and 300 ns an element on a fast machine, so that a
# block stays well below a second on a slow one.
cdef int64_t[5] _BLOCK = [1 << 21, 1 << 21, 1 << 18, 1 << 16, 1 << 16]
cdef tuple _USUAL_BLOCK = tuple(_BLOCK)
cdef clock_t _BETWEEN_LOOKS = CLOCKS_PER_SEC // 20  # processor time

cdef const Kernels *_choose() except NULL:
    wanted = os.environ.get("FXTYPES_CPU", "")
    name = wanted.encode()
    cdef const Kernels *table = fx_kernels(name)
    if table == NULL:
        raise ImportError(
            f"FXTYPES_CPU={wanted!r} asks for kernels that this build or this machine hasn't; "
            "use 'portable', 'avx2' or 'avx512' on an x86-64 machine that has these, or leave it "
            "unset"
        )
    return table

cdef const Kernels *kernels = _choose()
KERNELS = (<bytes>kernels.name).decode()


cdef class Target:
    """How an exact result becomes an element of `format`.

    Parameters
    ----------
    format : Format
    shift : int
        By how many bits the exact result is shifted right, and rounded.
    missing_lift : int
        By how many bits it should have been shifted left as well: it overflows without them.
    """

    def __init__(self, format, int shift, int missing_lift=0):
        self.format, self.shift, self.missing_lift = format, shift, missing_lift


cdef class Step:
    """One operation's instructions; made by a plan, and never changed.

    Parameters
    ----------
    name : str
        The operation's, for counts and messages.
    operation : int
        A code of `Operation`, `Reduction` or `Comparison`.
    level : int
        A code of `Level`.
    operands : tuple of (int, int)
        Of each its code of `Storage`, and by how many bits it is shifted left.
    target : Target or None
        None: the result is booleans.
    **fields
        What only some operations have, see instructions.hh: `coefficients` (one an operand),
        `divisor`, `result_lift`, `fused_storage`, `same_storage`, `accumulation`.
    """

    def __init__(self, str name, int operation, int level, operands, Target target, **fields):
        if len(operands) > FX_MAX_OPERANDS:
            raise ValueError(f"at most {FX_MAX_OPERANDS} operands, got {len(operands)}")
        memset(&self.c, 0, sizeof(CStep))
        self.c.fused_storage = FX_NO_STORAGE
        self.name = name
        self.silent = name == "move"
        self.c.operation, self.c.level, self.c.operands = operation, level, <int>len(operands)
        for i, (code, lift) in enumerate(operands):
            self.c.storage[i] = code
            self.c.lift[i] = lift
        if target is None:
            self.dtype = np.dtype(np.bool_)
        else:
            self.set_target(target)
            self.divides = operation in _DIVISIONS
        self.set_fields(fields)

    cdef int set_target(self, Target target) except -1:
        cdef object format = target.format
        cdef int code = storage.code(format)
        self.result, self.missing_lift = format, target.missing_lift
        self.dtype = storage.DTYPES[code]
        self.c.target.shift = target.shift
        self.c.target.rounding = _ROUNDING[format.rounding]
        self.c.target.overflow = _OVERFLOW[format.overflow]
        self.c.target.width = format.width
        self.c.target.is_signed = format.signed
        self.c.target.storage = code
        self.stochastic = self.c.target.rounding == FX_STOCHASTIC
        self.raises = self.c.target.overflow == FX_RAISE
        return 0

    cdef int set_fields(self, dict fields) except -1:
        for key, value in fields.items():
            if key == "level":
                self.c.level = value
            elif key == "fused_storage":
                self.c.fused_storage = value
            elif key == "result_lift":
                self.c.result_lift = value
            elif key == "same_storage":
                self.c.same_storage = value
            elif key == "accumulation":
                self.c.accumulation = value
            elif key == "divisor":
                self.c.divisor = value
            elif key == "coefficients":
                if len(value) != self.c.operands:
                    raise ValueError(f"{self.c.operands} operands, {len(value)} coefficients")
                for i, coefficient in enumerate(value):
                    self.c.coefficient[i] = coefficient
            else:
                raise TypeError(f"a step has no {key}")
        return 0

    @property
    def level(self):
        return self.c.level

    @property
    def fused_storage(self):
        return self.c.fused_storage

    @property
    def accumulation(self):
        return self.c.accumulation

    def replace(self, **fields):
        """A copy with another `level`, or others of the fields that not all operations have."""
        cdef Step copy = Step.__new__(Step)
        copy.c, copy.name, copy.result, copy.dtype = self.c, self.name, self.result, self.dtype
        copy.stochastic, copy.raises, copy.divides = self.stochastic, self.raises, self.divides
        copy.silent, copy.missing_lift = self.silent, self.missing_lift
        copy.set_fields(fields)
        return copy


cdef ArrayCache _cache


cdef void cache_array(PyObject *array) noexcept:
    """Keep an array that is about to be freed, if it is small, for another result."""
    _cache.keep(array)


cdef cnp.ndarray new_array(cnp.dtype dtype, int nd, const cnp.npy_intp *shape):
    """A new array, as `storage.allocate` makes it: one of the cache, or else NumPy's."""
    cdef PyObject *found = _cache.take(dtype, shape[0]) if nd == 1 else NULL
    if found == NULL:
        Py_INCREF(dtype)  # PyArray_NewFromDescr steals one
        found = PyArray_NewFromDescr(
            <PyTypeObject *>cnp.ndarray, dtype, nd, shape, NULL, NULL, 0, NULL)
    if found == NULL:
        PyErr_Clear()
        return storage.allocate(tuple([shape[a] for a in range(nd)]), dtype)
    cdef object out = <object>found
    Py_DECREF(out)  # PyArray_NewFromDescr gave a reference, the assignment took another
    return <cnp.ndarray>out


cdef inline object _context():
    cdef PyObject *value = NULL
    PyContextVar_Get(_current, NULL, &value)
    cdef object found = <object>value
    Py_DECREF(found)  # PyContextVar_Get gave a reference, the assignment took another
    return found


def cut(int64_t elements):
    """For tests: do all work in blocks of so many elements (0: of the usual number)."""
    for level in range(FX_LEVELS):
        _BLOCK[level] = elements or _USUAL_BLOCK[level]


cdef int look_for_signals(clock_t *last) except -1 nogil:
    """Raise KeyboardInterrupt, or what else a signal's handler raises, now and then."""
    cdef clock_t now = clock()
    if 0 <= now - last[0] < _BETWEEN_LOOKS:
        return 0
    last[0] = now
    with gil:
        PyErr_CheckSignals()
    return 0


# A call that can be done in blocks of its result: `arrays` are that and the operands, without the
# reduced axes.
cdef struct Work:
    int family        # _REDUCTION, or what the kernels call a Family
    Task task         # `first` is the block's
    Arrays arrays
    Axes reduced
    int64_t limit     # elements of a block, or few more

cdef int _REDUCTION = -1


cdef void _run(const Work *w, const Task *task, const Arrays *arrays) noexcept nogil:
    cdef Axes kept
    if w.family == _REDUCTION:
        kept.nd, kept.shape, kept.strides = arrays.nd, arrays.shape, arrays.strides[0]
        kernels.reduce(task, &kept, &w.reduced, arrays.data[0], arrays.data[1], arrays.strides[1])
    else:
        kernels.run(w.family, task, arrays)


cdef int _run_in_blocks(const Work *w) except -1 nogil:
    """Do the work block by block, with the draws and counts of one call."""
    cdef const Arrays *arrays = &w.arrays
    cdef Arrays block
    cdef Task task = w.task
    cdef int nd = arrays.nd, axis = arrays.nd, a, k
    cdef int64_t inner = 1, rows
    cdef int64_t[64] index, sizes
    cdef char *data[9]
    cdef const ptrdiff_t *strides[9]
    cdef clock_t last
    for a in range(nd):
        if arrays.shape[a] == 0:
            return 0
    while axis and inner * arrays.shape[axis - 1] <= w.limit:
        axis -= 1
        inner *= arrays.shape[axis]
    if axis == 0:
        _run(w, &task, arrays)
        return 0
    last = clock()  # not before: a small call would notice
    axis -= 1  # this axis is cut, `rows` at a time; of those before it each index is a block's
    rows = max(w.limit // inner, 1)
    for a in range(nd):
        index[a], sizes[a] = 0, arrays.shape[a]
    for k in range(arrays.count):
        data[k], strides[k] = arrays.data[k], arrays.strides[k] + axis
    block.nd, block.shape, block.count = nd - axis, &sizes[axis], arrays.count
    block.data, block.strides = data, strides
    while True:
        sizes[axis] = min(rows, arrays.shape[axis] - index[axis])
        _run(w, &task, &block)
        task.first += sizes[axis] * inner
        index[axis] += sizes[axis]
        for k in range(arrays.count):
            data[k] += sizes[axis] * arrays.strides[k][axis]
        a = axis
        while index[a] == arrays.shape[a]:
            if a == 0:
                return 0
            for k in range(arrays.count):
                data[k] += arrays.strides[k][a - 1] - arrays.shape[a] * arrays.strides[k][a]
            index[a] = 0
            a -= 1
            index[a] += 1
        look_for_signals(&last)


cdef bint _is_plain(object context):
    """Whether what `events.settle` has to do in it is no more than to tell the recorder."""
    return (context.blocked_operation is None and not context.skipped
            and context.reported_as is None)


cdef class Call:
    def __cinit__(self):
        clear(&self.counts)
        memset(&self.task, 0, sizeof(Task))
        self.task.counts = &self.counts

    cdef int prepare(self, Step step, bint stochastic) except -1:
        cdef object in_force = _context()
        cdef uint64_t seed[3]
        cdef bint in_blocks = in_force is not _default and in_force.blocked_operation is not None
        self.task.step = &step.c
        if in_blocks:
            self.task.first = in_force.blocked_operation.start
        self.counts.wanted = step.raises or (in_force.recorder is not None and not step.silent)
        if stochastic:
            stream = in_force.stream
            if in_blocks:  # which share a step
                seed[0], seed[1], seed[2] = random_stream.next_step()
            elif stream is not None:
                (<RandomStream?>stream).next(seed)
            else:
                (<RandomStream?>random_stream._process_stream).next(seed)
            self.task.stream = kernels.stream(seed)
        return 0

    cdef int settle(self, Step step, tuple shape, int64_t elements) except -1:
        cdef bint divided = step.divides and self.counts.zero_divisors
        if step.c.elementary != NULL:
            self.settle_elementary(step, shape)
        if not (self.counts.wanted or divided):
            return 0
        in_force = _context()
        if (not divided and not (step.raises and self.counts.overflow)
                and _is_plain(in_force)):
            recorder = in_force.recorder
            if recorder is not None and (
                    self.counts.overflow or self.counts.underflow or recorder._wants_all):
                recorder._add(step.name, self.counts.overflow, self.counts.underflow,
                              self.counts.inexact, elements)
            return 0
        value = self.first_value(step) if step.raises and self.counts.overflow else None
        events.settle(step.name, step.result, shape, events.EventCounts(
            elements, self.counts.overflow, self.counts.underflow, self.counts.inexact,
            self.counts.first - self.task.first, value,
            self.counts.zero_divisors if divided else 0, self.counts.zero_by_zero))
        return 0

    cdef int settle_elementary(self, Step step, tuple shape) except -1:
        cdef object found
        if self.counts.beyond != NULL:
            self.beyond = <object>self.counts.beyond
            Py_DECREF(self.beyond)
        if self.counts.error != NULL:
            found = <object>self.counts.error
            Py_DECREF(found)  # `resolve` kept it alive
            raise found
        if self.counts.infinities:
            raise blocked_operation.infinity_error(
                step.name, step.result, shape, self.counts.first_infinity - self.task.first,
                self.counts.infinity_sign)
        return 0

    cdef object first_value(self, Step step):
        """The first value that overflowed, exactly."""
        if self.beyond is not None and self.beyond[0] == self.counts.first:
            return self.beyond[1]
        if self.source is not None:
            value = float(self.source.reshape(-1)[self.counts.first - self.task.first])
            return value if isinf(value) else Fraction(value)
        if step.c.function_table != NULL:
            return step.value_beyond(self.counts.first_value[0])
        number = signed_integer(self.counts.first_value, FX_COUNTED_WORDS)
        return (number << step.missing_lift) * step.result.resolution


cdef object signed_integer(const uint64_t *words, int count):
    """The integer that words of two's complement hold, the lowest first."""
    cdef object number = 0, word, one = 1
    cdef int i
    for i in range(count - 1, -1, -1):
        word = words[i]
        number = (number << 64) | word
    return number - (one << 64 * count) if number >> 64 * count - 1 else number


cdef tuple shape_of(cnp.ndarray a):
    return tuple([a.shape[i] for i in range(a.ndim)])


cdef cnp.ndarray run(Step step, tuple operands, cnp.ndarray out):
    """Run an elementwise step on operands that broadcast; `out` None: a new array."""
    cdef int count = <int>len(operands), nd = 0, i, a, pad
    cdef cnp.ndarray x
    cdef cnp.npy_intp[64] shape, sizes
    cdef int[64] order
    cdef ptrdiff_t[9][64] strides, ordered
    cdef const ptrdiff_t *rows[9]
    cdef char *data[9]
    cdef Arrays arrays
    cdef bint moved = False
    for x in operands:
        nd = max(nd, x.ndim)
    for a in range(nd):
        shape[a] = 1
    for x in operands:
        pad = nd - x.ndim
        for a in range(x.ndim):
            if x.shape[a] != 1:
                if shape[pad + a] not in (1, x.shape[a]):
                    raise ValueError(_mismatch(step, operands))
                shape[pad + a] = x.shape[a]
    if out is not None and shape_of(out) != tuple([shape[a] for a in range(nd)]):
        raise ValueError(f"{step.name}: out has shape {shape_of(out)}, "
                         f"the result {tuple([shape[a] for a in range(nd)])}")
    for i in range(count):
        _strides_of(<cnp.ndarray>operands[i], nd, strides[i])
    # Where nothing depends on an element's index in C order, axes are ordered, and a new result
    # is laid out, as the operands are in memory; NumPy does the same.
    for a in range(nd):
        order[a] = a
    if nd > 1 and not (step.stochastic or step.raises):
        _sort_axes(nd, count, strides, order)
    for a in range(nd):
        sizes[a] = shape[order[a]]
        moved = moved or order[a] != a
    if out is None:
        out = new_array(step.dtype, nd, sizes)
        if moved:
            out = out.transpose(np.argsort([order[a] for a in range(nd)]))
    _strides_of(out, nd, strides[count])
    for i in range(count + 1):
        data[i] = <char *>cnp.PyArray_DATA(out if i == count else <cnp.ndarray>operands[i])
        rows[i] = ordered[i]
        for a in range(nd):
            ordered[i][a] = strides[i][order[a]]
    arrays.nd, arrays.shape, arrays.count = nd, <const int64_t *>sizes, count + 1
    arrays.data, arrays.strides = data, rows
    _launch(step, &arrays, out, operands[0], cnp.PyArray_SIZE(out), _context())
    return out


cdef void _strides_of(cnp.ndarray x, int nd, ptrdiff_t *strides) noexcept:
    """Byte strides in a broadcast shape of nd axes: 0 where x has one element or no axis."""
    cdef int a, pad = nd - x.ndim
    for a in range(nd):
        strides[a] = 0 if a < pad or x.shape[a - pad] == 1 else x.strides[a - pad]


cdef void _sort_axes(int nd, int count, ptrdiff_t[9][64] strides, int *order) noexcept:
    """Order axes by falling stride; where the first operands tie or broadcast, by the next."""
    cdef int i, j, k, axis
    cdef ptrdiff_t before, after
    cdef bint swap
    for i in range(1, nd):
        axis, j = order[i], i - 1
        while j >= 0:
            swap = False
            for k in range(count):
                before, after = abs(strides[k][order[j]]), abs(strides[k][axis])
                if before and after and before != after:
                    swap = before < after
                    break
            if not swap:
                break
            order[j + 1] = order[j]
            j -= 1
        order[j + 1] = axis


cdef int _launch(Step step, const Arrays *arrays, cnp.ndarray out, cnp.ndarray x, int64_t size,
                 object in_force) except -1:
    """Run a step on prepared arrays, of which `x` is the first and `out`, of `size`, the last.

    `in_force` is the context.
    """
    cdef Call call
    cdef Counts counts
    cdef Work work
    work.family = FX_COMPARISONS if step.result is None else FX_ELEMENTWISE
    if in_force is _default and not (step.stochastic or step.raises):
        clear(&counts)
        work.task.step, work.task.counts, work.task.first = &step.c, &counts, 0
        work.task.stream.key = work.task.stream.base = 0
        if size < _GIL_FREE:
            kernels.run(work.family, &work.task, arrays)
        else:
            work.arrays, work.limit = arrays[0], _BLOCK[step.c.level]
            with nogil:
                _run_in_blocks(&work)
        if (step.divides and counts.zero_divisors) or counts.infinities or counts.error != NULL:
            call = Call()
            call.counts = counts
            call.settle(step, shape_of(out), size)
        return 0
    call = Call()
    call.prepare(step, step.stochastic)
    if step.c.storage[0] == FX_DOUBLE:
        call.source = x
    work.task, work.arrays, work.limit = call.task, arrays[0], _BLOCK[step.c.level]
    with nogil:
        _run_in_blocks(&work)
    if step.result is not None:
        call.settle(step, shape_of(out), size)
    return 0


cdef cnp.ndarray run_pair(Step step, cnp.ndarray x, cnp.ndarray y, object in_force):
    """`run` for two operands; quick where both are contiguous and of one shape.

    `in_force` is the context.
    """
    cdef cnp.ndarray out
    cdef cnp.npy_intp size
    cdef ptrdiff_t strides[3]
    cdef const ptrdiff_t *rows[3]
    cdef char *data[3]
    cdef Arrays arrays
    cdef int a
    if x.ndim != y.ndim or not (cnp.PyArray_IS_C_CONTIGUOUS(x) and cnp.PyArray_IS_C_CONTIGUOUS(y)):
        return run(step, (x, y), None)
    for a in range(x.ndim):
        if x.shape[a] != y.shape[a]:
            return run(step, (x, y), None)
    out = new_array(step.dtype, x.ndim, x.shape)
    size = cnp.PyArray_SIZE(x)
    # As C: NumPy's declarations make `x.itemsize` a look-up of an attribute.
    strides[0], strides[1] = cnp.PyArray_ITEMSIZE(x), cnp.PyArray_ITEMSIZE(y)
    strides[2] = cnp.PyArray_ITEMSIZE(out)
    for a in range(3):
        rows[a] = &strides[a]
    data[0] = <char *>cnp.PyArray_DATA(x)
    data[1] = <char *>cnp.PyArray_DATA(y)
    data[2] = <char *>cnp.PyArray_DATA(out)
    arrays.nd, arrays.shape, arrays.count = 1, <const int64_t *>&size, 3
    arrays.data, arrays.strides = data, rows
    _launch(step, &arrays, out, x, size, in_force)
    return out


def elementwise(Step step not None, tuple operands not None, out=None):
    """Run an elementwise step or comparison; the operands' storage must be the step's."""
    return run(step, operands, out)


def select(cnp.ndarray mask not None, cnp.ndarray x not None, cnp.ndarray y not None):
    """Elements of `x` where the booleans `mask` are true, else of `y`; storage of one dtype."""
    cdef cnp.ndarray out
    cdef cnp.npy_intp size = cnp.PyArray_SIZE(mask)
    cdef bint one_x = cnp.PyArray_SIZE(x) == 1, one_y = cnp.PyArray_SIZE(y) == 1
    cdef int itemsize = cnp.PyArray_ITEMSIZE(x)
    if (not cnp.PyArray_IS_C_CONTIGUOUS(mask) or mask.ndim < max(x.ndim, y.ndim)
            or not _has_shape(x, mask, one_x) or not _has_shape(y, mask, one_y)):
        return np.where(mask, x, y)
    out = new_array(x.dtype, mask.ndim, mask.shape)
    with nogil:
        kernels.select(itemsize, size, <const uint8_t *>cnp.PyArray_DATA(mask),
                       cnp.PyArray_DATA(x), one_x, cnp.PyArray_DATA(y), one_y,
                       cnp.PyArray_DATA(out))
    return out


cdef bint _has_shape(cnp.ndarray x, cnp.ndarray mask, bint one) noexcept:
    """Whether x is of one element, or contiguous and of the mask's shape."""
    cdef int a
    if one:
        return True
    if x.ndim != mask.ndim or not cnp.PyArray_IS_C_CONTIGUOUS(x):
        return False
    for a in range(x.ndim):
        if x.shape[a] != mask.shape[a]:
            return False
    return True


@lru_cache(1024)
def _step_to_double(code, frac_bits, odd):
    cdef Step step = Step("convert", FX_COPY, FX_I128, ((code, frac_bits),), None)
    step.c.target.rounding = FX_ODD if odd else FX_NEAREST_EVEN
    return step


def to_double(cnp.ndarray x not None, code, frac_bits, odd):
    """raw * 2**-frac_bits as float64: rounded to nearest even, or to odd; laid out as `x` is."""
    cdef Step step = _step_to_double(code, frac_bits, odd)
    cdef cnp.ndarray out
    cdef char *data[2]
    cdef const ptrdiff_t *rows[2]
    cdef int nd = x.ndim, a
    cdef cnp.npy_intp[64] sizes
    cdef int[64] order
    cdef ptrdiff_t[9][64] strides
    cdef ptrdiff_t[64] ordered
    cdef bint moved = False
    cdef Counts counts
    cdef Work work
    for a in range(nd):
        order[a] = a
    _strides_of(x, nd, strides[0])
    _sort_axes(nd, 1, strides, order)
    for a in range(nd):
        sizes[a], ordered[a] = x.shape[order[a]], strides[0][order[a]]
        moved = moved or order[a] != a
    out = new_array(_FLOAT64, nd, sizes)
    data[0], data[1] = <char *>cnp.PyArray_DATA(x), <char *>cnp.PyArray_DATA(out)
    rows[0], rows[1] = ordered, <const ptrdiff_t *>out.strides
    clear(&counts)
    memset(&work, 0, sizeof(Work))
    work.family, work.task.step, work.task.counts = FX_TO_DOUBLE, &step.c, &counts
    work.arrays.nd, work.arrays.shape = nd, <const int64_t *>sizes
    work.arrays.count, work.arrays.data, work.arrays.strides = 2, data, rows
    work.limit = _BLOCK[step.c.level]
    with nogil:
        _run_in_blocks(&work)
    return out.transpose(np.argsort([order[a] for a in range(nd)])) if moved else out


cdef void _sort_by_stride(int nd, cnp.npy_intp *shape, ptrdiff_t *strides) noexcept:
    """Order axes by falling stride, where their order makes no difference."""
    cdef int i, j
    cdef cnp.npy_intp size
    cdef ptrdiff_t stride
    for i in range(1, nd):
        size, stride, j = shape[i], strides[i], i
        while j and abs(strides[j - 1]) < abs(stride):
            shape[j], strides[j] = shape[j - 1], strides[j - 1]
            j -= 1
        shape[j], strides[j] = size, stride


def reduce(Step step not None, cnp.ndarray x not None, tuple axes not None, bint keepdims):
    """Reduce over `axes` (normalised, distinct); the others are kept, in order."""
    cdef int kept = 0, reduced = 0, a
    cdef cnp.npy_intp[64] kept_shape, reduced_shape
    cdef ptrdiff_t[64] kept_strides, reduced_strides
    for a in range(x.ndim):
        if a in axes:
            reduced_shape[reduced], reduced_strides[reduced] = x.shape[a], x.strides[a]
            reduced += 1
        else:
            kept_shape[kept], kept_strides[kept] = x.shape[a], x.strides[a]
            kept += 1
    _sort_by_stride(reduced, reduced_shape, reduced_strides)
    cdef cnp.ndarray out = new_array(step.dtype, kept, kept_shape)
    cdef Call call = Call()
    call.prepare(step, step.stochastic)
    cdef int64_t length = 1
    for a in range(reduced):
        length *= reduced_shape[a]
    cdef char *data[2]
    cdef const ptrdiff_t *rows[2]
    data[0], data[1] = <char *>cnp.PyArray_DATA(x), <char *>cnp.PyArray_DATA(out)
    rows[0], rows[1] = kept_strides, <const ptrdiff_t *>out.strides
    cdef Work work
    work.family, work.task = _REDUCTION, call.task
    work.arrays.nd, work.arrays.shape, work.arrays.count = kept, <const int64_t *>kept_shape, 2
    work.arrays.data, work.arrays.strides = data, rows
    work.reduced.nd, work.reduced.shape = reduced, <const int64_t *>reduced_shape
    work.reduced.strides = reduced_strides
    work.limit = max(_BLOCK[step.c.level] // max(length, 1), 1)
    with nogil:
        _run_in_blocks(&work)
    shape = tuple([1 if a in axes else x.shape[a] for a in range(x.ndim)])
    if keepdims:
        out = out.reshape(shape)
    call.settle(step, shape_of(out), cnp.PyArray_SIZE(out))
    return out


def scan(Step first not None, Step rest, cnp.ndarray x not None, bint keep, tuple shape,
         cnp.ndarray out=None, int64_t done=0):
    """cumsum (`rest` None), cumprod or prod (`keep` false) of x (outer, n, inner) along n.

    `shape` is what an error calls the result's; `out` holds a prod's first steps, as many as are
    `done`, and is continued.
    """
    cdef Lines lines
    cdef const CStep *rest_step = NULL
    cdef int a
    if out is None:
        out = storage.allocate(shape_of(x) if keep else (x.shape[0], x.shape[2]), first.dtype)
    lines.outer, lines.n, lines.inner = x.shape[0], x.shape[1], x.shape[2]
    lines.keep, lines.done = keep, done
    for a in range(3):
        lines.in_strides[a] = x.strides[a]
        lines.out_strides[a] = out.strides[a] if keep else 0
    if not keep:
        lines.out_strides[0], lines.out_strides[2] = out.strides[0], out.strides[1]
    lines.in_, lines.out = <const char *>cnp.PyArray_DATA(x), <char *>cnp.PyArray_DATA(out)
    if rest is not None:
        rest_step = &rest.c
    cdef Call call = Call()
    call.prepare(first, first.stochastic)
    cdef clock_t last = 0
    cdef InterruptCheck check
    check.every, check.ask, check.last = _BLOCK[first.c.level], look_for_signals, &last
    check.ended = NULL
    with nogil:
        kernels.scan(&call.task, rest_step, &check, &lines)
    call.settle(first, shape, cnp.PyArray_SIZE(out))
    return out


def draws(stream, uint64_t index, Py_ssize_t n, uint64_t k=0):
    """The draws (uint64) of n elements from `index` on; stream: two key words and the step."""
    cdef uint64_t seed[3]
    seed[0], seed[1], seed[2] = stream
    cdef Stream of_step = kernels.stream(seed)
    cdef cnp.ndarray out = storage.allocate(n, np.uint64)
    kernels.draw(&of_step, index, k, n, <uint64_t *>cnp.PyArray_DATA(out))
    return out


def normal_deviates(stream, uint64_t index, Py_ssize_t n, tuple tables not None):
    """Standard normal deviates times 2**112 of n elements, as 128-bit storage; and which have none.

    Parameters
    ----------
    stream : tuple of int
        Two key words and the step.
    index : int
        The first element's.
    n : int
    tables : tuple of numpy.ndarray
        uint64 (entries, 3): see NormalTables in instructions.hh.
    """
    cdef uint64_t seed[3]
    seed[0], seed[1], seed[2] = stream
    cdef Stream of_step = kernels.stream(seed)
    cdef const uint64_t[:, ::1] first, second, inverses, ln2
    first, second, inverses, ln2 = tables
    cdef NormalTables c
    c.first, c.second, c.inverses, c.ln2 = &first[0, 0], &second[0, 0], &inverses[0, 0], &ln2[0, 0]
    c.terms = <int>inverses.shape[0] + 1
    cdef cnp.ndarray out = storage.allocate(n, storage.DTYPES[FX_S128])
    cdef cnp.ndarray undecided = storage.allocate(n, np.uint8)
    with nogil:
        kernels.normal(&of_step, &c, index, n, cnp.PyArray_DATA(out),
                       <uint8_t *>cnp.PyArray_DATA(undecided))
    return out, undecided


def rounding_constants(format, int shift, int level):
    """For tests: what the kernels add before a right shift, (c0, c1, c2) of rounding.hh."""
    cdef Step step = Step("convert", FX_COPY, level, (), Target(format, shift))
    cdef uint64_t[3][16] words
    kernels.rounding_constants(level, &step.c.target, &words[0][0])
    return tuple([signed_integer(words[i], FX_COUNTED_WORDS) for i in range(3)])


cdef str _mismatch(Step step, tuple operands):
    shapes = " and ".join(str(shape_of(x)) for x in operands)
    return f"{step.name}: shapes {shapes} don't broadcast"
