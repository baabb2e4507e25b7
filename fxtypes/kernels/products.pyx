# cython: freethreading_compatible=True
"""The kernels of matrix products, called on blocks of NumPy arrays."""

from threading import Lock

import numpy as np

cimport numpy as cnp
from libc.stdint cimport int64_t
from libc.stdlib cimport getenv
from libc.string cimport memset
from libc.time cimport clock_t

from ..format import storage
from .calls cimport (
    FX_KARATSUBA, FX_LIMBS, FX_LOOPS, FX_LOW64, FX_MAX_MODULI, FX_NO_MEMORY, FX_PLANES,
    FX_RESIDUES, Call, Counts, CWay, Pause, Step, clear, kernels, look_for_signals, new_array,
    shape_of,
)

cnp.import_array()

TILES = bool(kernels.tiles)
LOOPS, PLANES, LIMBS = FX_LOOPS, FX_PLANES, FX_LIMBS
KARATSUBA, LOW64, RESIDUES = FX_KARATSUBA, FX_LOW64, FX_RESIDUES
MOST_COLUMNS = 1024  # of a block, but by loops or from planes
MOST_MODULI = FX_MAX_MODULI

# So many multiply-adds are done by direct loops: a choice costs more than it saves.
cdef int64_t _SMALL = 1 << 13
SMALL = _SMALL
cdef int _KEEP = 4096  # plans of one format

# Multiply-adds between two looks for Ctrl-C, of a product and of an accumulator's loop by type.
cdef int64_t[5] _LOOKS = [1 << 24, 1 << 24, 1 << 24, 1 << 24, 1 << 22]
cdef int64_t[5] _LOOKS_OF_LOOPS = [1 << 22, 1 << 22, 1 << 22, 1 << 19, 1 << 17]
cdef tuple _USUAL = (tuple(_LOOKS), tuple(_LOOKS_OF_LOOPS))
cdef int64_t _CALL = 1 << 8  # what a call is worth in multiply-adds


def cut(int64_t work):
    """For tests: look for Ctrl-C after so many multiply-adds (0: as usual)."""
    for level in range(5):
        _LOOKS[level], _LOOKS_OF_LOOPS[level] = (work or usual[level] for usual in _USUAL)


