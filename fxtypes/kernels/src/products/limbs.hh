// Matrix products by limbs of 16 bits, in one to four passes over int16 panels.
#pragma once

#include "products/panels.hh"

namespace FX_VARIANT {

// An operand is one int16, or two: x = low + high * 2^width, |low| <= 2^(width - 1), |high| < 2^15.
// Sums of `scheme.block` products of any two limbs are within int32, and are then added in int64.
// The plan sees to it that the exact sum is within int64.
class Limbs {
public:
  typedef int32_t Lowest; // of the types of sums
  static int passes(const Scheme &) { return 1; }
  static const bool HAS_HALVES = false;

  Limbs(const Scheme &scheme, const Matrices &x, int64_t panel, int64_t rows,
        int64_t sum_rows, int)
      : scheme(scheme), columns(round_up(x.n, COLUMNS)), a_stride(round_up(panel, 16) + 32),
        a_size(round_up(rows, TILE_ROWS) * a_stride), b_size(round_up(panel, 2) * columns),
        packed_a(a_size * scheme.limbs[0]), packed_b(b_size * scheme.limbs[1]),
        narrow(scheme.limbs[0] == 1 && scheme.limbs[1] == 1 && panel <= scheme.block &&
               panel >= x.k),
        sums(round_up(sum_rows, TILE_ROWS) * columns), n(static_cast<int>(x.n)) {}
  bool ready() const { return packed_a.data && packed_b.data && sums.data; }

  static int64_t row_bytes(const Scheme &scheme) { return 2 * scheme.limbs[0]; }

  void pack_a(int, const Operand &a, int64_t i0, int64_t rows, int64_t k0, int k) {
    for (int64_t i = 0; i < rows; i++) {
      int16_t *const to[2] = {packed_a.data + i * a_stride,
                              packed_a.data + a_size * (scheme.limbs[0] - 1) + i * a_stride};
      split(a, 0, i0 + i, k0, k, to);
      if (k % 2) to[0][k] = to[1][k] = 0;
    }
  }

  void pack_b(int, const Operand &b, int64_t k0, int k) {
    alignas(32) int16_t rows[2][2][MOST_COLUMNS + COLUMNS]; // of limb and of k
    std::memset(rows, 0, sizeof rows);
    for (int i = 0; i < k; i += 2) {
      for (int e = 0; e < 2; e++) {
        int16_t *const to[2] = {rows[0][e], rows[scheme.limbs[1] - 1][e]};
        if (i + e < k)
          split(b, 1, k0 + i + e, 0, n, to);
        else
          std::memset(to[0], 0, sizeof rows[0][0]), std::memset(to[1], 0, sizeof rows[0][0]);
      }
      for (int limb = 0; limb < scheme.limbs[1]; limb++)
        for (int64_t j = 0; j < columns; j += COLUMNS)
          interleave(rows[limb][0] + j, rows[limb][1] + j,
                     packed_b.data + limb * b_size + j * round_up(k, 2) + i * COLUMNS);
    }
  }

  void multiply(int, int64_t a0, int64_t i0, int64_t rows, int k, bool first) {
    const int even = static_cast<int>(round_up(k, 2));
    for (int64_t j = 0; j < columns && narrow; j += COLUMNS)
      for (int64_t i = 0; i < rows; i += TILE_ROWS)
        narrow_tile(packed_a.data + (a0 + i) * a_stride, rows - i, packed_b.data + j * even, even,
                    int32_sums() + (i0 + i) * columns + j);
    for (int64_t j = 0; j < columns && !narrow; j += COLUMNS)
      for (int64_t i = 0; i < rows; i += TILE_ROWS)
        tile(packed_a.data + (a0 + i) * a_stride, rows - i, packed_b.data + j * even, even,
             sums.data + (i0 + i) * columns + j, first);
  }

