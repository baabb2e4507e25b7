# cython: freethreading_compatible=True
"""The kernels of matrix products, called on blocks of NumPy arrays."""

import numpy as np

cimport numpy as cnp
from libc.stdint cimport int64_t
from libc.stdlib cimport getenv
from libc.string cimport memset
from libc.time cimport clock_t

from .. import storage
from .kernels cimport (
    FX_LIMBS, FX_LOOPS, FX_LOW64, FX_MAX_MODULI, FX_NO_MEMORY, FX_PLANES, FX_RESIDUES,
    Call, Counts, CWay, Pause, Step, kernels, look_for_signals, new_array, shape_of,
)

cnp.import_array()

TILES = bool(kernels.tiles)
LOOPS, PLANES, LIMBS, LOW64, RESIDUES = FX_LOOPS, FX_PLANES, FX_LIMBS, FX_LOW64, FX_RESIDUES
MOST_COLUMNS = 1024  # of a block, but by loops or from planes
MOST_MODULI = FX_MAX_MODULI

# So many multiply-adds are done by direct loops: a choice costs more than it saves.
cdef int64_t _SMALL = 1 << 13
SMALL = _SMALL
cdef int _KEEP = 4096  # plans of one format

# What an accumulator's loop does between two looks for Ctrl-C, in steps by intermediate type.
cdef int64_t[5] _STEPS = [1 << 23, 1 << 23, 1 << 23, 1 << 20, 1 << 20]
cdef tuple _USUAL = tuple(_STEPS)
cdef int64_t _PATIENCE = 1 << 26  # multiply-adds along k between two looks


def cut(int64_t steps):
    """For tests: look for signals after so many of an accumulator's steps (0: as usual)."""
    for level in range(5):
        _STEPS[level] = steps or _USUAL[level]


cdef class Way:
    """How a block is computed, with which numbers: see step.hh and product_plan.py."""

    cdef CWay c

    def __init__(self, int path, limbs=(1, 1), width=(0, 0), int block=0, bint top=False,
                 words=(1, 1), moduli=(), int planes=1):
        memset(&self.c, 0, sizeof(CWay))
        if len(moduli) > FX_MAX_MODULI:
            raise ValueError(f"at most {FX_MAX_MODULI} moduli, got {len(moduli)}")
        self.c.path, self.c.block, self.c.top, self.c.planes = path, block, top, planes
        for i in range(2):
            self.c.limbs[i], self.c.width[i], self.c.words[i] = limbs[i], width[i], words[i]
        self.c.moduli = <int>len(moduli)
        for i in range(self.c.moduli):
            self.c.modulus[i] = moduli[i]


