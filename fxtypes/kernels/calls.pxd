cimport numpy as cnp
from cpython.object cimport PyObject
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.time cimport clock_t

# Names only: the numbers stand in the headers.
cdef extern from "codes.hh" nogil:
    enum:  # Storage
        FX_NO_STORAGE, FX_S8, FX_U8, FX_S16, FX_U16, FX_S32, FX_U32, FX_S64, FX_U64, FX_S128
        FX_U128, FX_DOUBLE

    enum:  # Rounding
        FX_FLOOR, FX_CEIL, FX_TOWARD_ZERO, FX_AWAY_FROM_ZERO, FX_NEAREST_EVEN, FX_NEAREST_ODD
        FX_NEAREST_AWAY, FX_NEAREST_ZERO, FX_NEAREST_UP, FX_NEAREST_DOWN, FX_ODD, FX_STOCHASTIC

    enum:  # Overflow
        FX_SATURATE, FX_SATURATE_SYMMETRIC, FX_SATURATE_ZERO, FX_WRAP, FX_RAISE

    enum:  # Level
        FX_I32, FX_I64, FX_I128, FX_I320, FX_I1024, FX_LEVELS

    enum:  # Operation
        FX_COPY, FX_NEGATE, FX_ABS, FX_ADD, FX_SUBTRACT, FX_MULTIPLY, FX_MINIMUM, FX_MAXIMUM
        FX_DIVIDE, FX_LEFT_SHIFT, FX_RIGHT_SHIFT, FX_COMBINE, FX_CLIP, FX_FLOOR_DIVIDE, FX_REMAINDER
        FX_AND, FX_OR, FX_XOR, FX_ROOT, FX_QUOTIENT, FX_INTEGER_POWER, FX_DIFFERENCE_OF_PRODUCTS
        FX_RATIO

    enum:  # Reduction
        FX_SUM, FX_MEAN, FX_MIN, FX_MAX, FX_SQUARES

    enum:  # Comparison
        FX_EQ, FX_NE, FX_LT, FX_LE, FX_GT, FX_GE

    enum:  # Family
        FX_ELEMENTWISE, FX_COMPARISONS, FX_TO_DOUBLE

    enum:  # ElementaryFunction
        FX_NO_FUNCTION, FX_EXP, FX_EXP2, FX_EXPM1, FX_LOG, FX_LOG2, FX_LOG10, FX_LOG1P, FX_SIN
        FX_COS, FX_TAN, FX_ARCTAN, FX_ARCTAN2, FX_SINH, FX_COSH, FX_TANH, FX_SIGMOID, FX_SOFTPLUS
        FX_SQRT, FX_RSQRT, FX_HYPOT, FX_POWER

    enum:  # RowFunction
        FX_SOFTMAX, FX_LOG_SOFTMAX, FX_LOGSUMEXP

    enum:  # Settled
        FX_BY_ANALYSIS, FX_BY_TWO_LIMBS, FX_BY_THREE_LIMBS, FX_BY_FOUR_LIMBS, FX_BY_REFERENCE
        FX_SETTLED

    enum:  # TableEvent
        FX_OVERFLOWED, FX_UNDERFLOWED, FX_WAS_INEXACT

    enum:  # Accumulation
        FX_ANY_FORMATS, FX_LANES32, FX_LANES64_OF_32, FX_LANES64, FX_LIFTED64, FX_WORDS64
        FX_WORDS128, FX_WORDS256

    enum:  # Path
        FX_LOOPS, FX_PLANES, FX_LIMBS, FX_KARATSUBA, FX_LOW64, FX_RESIDUES

    enum:  # Outcome
        FX_DONE, FX_NO_MEMORY

