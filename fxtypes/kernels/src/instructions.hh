// What plans and callers tell the kernels: plain data, filled in from Python and Cython and
// shared by all builds of the kernels.
#pragma once

#include <cstddef>
#include <cstdint>

#include "codes.hh"
#include "limits.hh"

// How an exact value z becomes an element: (z, rounded at bit `shift`), then overflow.
struct Target {
  int32_t shift; // >= 0: bits of z below the result's last
  int32_t rounding, overflow;
  int32_t width, is_signed;
  int32_t storage;
};

struct Task;

// An elementary function of one format, or of two, into another.
struct Task;
// A row of n elements: `index` is its first one's in C order of the call's result; a pointer and a
// byte stride an array, the result's last.
typedef void (*ElementaryRow)(const Task &, int64_t index, int64_t n, char *const *,
                              const ptrdiff_t *);

struct Elementary {
  int32_t function; // an ElementaryFunction; of rows a RowFunction
  int32_t raw_bits; // an operand's width, the larger one
  int32_t bits;     // to odd, that results have
  int32_t limbs;    // of the first evaluation
  int32_t frac_bits[2];
  int32_t out_bits;     // the result's fraction bits and two, rounded to odd
  int32_t settled_bits; // the same where elements are settled one by one: 64 more for the draws
  int32_t limit;        // a magnitude, to odd, of 2^limit is out of range
  int32_t is_stochastic; // rounded by the draws before the target, which rounds down
  int32_t is_masked;    // the last operand tells which elements are evaluated; others are 0
  int32_t exact_beyond; // FX_WRAP or FX_RAISE: results out of range aren't just bounded; else 0
  // The reference: raws, of two words each, to the result to odd, in the words of level FX_I320, or
  // as `folded` in elementary/evaluate.hh makes it. Returns the sign of an infinity, else 0.
  int (*resolve)(const Task *, int64_t index, const uint64_t *raws, uint64_t *odd);
  void *owner; // what `resolve` looks up
  ElementaryRow row;
};

// A function of a format of at most 16 bits: 2^width results, in the order of the arguments' bit
// patterns.
struct FunctionTable {
  // As elements are stored; where `fractions` are there int32: the floor times 2^16 and the
  // fraction's first 16 bits; where events are: the result times 2^16 and a sum of TableEvents,
  // int32 for elements of at most 16 bits, else int64.
  const void *entries;
  const uint64_t *fractions; // below each floor, of 2^64; null: nothing is rounded stochastically
  uint32_t mask;             // the bits of an argument
  int32_t has_events;
};

// For tests: an approximation as elementary/check.hh has it, of up to four limbs, the lowest first.
struct Enclosure {
  uint64_t y[4], error;
  int32_t point, is_negative;
};

// For tests: a table's entries, one after another, the lowest limb first.
struct LimbTable {
  const uint64_t *limbs; // null: no such table
  int32_t entries, limbs_each;
};

struct Step {
  int32_t operation; // an Operation; for `reduce` a Reduction, for FX_COMPARISONS a Comparison
  int32_t level, operands;
  int32_t storage[FX_MAX_OPERANDS];
  int32_t lift[FX_MAX_OPERANDS];        // operand i enters as raw * 2^lift[i]; a product is
                                        // lifted once it is made, by lift[0]; below 0: finish.hh
  // FX_COMBINE: what operand i is multiplied by. FX_LEFT_SHIFT, FX_RIGHT_SHIFT: see shift.hh.
  int64_t coefficient[FX_MAX_OPERANDS];
  // FX_MEAN: the number of elements; FX_RATIO: 2 for a root; FX_QUOTIENT, the general loop: the left
  // shift of what is added to the divisor.
  int64_t divisor;
  int32_t result_lift;   // FX_FLOOR_DIVIDE, FX_REMAINDER: the left shift of the integer result
  int32_t fused_storage; // of the elements of the loop in fused.hh; FX_NO_STORAGE: general.hh
  // FX_COMPARISONS: whether both operands have one storage, and no lift. FX_AND, FX_OR, FX_XOR:
  // whether results are those of the operands' storage, bit for bit.
  int32_t same_storage;
  int32_t accumulation;  // an Accumulation
  const Elementary *elementary; // null: none
  const FunctionTable *function_table; // null: none
  Target target;
};

// A path's parameters. Arrays of two are for the left and the right operand.
struct Scheme {
  int32_t path;
  int32_t words[2];        // of 32 bits that hold an element: 1, 2 or 4; 5: unsigned 128 bits
  int32_t limbs[2];        // FX_LIMBS: 1 or 2; FX_KARATSUBA: 2 or 3
  int32_t limb_width[2];   // FX_LIMBS: of the low limbs
  int32_t block;           // FX_LIMBS: as many products of limbs stay within int32; even
  int32_t rounded_bits[2]; // FX_LOW64: bits below the rounded top ones
  int32_t estimates_top;   // FX_LOW64: whether the sum may leave 64 bits
  int32_t planes;          // FX_PLANES: of sums in float64
  int32_t plane_width;     // FX_PLANES: plane d counts 2^(d * plane_width)
  int32_t moduli, modulus[FX_MAX_MODULI];
};

