# The headers' codes and limits, for Python. Included by calls.pyx. (Not `cpdef enum`: importing
# it takes 30 microseconds a member, and its members are slow keys of dictionaries.)


class Storage:
    """How elements lie in memory: size in bits, signed or unsigned; the order of
    `format.storage.DTYPES`."""

    S8, U8, S16, U16, S32, U32 = FX_S8, FX_U8, FX_S16, FX_U16, FX_S32, FX_U32
    S64, U64, S128, U128 = FX_S64, FX_U64, FX_S128, FX_U128
    DOUBLE, NONE = FX_DOUBLE, FX_NO_STORAGE


class Operation:
    """What an elementwise step computes."""

    COPY, NEGATE, ABS, ADD, SUBTRACT = FX_COPY, FX_NEGATE, FX_ABS, FX_ADD, FX_SUBTRACT
    MULTIPLY, MINIMUM, MAXIMUM, DIVIDE = FX_MULTIPLY, FX_MINIMUM, FX_MAXIMUM, FX_DIVIDE
    COMBINE, CLIP, FLOOR_DIVIDE = FX_COMBINE, FX_CLIP, FX_FLOOR_DIVIDE
    LEFT_SHIFT, RIGHT_SHIFT = FX_LEFT_SHIFT, FX_RIGHT_SHIFT
    REMAINDER, AND, OR, XOR = FX_REMAINDER, FX_AND, FX_OR, FX_XOR
    ROOT, QUOTIENT = FX_ROOT, FX_QUOTIENT
    INTEGER_POWER, DIFFERENCE_OF_PRODUCTS = FX_INTEGER_POWER, FX_DIFFERENCE_OF_PRODUCTS
    RATIO = FX_RATIO


class Reduction:
    SUM, MEAN, MIN, MAX, SQUARES = FX_SUM, FX_MEAN, FX_MIN, FX_MAX, FX_SQUARES


class Comparison:
    EQ, NE, LT, LE, GT, GE = FX_EQ, FX_NE, FX_LT, FX_LE, FX_GT, FX_GE


class Level:
    """The integer type that holds every intermediate value."""

    I32, I64, I128, I320, I1024 = FX_I32, FX_I64, FX_I128, FX_I320, FX_I1024
    BITS = tuple([FX_LEVEL_BITS[i] for i in range(FX_LEVELS)])


class ElementaryFunction:
    """What has a kernel."""

    EXP, EXP2, EXPM1, LOG, LOG2, LOG10 = FX_EXP, FX_EXP2, FX_EXPM1, FX_LOG, FX_LOG2, FX_LOG10
    LOG1P, SIN, COS, TAN, ARCTAN = FX_LOG1P, FX_SIN, FX_COS, FX_TAN, FX_ARCTAN
    ARCTAN2, SINH, COSH, TANH = FX_ARCTAN2, FX_SINH, FX_COSH, FX_TANH
    SIGMOID, SOFTPLUS, SQRT, RSQRT = FX_SIGMOID, FX_SOFTPLUS, FX_SQRT, FX_RSQRT
    HYPOT, POWER = FX_HYPOT, FX_POWER


class RowFunction:
    SOFTMAX, LOG_SOFTMAX, LOGSUMEXP = FX_SOFTMAX, FX_LOG_SOFTMAX, FX_LOGSUMEXP


class Accumulation:
    """An accumulator's loop."""

    ANY_FORMATS, LANES32, LANES64_OF_32 = FX_ANY_FORMATS, FX_LANES32, FX_LANES64_OF_32
    LANES64, LIFTED64, WORDS64, WORDS128 = FX_LANES64, FX_LIFTED64, FX_WORDS64, FX_WORDS128
    WORDS256 = FX_WORDS256


class Path:
    """How a matrix product is computed."""

    LOOPS, PLANES, LIMBS = FX_LOOPS, FX_PLANES, FX_LIMBS
    KARATSUBA, LOW64, RESIDUES = FX_KARATSUBA, FX_LOW64, FX_RESIDUES


