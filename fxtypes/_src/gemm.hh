// Matrix products by direct integer loops: exact sums rounded once, or the accumulator's loop.
//
// Operands are copied once into contiguous arrays of the narrowest type E that holds them; the
// sums are of type I, which the plan has chosen so that no sum can leave it.
#pragma once

#include <cstdlib>

#include "elementwise.hh"
#include "sums.hh"
#include "words.hh"

namespace FX_VARIANT {

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

// sum[0..n) += row of a times the columns of b, four inner indices at a time: one load and one
// store of the sums for four multiply-adds.
template <class E>
inline void multiply_row(const E *a, const E *b, int64_t inner, int64_t b_columns, int n,
                         int64_t *sum) {
  const auto times = [](E x, E y) { return static_cast<int64_t>(x) * y; };
  int64_t k = 0;
  for (; k + 4 <= inner; k += 4) {
    const E a0 = a[k], a1 = a[k + 1], a2 = a[k + 2], a3 = a[k + 3];
    const E *b0 = b + k * b_columns, *b1 = b0 + b_columns, *b2 = b1 + b_columns,
            *b3 = b2 + b_columns;
    for (int j = 0; j < n; j++)
      sum[j] += times(a0, b0[j]) + times(a1, b1[j]) + times(a2, b2[j]) + times(a3, b3[j]);
  }
  for (; k < inner; k++)
    for (int j = 0; j < n; j++) sum[j] += times(a[k], b[k * b_columns + j]);
}

// Sums of one word, in vectors of columns. Returns false when memory ran out.
template <class E>
bool row_products(const Step &step, Counts *counts, const Stream *stream, const Matrices &x) {
  const Packed<E> a(x.a, x.m, x.k, x.a_row, x.a_column, x.a_storage);
  const Packed<E> b(x.b, x.k, x.n, x.b_row, x.b_column, x.b_storage);
  if (!a.data || !b.data) return false;
  const Rounding<int64_t> finish(step, counts, stream, x);
  const int size = 256;
  const int64_t rows = 32; // of a, against one panel of b that stays in cache
  int64_t sum[size];
  for (int64_t i0 = 0; i0 < x.m; i0 += rows)
    for (int64_t j = 0; j < x.n; j += size) {
      const int n = static_cast<int>(x.n - j < size ? x.n - j : size);
      for (int64_t i = i0; i < x.m && i < i0 + rows; i++) {
        std::memset(sum, 0, n * sizeof(int64_t));
        multiply_row(a.data + i * x.k, b.data + j, x.k, x.n, n, sum);
        finish(i, j, n, sum);
      }
    }
  return true;
}

// The exact sum of n products.
template <class E> FX_INLINE void dot(const E *x, const E *y, int64_t n, i128 *sum) {
  i128 total = 0;
  for (int64_t k = 0; k < n; k++) total += static_cast<i128>(x[k]) * y[k];
  *sum = total;
}
FX_INLINE void dot(const int64_t *x, const int64_t *y, int64_t n, i320 *sum) {
  u128 low = 0;
  int64_t high = 0;
  for (int64_t k = 0; k < n; k++) {
    const i128 p = static_cast<i128>(x[k]) * y[k];
    low += static_cast<u128>(p);
    high += (p < 0 ? -1 : 0) + (low < static_cast<u128>(p));
  }
  *sum = i320(high);
  for (int i = 4; i >= 2; i--) sum->w[i] = sum->w[i - 2];
  sum->w[0] = static_cast<uint64_t>(low);
  sum->w[1] = static_cast<uint64_t>(low >> 64);
}
template <class E, class I> FX_INLINE void dot(const E *x, const E *y, int64_t n, I *sum) {
  I total(0);
  for (int64_t k = 0; k < n; k++) total = total + product(I(x[k]), I(y[k]));
  *sum = total;
}

// Sums of several words, one after another.
template <class E, class I>
bool dot_products(const Step &step, Counts *counts, const Stream *stream, const Matrices &x) {
  const Packed<E> a(x.a, x.m, x.k, x.a_row, x.a_column, x.a_storage);
  const Packed<E> b(x.b, x.n, x.k, x.b_column, x.b_row, x.b_storage); // columns, one by one
  if (!a.data || !b.data) return false;
  const Rounding<I> finish(step, counts, stream, x);
  const int size = 32; // columns that stay in cache
  I sum[size];
  for (int64_t j = 0; j < x.n; j += size) {
    const int n = static_cast<int>(x.n - j < size ? x.n - j : size);
    for (int64_t i = 0; i < x.m; i++) {
      for (int e = 0; e < n; e++) dot(a.data + i * x.k, b.data + (j + e) * x.k, x.k, sum + e);
      finish(i, j, n, sum);
    }
  }
  return true;
}

#ifdef __BMI2__
// Of numbers without a sign: the outer words' products and the mixed ones' in two carry chains.
FX_INLINE void dot(const u128 *x, const u128 *y, int64_t n, i320 *sum) {
  uint64_t s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, t0 = 0, t1 = 0, t2 = 0, low, high;
  for (int64_t k = 0; k < n; k++)
    __asm__("movq (%[x]), %%rdx\n\t"
            "mulx (%[y]), %[low], %[high]\n\t"
            "addq %[low], %[s0]\n\t"
            "adcq %[high], %[s1]\n\t"
            "movq 8(%[x]), %%rdx\n\t"
            "mulx 8(%[y]), %[low], %[high]\n\t"
            "adcq %[low], %[s2]\n\t"
            "adcq %[high], %[s3]\n\t"
            "adcq $0, %[s4]\n\t"
            "mulx (%[y]), %[low], %[high]\n\t"
            "addq %[low], %[t0]\n\t"
            "adcq %[high], %[t1]\n\t"
            "adcq $0, %[t2]\n\t"
            "movq (%[x]), %%rdx\n\t"
            "mulx 8(%[y]), %[low], %[high]\n\t"
            "addq %[low], %[t0]\n\t"
            "adcq %[high], %[t1]\n\t"
            "adcq $0, %[t2]"
            : [s0] "+&r"(s0), [s1] "+&r"(s1), [s2] "+&r"(s2), [s3] "+&r"(s3), [s4] "+&r"(s4),
              [t0] "+&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [low] "=&r"(low), [high] "=&r"(high)
            : [x] "r"(x + k), [y] "r"(y + k), "m"(x[k]), "m"(y[k])
            : "rdx", "cc");
  const uint64_t mixed[4] = {t0, t1, t2, 0};
  uint64_t upper[4] = {s1, s2, s3, s4};
  add_words(upper, mixed);
  sum->w[0] = s0;
  for (int i = 0; i < 4; i++) sum->w[i + 1] = upper[i];
}

// Operands of 128 bits, 2^127 added to each element: with x' = x + 2^127 and y' likewise,
//     sum of x y = sum of x' y' - 2^127 (sum of x' + sum of y') + k 2^254.
class Biased {
public:
  Packed<u128> packed;
  Biased(const char *p, int64_t rows, int64_t columns, ptrdiff_t row, ptrdiff_t column, int storage)
      : packed(p, rows, columns, row, column, storage), k(columns) {
    for (int64_t i = 0; packed.data && i < rows * columns; i++) packed.data[i] += u128(1) << 127;
  }
  const u128 *row(int64_t i) const { return packed.data + i * k; }
  i320 excess(int64_t i) const { // 2^127 times the row's sum
    i320 total(0);
    for (int64_t e = 0; e < k; e++) total = total + i320(row(i)[e]);
    return total << 127;
  }

private:
  const int64_t k;
};

template <>
inline bool dot_products<i128, i320>(const Step &step, Counts *counts, const Stream *stream,
                                     const Matrices &x) {
  const Biased a(x.a, x.m, x.k, x.a_row, x.a_column, x.a_storage);
  const Biased b(x.b, x.n, x.k, x.b_column, x.b_row, x.b_storage);
  if (!a.packed.data || !b.packed.data) return false;
  const Rounding<i320> finish(step, counts, stream, x);
  const int size = 32;
  const i320 all = i320(x.k) << 254;
  i320 sum[size], less[size];
  for (int64_t j = 0; j < x.n; j += size) {
    const int n = static_cast<int>(x.n - j < size ? x.n - j : size);
    for (int e = 0; e < n; e++) less[e] = -b.excess(j + e);
    for (int64_t i = 0; i < x.m; i++) {
      const i320 more = all - a.excess(i);
      for (int e = 0; e < n; e++) {
        dot(a.row(i), b.row(j + e), x.k, sum + e);
        sum[e] = sum[e] + more + less[e];
      }
      finish(i, j, n, sum);
    }
  }
  return true;
}
#endif

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
