# cython: freethreading_compatible=True
"""The kernels, called on NumPy arrays: broadcasting, draws, counts and the GIL."""

import os
from fractions import Fraction

import numpy as np

cimport numpy as cnp
from cpython.object cimport PyObject, PyTypeObject
from cpython.exc cimport PyErr_CheckSignals, PyErr_Clear
from cpython.ref cimport Py_DECREF, Py_INCREF
from libc.math cimport isinf
from libc.time cimport CLOCKS_PER_SEC, clock, clock_t
from libc.string cimport memset

from ..context import events, random_stream
from ..context.context import DEFAULT, current
from ..format import storage
from ..format.modes import Overflow, Rounding

cnp.import_array()

cdef extern from "numpy/arrayobject.h":
    PyObject *PyArray_NewFromDescr(PyTypeObject *subtype, cnp.dtype descr, int nd,
                                   const cnp.npy_intp *dims, const cnp.npy_intp *strides,
                                   void *data, int flags, PyObject *obj)

cdef extern from "array_cache.hh" namespace "fx":
    cdef cppclass Spares:
        PyObject *take(cnp.dtype, cnp.npy_intp)
        void keep(PyObject *)

cdef extern from "Python.h":
    int PyContextVar_Get(object var, PyObject *default_value, PyObject **value) except -1

cdef dict _ROUNDING = {mode: code for code, mode in enumerate(Rounding)}
cdef dict _OVERFLOW = {mode: code for code, mode in enumerate(Overflow)}
cdef object _current = current
cdef object _default = DEFAULT
cdef tuple _DIVISIONS = (8, 12, 13)  # divide, floor_divide, remainder: see plan.OPERATIONS
cdef int64_t _GIL_FREE = 2000  # elements from which dropping the GIL pays

# Long work is done in pieces, and between them Ctrl-C is looked for: elements a piece, by the
# intermediate type's level. The slowest operations take 10, 10, 80, 300 and 300 ns an element on
# a fast machine, so that a piece stays well below a second on a slow one.
cdef int64_t[5] _PIECE = [1 << 21, 1 << 21, 1 << 18, 1 << 16, 1 << 16]
cdef tuple _USUAL = tuple(_PIECE)
cdef clock_t _PATIENCE = CLOCKS_PER_SEC // 20  # processor time between two looks

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


cdef class Step:
    """One operation's instructions; made by the plan, which says what each argument means."""

    def __init__(self, str name, int operation, int level, codes, lifts, coefficients, int shift,
                 int out_code, result, int fused, int beyond=0):
        if len(codes) > FX_MAX_OPERANDS:
            raise ValueError(f"at most {FX_MAX_OPERANDS} operands, got {len(codes)}")
        memset(&self.c, 0, sizeof(CStep))
        self.name = name
        self.result = result
        self.c.operation, self.c.level, self.c.operands = operation, level, <int>len(codes)
        for i, (code, lift, coefficient) in enumerate(zip(codes, lifts, coefficients, strict=True)):
            self.c.storage[i] = code
            self.c.lift[i] = lift
            self.c.coefficient[i] = coefficient
        self.c.fused, self.beyond = fused, beyond
        self.divides = result is not None and operation in _DIVISIONS
        self.silent = name == "move"
        if result is None:  # a comparison
            self.dtype = np.dtype(np.bool_)
            return
        self.c.target.shift = shift
        self.c.target.rounding = _ROUNDING[result.rounding]
        self.c.target.overflow = _OVERFLOW[result.overflow]
        self.c.target.width = result.width
        self.c.target.is_signed = result.signed
        self.c.target.storage = out_code
        self.dtype = storage.DTYPES[out_code]
        self.stochastic = result.rounding == "stochastic"
        self.raises = result.overflow == "raise"

    @property
    def level(self):
        return self.c.level

    @property
    def fused(self):
        return self.c.fused

    def at_level(self, int level, int fused=0):
        """A copy with another intermediate type, and what of it is fused."""
        cdef Step copy = Step.__new__(Step)
        copy.c, copy.name, copy.result, copy.dtype = self.c, self.name, self.result, self.dtype
        copy.stochastic, copy.raises, copy.divides = self.stochastic, self.raises, self.divides
        copy.silent, copy.beyond = self.silent, self.beyond
        copy.c.level, copy.c.fused = level, fused
        return copy


