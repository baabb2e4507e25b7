// Matrix products by Karatsuba's method: three products of int16 for four, or six for nine.
#pragma once

#include "products/panels.hh"

namespace FX_VARIANT {

// An operand is x0 + x1 2^11 (+ x2 2^22), all but the highest limb balanced, -2^10 <= x_i < 2^10,
// and the highest from -2^9 to 2^9: x lies in [-2^20, 2^20), or with three limbs in
// [-2^31, 2^31). Its forms are the limbs and their differences, and
//     x_i y_j + x_j y_i = x_i y_i + x_j y_j - (x_i - x_j) (y_i - y_j).
// A form is at most 2^11 - 1 in magnitude, so that sums of BLOCK products stay within int32, as
// asserted below. The exact sum is kept in two numbers, low + high * 2^33:
//     low = x0 y0 + (x0 y1 + x1 y0) 2^11 + (x0 y2 + x1 y1 + x2 y0) 2^22,
//     high = x1 y2 + x2 y1 + x2 y2 2^11.
// Of k terms |low| < k (2^20 + 2^32 + 3 * 2^42) < k 2^44, within int64 while k <= 2^19: the plan
// sees to it, and to the operands' ranges.
static_assert(FX_KARATSUBA_LENGTH <= 1 << (63 - 44), "sums within int64");
static_assert(FX_KARATSUBA_BITS[0] == 20 && FX_KARATSUBA_BITS[1] == 31, "limbs of 11 bits");

template <int LIMBS> class Karatsuba {
public:
  typedef int64_t Lowest; // of the types of sums
  static int passes(const Scheme &) { return 1; }
  static const bool HAS_HALVES = false;
  static const int WIDTH = 11, FORMS = LIMBS * (LIMBS + 1) / 2, LARGEST = (1 << WIDTH) - 1;
  static const int NUMBERS = LIMBS - 1; // of low and high
  static const int BLOCK = 512;
  static_assert(int64_t(BLOCK) * LARGEST * LARGEST < int64_t(1) << 31, "sums within int32");

  Karatsuba(const Scheme &, const Matrices &x, int64_t panel, int64_t rows, int64_t sum_rows, int)
      : columns(round_up(x.n, COLUMNS)),
        a_stride(round_up(panel, 16) + 32), a_size(round_up(rows, TILE_ROWS) * a_stride),
        b_size(round_up(panel, 2) * columns), packed_a(a_size * FORMS), packed_b(b_size * FORMS),
        plane(round_up(sum_rows, TILE_ROWS) * columns), sums(plane * NUMBERS),
        n(static_cast<int>(x.n)) {}
  bool ready() const { return packed_a.data && packed_b.data && sums.data; }

  static int64_t row_bytes(const Scheme &) { return 2 * FORMS; }

  void pack_a(int, const Operand &a, int64_t i0, int64_t rows, int64_t k0, int k) {
    for (int64_t i = 0; i < rows; i++) {
      int16_t *const to = packed_a.data + i * a_stride;
      split(a, i0 + i, k0, k, to, a_size);
      if (k % 2)
        for (int f = 0; f < FORMS; f++) to[f * a_size + k] = 0;
    }
  }

  void pack_b(int, const Operand &b, int64_t k0, int k) {
    const int64_t most = MOST_COLUMNS + COLUMNS;
    alignas(32) int16_t rows[2][FORMS * most]; // of k
    std::memset(rows, 0, sizeof rows);
    for (int i = 0; i < k; i += 2) {
      split(b, k0 + i, 0, n, rows[0], most);
      if (i + 1 < k)
        split(b, k0 + i + 1, 0, n, rows[1], most);
      else
        std::memset(rows[1], 0, sizeof rows[1]);
      for (int f = 0; f < FORMS; f++)
        for (int64_t j = 0; j < columns; j += COLUMNS)
          interleave(rows[0] + f * most + j, rows[1] + f * most + j,
                     packed_b.data + f * b_size + j * round_up(k, 2) + i * COLUMNS);
    }
  }

  void multiply(int, int64_t a0, int64_t i0, int64_t rows, int k, bool first) {
    const int even = static_cast<int>(round_up(k, 2));
    for (int64_t j = 0; j < columns; j += COLUMNS)
      for (int64_t i = 0; i < rows; i += TILE_ROWS)
        tile(packed_a.data + (a0 + i) * a_stride, rows - i, packed_b.data + j * even, even,
             (i0 + i) * columns + j, first);
  }

  template <class I> void totals(int64_t i, int64_t j, int m, I *out) const {
    const int64_t *const low = sums.data + i * columns + j;
    for (int e = 0; e < m; e++) out[e] = I(low[e]);
    if constexpr (NUMBERS == 2) {
      const int64_t *const high = low + plane;
      for (int e = 0; e < m; e++) out[e] = out[e] + (I(high[e]) << (3 * WIDTH));
    }
  }

private:
  const int64_t columns, a_stride, a_size, b_size;
  Buffer<int16_t> packed_a, packed_b;
  const int64_t plane;
  Buffer<int64_t> sums;
  const int n;

  // The forms of `count` elements, `size` apart.
  static FX_NOINLINE void split(const Operand &x, int64_t i, int64_t j, int count, int16_t *to,
                                int64_t size) {
    int32_t buffer[MOST_COLUMNS];
    int16_t limbs[LIMBS][MOST_COLUMNS];
    const int32_t *const from = x.elements(i, j, count, buffer);
    for (int e = 0; e < count; e++) {
      int32_t v = fetch<int32_t>(reinterpret_cast<const char *>(from + e));
      for (int f = 0; f + 1 < LIMBS; f++) {
        limbs[f][e] = low(v);
        v = (v >> WIDTH) + (v >> (WIDTH - 1) & 1);
      }
      limbs[LIMBS - 1][e] = static_cast<int16_t>(v);
    }
    for (int f = 0; f < LIMBS; f++) std::memcpy(to + f * size, limbs[f], count * sizeof(int16_t));
    to += LIMBS * size;
    for (int f = 0; f < LIMBS; f++)
      for (int g = f + 1; g < LIMBS; g++, to += size)
        for (int e = 0; e < count; e++)
          to[e] = static_cast<int16_t>(limbs[f][e] - limbs[g][e]);
  }

  static int16_t low(int32_t v) {
    const int rest = 32 - WIDTH;
    return static_cast<int16_t>(static_cast<int32_t>(static_cast<uint32_t>(v) << rest) >> rest);
  }

  FX_NOINLINE void tile(const int16_t *x, int64_t rows, const int16_t *y, int k, int64_t at,
                        bool first) {
    const int32_t u = 1 << WIDTH, v = 1 << 2 * WIDTH;
    // How often the sums of a form's products count in low, and in high.
    static const int32_t two[][2] = {{1 + u, 0}, {u + v, 0}, {-u, 0}};
    static const int32_t three[][2] = {{1 + u + v, 0}, {u + v, 1}, {v, 1 + u},
                                       {-u, 0},        {-v, 0},    {0, -1}};
    const int32_t(*const counts)[2] = LIMBS == 2 ? two : three;
    alignas(32) Vector total[NUMBERS][TILE_ROWS][4];
    std::memset(total, 0, sizeof total);
    for (int start = 0; start < k; start += BLOCK)
      for (int f = 0; f < FORMS; f++) {
        Vector part[TILE_ROWS][2];
        tile16(x + f * a_size + start, a_stride, rows, y + f * b_size + start * COLUMNS,
               (k - start < BLOCK ? k - start : BLOCK) / 2, part);
        for (int half = 0; half < NUMBERS; half++)
          if (counts[f][half]) add(part, counts[f][half], total[half]);
      }
    for (int half = 0; half < NUMBERS; half++)
      for (int i = 0; i < TILE_ROWS; i++)
        for (int h = 0; h < 4; h++) {
          int64_t *const to = sums.data + half * plane + at + i * columns + 4 * h;
          const Vector all = total[half][i][h];
          store_vector(to, first ? all : _mm256_add_epi64(all, load_vector(to)));
        }
  }

  static FX_INLINE void add(const Vector part[][2], int32_t count, Vector total[][4]) {
    for (int i = 0; i < TILE_ROWS; i++)
      for (int h = 0; h < 4; h++) {
        const Vector p = part[i][h / 2];
        const __m128i few = h % 2 ? _mm256_extracti128_si256(p, 1) : _mm256_castsi256_si128(p);
        total[i][h] = _mm256_add_epi64(
            total[i][h], _mm256_mul_epi32(_mm256_cvtepi32_epi64(few), _mm256_set1_epi64x(count)));
      }
  }
};

} // namespace FX_VARIANT
