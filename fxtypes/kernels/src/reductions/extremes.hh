// The lowest and the highest element.
#pragma once

#include "elementwise/load_store.hh"
#include "integers/words.hh"

namespace FX_VARIANT {

template <class T> struct Extremes {
  T low, high;

  void add(const Extremes &other) {
    low = other.low < low ? other.low : low;
    high = other.high > high ? other.high : high;
  }
};

// Of n elements, one at least. By the common strides the compiler makes vectors.
template <class T> inline Extremes<T> row_extremes(int64_t n, const char *p, ptrdiff_t stride) {
  Extremes<T> found = {fetch<T>(p), fetch<T>(p)};
  if (stride == static_cast<ptrdiff_t>(sizeof(T))) {
    for (int64_t i = 0; i < n; i++) {
      const T v = fetch<T>(p + i * sizeof(T));
      found.low = v < found.low ? v : found.low;
      found.high = v > found.high ? v : found.high;
    }
  } else {
    for (int64_t i = 0; i < n; i++) {
      const T v = fetch<T>(p + i * stride);
      found.add({v, v});
    }
  }
  return found;
}

// Of an array, one element at least: as integers of two words each, the lower one first.
template <class T> inline void find_extremes(const Axes &axes, const char *data, uint64_t *out) {
  char *const read_only = const_cast<char *>(data);
  Extremes<T> found = {fetch<T>(data), fetch<T>(data)};
  const auto row = [&](int64_t, int64_t n, char *const *p, const ptrdiff_t *s) {
    found.add(row_extremes<T>(n, p[0], s[0]));
  };
  each_row(row, {axes.nd, axes.shape, 1, &read_only, &axes.strides});
  const auto words = [](T v, uint64_t *to) {
    to[0] = static_cast<uint64_t>(v);
    to[1] = static_cast<uint64_t>(static_cast<u128>(v) >> 64);
  };
  words(found.low, out);
  words(found.high, out + 2);
}

} // namespace FX_VARIANT