cdef Spares _spares


cdef void keep_spare(PyObject *array) noexcept:
    """Keep an array that is about to be freed, if it is small, for another result."""
    _spares.keep(array)


cdef cnp.ndarray new_array(cnp.dtype dtype, int nd, const cnp.npy_intp *shape):
    """A new array; the kernels' door to `storage.allocate`."""
    cdef PyObject *found = _spares.take(dtype, shape[0]) if nd == 1 else NULL
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
    """For tests: do all work in pieces of so many elements (0: of the usual number)."""
    for level in range(5):
        _PIECE[level] = elements or _USUAL[level]


cdef int look_for_signals(clock_t *last) except -1 nogil:
    """Raise KeyboardInterrupt, or what else a signal's handler raises, now and then."""
    cdef clock_t now = clock()
    if 0 <= now - last[0] < _PATIENCE:
        return 0
    last[0] = now
    with gil:
        PyErr_CheckSignals()
    return 0


cdef struct Work:  # a call of the kernels but for the axes that can be cut
    int family  # _REDUCTION, or the kernel's
    const CStep *step
    Counts *counts
    const uint64_t *draws
    int gone  # a reduction's other axes
    const int64_t *gone_shape
    const ptrdiff_t *gone_strides


cdef int _REDUCTION = -1


cdef void _do(const Work *w, int64_t first, int nd, const int64_t *shape, int pointers,
              char **start, const ptrdiff_t **strides) noexcept nogil:
    if w.family == _REDUCTION:
        kernels.reduce(w.step, w.counts, w.draws, first, nd, shape, strides[0], w.gone,
                       w.gone_shape, w.gone_strides, start[0], start[1], strides[1])
    else:
        kernels.run(w.family, w.step, w.counts, w.draws, first, nd, shape, pointers, start,
                    strides)


