// The codes that Python, Cython and C++ share. Their numbers stand here only: calls.pxd names
// them, codes.pxi shows them to Python.
#pragma once

#include <cstdint>

// How elements lie in memory: in order of size, for each size signed, then unsigned.
enum Storage : int32_t {
  FX_NO_STORAGE = -1,
  FX_S8, FX_U8, FX_S16, FX_U16, FX_S32, FX_U32, FX_S64, FX_U64, FX_S128, FX_U128,
  FX_DOUBLE, // an operand only: loaded as value * 2^lift, rounded to odd
};

static constexpr int storage_bytes(int storage) { return 1 << storage / 2; }
static constexpr bool is_unsigned(int storage) { return storage % 2 != 0; }

enum Rounding : int32_t {
  FX_FLOOR, FX_CEIL, FX_TOWARD_ZERO, FX_AWAY_FROM_ZERO, FX_NEAREST_EVEN, FX_NEAREST_ODD,
  FX_NEAREST_AWAY, FX_NEAREST_ZERO, FX_NEAREST_UP, FX_NEAREST_DOWN, FX_ODD, FX_STOCHASTIC,
};

enum Overflow : int32_t { FX_SATURATE, FX_SATURATE_SYMMETRIC, FX_SATURATE_ZERO, FX_WRAP, FX_RAISE };

// The integer type that holds every intermediate value, in order of size.
enum Level : int32_t { FX_I32, FX_I64, FX_I128, FX_I320, FX_I1024, FX_LEVELS };

// What the elementwise loops compute.
enum Operation : int32_t {
  FX_COPY, FX_NEGATE, FX_ABS, FX_ADD, FX_SUBTRACT, FX_MULTIPLY, FX_MINIMUM, FX_MAXIMUM,
  FX_DIVIDE, FX_COMBINE, FX_CLIP, FX_FLOOR_DIVIDE, FX_REMAINDER, FX_AND, FX_OR, FX_XOR,
  FX_ROOT, // of a sum of coefficient * element^2
  FX_QUOTIENT, // a sum, and a quotient of the last two operands: see roots_and_quotients.hh
  FX_LEFT_SHIFT, FX_RIGHT_SHIFT, // each by its own count: see shift.hh
  FX_INTEGER_POWER,          // coefficient[0], 1 or more, is the exponent
  FX_DIFFERENCE_OF_PRODUCTS, // of four operands: the first two's product less the others'
  // Two factors over two others or, with a divisor of 2, the root of that. Operand k is a part of
  // factor coefficient[k], the first one of factor 0; a factor without parts is 1.
  FX_RATIO,
};

enum Reduction : int32_t { FX_SUM, FX_MEAN, FX_MIN, FX_MAX, FX_SQUARES };

enum Comparison : int32_t { FX_EQ, FX_NE, FX_LT, FX_LE, FX_GT, FX_GE };

// The elementary functions that have a kernel.
enum ElementaryFunction : int32_t {
  FX_NO_FUNCTION = -1,
  FX_EXP, FX_EXP2, FX_EXPM1, FX_LOG, FX_LOG2, FX_LOG10, FX_LOG1P, FX_SIN, FX_COS, FX_TAN, FX_ARCTAN,
  FX_ARCTAN2, FX_SINH, FX_COSH, FX_TANH, FX_SIGMOID, FX_SOFTPLUS, FX_SQRT, FX_RSQRT, FX_HYPOT,
  FX_POWER,
};

// Functions of rows.
enum RowFunction : int32_t { FX_SOFTMAX, FX_LOG_SOFTMAX, FX_LOGSUMEXP };

// How an element of an elementary function was settled that the first evaluation left open.
enum Settled : int32_t {
  FX_BY_ANALYSIS, FX_BY_TWO_LIMBS, FX_BY_THREE_LIMBS, FX_BY_FOUR_LIMBS, FX_BY_REFERENCE, FX_SETTLED,
};

// What happened to an entry of a function's table: bits that stand below the result.
enum TableEvent : uint16_t {
  FX_WAS_INEXACT = 1,
  FX_UNDERFLOWED = 1 << 14,
  FX_OVERFLOWED = 1 << 15,
};

// For tests: the elementary functions' constants and tables.
enum TableOfLimbs : int32_t {
  FX_TABLE_LN2, FX_TABLE_HALF_LOG2_E, FX_TABLE_LOG10_E, FX_TABLE_LOG10_2, FX_TABLE_QUARTER_PI,
  FX_TABLE_INVERSE_TWO_PI, FX_TABLE_INVERSE_FACTORIALS, FX_TABLE_EXP_FIRST, FX_TABLE_EXP_SECOND,
  FX_TABLE_EXP_THIRD, FX_TABLE_LOG_FIRST, FX_TABLE_LOG_SECOND, FX_TABLE_LOG_THIRD,
  FX_TABLE_LOG_INVERSES, FX_TABLE_SINE, FX_TABLE_COSINE, FX_TABLE_ARCTAN, FX_TABLE_ARCTAN_INVERSES,
};

// The families of elementwise loops.
enum Family : int32_t { FX_ELEMENTWISE, FX_COMPARISONS, FX_TO_DOUBLE };

// An accumulator's loop (products/accumulate.hh): for formats of any width, or for types.
enum Accumulation : int32_t {
  FX_ANY_FORMATS, FX_LANES32, FX_LANES64_OF_32, FX_LANES64, FX_LIFTED64, FX_WORDS64, FX_WORDS128,
  FX_WORDS256,
};

// How a matrix product is computed: see products/paths.py and schemes.hh.
enum Path : int32_t { FX_LOOPS, FX_PLANES, FX_LIMBS, FX_KARATSUBA, FX_LOW64, FX_RESIDUES };

enum Outcome : int32_t { FX_INTERRUPTED = -1, FX_DONE, FX_NO_MEMORY };