// What happened, and where first.
struct Counts {
  int32_t wanted; // 0: only zero divisors are counted
  int64_t overflow, underflow, inexact;
  int64_t zero_divisors, zero_by_zero;
  int64_t first;                          // index in C order of the first that overflowed
  uint64_t first_value[FX_COUNTED_WORDS]; // its rounded value before overflow, two's complement
  // Of elementary functions whose results beyond the range are wanted exactly.
  int64_t infinities, first_infinity; // how many there are, and the first one's index
  int32_t infinity_sign;
  void *beyond; // FX_RAISE: the index and the value of one beyond the limit
  void *error;  // what the reference raised
};

// A step's share of the random stream: see draws.hh.
struct Stream {
  uint64_t key, base;
};

// What the logarithm of normal deviates is made of, numbers * 2^192 of three words: see normal.hh.
struct NormalTables {
  const uint64_t *first, *second; // logarithms of short reciprocals
  const uint64_t *inverses;       // 1/2, 1/3, ..., 1/terms
  const uint64_t *ln2;
  int terms;
};

// A step of a call, or of a part of one: what is done, counted and drawn.
struct Task {
  const Step *step;
  Counts *counts;
  Stream stream; // used where the target rounds stochastically
  int64_t first; // index of the part's first element, in C order of the call's result
};

// Arrays of one shape, with byte strides (0 where broadcast); the last one is the result.
struct Arrays {
  int nd;
  const int64_t *shape;
  int count;
  char *const *data;
  const ptrdiff_t *const *strides;
};

// Some axes of one array.
struct Axes {
  int nd;
  const int64_t *shape;
  const ptrdiff_t *strides;
};

// An operand (outer, n, inner) and the running results along its middle axis; byte strides.
struct Lines {
  int64_t outer, n, inner;
  const char *in;
  char *out;
  ptrdiff_t in_strides[3], out_strides[3];
  int32_t keep; // every step's result; else the last one's only, and out_strides[1] is 0
  int64_t done; // products: so many steps were made before, and `out` holds their results
};

// Rows of n elements, one for each index of the outer axes and of the inner ones, which lie around a
// row's own; byte strides. The result is contiguous, in C order of (outer, row, inner), or for
// FX_LOGSUMEXP of the outer axes alone: there are no inner ones then.
struct RowBatch {
  Axes outer, inner;
  int64_t n;
  ptrdiff_t stride;
  const char *in;
  char *out;
  // The reference: a row's raws, of two words each, to its results to odd, in the words of level
  // FX_I320, or as `folded` in elementary/evaluate.hh makes them. `index`, `pitch`: the first
  // result's index, and from one to the next.
  void (*resolve)(const Task *, int64_t index, int64_t pitch, int64_t n, const uint64_t *raws,
                  uint64_t *odd);
};

// a (m x k) times b (k x n) into out (m x n); byte strides.
struct Matrices {
  int64_t m, k, n;
  char *a, *b, *out;
  ptrdiff_t a_row, a_column, b_row, b_column, out_row, out_column;
  int64_t pitch; // from one row of out to the next, in C order of the call's result
  // One more term of each sum, or what an accumulator's loop begins from; null: there is none.
  const char *initial;
  ptrdiff_t initial_row, initial_column;
  const int64_t *place; // the row of out that row i of the product is; null: row i
};

// One matrix; byte strides.
struct Matrix {
  char *data;
  int64_t rows, columns;
  ptrdiff_t row, column;
  int32_t storage;
};

// The elementary functions' loops, of one kind of CPU.
struct InterruptCheck;
struct ElementaryKernels {
  ElementaryRow row;
  // softmax, log_softmax or logsumexp: the step's `elementary` has a RowFunction. Returns an Outcome.
  int (*rows)(const Task *, const InterruptCheck *, const RowBatch *);
  uint64_t *settled; // FX_SETTLED counts: of elements, by how
  // For tests: one evaluation of magnitudes of two words each and signs, all ones where negative;
  // false where it declines, or there is none. `limbs` of 64 bits or, where it is below 0, so many
  // of 52.
  bool (*enclose)(const Elementary *, int limbs, const uint64_t *magnitudes,
                  const uint64_t *signs, Enclosure *);
  // For tests: the entries of a table; `table` is a TableOfLimbs.
  LimbTable (*limb_table)(int table, int limbs);
};
