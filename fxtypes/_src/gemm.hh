// Matrix products by direct integer loops: exact sums rounded once, or the accumulator's loop.
//
// Operands are copied once into contiguous arrays of the narrowest type E that holds them; the
// sums are of type I, which the plan has chosen so that no sum can leave it.
#pragma once

#include <cstdlib>

#include "elementwise.hh"
#include "walk.hh"

namespace FX_VARIANT {

struct Matrices { // a: m x k, b: k x n, out: m x n; strides in bytes
  int64_t index; // of out's first element, in C order of the whole result
  int64_t pitch; // from one row of out to the next in that order
  int64_t m, k, n;
  char *a, *b, *out;
  ptrdiff_t a_row, a_column, b_row, b_column, out_row, out_column;
  int a_storage, b_storage;
};

template <class E> class Packed {
public:
  E *data;
  Packed(const char *p, int64_t rows, int64_t columns, ptrdiff_t row, ptrdiff_t column,
         int storage)
      : data(static_cast<E *>(std::malloc(sizeof(E) * (rows * columns + 1)))) {
    if (!data) return;
    for (int64_t i = 0; i < rows; i++)
      for (int64_t j = 0; j < columns; j += 1024) {
        const int n = static_cast<int>(columns - j < 1024 ? columns - j : 1024);
        load(data + i * columns + j, p + i * row + j * column, column, n, storage, 0);
      }
  }
  ~Packed() { std::free(data); }
  Packed(const Packed &) = delete;
  Packed &operator=(const Packed &) = delete;
};

template <class I, class E> inline I wide_product(const E &a, const E &b) {
  return product(I(a), I(b));
}

// sum[0..n) += row of a times the columns of b, four inner indices at a time: one load and one
// store of the sums for four multiply-adds.
template <class E, class I>
inline void multiply_row(const E *a, const E *b, int64_t inner, int64_t b_columns, int n, I *sum) {
  int64_t k = 0;
  for (; k + 4 <= inner; k += 4) {
    const E a0 = a[k], a1 = a[k + 1], a2 = a[k + 2], a3 = a[k + 3];
    const E *b0 = b + k * b_columns, *b1 = b0 + b_columns, *b2 = b1 + b_columns,
            *b3 = b2 + b_columns;
    for (int j = 0; j < n; j++)
      sum[j] = sum[j] + wide_product<I>(a0, b0[j]) + wide_product<I>(a1, b1[j]) +
               wide_product<I>(a2, b2[j]) + wide_product<I>(a3, b3[j]);
  }
  for (; k < inner; k++)
    for (int j = 0; j < n; j++) sum[j] = sum[j] + wide_product<I>(a[k], b[k * b_columns + j]);
}

// Returns false when memory ran out.
template <class E, class I>
bool matrix_product(const Step &step, Counts *counts, const Stream *stream, const Matrices &x) {
  const Packed<E> a(x.a, x.m, x.k, x.a_row, x.a_column, step.storage[0]);
  const Packed<E> b(x.b, x.k, x.n, x.b_row, x.b_column, step.storage[1]);
  if (!a.data || !b.data) return false;
  const Finish<I> finish(step.target, counts, stream);
  const int size = 256;
  const int64_t rows = 32; // of a, against one panel of b that stays in cache
  I sum[size];
  for (int64_t i0 = 0; i0 < x.m; i0 += rows)
    for (int64_t j = 0; j < x.n; j += size) {
      const int n = static_cast<int>(x.n - j < size ? x.n - j : size);
      for (int64_t i = i0; i < x.m && i < i0 + rows; i++) {
        for (int e = 0; e < n; e++) sum[e] = I(0);
        multiply_row(a.data + i * x.k, b.data + j, x.k, x.n, n, sum);
        if (step.lift[0])
          for (int e = 0; e < n; e++) sum[e] = sum[e] << step.lift[0];
        finish(sum, n, x.index + i * x.pitch + j, 0);
        store(sum, x.out + i * x.out_row + j * x.out_column, x.out_column, n,
              step.target.storage);
      }
    }
  return true;
}

// acc = acc + a*b from 0 in index order, rounded and bounded into the accumulator's format at
// every step (`step`: lift[0] aligns the accumulator, lift[1] the product), and converted at
// the end (`last`). The k-th step is rounding k of its element, the conversion rounding K.
template <class I>
bool accumulate(const Step &step, const Step &last, Counts *counts, Counts *last_counts,
                const Stream *stream, const Matrices &x) {
  const Packed<I> b(x.b, x.k, x.n, x.b_row, x.b_column, step.storage[1]);
  if (!b.data) return false;
  const Finish<I> finish(step.target, counts, stream), convert(last.target, last_counts, stream);
  const int size = Chunk<I>::size;
  I sum[size];
  for (int64_t i = 0; i < x.m; i++)
    for (int64_t j = 0; j < x.n; j += size) {
      const int n = static_cast<int>(x.n - j < size ? x.n - j : size);
      const int64_t index = x.index + i * x.pitch + j;
      for (int e = 0; e < n; e++) sum[e] = I(0);
      for (int64_t k = 0; k < x.k; k++) {
        I a(0);
        load(&a, x.a + i * x.a_row + k * x.a_column, 0, 1, step.storage[0], 0);
        const I *row = b.data + k * x.n + j;
        for (int e = 0; e < n; e++)
          sum[e] = (sum[e] << step.lift[0]) + (product(a, row[e]) << step.lift[1]);
        finish(sum, n, index, static_cast<uint64_t>(k));
      }
      if (last.lift[0])
        for (int e = 0; e < n; e++) sum[e] = sum[e] << last.lift[0];
      convert(sum, n, index, static_cast<uint64_t>(x.k));
      store(sum, x.out + i * x.out_row + j * x.out_column, x.out_column, n,
            last.target.storage);
    }
  return true;
}

} // namespace FX_VARIANT
