// The tiles of tiles.hh in AVX-512 registers, for CPUs that multiply and add int16 in one (VNNI).
//
// Its two vectors of columns are one here. Even and odd steps along k have sums of their own, c
// and d: six chains of additions would wait for each other. Assembly again: GCC 12 copies each
// sum before it adds to it, and takes three times as long.
#pragma once

#include <immintrin.h>

#include "wide.hh"

namespace FX_VARIANT {

enum { TILE_ROWS = 6 };

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
#define FX_ADD_ROWS(add, sums, step, b)                                                          \
  add(sums##0, a + step, b);                                                                     \
  add(sums##1, a + stride + step, b);                                                            \
  add(sums##2, a + 2 * stride + step, b);                                                        \
  add(sums##3, a3 + step, b);                                                                    \
  add(sums##4, a3 + stride + step, b);                                                           \
  add(sums##5, a3 + 2 * stride + step, b)

// `steps` vectors of b, each times `step` elements of every row of a. Variables, no array: GCC
// stores an array that assembly changes in every turn.
#define FX_TILE(add, join, step, steps)                                                          \
  __m512i c0, c1, c2, c3, c4, c5, d0, d1, d2, d3, d4, d5;                                        \
  c0 = c1 = c2 = c3 = c4 = c5 = d0 = d1 = d2 = d3 = d4 = d5 = _mm512_setzero_si512();            \
  const auto *a3 = a + 3 * stride;                                                               \
  for (int64_t k = 0; k < steps / 2; k++) {                                                      \
    const __m512i b0 = _mm512_load_si512(b), b1 = _mm512_load_si512(b + 64 / sizeof *b);         \
    FX_ADD_ROWS(add, c, 0, b0);                                                                  \
    FX_ADD_ROWS(add, d, step, b1);                                                               \
    a += 2 * step;                                                                               \
    a3 += 2 * step;                                                                              \
    b += 2 * (64 / sizeof *b);                                                                   \
  }                                                                                              \
  if (steps % 2) {                                                                               \
    const __m512i b0 = _mm512_load_si512(b);                                                     \
    FX_ADD_ROWS(add, c, 0, b0);                                                                  \
  }                                                                                              \
  const __m512i even[] = {c0, c1, c2, c3, c4, c5}, odd[] = {d0, d1, d2, d3, d4, d5};             \
  for (int i = 0; i < TILE_ROWS; i++) _mm512_storeu_si512(sums[i], join(even[i], odd[i]))

// Sums of products of int16 in int32: 6 by 16. a: rows of pairs, `stride` int16 apart; b: for
// every pair of k, 16 columns of two. The caller keeps the sums within int32.
FX_INLINE void tile16(const int16_t *a, ptrdiff_t stride, const int16_t *b, int64_t pairs,
                      __m256i sums[TILE_ROWS][2]) {
  FX_TILE(FX_ADD16, _mm512_add_epi32, 2, pairs);
}

// Sums of products of int32, modulo 2^64: 6 by 8. b: for every k, 8 columns of int64.
FX_INLINE void tile32(const int32_t *a, ptrdiff_t stride, const int64_t *b, int64_t n,
                      __m256i sums[TILE_ROWS][2]) {
  __m512i t;
  FX_TILE(FX_ADD32, _mm512_add_epi64, 1, n);
}

#undef FX_TILE
#undef FX_ADD_ROWS
#undef FX_ADD32
#undef FX_ADD16

} // namespace FX_VARIANT