cdef int _do_in_pieces(const Work *w, int nd, const int64_t *shape, int pointers, char **start,
                       const ptrdiff_t **strides, int64_t limit,
                       int64_t index) except -1 nogil:
    """Work on an output of `shape`, at most `limit` elements at a time, as one call would.

    `index` is the place of its first element, from which draws and events are numbered.
    """
    cdef int axis = nd, a, k
    cdef int64_t inner = 1, rows
    cdef int64_t[64] at, sizes
    cdef char *first[9]
    cdef const ptrdiff_t *by[9]
    cdef clock_t last
    for a in range(nd):
        if shape[a] == 0:
            return 0
    while axis and inner * shape[axis - 1] <= limit:
        axis -= 1
        inner *= shape[axis]
    if axis == 0:
        _do(w, index, nd, shape, pointers, start, strides)
        return 0
    last = clock()  # asked for late: a small call would notice
    axis -= 1  # the axis that is cut, `rows` at a time; those before it are walked
    rows = max(limit // inner, 1)
    for a in range(nd):
        at[a], sizes[a] = 0, shape[a]
    for k in range(pointers):
        first[k], by[k] = start[k], strides[k] + axis
    while True:
        sizes[axis] = min(rows, shape[axis] - at[axis])
        _do(w, index, nd - axis, &sizes[axis], pointers, first, by)
        index += sizes[axis] * inner
        at[axis] += sizes[axis]
        for k in range(pointers):
            first[k] += sizes[axis] * strides[k][axis]
        a = axis
        while at[a] == shape[a]:
            if a == 0:
                return 0
            for k in range(pointers):
                first[k] += strides[k][a - 1] - shape[a] * strides[k][a]
            at[a] = 0
            a -= 1
            at[a] += 1
        look_for_signals(&last)


cdef class Call:
    def __cinit__(self):
        clear(&self.counts)
        self.draws_or_null = NULL
        self.first = 0

    cdef int prepare(self, Step step, bint stochastic) except -1:
        cdef object found = _context()
        if found is not _default and found.whole is not None:
            self.first = found.whole.first
        self.counts.wanted = step.raises or (found.recorder is not None and not step.silent)
        if stochastic:
            stream = random_stream.next_step()
            self.draws[0], self.draws[1], self.draws[2] = stream
            self.draws_or_null = self.draws
        return 0

    cdef int settle(self, Step step, tuple shape, int64_t elements) except -1:
        cdef bint divided = step.divides and self.counts.zero_divisors
        if not (self.counts.wanted or divided):
            return 0
        value = self.first_value(step) if step.raises and self.counts.overflow else None
        events.settle(step.name, step.result, shape, elements, self.counts.overflow,
                       self.counts.underflow, self.counts.inexact, self.counts.first - self.first,
                       value, self.counts.zero_divisors if divided else 0,
                       self.counts.zero_by_zero)
        return 0

    cdef object first_value(self, Step step):
        """The first value that overflowed, exactly."""
        if self.source is not None:
            value = float(self.source.reshape(-1)[self.counts.first - self.first])
            return value if isinf(value) else Fraction(value)
        number = sum(int(self.counts.first_value[i]) << 64 * i for i in range(16))
        if number >> 1023:
            number -= 1 << 1024
        return (number << step.beyond) * step.result.resolution


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
    cdef char *start[9]
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
    # Where nobody asks for an element's place in C order, the axes are walked, and a new result
    # is laid out, in the order of the operands' memory, as NumPy does.
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
        start[i] = <char *>cnp.PyArray_DATA(out if i == count else <cnp.ndarray>operands[i])
        rows[i] = ordered[i]
        for a in range(nd):
            ordered[i][a] = strides[i][order[a]]
    _launch(step, nd, sizes, count + 1, start, rows, out, operands[0], _context())
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


cdef int _launch(Step step, int nd, cnp.npy_intp *shape, int pointers, char **start,
                 const ptrdiff_t **rows, cnp.ndarray out, cnp.ndarray x, object found) except -1:
    cdef int family = FX_COMPARISONS if step.result is None else FX_ELEMENTWISE
    cdef Call call
    cdef Counts counts
    cdef int64_t size = cnp.PyArray_SIZE(out), limit = _PIECE[step.c.level]
    cdef Work work
    if found is _default and not (step.stochastic or step.raises):
        clear(&counts)
        if size < _GIL_FREE:
            kernels.run(family, &step.c, &counts, NULL, 0, nd, <const int64_t *>shape, pointers,
                        start, rows)
        else:
            work.family, work.step, work.counts = family, &step.c, &counts
            work.draws = <const uint64_t *>NULL
            with nogil:
                _do_in_pieces(&work, nd, <const int64_t *>shape, pointers, start, rows, limit, 0)
        if step.divides and counts.zero_divisors:
            call = Call()
            call.counts = counts
            call.settle(step, shape_of(out), size)
        return 0
    call = Call()
    call.prepare(step, step.stochastic)
    if step.c.storage[0] == storage.DOUBLE:
        call.source = x
    work.family, work.step, work.counts = family, &step.c, &call.counts
    work.draws = call.draws_or_null
    with nogil:
        _do_in_pieces(&work, nd, <const int64_t *>shape, pointers, start, rows, limit, call.first)
    if step.result is not None:
        call.settle(step, shape_of(out), size)
    return 0


cdef cnp.ndarray run_pair(Step step, cnp.ndarray x, cnp.ndarray y, object found):
    """`run` for two operands; quick where both are contiguous and of one shape.

    `found` is the context in force.
    """
    cdef cnp.ndarray out
    cdef cnp.npy_intp size
    cdef ptrdiff_t strides[3]
    cdef const ptrdiff_t *rows[3]
    cdef char *start[3]
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
    start[0] = <char *>cnp.PyArray_DATA(x)
    start[1] = <char *>cnp.PyArray_DATA(y)
    start[2] = <char *>cnp.PyArray_DATA(out)
    _launch(step, 1, &size, 3, start, rows, out, x, found)
    return out


def elementwise(Step step not None, tuple operands not None, out=None):
    """Run an elementwise step or comparison; the operands' storage must be the step's."""
    return run(step, operands, out)


def to_double(cnp.ndarray x not None, int code, int frac_bits, bint odd):
    """raw * 2**-frac_bits as float64: rounded to nearest even, or to odd; laid out as `x` is."""
    cdef Step step = Step("convert", odd, 0, (code,), (frac_bits,), (1,), 0, 0, None, False)
    cdef cnp.ndarray out
    cdef char *start[2]
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
    out = new_array(np.dtype(np.float64), nd, sizes)
    start[0], start[1] = <char *>cnp.PyArray_DATA(x), <char *>cnp.PyArray_DATA(out)
    rows[0], rows[1] = ordered, <const ptrdiff_t *>out.strides
    clear(&counts)
    work.family, work.step, work.counts = FX_TO_DOUBLE, &step.c, &counts
    work.draws = <const uint64_t *>NULL
    with nogil:
        _do_in_pieces(&work, nd, <const int64_t *>sizes, 2, start, rows, _PIECE[2], 0)
    return out.transpose(np.argsort([order[a] for a in range(nd)])) if moved else out


cdef void _sort_by_stride(int nd, cnp.npy_intp *shape, ptrdiff_t *strides) noexcept:
    """Order axes that may be walked in any order as they lie in memory, the farthest first."""
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
    """Reduce over `axes` (normalised, distinct); the others stay, in order."""
    cdef int kept = 0, gone = 0, a
    cdef cnp.npy_intp[64] kept_shape, gone_shape
    cdef ptrdiff_t[64] kept_strides, gone_strides
    for a in range(x.ndim):
        if a in axes:
            gone_shape[gone], gone_strides[gone] = x.shape[a], x.strides[a]
            gone += 1
        else:
            kept_shape[kept], kept_strides[kept] = x.shape[a], x.strides[a]
            kept += 1
    _sort_by_stride(gone, gone_shape, gone_strides)
    cdef cnp.ndarray out = new_array(step.dtype, kept, kept_shape)
    cdef char *source = <char *>cnp.PyArray_DATA(x)
    cdef char *target = <char *>cnp.PyArray_DATA(out)
    cdef const ptrdiff_t *out_strides = <const ptrdiff_t *>out.strides
    cdef Call call = Call()
    call.prepare(step, step.stochastic)
    cdef int64_t length = 1
    for a in range(gone):
        length *= gone_shape[a]
    cdef int64_t limit = max(_PIECE[step.c.level] // max(length, 1), 1)
    cdef char *start[2]
    cdef const ptrdiff_t *rows[2]
    start[0], start[1] = source, target
    rows[0], rows[1] = kept_strides, out_strides
    cdef Work work
    work.family, work.step, work.counts = _REDUCTION, &step.c, &call.counts
    work.draws, work.gone = call.draws_or_null, gone
    work.gone_shape, work.gone_strides = <const int64_t *>gone_shape, gone_strides
    with nogil:
        _do_in_pieces(&work, kept, <const int64_t *>kept_shape, 2, start, rows, limit, call.first)
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
    cdef int64_t sizes[4]
    cdef ptrdiff_t strides[6]
    cdef const CStep *rest_step = NULL
    cdef int a
    if out is None:
        out = storage.allocate(shape_of(x) if keep else (x.shape[0], x.shape[2]), first.dtype)
    sizes[3] = done
    for a in range(3):
        sizes[a], strides[a] = x.shape[a], x.strides[a]
    strides[3], strides[4], strides[5] = out.strides[0], 0, out.strides[1]
    if keep:
        strides[4], strides[5] = out.strides[1], out.strides[2]
    if rest is not None:
        rest_step = &rest.c
    cdef const char *source = <const char *>cnp.PyArray_DATA(x)
    cdef char *target = <char *>cnp.PyArray_DATA(out)
    cdef Call call = Call()
    call.prepare(first, first.stochastic)
    cdef clock_t last = 0
    cdef Pause pause
    pause.every, pause.ask, pause.last = _PIECE[first.c.level], look_for_signals, &last
    pause.ended = NULL
    with nogil:
        kernels.scan(&first.c, rest_step, &call.counts, call.draws_or_null, call.first, &pause,
                     sizes, source, target, strides)
    call.settle(first, shape, cnp.PyArray_SIZE(out))
    return out


def draws(stream, uint64_t index, Py_ssize_t n, uint64_t k=0):
    """The draws (uint64) of n elements from `index` on; stream: two key words and the step."""
    cdef uint64_t words[3]
    words[0], words[1], words[2] = stream
    cdef cnp.ndarray out = storage.allocate(n, np.uint64)
    kernels.draw(words, index, k, n, <uint64_t *>cnp.PyArray_DATA(out))
    return out


cdef str _mismatch(Step step, tuple operands):
    shapes = " and ".join(str(shape_of(x)) for x in operands)
    return f"{step.name}: shapes {shapes} don't broadcast"
