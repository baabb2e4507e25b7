// Operands of matrix products packed into panels along k, for the tiles of tiles.hh.
#pragma once

#include "gemm.hh"
#include "tiles.hh"

namespace FX_VARIANT {

typedef __m256i Vector;
inline Vector load_vector(const void *p) { return _mm256_loadu_si256(static_cast<const Vector *>(p)); }
inline void store_vector(void *p, Vector v) { _mm256_storeu_si256(static_cast<Vector *>(p), v); }

template <class T> class Buffer {
public:
  T *data;
  explicit Buffer(size_t n)
      : data(static_cast<T *>(std::aligned_alloc(64, (n * sizeof(T) + 64) / 64 * 64))) {}
  ~Buffer() { std::free(data); }
  Buffer(const Buffer &) = delete;
  Buffer &operator=(const Buffer &) = delete;
};

// One operand's elements as contiguous E, which holds all its values.
struct Operand {
  const char *p;
  ptrdiff_t row, column;
  int storage;

  template <class E> const E *elements(int64_t i, int64_t j, int n, E *buffer) const {
    const char *at = p + i * row + j * column;
    if (column == static_cast<ptrdiff_t>(sizeof(E)) && 1 << storage / 2 == sizeof(E))
      return reinterpret_cast<const E *>(at);
    convert(buffer, at, n);
    return buffer;
  }

private:
  template <class E> FX_NOINLINE void convert(E *out, const char *at, int n) const {
    switch (storage) {
    case FX_S8: load_as<E, int8_t>(out, at, column, n, 0); break;
    case FX_U8: load_as<E, uint8_t>(out, at, column, n, 0); break;
    case FX_S16: load_as<E, int16_t>(out, at, column, n, 0); break;
    case FX_U16: load_as<E, uint16_t>(out, at, column, n, 0); break;
    case FX_S32: load_as<E, int32_t>(out, at, column, n, 0); break;
    case FX_U32: load_as<E, uint32_t>(out, at, column, n, 0); break;
    case FX_S64: load_as<E, int64_t>(out, at, column, n, 0); break;
    case FX_U64: load_as<E, uint64_t>(out, at, column, n, 0); break;
    default: load_as<E, i128>(out, at, column, n, 0); break;
    }
  }
};

inline Operand left(const Matrices &x) { return {x.a, x.a_row, x.a_column, x.a_storage}; }
inline Operand right(const Matrices &x) { return {x.b, x.b_row, x.b_column, x.b_storage}; }

const int64_t PANEL = 512, COLUMNS = 16; // of k; of b a tile (8 in int64)
const int MOST_COLUMNS = 1024;           // of b at once

inline int64_t round_up(int64_t n, int64_t to) { return (n + to - 1) / to * to; }

// Rows of k and k + 1 (or zeros) as pairs: 16 columns of two.
inline void interleave(const int16_t *x, const int16_t *y, int16_t *out) {
  const Vector a = load_vector(x), b = load_vector(y);
  const Vector low = _mm256_unpacklo_epi16(a, b), high = _mm256_unpackhi_epi16(a, b);
  store_vector(out, _mm256_permute2x128_si256(low, high, 0x20));
  store_vector(out + 16, _mm256_permute2x128_si256(low, high, 0x31));
}

} // namespace FX_VARIANT
