// The tiles of tile_avx2.hh in AVX-512 registers, for CPUs with an instruction that multiplies
// int16 and adds (VNNI).
//
// The two vectors of columns are one here, and rows twice as many: twelve independent chains of
// additions hide the instruction's latency. In assembly, as GCC 12 copies each sum before it adds
// to it, and takes three times as long.
#pragma once

#include "integers/intrinsics.hh"
#include "integers/wide.hh"

namespace FX_VARIANT {

enum { TILE_ROWS = 12 };

// One element of a (broadcast from p) times a vector of b, added to a vector of sums.
#define FX_ADD16(sums, p, b)                                                                     \
  asm("vpdpwssd %1%{1to16%}, %2, %0"                                                             \
      : "+v"(sums)                                                                               \
      : "m"(*reinterpret_cast<const int32_t(*)[1]>(p)), "v"(b))
// The upper half of what is broadcast, the element after it, is not multiplied.
#define FX_ADD32(sums, p, b)                                                                     \
  asm("vpmuldq %2%{1to8%}, %3, %1\n\tvpaddq %1, %0, %0"                                          \
      : "+v"(sums), "=&v"(t)                                                                     \
      : "m"(*reinterpret_cast<const int32_t(*)[2]>(p)), "v"(b))
#define FX_THREE_ROWS(add, i0, i1, i2, p)                                                        \
  add(c##i0, p, v);                                                                              \
  add(c##i1, p + stride, v);                                                                     \
  add(c##i2, p + 2 * stride, v);                                                                 \
  p += step
#define FX_RETURN_SUMS(...)                                                                      \
  const __m512i all[] = {__VA_ARGS__};                                                           \
  for (int i = 0; i < TILE_ROWS; i++) _mm512_storeu_si512(sums[i], all[i])

// `steps` vectors of b, each times `step` elements of every row of a. With at most six rows the
// others' sums are 0. Variables, no array: GCC keeps an array that assembly changes in memory.
#define FX_TILE(add, steps)                                                                      \
  const __m512i zero = _mm512_setzero_si512();                                                   \
  __m512i c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11;                                      \
  c0 = c1 = c2 = c3 = c4 = c5 = c6 = c7 = c8 = c9 = c10 = c11 = zero;                            \
  const auto *a3 = a + 3 * stride, *a6 = a + 6 * stride, *a9 = a + 9 * stride;                   \
  if (rows > 6)                                                                                  \
    for (int64_t k = 0; k < steps; k++, b += 64 / sizeof *b) {                                   \
      const __m512i v = _mm512_load_si512(b);                                                    \
      FX_THREE_ROWS(add, 0, 1, 2, a);                                                            \
      FX_THREE_ROWS(add, 3, 4, 5, a3);                                                           \
      FX_THREE_ROWS(add, 6, 7, 8, a6);                                                           \
      FX_THREE_ROWS(add, 9, 10, 11, a9);                                                         \
    }                                                                                            \
  else                                                                                           \
    for (int64_t k = 0; k < steps; k++, b += 64 / sizeof *b) {                                   \
      const __m512i v = _mm512_load_si512(b);                                                    \
      FX_THREE_ROWS(add, 0, 1, 2, a);                                                            \
      FX_THREE_ROWS(add, 3, 4, 5, a3);                                                           \
    }                                                                                            \
  FX_RETURN_SUMS(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11)

// Sums of products of int16 in int32: 12 by 16. a: rows of pairs, `stride` int16 apart; b: for
// every pair of k, 16 columns of two. The caller keeps the sums within int32.
FX_INLINE void tile16(const int16_t *a, ptrdiff_t stride, int64_t rows, const int16_t *b,
                      int64_t pairs, __m256i sums[TILE_ROWS][2]) {
  const int step = 2;
  FX_TILE(FX_ADD16, pairs);
}

// Sums of products of int32, modulo 2^64: 12 by 8. b: for every k, 8 columns of int64.
FX_INLINE void tile32(const int32_t *a, ptrdiff_t stride, int64_t rows, const int64_t *b,
                      int64_t n, __m256i sums[TILE_ROWS][2]) {
  const int step = 1;
  __m512i t;
  FX_TILE(FX_ADD32, n);
}

#undef FX_TILE
#undef FX_RETURN_SUMS
#undef FX_THREE_ROWS
#undef FX_ADD32
#undef FX_ADD16

} // namespace FX_VARIANT