cdef class Way:
    """How a block is computed, with which numbers: see instructions.hh and products/paths.py."""

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
    """A product under way: blocks of `out` are computed, also by several threads, then settled.

    With `last`, the conversion at its end, an accumulator's loop, of which `step` is one turn.
    """

    cdef Step step, last
    cdef Call call, conversion
    cdef int64_t rounds, looks  # of an element; between two looks for Ctrl-C
    cdef int wanted, ends_wanted, ended
    cdef object lock  # of the counts
    cdef readonly cnp.ndarray out

    def __init__(self, Step step not None, tuple shape not None, Step last=None, int64_t inner=1):
        self.step, self.last, self.call = step, last, Call()
        self.out = storage.allocate(shape, (step if last is None else last).dtype)
        self.call.prepare(step, step.stochastic or (last is not None and last.stochastic))
        self.rounds, self.looks, self.lock, self.ended = 1, _LOOKS[step.c.level], Lock(), 0
        self.wanted, self.ends_wanted = self.call.counts.wanted, 0
        if last is not None:
            # Counted apart: each raises by its own format's mode.
            self.rounds, self.conversion = inner, Call()
            self.conversion.prepare(last, False)
            self.ends_wanted = self.conversion.counts.wanted
            self.looks = _LOOKS_OF_LOOPS[step.c.level]

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
        cdef Counts counts, ends
        self.begin(&counts, &ends)
        with nogil:
            self.multiply(&way.c, &counts, &ends, first, sizes, pointers, strides)
        self.add(&counts, &ends)

    def stack(self, Way way not None, cnp.ndarray a not None, cnp.ndarray b not None):
        """All matrices of a (..., m, k) times those of b (..., k, n) into `self.out`.

        Their leading axes are equal, and no axis of the result is empty. Each product is a block
        of its own, and none by planes.
        """
        cdef int nd = a.ndim - 2, axis = 0
        cdef int64_t[4] sizes
        cdef ptrdiff_t[6] strides
        cdef char *pointers[3]
        cdef cnp.npy_intp[64] place
        cdef int64_t first = 0, work = 0
        cdef clock_t looked = 0
        cdef Counts counts, ends, some, some_ends
        cdef cnp.ndarray out = self.out
        sizes[0], sizes[1], sizes[2] = a.shape[nd], a.shape[nd + 1], b.shape[nd + 1]
        sizes[3] = sizes[2]
        strides[0], strides[1] = a.strides[nd], a.strides[nd + 1]
        strides[2], strides[3] = b.strides[nd], b.strides[nd + 1]
        strides[4], strides[5] = out.strides[nd], out.strides[nd + 1]
        pointers[0], pointers[1] = <char *>cnp.PyArray_DATA(a), <char *>cnp.PyArray_DATA(b)
        pointers[2] = <char *>cnp.PyArray_DATA(out)
        memset(place, 0, sizeof(place))
        self.begin(&counts, &ends)
        with nogil:
            while axis >= 0:
                self.begin(&some, &some_ends)
                self.multiply(&way.c, &some, &some_ends, first, sizes, pointers, strides)
                _add(&counts, &some)
                _add(&ends, &some_ends)
                first += sizes[0] * sizes[2]
                work += sizes[0] * sizes[1] * sizes[2] + _CALL
                if work > self.looks:
                    work = 0
                    look_for_signals(&looked)
                axis = nd - 1
                while axis >= 0:  # on to the next place in C order
                    place[axis] += 1
                    pointers[0] += a.strides[axis]
                    pointers[1] += b.strides[axis]
                    pointers[2] += out.strides[axis]
                    if place[axis] < out.shape[axis]:
                        break
                    pointers[0] -= place[axis] * a.strides[axis]
                    pointers[1] -= place[axis] * b.strides[axis]
                    pointers[2] -= place[axis] * out.strides[axis]
                    place[axis] = 0
                    axis -= 1
        self.add(&counts, &ends)

    cdef void begin(self, Counts *counts, Counts *ends) noexcept nogil:
        clear(counts)
        clear(ends)
        counts.wanted, ends.wanted = self.wanted, self.ends_wanted

    cdef int multiply(self, const CWay *way, Counts *counts, Counts *ends, int64_t first,
                      const int64_t *sizes, char **pointers,
                      const ptrdiff_t *strides) except -1 nogil:
        """A block; it is left undone where `stop` was called."""
        cdef int outcome
        cdef clock_t looked = 0
        cdef Pause pause
        pause.every, pause.ask, pause.last = self.looks, look_for_signals, &looked
        pause.ended = &self.ended
        if self.last is None:
            outcome = kernels.product(&self.step.c, way, counts, self.call.draws_or_null, first,
                                      &pause, sizes, pointers, strides)
        else:
            outcome = kernels.accumulate(&self.step.c, &self.last.c, counts, ends,
                                         self.call.draws_or_null, first, &pause, sizes, pointers,
                                         strides)
        if outcome == FX_NO_MEMORY:
            with gil:
                raise MemoryError(
                    f"fxtypes needs memory to pack operands: matmul of ({sizes[0]}, {sizes[1]}) "
                    f"and ({sizes[1]}, {sizes[2]})"
                )
        return 0

    cdef int add(self, const Counts *counts, const Counts *ends) except -1:
        if self.wanted or self.ends_wanted:
            with self.lock:
                _add(&self.call.counts, counts)
                if self.last is not None:
                    _add(&self.conversion.counts, ends)
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
        self.call.settle(self.step, shape, size * self.rounds)
        if self.last is not None:
            self.conversion.settle(self.last, shape, size)
        return self.out


cdef void _add(Counts *total, const Counts *part) noexcept nogil:
    cdef int i
    if part.overflow and (total.overflow == 0 or part.first < total.first):
        total.first = part.first
        for i in range(16):
            total.first_value[i] = part.first_value[i]
    total.overflow += part.overflow
    total.underflow += part.underflow
    total.inexact += part.inexact


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
        from ..products import paths, plan_products
        step = plan_products.product(format, format, format, p, q, sizes[1])
        way = paths.loops(p, q, sizes[0], sizes[1], sizes[2]).way
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