cdef class Product:
    """A product under way: blocks of `out` are computed, also by several threads, then settled."""

    cdef Step step
    cdef Call call
    cdef readonly cnp.ndarray out

    def __init__(self, Step step not None, tuple shape not None):
        self.step, self.call = step, Call()
        self.out = storage.allocate(shape, step.dtype)
        self.call.prepare(step, step.stochastic)

    def block(self, Way way not None, cnp.ndarray a not None, b, cnp.ndarray out not None,
              int64_t first, int64_t pitch):
        """a (m, k) times b (k, n) into out (m, n), a part of `self.out`; or, by planes, sums.

        first, pitch: the place of out's first element in the whole result's C order, and from
        one row to the next.
        """
        cdef cnp.ndarray right
        cdef int64_t[4] sizes
        cdef ptrdiff_t[6] strides
        cdef char *pointers[3]
        cdef Counts counts
        cdef int outcome
        memset(&counts, 0, sizeof(Counts))
        counts.wanted = self.call.counts.wanted
        sizes[0], sizes[2], sizes[3] = out.shape[0], out.shape[1], pitch
        strides[4], strides[5] = out.strides[0], out.strides[1]
        pointers[0], pointers[2] = <char *>cnp.PyArray_DATA(a), <char *>cnp.PyArray_DATA(out)
        if way.c.path == FX_PLANES:
            sizes[1], pointers[1] = 0, <char *>NULL
            strides[0] = strides[1] = strides[2] = strides[3] = 0
        else:
            right = b
            sizes[1], pointers[1] = a.shape[1], <char *>cnp.PyArray_DATA(right)
            strides[0], strides[1] = a.strides[0], a.strides[1]
            strides[2], strides[3] = right.strides[0], right.strides[1]
        cdef clock_t last = 0
        cdef Pause pause
        pause.every, pause.ask, pause.last = _PATIENCE, look_for_signals, &last
        with nogil:
            outcome = kernels.product(&self.step.c, &way.c, &counts, self.call.draws_or_null,
                                      first, &pause, sizes, pointers, strides)
        if outcome == FX_NO_MEMORY:
            raise MemoryError(f"fxtypes needs memory to pack operands: matmul of {shape_of(a)} and "
                              f"{shape_of(right)}")
        if counts.wanted:
            self.add(&counts)

    cdef void add(self, Counts *counts):
        cdef Counts *total = &self.call.counts
        cdef int i
        if counts.overflow and (total.overflow == 0 or counts.first < total.first):
            total.first = counts.first
            for i in range(16):
                total.first_value[i] = counts.first_value[i]
        total.overflow += counts.overflow
        total.underflow += counts.underflow
        total.inexact += counts.inexact

    @property
    def codes(self):
        """The operands' storage codes."""
        return self.step.c.storage[0], self.step.c.storage[1]

    def settle(self):
        """Report the counts, or raise; returns the result."""
        self.call.settle(self.step, shape_of(self.out), cnp.PyArray_SIZE(self.out))
        return self.out


cdef cnp.ndarray quick(cnp.ndarray a, cnp.ndarray b, int code, object format, dict plans):
    """A small product of two matrices of one format, nobody counting; None: not this way.

    `plans`: where the format's plans are kept.
    """
    cdef int64_t[4] sizes
    cdef cnp.npy_intp[2] shape
    cdef ptrdiff_t[6] strides
    cdef char *pointers[3]
    cdef Counts counts
    cdef cnp.ndarray out
    cdef Step step
    cdef Way way
    cdef int p, q
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[0]:
        return None
    sizes[0], sizes[1], sizes[2], sizes[3] = a.shape[0], a.shape[1], b.shape[1], b.shape[1]
    if (max(sizes[0], sizes[1], sizes[2]) > _SMALL or sizes[0] * sizes[1] * sizes[2] > _SMALL
            or getenv("FXTYPES_GEMM") != NULL):
        return None
    pointers[0], pointers[1] = <char *>cnp.PyArray_DATA(a), <char *>cnp.PyArray_DATA(b)
    p = kernels.magnitude_bits(code, 2, sizes, pointers[0], <const ptrdiff_t *>a.strides)
    q = kernels.magnitude_bits(code, 2, &sizes[1], pointers[1], <const ptrdiff_t *>b.strides)
    key = (p << 8 | q) << 16 | sizes[1]
    found = plans.get(key)
    if found is None:
        from .. import plan, product_plan
        step = plan.product(format, format, format, p, q, sizes[1])
        way = product_plan.loops(p, q, sizes[0], sizes[1], sizes[2]).way
        found = step, way
        if len(plans) < _KEEP:
            plans.setdefault(key, found)
    step, way = found
    if step.stochastic or step.raises:
        return None
    shape[0], shape[1] = sizes[0], sizes[2]
    out = new_array(step.dtype, 2, shape)
    strides[0], strides[1], strides[2], strides[3] = (
        a.strides[0], a.strides[1], b.strides[0], b.strides[1])
    strides[4], strides[5] = out.strides[0], out.strides[1]
    pointers[2] = <char *>cnp.PyArray_DATA(out)
    counts.wanted = 0
    if kernels.product(&step.c, &way.c, &counts, NULL, 0, NULL, sizes, pointers, strides):
        raise MemoryError(f"fxtypes needs memory to copy an operand: matmul of {shape_of(a)} and "
                          f"{shape_of(b)}")
    return out


