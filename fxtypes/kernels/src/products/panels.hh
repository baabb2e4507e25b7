// Operands of matrix products packed into panels along k, in the order in which the tiles of
// tile_avx2.hh or tile_avx512.hh read them.
#pragma once

#include "products/operand.hh"
#ifdef __AVX512VNNI__
#include "products/tile_avx512.hh"
#else
#include "products/tile_avx2.hh"
#endif

namespace FX_VARIANT {

typedef __m256i Vector;
inline Vector load_vector(const void *p) {
  return _mm256_loadu_si256(static_cast<const Vector *>(p));
}
inline void store_vector(void *p, Vector v) { _mm256_storeu_si256(static_cast<Vector *>(p), v); }

const int64_t PANEL = 512, COLUMNS = 16; // k of a panel; columns of b in a tile (of int64: 8)
const int MOST_COLUMNS = FX_BLOCK_COLUMNS;

inline int64_t round_up(int64_t n, int64_t to) { return (n + to - 1) / to * to; }

// Sixteen columns of rows k and k + 1, in pairs.
inline void interleave(const int16_t *x, const int16_t *y, int16_t *out) {
  const Vector a = load_vector(x), b = load_vector(y);
  const Vector low = _mm256_unpacklo_epi16(a, b), high = _mm256_unpackhi_epi16(a, b);
  store_vector(out, _mm256_permute2x128_si256(low, high, 0x20));
  store_vector(out + 16, _mm256_permute2x128_si256(low, high, 0x31));
}

} // namespace FX_VARIANT
