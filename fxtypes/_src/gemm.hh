// Matrix products as an accumulator's loop, rounded at every step.
#pragma once

#include <cstdlib>

#include "elementwise.hh"
#include "sums.hh"

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