def slices(cnp.ndarray x not None, int code, int count, int width):
    """A matrix in storage `code` as planes of float64: (count, rows, columns).

    The sum of plane d times 2**(width * d) is the matrix; all planes but the last are balanced.
    """
    cdef int64_t[2] sizes
    sizes[0], sizes[1] = x.shape[0], x.shape[1]
    cdef cnp.ndarray out = storage.allocate((count, sizes[0], sizes[1]), np.float64)
    cdef const char *start = <const char *>cnp.PyArray_DATA(x)
    cdef const ptrdiff_t *strides = <const ptrdiff_t *>x.strides
    cdef double *target = <double *>cnp.PyArray_DATA(out)
    with nogil:
        kernels.slices(code, count, width, sizes, start, strides, target)
    return out


def magnitude_bits(cnp.ndarray x not None, int code):
    """The bits that the largest magnitude needs: of v when v >= 0, else of -v - 1."""
    cdef char *start = <char *>cnp.PyArray_DATA(x)
    cdef int nd = x.ndim, bits
    cdef const int64_t *shape = <const int64_t *>x.shape
    cdef const ptrdiff_t *strides = <const ptrdiff_t *>x.strides
    with nogil:
        bits = kernels.magnitude_bits(code, nd, shape, start, strides)
    return bits


def accumulate(Step step not None, Step last not None, cnp.ndarray a not None,
               cnp.ndarray b not None):
    """a (..., m, k) times b (..., k, n), leading axes equal, by an accumulator's loop.

    `step` is the accumulator's, `last` the conversion into the result.
    """
    cdef int nd = a.ndim
    cdef int64_t[4] sizes
    cdef ptrdiff_t[6] strides
    cdef char *pointers[3]
    cdef bint enough
    sizes[0], sizes[1], sizes[2] = a.shape[nd - 2], a.shape[nd - 1], b.shape[nd - 1]
    sizes[3] = sizes[2]
    shape = shape_of(a)[:nd - 1] + (b.shape[nd - 1],)
    out = storage.allocate(shape, last.dtype)
    # The accumulator's roundings and the conversion at the end are counted apart: each raises
    # by its own format's mode.
    cdef Call call = Call(), conversion = Call()
    call.prepare(step, last.stochastic or step.stochastic)
    conversion.prepare(last, False)
    cdef cnp.ndarray x, y, z
    cdef int64_t block = 0, limit, i, j, height = sizes[0], width = sizes[2]
    limit = _STEPS[step.c.level]
    cdef int64_t rows = max(limit // max(sizes[1] * width, 1), 1)
    cdef int64_t columns = max(limit // max(sizes[1], 1), 256)
    cdef clock_t began = 0
    for place in np.ndindex(shape[:nd - 2]):
        x, y, z = a[place], b[place], out[place]
        strides[0], strides[1] = x.strides[0], x.strides[1]
        strides[2], strides[3] = y.strides[0], y.strides[1]
        strides[4], strides[5] = z.strides[0], z.strides[1]
        for i in range(0, height, rows):
            sizes[0] = min(rows, height - i)
            for j in range(0, width, columns):
                sizes[2] = min(columns, width - j)
                pointers[0] = <char *>cnp.PyArray_DATA(x) + i * strides[0]
                pointers[1] = <char *>cnp.PyArray_DATA(y) + j * strides[3]
                pointers[2] = <char *>cnp.PyArray_DATA(z) + i * strides[4] + j * strides[5]
                with nogil:
                    enough = kernels.accumulate(
                        &step.c, &last.c, &call.counts, &conversion.counts, call.draws_or_null,
                        block + i * width + j, sizes, pointers, strides)
                if not enough:
                    raise MemoryError(
                        f"fxtypes needs memory to copy an operand: matmul of {shape_of(a)} and "
                        f"{shape_of(b)}")
                look_for_signals(&began)
        block += height * width
    call.settle(step, shape, out.size * sizes[1])
    conversion.settle(last, shape, out.size)
    return out
