cimport numpy as cnp
from cpython.object cimport PyObject
from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.time cimport clock_t

cdef extern from "instructions.hh" nogil:
    enum:
        FX_MAX_OPERANDS

    struct CTarget "Target":
        int32_t shift, rounding, overflow, width, is_signed, storage

    struct CStep "Step":
        int32_t operation, level, operands
        int32_t storage[8]
        int32_t lift[8]
        int64_t coefficient[8]
        int32_t fused
        CTarget target

    enum Path:
        FX_LOOPS
        FX_PLANES
        FX_LIMBS
        FX_KARATSUBA
        FX_LOW64
        FX_RESIDUES

    enum:
        FX_MAX_MODULI

    struct CWay "Way":
        int32_t path, block, top, planes, moduli
        int32_t limbs[2]
        int32_t width[2]
        int32_t words[2]
        int32_t modulus[24]

    enum Outcome:
        FX_DONE
        FX_NO_MEMORY

    struct Counts:
        int32_t wanted
        int64_t overflow, underflow, inexact, zero_divisors, zero_by_zero, first
        uint64_t first_value[16]

cdef extern from "table.hh" nogil:
    enum Family:
        FX_ELEMENTWISE
        FX_COMPARISONS
        FX_TO_DOUBLE

    struct Pause:
        int64_t every
        int (*ask)(clock_t *) except -1 nogil
        clock_t *last
        const int *ended

    struct Kernels:
        const char *name
        bint tiles
        void (*run)(int, const CStep *, Counts *, const uint64_t *, int64_t, int, const int64_t *,
                    int, char **, const ptrdiff_t **) noexcept nogil
        void (*reduce)(const CStep *, Counts *, const uint64_t *, int64_t, int, const int64_t *,
                       const ptrdiff_t *, int, const int64_t *, const ptrdiff_t *, char *, char *,
                       const ptrdiff_t *) noexcept nogil
        int (*scan)(const CStep *, const CStep *, Counts *, const uint64_t *, int64_t,
                    const Pause *, const int64_t *, const char *, char *,
                    const ptrdiff_t *) except -1 nogil
        int (*magnitude_bits)(int, int, const int64_t *, char *, const ptrdiff_t *) noexcept nogil
        int (*product)(const CStep *, const CWay *, Counts *, const uint64_t *, int64_t,
                       const Pause *, const int64_t *, char **,
                       const ptrdiff_t *) except? -1 nogil
        int (*accumulate)(const CStep *, const CStep *, Counts *, Counts *, const uint64_t *,
                          int64_t, const Pause *, const int64_t *, char **,
                          const ptrdiff_t *) except? -1 nogil
        void (*slices)(int, int, int, const int64_t *, const char *, const ptrdiff_t *,
                       double *) noexcept nogil
        void (*draw)(const uint64_t *, uint64_t, uint64_t, int64_t, uint64_t *) noexcept nogil

    const Kernels *fx_kernels(const char *name)


cdef inline void clear(Counts *c) noexcept nogil:
    """Nothing happened yet: `first_value` says something only where there is an overflow."""
    c.wanted = 0
    c.overflow = c.underflow = c.inexact = c.zero_divisors = c.zero_by_zero = c.first = 0


cdef class Step:
    cdef CStep c
    cdef readonly str name        # the operation's name, for counts and messages
    cdef readonly object result   # the result's Format
    cdef cnp.dtype dtype          # its storage
    cdef bint stochastic, raises, divides
    cdef bint silent              # moves elements into another form: not counted
    cdef int beyond               # bits that an exact value was shifted less than it should


cdef class Call:
    """One call's draws and counts: prepared before the kernel, settled after."""
    cdef Counts counts
    cdef uint64_t draws[3]
    cdef const uint64_t *draws_or_null
    cdef int64_t first  # the first element's place, where this is a block of a larger result
    # A float64 operand: its own value says more than the kernel's bounded one.
    cdef object source
    cdef int prepare(self, Step step, bint stochastic) except -1
    cdef int settle(self, Step step, tuple shape, int64_t elements) except -1
    cdef object first_value(self, Step step)


cdef const Kernels *kernels
cdef int look_for_signals(clock_t *last) except -1 nogil
cdef void keep_spare(PyObject *array) noexcept
cdef cnp.ndarray new_array(cnp.dtype dtype, int nd, const cnp.npy_intp *shape)
cdef tuple shape_of(cnp.ndarray a)
cdef cnp.ndarray run(Step step, tuple operands, cnp.ndarray out)
cdef cnp.ndarray run_pair(Step step, cnp.ndarray x, cnp.ndarray y, object found)
