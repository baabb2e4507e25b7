// What a plan tells the kernels: plain data, filled in from Python (kernels/plan.py) and shared by all
// builds of the kernels. Codes are mirrored in codes.pxi-like constants of kernels.pxd.
#pragma once

#include <cstdint>

// How elements lie in memory. Signed classes are even, unsigned ones odd: 2 * class + unsigned.
enum Storage : int32_t {
  FX_S8, FX_U8, FX_S16, FX_U16, FX_S32, FX_U32, FX_S64, FX_U64, FX_S128, FX_U128,
  FX_DOUBLE, // an operand only: loaded as value * 2^shift, rounded to odd
};

enum Rounding : int32_t {
  FX_FLOOR, FX_CEIL, FX_TOWARD_ZERO, FX_AWAY_FROM_ZERO, FX_NEAREST_EVEN, FX_NEAREST_ODD,
  FX_NEAREST_AWAY, FX_NEAREST_ZERO, FX_NEAREST_UP, FX_NEAREST_DOWN, FX_ODD, FX_STOCHASTIC,
};

enum Overflow : int32_t { FX_SATURATE, FX_SATURATE_SYMMETRIC, FX_SATURATE_ZERO, FX_WRAP, FX_RAISE };

// The intermediate type that holds every value on the way, in order of size.
enum Level : int32_t { FX_I32, FX_I64, FX_I128, FX_I320, FX_I1024, FX_LEVELS };

enum Operation : int32_t {
  FX_COPY, FX_NEGATE, FX_ABS, FX_ADD, FX_SUBTRACT, FX_MULTIPLY, FX_MINIMUM, FX_MAXIMUM,
  FX_DIVIDE, FX_SHIFT, FX_COMBINE, FX_CLIP, FX_FLOOR_DIVIDE, FX_REMAINDER, FX_AND, FX_OR, FX_XOR,
};

enum Reduction : int32_t { FX_SUM, FX_MEAN, FX_MIN, FX_MAX, FX_SQUARES };

enum Comparison : int32_t { FX_EQ, FX_NE, FX_LT, FX_LE, FX_GT, FX_GE };

enum { FX_MAX_OPERANDS = 8 };

// How an exact value z becomes an element: (z, rounded at bit `shift`), then overflow.
struct Target {
  int32_t shift; // >= 0: bits of z below the result's last
  int32_t rounding, overflow;
  int32_t width, is_signed;
  int32_t storage;
};

struct Step {
  int32_t operation, level, operands;
  int32_t storage[FX_MAX_OPERANDS];
  int32_t lift[FX_MAX_OPERANDS];        // operand i enters as raw * 2^lift[i] (a product as a
                                        // whole, by lift[0])
  int64_t coefficient[FX_MAX_OPERANDS]; // FX_COMBINE: and times this; a mean's divisor;
                                        // [0]: the lift of a floored quotient or a remainder
  int32_t fused; // 0, or 1 + the Storage that a loop of fused.hh works in; of a comparison: whether
                 // operands are alike; of an accumulator's: an Accumulation
  Target target;
};

// An accumulator's loop: the general one or one of those that accumulate.hh makes for types.
enum Accumulation : int32_t {
  FX_ANY_FORMATS, FX_LANES32, FX_LANES64_OF_32, FX_LANES64, FX_LIFTED64, FX_WORDS64, FX_WORDS128,
};

// How a matrix product is computed: see products/paths.py and schemes.hh.
enum Path : int32_t { FX_LOOPS, FX_PLANES, FX_LIMBS, FX_KARATSUBA, FX_LOW64, FX_RESIDUES };

enum { FX_MAX_MODULI = 24 };

struct Way {
  int32_t path;
  int32_t limbs[2];  // FX_LIMBS: of the left and right operand, 1 or 2; FX_KARATSUBA: 2 or 3
  int32_t width[2];  // of their low limbs; FX_LOW64: of what lies below the rounded top bits;
                     // FX_PLANES, [0]: how much more each plane counts
  int32_t planes;    // FX_PLANES: of sums in float64
  int32_t block;     // FX_LIMBS: as many products of limbs stay within int32; even
  int32_t top;       // FX_LOW64: whether the sum may leave 64 bits
  int32_t words[2];  // that hold an element, of 32 bits: 1, 2 or 4; 5: 128 bits without a sign
  int32_t moduli, modulus[FX_MAX_MODULI];
};

enum Outcome : int32_t { FX_INTERRUPTED = -1, FX_DONE, FX_NO_MEMORY };

// What happened, and where first.
struct Counts {
  int32_t wanted; // 0: only the zero divisors are looked for
  int64_t overflow, underflow, inexact;
  int64_t zero_divisors, zero_by_zero;
  int64_t first;             // index in C order of the first element that overflowed
  uint64_t first_value[16];  // its rounded value before overflow, two's complement
};
