// Tiles of matrix products in AVX2 registers: 6 rows of a by two vectors of columns of b.
//
// Twelve vectors of sums, two of b and two for products are all sixteen registers. Each row is a
// block of assembly: without it GCC keeps some of them in memory and takes half as long again.
#pragma once

#include "integers/intrinsics.hh"
#include "integers/wide.hh"

namespace FX_VARIANT {

enum { TILE_ROWS = 6 };

// One element of a (broadcast from p) times two vectors of b, added to two vectors of sums.
#define FX_ROW(multiply, add, i, p)                                                              \
  asm(multiply(4, 2, 3, 5, 6) add " %3, %0, %0\n\t" add " %2, %1, %1"                            \
      : "+x"(c##i), "+x"(d##i), "=&x"(t), "=&x"(u)                                               \
      : "m"(*reinterpret_cast<const int32_t(*)[1]>(p)), "x"(b0), "x"(b1))
#define FX_MULTIPLY16(p, t, u, b0, b1)                                                           \
  "vpbroadcastd %" #p ", %" #t "\n\tvpmaddwd %" #b0 ", %" #t ", %" #u "\n\tvpmaddwd %" #b1       \
  ", %" #t ", %" #t "\n\t"
#define FX_MULTIPLY32(p, t, u, b0, b1)                                                           \
  "vpbroadcastd %" #p ", %" #t "\n\tvpmuldq %" #b0 ", %" #t ", %" #u "\n\tvpmuldq %" #b1         \
  ", %" #t ", %" #t "\n\t"

// Variables, no array: GCC keeps an array that assembly changes in memory.
#define FX_ZERO_SUMS                                                                             \
  __m256i c0, c1, c2, c3, c4, c5, d0, d1, d2, d3, d4, d5, t, u;                                  \
  c0 = c1 = c2 = c3 = c4 = c5 = d0 = d1 = d2 = d3 = d4 = d5 = _mm256_setzero_si256()
#define FX_RETURN_SUMS                                                                           \
  const __m256i left[] = {c0, c1, c2, c3, c4, c5}, right[] = {d0, d1, d2, d3, d4, d5};           \
  for (int i = 0; i < TILE_ROWS; i++) sums[i][0] = left[i], sums[i][1] = right[i]

// Sums of products of int16 in int32: 6 by 16. a: rows of pairs, `stride` int16 apart; b: for
// every pair of k, 16 columns of two. The caller keeps the sums within int32.
FX_INLINE void tile16(const int16_t *a, ptrdiff_t stride, int64_t, const int16_t *b,
                      int64_t pairs, __m256i sums[TILE_ROWS][2]) {
  FX_ZERO_SUMS;
  const int16_t *a3 = a + 3 * stride;
  for (int64_t k = 0; k < pairs; k++) {
    const __m256i b0 = _mm256_load_si256(reinterpret_cast<const __m256i *>(b));
    const __m256i b1 = _mm256_load_si256(reinterpret_cast<const __m256i *>(b + 16));
    FX_ROW(FX_MULTIPLY16, "vpaddd", 0, a);
    FX_ROW(FX_MULTIPLY16, "vpaddd", 1, a + stride);
    FX_ROW(FX_MULTIPLY16, "vpaddd", 2, a + 2 * stride);
    FX_ROW(FX_MULTIPLY16, "vpaddd", 3, a3);
    FX_ROW(FX_MULTIPLY16, "vpaddd", 4, a3 + stride);
    FX_ROW(FX_MULTIPLY16, "vpaddd", 5, a3 + 2 * stride);
    a += 2;
    a3 += 2;
    b += 32;
  }
  FX_RETURN_SUMS;
}

// Sums of products of int32, modulo 2^64: 6 by 8. b: for every k, 8 columns of int64.
FX_INLINE void tile32(const int32_t *a, ptrdiff_t stride, int64_t, const int64_t *b,
                      int64_t n, __m256i sums[TILE_ROWS][2]) {
  FX_ZERO_SUMS;
  const int32_t *a3 = a + 3 * stride;
  for (int64_t k = 0; k < n; k++) {
    const __m256i b0 = _mm256_load_si256(reinterpret_cast<const __m256i *>(b));
    const __m256i b1 = _mm256_load_si256(reinterpret_cast<const __m256i *>(b + 4));
    FX_ROW(FX_MULTIPLY32, "vpaddq", 0, a);
    FX_ROW(FX_MULTIPLY32, "vpaddq", 1, a + stride);
    FX_ROW(FX_MULTIPLY32, "vpaddq", 2, a + 2 * stride);
    FX_ROW(FX_MULTIPLY32, "vpaddq", 3, a3);
    FX_ROW(FX_MULTIPLY32, "vpaddq", 4, a3 + stride);
    FX_ROW(FX_MULTIPLY32, "vpaddq", 5, a3 + 2 * stride);
    a += 1;
    a3 += 1;
    b += 8;
  }
  FX_RETURN_SUMS;
}

#undef FX_ZERO_SUMS
#undef FX_RETURN_SUMS
#undef FX_ROW
#undef FX_MULTIPLY16
#undef FX_MULTIPLY32

} // namespace FX_VARIANT