cdef extern from "limits.hh" nogil:
    enum:
        FX_MAX_OPERANDS, FX_MAX_MODULI, FX_COUNTED_WORDS, FX_SIZES

    const int *FX_LEVEL_BITS
    const int *FX_DIVIDE_LIFT
    const int FX_DIVIDE_SHIFT
    const int *FX_DIVIDE_LEVEL
    const int *FX_MULTIPLY_SHIFT
    const int *FX_MULTIPLY_LEVEL
    const int *FX_CONVERT_SHIFT
    const int *FX_COMBINE_SHIFT
    const int *FX_COMBINE_SUM
    const int FX_COMBINE_LOW, FX_COMBINE_FACTOR, FX_ROOT_SHIFT
    const int FX_QUOTIENT_SUM, FX_QUOTIENT_SHIFT
    const int *FX_QUOTIENT_NARROW
    const int *FX_QUOTIENT_WIDE
    const int FX_DOUBLE_EXPONENT, FX_HALF_DRAW
    const int FX_LIFTED64_WIDTH, FX_WORDS128_WIDTH, FX_WORDS_SHIFT, FX_WORDS256_SHIFT
    const int FX_BLOCK_COLUMNS
    const int *FX_LIMBS_BITS
    const int *FX_KARATSUBA_BITS
    const int FX_KARATSUBA_LENGTH, FX_LOW64_TOP_BITS, FX_LOW64_LENGTH, FX_LARGEST_MODULUS

cdef extern from "instructions.hh" nogil:
    struct CTarget "Target":
        int32_t shift, rounding, overflow, width, is_signed, storage

    ctypedef void (*ElementaryRow)() noexcept nogil

    struct CElementary "Elementary":
        int32_t function, raw_bits, bits, limbs, out_bits, settled_bits, limit
        int32_t is_stochastic, is_masked
        int32_t exact_beyond
        int32_t *frac_bits
        int (*resolve)(const Task *, int64_t, const uint64_t *, uint64_t *) noexcept nogil
        void *owner
        ElementaryRow row

    struct CFunctionTable "FunctionTable":
        const void *entries
        const uint64_t *fractions
        uint32_t mask
        int32_t has_events

    struct Enclosure:
        uint64_t *y
        uint64_t error
        int32_t point, is_negative

    struct LimbTable:
        const uint64_t *limbs
        int32_t entries, limbs_each

    struct CStep "Step":
        int32_t operation, level, operands
        int32_t *storage
        int32_t *lift
        int64_t *coefficient
        int64_t divisor
        int32_t result_lift, fused_storage, same_storage, accumulation
        const CElementary *elementary
        const CFunctionTable *function_table
        CTarget target

    struct CScheme "Scheme":
        int32_t path, block, estimates_top, planes, plane_width, moduli
        int32_t *words
        int32_t *limbs
        int32_t *limb_width
        int32_t *rounded_bits
        int32_t *modulus

    struct Counts:
        int32_t wanted
        int64_t overflow, underflow, inexact, zero_divisors, zero_by_zero, first
        uint64_t *first_value
        int64_t infinities, first_infinity
        int32_t infinity_sign
        void *beyond
        void *error

    struct Stream:
        uint64_t key, base

    struct NormalTables:
        const uint64_t *first
        const uint64_t *second
        const uint64_t *inverses
        const uint64_t *ln2
        int terms

    struct Task:
        const CStep *step
        Counts *counts
        Stream stream
        int64_t first

    struct Arrays:
        int nd, count
        const int64_t *shape
        char **data
        const ptrdiff_t **strides

    struct Axes:
        int nd
        const int64_t *shape
        const ptrdiff_t *strides

    struct Lines:
        int64_t outer, n, inner, done
        const char *in_ "in"
        char *out
        ptrdiff_t *in_strides
        ptrdiff_t *out_strides
        int32_t keep

    struct RowBatch:
        Axes outer, inner
        int64_t n
        ptrdiff_t stride
        const char *in_ "in"
        char *out
        void (*resolve)(const Task *, int64_t, int64_t, int64_t, const uint64_t *,
                        uint64_t *) noexcept nogil

    struct Matrices:
        int64_t m, k, n, pitch
        char *a
        char *b
        char *out
        const char *initial
        ptrdiff_t a_row, a_column, b_row, b_column, out_row, out_column
        ptrdiff_t initial_row, initial_column
        const int64_t *place

    struct Matrix:
        char *data
        int64_t rows, columns
        ptrdiff_t row, column
        int32_t storage