class Limits:
    """The bounds of limits.hh, which loops rely upon. Some are dictionaries by element size."""

    _BITS = [8 << i for i in range(FX_SIZES)]
    OPERANDS, MODULI = FX_MAX_OPERANDS, FX_MAX_MODULI
    DIVIDE_LIFT = dict(zip(_BITS, [FX_DIVIDE_LIFT[i] for i in range(FX_SIZES)], strict=True))
    DIVIDE_LEVEL = dict(zip(_BITS, [FX_DIVIDE_LEVEL[i] for i in range(FX_SIZES)], strict=True))
    DIVIDE_SHIFT = FX_DIVIDE_SHIFT
    MULTIPLY_SHIFT = dict(zip(_BITS, [FX_MULTIPLY_SHIFT[i] for i in range(FX_SIZES)], strict=True))
    MULTIPLY_LEVEL = dict(zip(_BITS, [FX_MULTIPLY_LEVEL[i] for i in range(FX_SIZES)], strict=True))
    CONVERT_SHIFT = dict(zip(_BITS, [FX_CONVERT_SHIFT[i] for i in range(FX_SIZES)], strict=True))
    COMBINE_SHIFT = dict(zip(_BITS, [FX_COMBINE_SHIFT[i] for i in range(FX_SIZES)], strict=True))
    COMBINE_SUM = dict(zip(_BITS, [FX_COMBINE_SUM[i] for i in range(FX_SIZES)], strict=True))
    COMBINE_LOW, COMBINE_FACTOR = FX_COMBINE_LOW, FX_COMBINE_FACTOR
    ROOT_SHIFT = FX_ROOT_SHIFT
    QUOTIENT_SUM, QUOTIENT_SHIFT = FX_QUOTIENT_SUM, FX_QUOTIENT_SHIFT
    QUOTIENT_NARROW = (FX_QUOTIENT_NARROW[0], FX_QUOTIENT_NARROW[1])  # numerator, divisor
    QUOTIENT_WIDE = (FX_QUOTIENT_WIDE[0], FX_QUOTIENT_WIDE[1])
    DOUBLE_EXPONENT, HALF_DRAW = FX_DOUBLE_EXPONENT, FX_HALF_DRAW
    LIFTED64_WIDTH, WORDS128_WIDTH = FX_LIFTED64_WIDTH, FX_WORDS128_WIDTH
    WORDS_SHIFT, WORDS256_SHIFT = FX_WORDS_SHIFT, FX_WORDS256_SHIFT
    BLOCK_COLUMNS = FX_BLOCK_COLUMNS
    LIMBS_BITS = {1: FX_LIMBS_BITS[0], 2: FX_LIMBS_BITS[1]}  # by the number of limbs
    KARATSUBA_BITS = {2: FX_KARATSUBA_BITS[0], 3: FX_KARATSUBA_BITS[1]}
    KARATSUBA_LENGTH = FX_KARATSUBA_LENGTH
    LOW64_TOP_BITS, LOW64_LENGTH = FX_LOW64_TOP_BITS, FX_LOW64_LENGTH
    LARGEST_MODULUS = FX_LARGEST_MODULUS


cdef dict _ROUNDING = {
    Rounding.FLOOR: FX_FLOOR,
    Rounding.CEIL: FX_CEIL,
    Rounding.TOWARD_ZERO: FX_TOWARD_ZERO,
    Rounding.AWAY_FROM_ZERO: FX_AWAY_FROM_ZERO,
    Rounding.NEAREST_EVEN: FX_NEAREST_EVEN,
    Rounding.NEAREST_ODD: FX_NEAREST_ODD,
    Rounding.NEAREST_AWAY: FX_NEAREST_AWAY,
    Rounding.NEAREST_ZERO: FX_NEAREST_ZERO,
    Rounding.NEAREST_UP: FX_NEAREST_UP,
    Rounding.NEAREST_DOWN: FX_NEAREST_DOWN,
    Rounding.ODD: FX_ODD,
    Rounding.STOCHASTIC: FX_STOCHASTIC,
}
cdef dict _OVERFLOW = {
    Overflow.SATURATE: FX_SATURATE,
    Overflow.SATURATE_SYMMETRIC: FX_SATURATE_SYMMETRIC,
    Overflow.SATURATE_ZERO: FX_SATURATE_ZERO,
    Overflow.WRAP: FX_WRAP,
    Overflow.RAISE: FX_RAISE,
}
