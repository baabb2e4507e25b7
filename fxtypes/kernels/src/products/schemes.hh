// The paths of a matrix product: a class makes the exact sums, and they are rounded here.
//
// A class of limbs.hh, karatsuba.hh, low64.hh or residues.hh packs panels of both operands along
// k, adds their products to sums that it keeps, and at the end gives those as the exact type I.
// Which path may take which operands, and with which parameters (`Scheme`), products/paths.py
// decides. The bounds that it keeps stand in limits.hh.
#pragma once

#include <utility>

#include "products/loops.hh"

#if defined(__AVX2__) && !defined(FX_WIDE)
#define FX_TILES
#include "products/karatsuba.hh"
#include "products/limbs.hh"
#include "products/low64.hh"
#include "products/residues.hh"
#endif

namespace FX_VARIANT {

// Sums that float64 products have made: plane d counts 2^(plane_width d). A plane's numbers are
// integers of at most 2^53 in magnitude, so that they are exact.
class Planes {
public:
  Planes(const Scheme &scheme, const Matrices &x)
      : scheme(scheme), p(x.a), plane(x.m * x.n), n(x.n) {}

  static const bool HAS_HALVES = false;

  template <class I> void totals(int64_t i, int64_t j, int m, I *out) const {
    const char *from = p + (i * n + j) * sizeof(double);
    for (int e = 0; e < m; e++) out[e] = I(integer(from + e * sizeof(double)));
    for (int d = 1; d < scheme.planes; d++) {
      from += plane * sizeof(double);
      for (int e = 0; e < m; e++)
        out[e] = out[e] + (I(integer(from + e * sizeof(double))) << (d * scheme.plane_width));
    }
  }

private:
  const Scheme scheme;
  const char *p;
  const int64_t plane, n;
  static int64_t integer(const char *at) { return static_cast<int64_t>(fetch<double>(at)); }
};

// Rows i0 .. i0 + m - 1 of the result from rows 0 .. m - 1 of sums.
template <class I, class Sums>
void finish_rows(const Sums &sums, SumRounder<I> &finish, int64_t i0, int64_t m, int64_t columns) {
  const int size = 128;
  I sum[size];
  for (int64_t j = 0; j < columns; j += size) {
    const int n = static_cast<int>(columns - j < size ? columns - j : size);
    if constexpr (Sums::HAS_HALVES && std::is_same<I, i128>::value)
      if (finish.takes_halves()) {
        uint64_t low[size];
        int64_t high[size];
        for (int64_t i = 0; i < m; i++) {
          sums.halves(i, j, n, low, high);
          finish.halves(i0 + i, j, n, low, high);
        }
        continue;
      }
    if constexpr (Sums::HAS_HALVES && std::is_same<I, i320>::value)
      if (finish.takes_words()) {
        uint64_t words[5][size];
        for (int64_t i = 0; i < m; i++) {
          sums.words(i, j, n, words);
          finish.words(i0 + i, j, n, words);
        }
        continue;
      }
    for (int64_t i = 0; i < m; i++) {
      sums.template totals<I>(i, j, n, sum);
      finish(i0 + i, j, n, sum);
    }
  }
}

// f of the type in which the sums are rounded; Lowest: of level FX_I32.
template <class Lowest = int64_t, class F> Outcome at_sum_level(int level, const F &f) {
#ifdef FX_WIDE
  (void)level;
  return f(i1024(0));
#else
  switch (level) {
  case FX_I32: return f(Lowest(0));
  case FX_I64: return f(int64_t(0));
  case FX_I128: return f(i128(0));
  default: return f(i320(0));
  }
#endif
}

inline Outcome finish_planes(const Task &task, const Scheme &scheme, const Matrices &x) {
  return at_sum_level(task.step->level, [&](auto zero) {
    SumRounder<decltype(zero)> finish(task, x);
    finish_rows(Planes(scheme, x), finish, 0, x.m, x.n);
    return FX_DONE;
  });
}

#ifndef FX_WIDE
// An integer of at most 2^53 in magnitude, from its halves as mantissas, which compilers do in
// vectors.
inline double to_double(int64_t v) {
  const auto number = [](uint64_t bits) {
    double d;
    std::memcpy(&d, &bits, sizeof d);
    return d;
  };
  const uint64_t exponent = 0x4330000000000000u; // of 2^52
  const uint64_t high = (static_cast<uint64_t>(v) >> 32) ^ 0x80000000u;
  const double low = number(exponent | (static_cast<uint64_t>(v) & 0xffffffffu)) - 0x1p52;
  return (number(exponent | high) - (0x1p52 + 0x1p31)) * 0x1p32 + low;
}

// A matrix as planes of float64, one after another: an element is the sum of plane d times
// 2^(width d). The numbers of all planes but the last are at most 2^(width - 1) in magnitude.
template <class I> void slices_as(const Matrix &matrix, int count, int width, double *out) {
  const int64_t rows = matrix.rows, columns = matrix.columns;
  const int size = 256;
  I x[size];
  const I half = I(1) << (width - 1), mask = (half - I(1)) | half;
  I bias(0);
  for (int d = 0; d + 1 < count; d++) bias = bias + (half << (width * d));
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < columns; j += size) {
      const int n = static_cast<int>(columns - j < size ? columns - j : size);
      const char *const from = matrix.data + i * matrix.row + j * matrix.column;
      load_integers(x, from, matrix.column, n, matrix.storage, 0);
      for (int d = 0; d < count; d++) {
        double *const to = out + (d * rows + i) * columns + j;
        int64_t digit[size];
        if (d + 1 < count)
          for (int e = 0; e < n; e++)
            digit[e] = low_bits<int64_t>((((x[e] + bias) >> (width * d)) & mask) - half);
        else
          for (int e = 0; e < n; e++) digit[e] = low_bits<int64_t>((x[e] + bias) >> (width * d));
        for (int e = 0; e < n; e++) to[e] = to_double(digit[e]);
      }
    }
}

