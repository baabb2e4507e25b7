// Matrix products of 32-bit operands modulo 2^64, and the bits above those from an estimate.
#pragma once

#include "products/panels.hh"

namespace FX_VARIANT {

// The sum's low 64 bits, exactly; and where it needs more, an estimate from the operands' rounded
// top bits, t = sum of round(a / 2^sa) * round(b / 2^sb). With |a| <= 2^p, |b| <= 2^q,
//     |a b - round(..) round(..) 2^(sa+sb)| <= 2^(p+sb-1) + 2^(q+sa-1) + 2^(sa+sb-2)
// so that the sum is the only number of those low bits within 2^63 of t * 2^(sa+sb), as long as
// k times that is less than 2^63: the plan sees to it. The rounded tops are at most
// 2^FX_LOW64_TOP_BITS, and so many products of them stay within int32.
static_assert(int64_t(FX_LOW64_LENGTH) << 2 * FX_LOW64_TOP_BITS < int64_t(1) << 31, "int32");

class Low64 {
public:
  typedef int64_t Lowest; // of the types of sums
  static int passes(const Scheme &) { return 1; }
  static const bool HAS_HALVES = false;

  Low64(const Scheme &scheme, const Matrices &x, int64_t panel, int64_t rows,
        int64_t sum_rows, int)
      : scheme(scheme), columns(round_up(x.n, COLUMNS)), a_stride(panel + 16), top_stride(round_up(panel, 16) + 32),
        packed_a(round_up(rows, TILE_ROWS) * a_stride), packed_b(panel * columns),
        top_a(scheme.estimates_top ? round_up(rows, TILE_ROWS) * top_stride : 0),
        top_b(scheme.estimates_top ? round_up(panel, 2) * columns : 0),
        sums(round_up(sum_rows, TILE_ROWS) * columns),
        tops(scheme.estimates_top ? round_up(sum_rows, TILE_ROWS) * columns : 0),
        n(static_cast<int>(x.n)) {}
  bool ready() const {
    return packed_a.data && packed_b.data && top_a.data && top_b.data && sums.data && tops.data;
  }

  static int64_t row_bytes(const Scheme &scheme) { return scheme.estimates_top ? 6 : 4; }

  void pack_a(int, const Operand &a, int64_t i0, int64_t rows, int64_t k0, int k) {
    for (int64_t i = 0; i < rows; i++) {
      int32_t *const to = packed_a.data + i * a_stride;
      const int32_t *from = a.elements(i0 + i, k0, k, to);
      if (from != to) std::memcpy(to, from, k * sizeof(int32_t));
      if (!scheme.estimates_top) continue;
      int16_t *const top = top_a.data + i * top_stride;
      tops_of(to, k, scheme.rounded_bits[0], top);
      if (k % 2) top[k] = 0;
    }
  }

  void pack_b(int, const Operand &b, int64_t k0, int k) {
    alignas(32) int32_t buffer[MOST_COLUMNS + COLUMNS];
    alignas(32) int16_t rows[2][MOST_COLUMNS + COLUMNS];
    std::memset(buffer, 0, sizeof buffer);
    std::memset(rows, 0, sizeof rows);
    for (int i = 0; i < k; i++) {
      const int32_t *from = b.elements(k0 + i, 0, n, buffer);
      if (from != buffer) std::memcpy(buffer, from, n * sizeof(int32_t));
      for (int64_t j = 0; j < columns; j += 8) {
        int64_t *const to = packed_b.data + j * k + i * 8;
        for (int e = 0; e < 8; e += 4)
          store_vector(to + e, _mm256_cvtepi32_epi64(_mm_load_si128(
                                   reinterpret_cast<const __m128i *>(buffer + j + e))));
      }
      if (!scheme.estimates_top) continue;
      tops_of(buffer, n, scheme.rounded_bits[1], rows[i % 2]);
      if (i % 2 == 0 && i + 1 < k) continue;
      if (i % 2 == 0) std::memset(rows[1], 0, sizeof rows[1]);
      for (int64_t j = 0; j < columns; j += COLUMNS)
        interleave(rows[0] + j, rows[1] + j,
                   top_b.data + j * round_up(k, 2) + i / 2 * 2 * COLUMNS);
    }
  }

  void multiply(int, int64_t a0, int64_t i0, int64_t rows, int k, bool first) {
    for (int64_t j = 0; j < columns; j += 8)
      for (int64_t i = 0; i < rows; i += TILE_ROWS)
        low_tile(packed_a.data + (a0 + i) * a_stride, rows - i, packed_b.data + j * k, k,
                 sums.data + (i0 + i) * columns + j, first);
    if (!scheme.estimates_top) return;
    const int even = static_cast<int>(round_up(k, 2));
    for (int64_t j = 0; j < columns; j += COLUMNS)
      for (int64_t i = 0; i < rows; i += TILE_ROWS)
        top_tile(top_a.data + (a0 + i) * top_stride, rows - i, top_b.data + j * even, even,
                 tops.data + (i0 + i) * columns + j, first);
  }

  template <class I> void totals(int64_t i, int64_t j, int m, I *out) const {
    const int64_t *from = sums.data + i * columns + j;
    if (!scheme.estimates_top) {
      for (int e = 0; e < m; e++) out[e] = I(from[e]);
      return;
    }
    const int32_t *top = tops.data + i * columns + j;
    const int shift = scheme.rounded_bits[0] + scheme.rounded_bits[1];
    for (int e = 0; e < m; e++) {
      const i128 near = static_cast<i128>(top[e]) << shift;
      const uint64_t off = static_cast<uint64_t>(from[e]) - static_cast<uint64_t>(near);
      out[e] = static_cast<I>(near + static_cast<int64_t>(off));
    }
  }

private:
  const Scheme scheme;
  const int64_t columns, a_stride, top_stride;
  Buffer<int32_t> packed_a;
  Buffer<int64_t> packed_b;
  Buffer<int16_t> top_a, top_b;
  Buffer<int64_t> sums;
  Buffer<int32_t> tops;
  const int n;

  static void tops_of(const int32_t *from, int count, int shift, int16_t *to) {
    if (shift == 0) {
      for (int e = 0; e < count; e++) to[e] = static_cast<int16_t>(from[e]);
      return;
    }
    for (int e = 0; e < count; e++)
      to[e] = static_cast<int16_t>((from[e] >> shift) + (from[e] >> (shift - 1) & 1));
  }

  FX_NOINLINE void low_tile(const int32_t *x, int64_t rows, const int64_t *y, int k, int64_t *to,
                            bool first) {
    Vector part[TILE_ROWS][2];
    tile32(x, a_stride, rows, y, k, part);
    for (int i = 0; i < TILE_ROWS; i++)
      for (int h = 0; h < 2; h++) {
        int64_t *const at = to + i * columns + 4 * h;
        store_vector(at, first ? part[i][h] : _mm256_add_epi64(part[i][h], load_vector(at)));
      }
  }
  FX_NOINLINE void top_tile(const int16_t *x, int64_t rows, const int16_t *y, int k, int32_t *to,
                            bool first) {
    Vector part[TILE_ROWS][2];
    tile16(x, top_stride, rows, y, k / 2, part);
    for (int i = 0; i < TILE_ROWS; i++)
      for (int h = 0; h < 2; h++) {
        int32_t *const at = to + i * columns + 8 * h;
        store_vector(at, first ? part[i][h] : _mm256_add_epi32(part[i][h], load_vector(at)));
      }
  }
};

} // namespace FX_VARIANT