cdef extern from "table.hh" nogil:
    struct InterruptCheck:
        int64_t every
        int (*ask)(clock_t *) except -1 nogil
        clock_t *last
        const int *ended

    struct ElementaryKernels:
        ElementaryRow row
        int (*rows)(const Task *, const InterruptCheck *, const RowBatch *) except -1 nogil
        uint64_t *settled
        bint (*enclose)(const CElementary *, int, const uint64_t *, const uint64_t *,
                        Enclosure *) noexcept nogil
        LimbTable (*limb_table)(int, int) noexcept nogil

    struct Kernels:
        const char *name
        bint has_tiles
        Stream (*stream)(const uint64_t *) noexcept nogil
        void (*run)(int, const Task *, const Arrays *) noexcept nogil
        void (*reduce)(const Task *, const Axes *, const Axes *, const char *, char *,
                       const ptrdiff_t *) noexcept nogil
        int (*scan)(const Task *, const CStep *, const InterruptCheck *,
                    const Lines *) except -1 nogil
        int (*magnitude_bits)(int, const Axes *, const char *) noexcept nogil
        void (*extremes)(int, const Axes *, const char *, uint64_t *) noexcept nogil
        void (*count_moves)(int, int, const Arrays *, int64_t *) noexcept nogil
        void (*select)(int, int64_t, const uint8_t *, const void *, bint, const void *, bint,
                       void *) noexcept nogil
        int (*product)(const Task *, const CScheme *, const InterruptCheck *,
                       const Matrices *) except? -1 nogil
        int (*accumulate)(const Task *, const Task *, const Task *, const InterruptCheck *,
                          const Matrices *) except? -1 nogil
        void (*slices)(const Matrix *, int, int, double *) noexcept nogil
        void (*draw)(const Stream *, uint64_t, uint64_t, int64_t, uint64_t *) noexcept nogil
        void (*normal)(const Stream *, const NormalTables *, uint64_t, int64_t, void *,
                       uint8_t *) noexcept nogil
        void (*rounding_constants)(int, const CTarget *, uint64_t *) noexcept nogil
        const ElementaryKernels *elementary

    const Kernels *fx_kernels(const char *name)


cdef inline void clear(Counts *c) noexcept nogil:
    """Nothing happened yet: `first_value` says something only where there is an overflow."""
    c.wanted = 0
    c.overflow = c.underflow = c.inexact = c.zero_divisors = c.zero_by_zero = c.first = 0
    c.infinities = 0
    c.beyond = c.error = NULL


cdef class Target:
    cdef readonly object format
    cdef readonly int shift, missing_lift


cdef class Step:
    cdef CStep c
    cdef readonly str name        # the operation's name, for counts and messages
    cdef readonly object result   # the result's Format; None: a comparison
    cdef cnp.dtype dtype          # its storage
    cdef bint stochastic, raises, divides
    cdef bint silent              # moves elements into another form: not counted
    cdef int missing_lift         # bits by which exact values were lifted less than they should
    cdef int set_target(self, Target target) except -1
    cdef int set_fields(self, dict fields) except -1


cdef class Call:
    """One call's draws and counts: prepared before the kernel, settled after."""
    cdef Task task
    cdef Counts counts
    # A float64 operand: its own value says more than the kernel's bounded one.
    cdef object source
    cdef object beyond  # an elementary function's: the index and value of what was folded
    cdef int prepare(self, Step step, bint stochastic) except -1
    cdef int settle(self, Step step, tuple shape, int64_t elements) except -1
    cdef int settle_elementary(self, Step step, tuple shape) except -1
    cdef object first_value(self, Step step)


cdef const Kernels *kernels
cdef int look_for_signals(clock_t *last) except -1 nogil
cdef void cache_array(PyObject *array) noexcept
cdef cnp.ndarray new_array(cnp.dtype dtype, int nd, const cnp.npy_intp *shape)
cdef tuple shape_of(cnp.ndarray a)
cdef object signed_integer(const uint64_t *words, int count)
cdef cnp.ndarray run(Step step, tuple operands, cnp.ndarray out)
cdef cnp.ndarray run_pair(Step step, cnp.ndarray x, cnp.ndarray y, object in_force)