  template <class I> void totals(int64_t i, int64_t j, int m, I *out) const {
    if (narrow) {
      const int32_t *const from = int32_sums() + i * columns + j;
      for (int e = 0; e < m; e++) out[e] = I(from[e]);
      return;
    }
    const int64_t *const from = sums.data + i * columns + j;
    for (int e = 0; e < m; e++) out[e] = static_cast<I>(from[e]);
  }

private:
  const Scheme scheme;
  const int64_t columns, a_stride, a_size, b_size;
  Buffer<int16_t> packed_a, packed_b;
  const bool narrow; // one product is all of a sum, which so is within int32
  Buffer<int64_t> sums; // or of int32
  const int n;

  void split(const Operand &x, int which, int64_t i, int64_t j, int count,
             int16_t *const to[2]) const {
    if (scheme.limbs[which] == 1) {
      const int16_t *from = x.elements(i, j, count, to[0]);
      if (from != to[0]) std::memcpy(to[0], from, count * sizeof(int16_t));
      return;
    }
    int32_t buffer[MOST_COLUMNS];
    const int32_t *from = x.elements(i, j, count, buffer);
    const int width = scheme.limb_width[which];
    for (int e = 0; e < count; e++) {
      const int32_t v = fetch<int32_t>(reinterpret_cast<const char *>(from + e));
      const int32_t low =
          static_cast<int32_t>(static_cast<uint32_t>(v) << (32 - width)) >> (32 - width);
      to[0][e] = static_cast<int16_t>(low);
      to[1][e] = static_cast<int16_t>((v - low) >> width);
    }
  }

  int32_t *int32_sums() const { return reinterpret_cast<int32_t *>(sums.data); }

  FX_NOINLINE void narrow_tile(const int16_t *a, int64_t rows, const int16_t *b, int k, int32_t *to) {
    Vector part[TILE_ROWS][2];
    tile16(a, a_stride, rows, b, k / 2, part);
    for (int i = 0; i < TILE_ROWS; i++)
      for (int h = 0; h < 2; h++) store_vector(to + i * columns + 8 * h, part[i][h]);
  }

  FX_NOINLINE void tile(const int16_t *a0, int64_t rows, const int16_t *b0, int k, int64_t *to,
                        bool first) {
    for (int at = 0; at < k; at += scheme.block) {
      const int pairs = (k - at < scheme.block ? k - at : scheme.block) / 2;
      for (int la = 0; la < scheme.limbs[0]; la++)
        for (int lb = 0; lb < scheme.limbs[1]; lb++, first = false) {
          Vector part[TILE_ROWS][2];
          tile16(a0 + la * a_size + at, a_stride, rows,
                 b0 + lb * b_size + at * COLUMNS, pairs, part);
          const int shift = la * scheme.limb_width[0] + lb * scheme.limb_width[1];
          for (int i = 0; i < TILE_ROWS; i++) {
            if (first)
              add_wide<true>(part[i], shift, to + i * columns);
            else
              add_wide<false>(part[i], shift, to + i * columns);
          }
        }
    }
  }

  // Sixteen sums times 2^shift, added to `to` or, the first ones, put there.
  template <bool FIRST> static FX_INLINE void add_wide(const Vector *part, int shift, int64_t *to) {
    const __m128i by = _mm_cvtsi32_si128(shift);
#ifdef __AVX512VNNI__
    for (int h = 0; h < 2; h++) {
      const __m512i wide = _mm512_sll_epi64(_mm512_cvtepi32_epi64(part[h]), by);
      __m512i *const at = reinterpret_cast<__m512i *>(to) + h;
      _mm512_storeu_si512(at, FIRST ? wide : _mm512_add_epi64(wide, _mm512_loadu_si512(at)));
    }
#else
    for (int h = 0; h < 4; h++) {
      const Vector v = part[h / 2];
      const __m128i half = h % 2 ? _mm256_extracti128_si256(v, 1) : _mm256_castsi256_si128(v);
      const Vector wide = _mm256_sll_epi64(_mm256_cvtepi32_epi64(half), by);
      int64_t *const at = to + 4 * h;
      store_vector(at, FIRST ? wide : _mm256_add_epi64(wide, load_vector(at)));
    }
#endif
  }
};

} // namespace FX_VARIANT