// One plane: elements of at most 53 bits.
inline void plane(const Matrix &matrix, double *out) {
  const int64_t rows = matrix.rows, columns = matrix.columns;
  const int size = 256;
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < columns; j += size) {
      const int n = static_cast<int>(columns - j < size ? columns - j : size);
      const char *const from = matrix.data + i * matrix.row + j * matrix.column;
      double *const to = out + i * columns + j;
      if (matrix.storage <= FX_S32) {
        int32_t x[size];
        load_integers(x, from, matrix.column, n, matrix.storage, 0);
        for (int e = 0; e < n; e++) to[e] = x[e];
      } else {
        int64_t x[size];
        load_integers(x, from, matrix.column, n, matrix.storage, 0);
        for (int e = 0; e < n; e++) to[e] = to_double(x[e]);
      }
    }
}

inline void slices(const Matrix *given, int count, int width, double *out) {
  Matrix matrix = *given;
  if (matrix.columns == 1) { // its only column as a row, which is read at once
    std::swap(matrix.rows, matrix.columns);
    std::swap(matrix.row, matrix.column);
  }
  if (count == 1)
    plane(matrix, out);
  else if (matrix.storage <= FX_U32)
    slices_as<int64_t>(matrix, count, width, out);
  else if (matrix.storage <= FX_U64)
    slices_as<i128>(matrix, count, width, out);
  else
    slices_as<i320>(matrix, count, width, out);
}
#endif

#ifdef FX_TILES
// Panels of k, and of a's rows so that both lie in the second-level cache. k > 0,
// n <= FX_BLOCK_COLUMNS.
template <class Sums, class I>
Outcome packed_product_as(const Task &task, const Scheme &scheme, Interrupts &interrupts,
                          const Matrices &x) {
  const int64_t panels = x.k <= PANEL * 8 / 5 ? 1 : (x.k + PANEL - 1) / PANEL;
  const int64_t panel = round_up((x.k + panels - 1) / panels, 2);
  const int64_t fit = 400000 / (Sums::row_bytes(scheme) * panel) / TILE_ROWS * TILE_ROWS;
  const int64_t some = fit ? fit : int64_t(TILE_ROWS), rows = x.m < some ? x.m : some;
  // Sums that one panel makes are rounded while they lie in the first-level cache.
  const bool at_once = panels == 1 && Sums::passes(scheme) == 1;
  const Operand a = left(*task.step, x), b = right(*task.step, x);
  Buffer<char> a_rows(a.transposed() ? rows * panel * storage_bytes(a.storage) : 0);
  Buffer<char> b_rows(b.transposed() ? panel * x.n * storage_bytes(b.storage) : 0);
  Sums sums(scheme, x, panel, rows, at_once ? int64_t(TILE_ROWS) : x.m,
            Bits<I>::value);
  if (!a_rows.data || !b_rows.data || !sums.ready()) return FX_NO_MEMORY;
  SumRounder<I> finish(task, x);
  for (int64_t k0 = 0; k0 < x.k; k0 += panel) {
    if (interrupts.stop_after(x.m * x.n * panel * Sums::passes(scheme))) return FX_INTERRUPTED;
    const int k = static_cast<int>(x.k - k0 < panel ? x.k - k0 : panel);
    const Operand right = b.transposed() ? b.row_by_row(k0, k, 0, x.n, b_rows.data) : b;
    for (int pass = 0; pass < Sums::passes(scheme); pass++) {
      sums.pack_b(pass, right, k0, k);
      for (int64_t i0 = 0; i0 < x.m; i0 += rows) {
        const int64_t m = x.m - i0 < rows ? x.m - i0 : rows;
        sums.pack_a(pass, a.transposed() ? a.row_by_row(i0, m, k0, k, a_rows.data) : a, i0, m, k0,
                    k);
        if (!at_once) {
          sums.multiply(pass, 0, i0, m, k, k0 == 0);
          continue;
        }
        for (int64_t i = 0; i < m; i += TILE_ROWS) {
          const int64_t few = m - i < TILE_ROWS ? m - i : int64_t(TILE_ROWS);
          sums.multiply(pass, i, 0, few, k, true);
          finish_rows(sums, finish, i0 + i, few, x.n);
        }
      }
    }
  }
  if (!at_once) finish_rows(sums, finish, 0, x.m, x.n);
  return FX_DONE;
}

template <class Sums>
Outcome packed_product(const Task &task, const Scheme &scheme, Interrupts &interrupts,
                       const Matrices &x) {
  return at_sum_level<typename Sums::Lowest>(task.step->level, [&](auto zero) {
    return packed_product_as<Sums, decltype(zero)>(task, scheme, interrupts, x);
  });
}
#endif

} // namespace FX_VARIANT
