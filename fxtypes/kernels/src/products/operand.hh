// Operands of matrix products, read row by row, and buffers for parts of them.
#pragma once

#include <cstdlib>

#include "elementwise/load_store.hh"
#include "products/finish.hh"

namespace FX_VARIANT {

template <class T> class Buffer {
public:
  T *data;
  explicit Buffer(size_t n)
      : data(static_cast<T *>(std::aligned_alloc(64, (n * sizeof(T) + 64) / 64 * 64))) {}
  ~Buffer() { std::free(data); }
  Buffer(const Buffer &) = delete;
  Buffer &operator=(const Buffer &) = delete;
};

// One operand, read as contiguous elements of a type E that holds all its values.
struct Operand {
  const char *p;
  ptrdiff_t row, column;
  int storage;

  template <class E> const E *elements(int64_t i, int64_t j, int n, E *buffer) const {
    const char *at = p + i * row + j * column;
    if (column == static_cast<ptrdiff_t>(sizeof(E)) && storage_bytes(storage) == sizeof(E))
      return reinterpret_cast<const E *>(at);
    convert(buffer, at, n);
    return buffer;
  }

  template <class E> void copy(int64_t i, int64_t j, int n, E *out) const {
    convert(out, p + i * row + j * column, n);
  }

  // Columns j .. j + n - 1 of rows i .. i + depth - 1, each contiguous, `pitch` elements apart.
  template <class E>
  void copy_columns(int64_t i, int depth, int64_t j, int n, E *out, int64_t pitch) const {
    const Operand transposed = {p, column, row, storage};
    if (n < 4 || std::abs(row) < std::abs(column)) {
      for (int e = 0; e < n; e++) transposed.copy(j + e, i, depth, out + e * pitch);
      return;
    }
    E some[64];
    for (int k = 0; k < depth; k++)
      for (int at = 0; at < n; at += 64) {
        const int m = n - at < 64 ? n - at : 64;
        copy(i + k, j + at, m, some);
        for (int e = 0; e < m; e++) out[(at + e) * pitch + k] = some[e];
      }
  }

private:
  template <class E> void convert(E *out, const char *at, int n) const {
    load_integers(out, at, column, n, storage, 0);
  }
};

inline Operand left(const Step &step, const Matrices &x) {
  return {x.a, x.a_row, x.a_column, step.storage[0]};
}
inline Operand right(const Step &step, const Matrices &x) {
  return {x.b, x.b_row, x.b_column, step.storage[1]};
}

} // namespace FX_VARIANT
