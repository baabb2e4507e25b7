// The ways to a matrix product: a scheme makes the exact sums, and they are rounded here.
//
// A scheme of limbs.hh, karatsuba.hh, low64.hh or residues.hh packs panels of both operands along
// k, adds their products to sums that it keeps, and at the end gives those as the exact type I.
// Which scheme may take which operands, and with which numbers, is the plan's to say
// (products/paths.py): `Way`. The bounds stand where they are relied upon.
#pragma once

#include "products/loops.hh"

#if defined(__AVX2__) && !defined(FX_WIDE)
#define FX_TILES
#include "products/karatsuba.hh"
#include "products/limbs.hh"
#include "products/low64.hh"
#include "products/residues.hh"
#endif

namespace FX_VARIANT {

// Sums that float64 products have made, exactly: plane d of them counts 2^(width d). A plane's
// numbers are integers of at most 2^53.
class Planes {
public:
  Planes(const Way &way, const Matrices &x)
      : way(way), p(x.a), plane(x.m * x.n), n(x.n) {}

  template <class I> void totals(int64_t i, int64_t j, int m, I *out) const {
    const char *from = p + (i * n + j) * sizeof(double);
    for (int e = 0; e < m; e++) out[e] = I(integer(from + e * sizeof(double)));
    for (int d = 1; d < way.planes; d++) {
      from += plane * sizeof(double);
      for (int e = 0; e < m; e++)
        out[e] = out[e] + (I(integer(from + e * sizeof(double))) << (d * way.width[0]));
    }
  }

private:
  const Way way;
  const char *p;
  const int64_t plane, n;
  static int64_t integer(const char *at) { return static_cast<int64_t>(fetch<double>(at)); }
};

template <class I, class Scheme>
void finish_as(const Scheme &scheme, const Step &step, Counts *counts, const Stream *stream,
               const Matrices &x) {
  const Rounding<I> finish(step, counts, stream, x);
  const int size = 128;
  I sum[size];
  for (int64_t i = 0; i < x.m; i++)
    for (int64_t j = 0; j < x.n; j += size) {
      const int n = static_cast<int>(x.n - j < size ? x.n - j : size);
      scheme.template totals<I>(i, j, n, sum);
      finish(i, j, n, sum);
    }
}

template <class Scheme>
void finish_sums(const Scheme &scheme, const Step &step, Counts *counts, const Stream *stream,
                 const Matrices &x) {
#ifdef FX_WIDE
  finish_as<i1024>(scheme, step, counts, stream, x);
#else
  switch (step.level) {
  case FX_I32:
  case FX_I64: return finish_as<int64_t>(scheme, step, counts, stream, x);
  case FX_I128: return finish_as<i128>(scheme, step, counts, stream, x);
  default: return finish_as<i320>(scheme, step, counts, stream, x);
  }
#endif
}

#ifndef FX_WIDE
// An integer of at most 2^53 in magnitude, by its halves' bits as mantissas: this vectorises.
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

// A matrix's elements as planes of float64, one after another: element = sum of plane d times
// 2^(width d), all planes but the last balanced, |.| <= 2^(width - 1).
template <class I>
void slices_as(int storage, int count, int width, int64_t rows, int64_t columns, const char *p,
               const ptrdiff_t *strides, double *out) {
  const int size = 256;
  I x[size];
  const I half = I(1) << (width - 1), mask = (half - I(1)) | half;
  I bias(0);
  for (int d = 0; d + 1 < count; d++) bias = bias + (half << (width * d));
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < columns; j += size) {
      const int n = static_cast<int>(columns - j < size ? columns - j : size);
      load(x, p + i * strides[0] + j * strides[1], strides[1], n, storage, 0);
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
inline void plane(int storage, int64_t rows, int64_t columns, const char *p,
                  const ptrdiff_t *strides, double *out) {
  const int size = 256;
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < columns; j += size) {
      const int n = static_cast<int>(columns - j < size ? columns - j : size);
      const char *const from = p + i * strides[0] + j * strides[1];
      double *const to = out + i * columns + j;
      if (storage <= FX_S32) {
        int32_t x[size];
        load(x, from, strides[1], n, storage, 0);
        for (int e = 0; e < n; e++) to[e] = x[e];
      } else {
        int64_t x[size];
        load(x, from, strides[1], n, storage, 0);
        for (int e = 0; e < n; e++) to[e] = to_double(x[e]);
      }
    }
}

inline void slices(int storage, int count, int width, const int64_t *sizes, const char *p,
                   const ptrdiff_t *strides, double *out) {
  if (sizes[1] == 1 && sizes[0] > 1) { // a column is a row as well
    const int64_t turned[2] = {1, sizes[0]};
    const ptrdiff_t by[2] = {0, strides[0]};
    slices(storage, count, width, turned, p, by, out);
  } else if (count == 1)
    plane(storage, sizes[0], sizes[1], p, strides, out);
  else if (storage <= FX_U32)
    slices_as<int64_t>(storage, count, width, sizes[0], sizes[1], p, strides, out);
  else if (storage <= FX_U64)
    slices_as<i128>(storage, count, width, sizes[0], sizes[1], p, strides, out);
  else
    slices_as<i320>(storage, count, width, sizes[0], sizes[1], p, strides, out);
}
#endif

#ifdef FX_TILES
// Panels of k, and of a's rows so that both lie in the second-level cache. k > 0, n <= 1024.
template <class Scheme>
Outcome packed_product(const Step &step, Counts *counts, const Stream *stream, Pauses &pauses,
                       const Matrices &x, const Way &way) {
  const int64_t panels = x.k <= PANEL * 8 / 5 ? 1 : (x.k + PANEL - 1) / PANEL;
  const int64_t panel = round_up((x.k + panels - 1) / panels, 2);
  const int64_t fit = 400000 / (Scheme::row_bytes(way) * panel) / TILE_ROWS * TILE_ROWS;
  const int64_t some = fit ? fit : int64_t(TILE_ROWS), rows = x.m < some ? x.m : some;
  Scheme scheme(way, x, panel, rows);
  if (!scheme.ready()) return FX_NO_MEMORY;
  for (int64_t k0 = 0; k0 < x.k; k0 += panel) {
    if (pauses.stop(x.m * x.n * panel * scheme.passes)) return FX_INTERRUPTED;
    const int k = static_cast<int>(x.k - k0 < panel ? x.k - k0 : panel);
    for (int pass = 0; pass < scheme.passes; pass++) {
      scheme.pack_b(pass, k0, k);
      for (int64_t i0 = 0; i0 < x.m; i0 += rows) {
        const int64_t m = x.m - i0 < rows ? x.m - i0 : rows;
        scheme.pack_a(pass, i0, m, k0, k);
        scheme.multiply(pass, i0, m, k, k0 == 0);
      }
    }
  }
  finish_sums(scheme, step, counts, stream, x);
  return FX_DONE;
}
#endif

} // namespace FX_VARIANT
