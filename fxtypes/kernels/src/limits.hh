// Bounds that plans keep and loops rely upon. Both sides read them here (Python through
// codes.pxi); the loops assert what follows from them.
#pragma once

#include "codes.hh"

enum { FX_MAX_OPERANDS = 8, FX_MAX_MODULI = 24 };

// Bits of the intermediate types.
constexpr int FX_LEVEL_BITS[FX_LEVELS] = {32, 64, 128, 320, 1024};
enum { FX_COUNTED_WORDS = 16 }; // of 64 bits, that show a value of the widest one

// The fused loops (elementwise/fused.hh), by the size of their elements: 8, 16, 32, 64, 128 bits.
enum { FX_SIZES = 5 };
// divide.hh. The largest lift of the dividend: up to 32 bits the lifted one is exact in float64;
// of 64 bits it has two words, of 128 four.
constexpr int FX_DIVIDE_LIFT[FX_SIZES] = {43, 35, 21, 63, 120};
// The largest right shift of the quotient, and the largest level at which it fits the loop's type.
constexpr int FX_DIVIDE_SHIFT = 62;
constexpr int FX_DIVIDE_LEVEL[FX_SIZES] = {FX_I32, FX_I32, FX_I64, FX_I128, FX_I320};
// add_multiply.hh. The largest right shift of a product, and the largest level.
constexpr int FX_MULTIPLY_SHIFT[FX_SIZES] = {31, 31, 63, 63, 189};
constexpr int FX_MULTIPLY_LEVEL[FX_SIZES] = {FX_I32, FX_I32, FX_I64, FX_I1024, FX_I1024};
// binary_point.hh. The largest right shift of an element.
constexpr int FX_CONVERT_SHIFT[FX_SIZES] = {7, 15, 31, 62, 127};
// combine.hh, for elements of 32, 64 and 128 bits. The largest right shift of a sum; and the bits of
// its magnitude, of 32-bit elements once it is lifted so that the shift is FX_COMBINE_LOW at least.
// Their coefficients, lifted likewise, have FX_COMBINE_FACTOR bits.
constexpr int FX_COMBINE_SHIFT[FX_SIZES] = {0, 0, 62, 63, 189};
constexpr int FX_COMBINE_SUM[FX_SIZES] = {0, 0, 89, 126, 190};
constexpr int FX_COMBINE_LOW = 28, FX_COMBINE_FACTOR = 58;
// roots_and_quotients.hh. The largest right shift of the sum under a root. The bits of a sum and of a quotient, the largest right shift of both; and the bits of a
// numerator and of a divisor.
constexpr int FX_ROOT_SHIFT = 128;
constexpr int FX_QUOTIENT_SUM = 125, FX_QUOTIENT_SHIFT = 125;
constexpr int FX_QUOTIENT_NARROW[2] = {126, 64}, FX_QUOTIENT_WIDE[2] = {252, 126};
// float64.hh. The largest exponent of the power of two that scales float64 to raws.
constexpr int FX_DOUBLE_EXPONENT = 900;
// Loops that round stochastically with the upper half of a draw shift by at most so many bits.
constexpr int FX_HALF_DRAW = 32;

// accumulate.hh. The widest accumulator of FX_LIFTED64 and of FX_WORDS128, and the largest right
// shift of a product of two words. (FX_LANES*: less than the type's bits.)
constexpr int FX_LIFTED64_WIDTH = 61, FX_WORDS128_WIDTH = 124, FX_WORDS_SHIFT = 125;
// Of products of four words.
constexpr int FX_WORDS256_SHIFT = 127;

// Matrix products (products/). The most columns of a block, but by loops or from planes.
constexpr int FX_BLOCK_COLUMNS = 1024;
// limbs.hh. The largest magnitude's bits of an operand of one limb, and of two.
constexpr int FX_LIMBS_BITS[2] = {15, 28};
// karatsuba.hh. Those of operands of two limbs, and of three; and the longest inner length.
constexpr int FX_KARATSUBA_BITS[2] = {20, 31};
constexpr int FX_KARATSUBA_LENGTH = 1 << 19;
// low64.hh. Rounded top bits are at most 2^10; so many products of them stay within int32.
constexpr int FX_LOW64_TOP_BITS = 10, FX_LOW64_LENGTH = 2047;
// residues.hh. The largest modulus.
constexpr int FX_LARGEST_MODULUS = 6531;
