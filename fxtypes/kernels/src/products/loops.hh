// Matrix products by direct integer loops.
//
// Operands are read as type E that holds both, sums are of type I, the level's, which no sum
// leaves. k is cut into panels so that copies stay small.
#pragma once

#include "products/operand.hh"
#include "interrupts.hh"
#include "products/finish.hh"

namespace FX_VARIANT {

const int DEPTH = 512; // of a panel along k

// A row of sums a row of the product; or all of a single column's together, as a row of the
// transposed product.
template <class I> class RowsOfSums {
public:
  RowsOfSums(const Task &task, const Matrices &x)
      : one_column(x.n == 1 && x.pitch == 1 && !x.place), m(x.m),
        matrices(one_column ? transposed(x) : x), finish(task, matrices) {}

  // Columns j .. j + n - 1 of all rows, which are `width` sums apart.
  void operator()(int64_t j, int n, int64_t width, I *sums) {
    const int most = SumRounder<I>::MOST;
    if (one_column)
      for (int64_t i = 0; i < m; i += most)
        finish(0, i, static_cast<int>(m - i < most ? m - i : most), sums + i);
    else
      for (int64_t i = 0; i < m; i++) finish(i, j, n, sums + i * width);
  }

private:
  const bool one_column;
  const int64_t m;
  const Matrices matrices;
  SumRounder<I> finish;
};

// sum[0..n) += row of a times the columns of b, four inner indices at a time: one load and one
// store of the sums for four multiply-adds.
template <class E>
inline void multiply_row(const E *a, const E *b, int64_t inner, int64_t b_columns, int n,
                         int64_t *sum) {
  const auto times = [](E x, E y) { return static_cast<int64_t>(x) * y; };
  int64_t k = 0;
  if (b_columns == 1) {
    int64_t total = 0;
    for (; k < inner; k++) total += times(a[k], b[k]);
    sum[0] += total;
    return;
  }
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

// Sums of one word: a row of them at a time, in vectors.
template <class E>
Outcome row_products(const Task &task, Interrupts &interrupts, const Matrices &x) {
  const int size = SumRounder<int64_t>::MOST; // columns of a panel of b, which stays in cache
  const Operand a = left(*task.step, x), b = right(*task.step, x);
  const int64_t width = x.n < size ? x.n : size;
  const Buffer<E> panel(DEPTH * width);
  const Buffer<int64_t> sums(x.m * width);
  if (!panel.data || !sums.data) return FX_NO_MEMORY;
  RowsOfSums<int64_t> finish(task, x);
  E buffer[DEPTH];
  for (int64_t j = 0; j < x.n; j += size) {
    const int n = static_cast<int>(x.n - j < size ? x.n - j : size);
    std::memset(sums.data, 0, x.m * width * sizeof(int64_t));
    for (int64_t k0 = 0; k0 < x.k; k0 += DEPTH) {
      const int depth = static_cast<int>(x.k - k0 < DEPTH ? x.k - k0 : DEPTH);
      if (interrupts.stop_after(x.m * n * depth)) return FX_INTERRUPTED;
      if (width == 1)
        b.copy_columns(k0, depth, j, 1, panel.data, depth);
      else
        for (int k = 0; k < depth; k++) b.copy(k0 + k, j, n, panel.data + k * width);
      for (int64_t i = 0; i < x.m; i++)
        multiply_row(a.elements(i, k0, depth, buffer), panel.data, depth, width, n,
                     sums.data + i * width);
    }
    finish(j, n, width, sums.data);
  }
  return FX_DONE;
}

// The exact sum of n products.
template <class E> FX_INLINE void dot(const E *x, const E *y, int64_t n, i128 *sum) {
  i128 even = 0, odd = 0; // two chains of carries
  int64_t k = 0;
  for (; k + 2 <= n; k += 2) {
    even += static_cast<i128>(x[k]) * y[k];
    odd += static_cast<i128>(x[k + 1]) * y[k + 1];
  }
  if (k < n) even += static_cast<i128>(x[k]) * y[k];
  *sum = even + odd;
}
FX_INLINE void dot(const int64_t *x, const int64_t *y, int64_t n, i320 *sum) {
  uint64_t s0 = 0, s1 = 0, s2 = 0;
  for (int64_t k = 0; k < n; k++) {
#ifdef __x86_64__
    uint64_t low, high, sign; // without assembly GCC keeps the sums in memory
    __asm__("imulq %[y]\n\t"
            "movq %[high], %[sign]\n\t"
            "sarq $63, %[sign]\n\t"
            "addq %[low], %[s0]\n\t"
            "adcq %[high], %[s1]\n\t"
            "adcq %[sign], %[s2]"
            : [s0] "+r"(s0), [s1] "+r"(s1), [s2] "+r"(s2), [low] "=a"(low), [high] "=&d"(high),
              [sign] "=&r"(sign)
            : "a"(x[k]), [y] "m"(y[k])
            : "cc");
#else
    const u128 p = static_cast<u128>(static_cast<i128>(x[k]) * y[k]);
    const u128 t = (static_cast<u128>(s1) << 64 | s0) + p;
    s2 += static_cast<uint64_t>(static_cast<i128>(p) >> 127) + (t < p ? 1 : 0);
    s0 = static_cast<uint64_t>(t);
    s1 = static_cast<uint64_t>(t >> 64);
#endif
  }
  *sum = i320(static_cast<int64_t>(s2));
  sum->w[0] = s0;
  sum->w[1] = s1;
  sum->w[2] = s2;
}
template <class E, class I> FX_INLINE void dot(const E *x, const E *y, int64_t n, I *sum) {
  I total(0);
  for (int64_t k = 0; k < n; k++) total = total + product(I(x[k]), I(y[k]));
  *sum = total;
}

// How rows of a and columns of b, both called lines, are multiplied: as they are.
template <class E, class I> struct Line {
  static const bool changed = false;
  static void multiply(const E *x, const E *y, int n, I *sum) { dot(x, y, n, sum); }
};

#if defined(__BMI2__) && defined(__OPTIMIZE__) // without, GCC has too few registers
// Of unsigned numbers, in two carry chains: low by low and high by high words; and the others.
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

// Lines of 128 bits, 2^127 added to each element: with x' = x + 2^127 and y' likewise,
//     sum of x y = sum of x' y' - 2^127 (sum of x' + sum of y') + k 2^254.
template <> struct Line<i128, i320> {
  static const bool changed = true;
  // Adds 2^127 to a line of k elements. Returns its part of what the sum of x' y' then lacks; half
  // of the last term is each line's.
  static i320 change(i128 *line, int k) {
    i320 total(0);
    for (int i = 0; i < k; i++) {
      const u128 v = static_cast<u128>(line[i]) + (u128(1) << 127);
      line[i] = static_cast<i128>(v);
      total = total + i320(v);
    }
    return (i320(k) << 253) - (total << 127);
  }
  static void multiply(const i128 *x, const i128 *y, int n, i320 *sum) {
    dot(reinterpret_cast<const u128 *>(x), reinterpret_cast<const u128 *>(y), n, sum);
  }
};
#endif

// Sums of several words: one element at a time.
template <class E, class I>
Outcome dot_products(const Task &task, Interrupts &interrupts, const Matrices &x) {
  typedef Line<E, I> L;
  const int size = 32; // columns of a panel of b, which stays in cache
  const Operand a = left(*task.step, x), b = right(*task.step, x);
  const int64_t width = x.n < size ? x.n : size;
  const Buffer<E> panel(DEPTH * width);
  const Buffer<I> sums(x.m * width);
  if (!panel.data || !sums.data) return FX_NO_MEMORY;
  RowsOfSums<I> finish(task, x);
  E row[DEPTH];
  I more(0), excess[size];
  for (int64_t j = 0; j < x.n; j += size) {
    const int n = static_cast<int>(x.n - j < size ? x.n - j : size);
    if (x.k == 0) // else the first panel sets them
      for (int64_t i = 0; i < x.m * width; i++) sums.data[i] = I(0);
    for (int64_t k0 = 0; k0 < x.k; k0 += DEPTH) {
      const int depth = static_cast<int>(x.k - k0 < DEPTH ? x.k - k0 : DEPTH);
      if (interrupts.stop_after(x.m * n * depth)) return FX_INTERRUPTED;
      b.copy_columns(k0, depth, j, n, panel.data, DEPTH);
      if constexpr (L::changed)
        for (int e = 0; e < n; e++) excess[e] = L::change(panel.data + e * DEPTH, depth);
      for (int64_t i = 0; i < x.m; i++) {
        I *const to = sums.data + i * width;
        const E *line = row;
        if constexpr (L::changed) {
          a.copy(i, k0, depth, row);
          more = L::change(row, depth);
        } else {
          line = a.elements(i, k0, depth, row);
        }
        for (int e = 0; e < n; e++) {
          I part;
          L::multiply(line, panel.data + e * DEPTH, depth, &part);
          if constexpr (L::changed) part = part + more + excess[e];
          to[e] = k0 == 0 ? part : to[e] + part;
        }
      }
    }
    finish(j, n, width, sums.data);
  }
  return FX_DONE;
}

} // namespace FX_VARIANT
