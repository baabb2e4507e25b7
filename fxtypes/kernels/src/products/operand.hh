// Operands of matrix products, read row by row, and buffers for parts of them.
#pragma once

#include <cstdlib>

#include "elementwise/load_store.hh"
#include "integers/intrinsics.hh"
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

#ifdef __AVX2__
// Pairs of elements of two vectors, from their lower or their upper halves.
template <int SIZE> FX_INLINE __m128i interleaved(__m128i x, __m128i y, bool upper) {
  switch (SIZE) {
  case 1: return upper ? _mm_unpackhi_epi8(x, y) : _mm_unpacklo_epi8(x, y);
  case 2: return upper ? _mm_unpackhi_epi16(x, y) : _mm_unpacklo_epi16(x, y);
  case 4: return upper ? _mm_unpackhi_epi32(x, y) : _mm_unpacklo_epi32(x, y);
  default: return upper ? _mm_unpackhi_epi64(x, y) : _mm_unpacklo_epi64(x, y);
  }
}

// Elements of SIZE bytes: `rows` contiguous ones, `stride` bytes apart from one column to the next,
// as rows of `columns`.
template <int SIZE>
FX_NOINLINE void transpose(const char *from, ptrdiff_t stride, int64_t rows, int64_t columns,
                           char *to) {
  const int SIDE = 16 / SIZE; // of a square, whose rows are a vector each
  const int64_t whole = SIDE > 1 ? rows / SIDE * SIDE : 0, done = columns / SIDE * SIDE;
  const int64_t pitch = columns * SIZE;
  if (SIDE > 1)
    for (int64_t i = 0; i < whole; i += SIDE)
      for (int64_t k = 0; k < done; k += SIDE) {
        __m128i v[SIDE], w[SIDE];
        for (int e = 0; e < SIDE; e++)
          v[e] = _mm_loadu_si128(
              reinterpret_cast<const __m128i *>(from + (k + e) * stride + i * SIZE));
#pragma GCC unroll 4
        for (int side = SIDE; side > 1; side /= 2) { // each turn shuffles the squares' rows once
#pragma GCC unroll 16
          for (int e = 0; e < SIDE; e++)
            w[e] = interleaved<SIZE>(v[e / 2], v[e / 2 + SIDE / 2], e % 2);
#pragma GCC unroll 16
          for (int e = 0; e < SIDE; e++) v[e] = w[e];
        }
        for (int e = 0; e < SIDE; e++)
          _mm_storeu_si128(reinterpret_cast<__m128i *>(to + (i + e) * pitch + k * SIZE), v[e]);
      }
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = i < whole ? done : 0; j < columns; j++)
      std::memcpy(to + i * pitch + j * SIZE, from + j * stride + i * SIZE, SIZE);
}
#endif

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

#ifdef __AVX2__
  // Whether it lies in memory column after column.
  bool transposed() const {
    const ptrdiff_t size = storage_bytes(storage);
    return row == size && column != size;
  }
  // Rows i .. i + rows - 1 and columns j .. j + n - 1 of such a one, copied to `buffer` row by row,
  // with the indices that they have here.
  Operand row_by_row(int64_t i, int64_t rows, int64_t j, int64_t n, char *buffer) const {
    const ptrdiff_t size = storage_bytes(storage);
    const char *const from = p + i * row + j * column;
    switch (size) {
    case 1: transpose<1>(from, column, rows, n, buffer); break;
    case 2: transpose<2>(from, column, rows, n, buffer); break;
    case 4: transpose<4>(from, column, rows, n, buffer); break;
    case 8: transpose<8>(from, column, rows, n, buffer); break;
    default: transpose<16>(from, column, rows, n, buffer);
    }
    return {buffer - (i * n + j) * size, n * size, size, storage};
  }
#endif

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
