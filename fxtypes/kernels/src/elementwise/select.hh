// Elements of one array or of another, as a mask says: they only move.
#pragma once

#include "instructions.hh"
#include "integers/wide.hh"

namespace FX_VARIANT {

// out = mask ? x : y, all contiguous but those that have one element only (`one`).
template <class T>
inline void select_as(int64_t n, const uint8_t *mask, const T *x, bool one_x, const T *y, bool one_y,
                      T *__restrict out) {
  const auto choose = [](uint8_t chosen, T a, T b) {
    const T all = static_cast<T>(T(0) - T(chosen != 0));
    return static_cast<T>((a & all) | (b & static_cast<T>(~all)));
  };
  if (one_x && one_y) {
    const T a = *x, b = *y;
    for (int64_t i = 0; i < n; i++) out[i] = choose(mask[i], a, b);
  } else if (one_x) {
    const T a = *x;
    for (int64_t i = 0; i < n; i++) out[i] = choose(mask[i], a, y[i]);
  } else if (one_y) {
    const T b = *y;
    for (int64_t i = 0; i < n; i++) out[i] = choose(mask[i], x[i], b);
  } else {
    for (int64_t i = 0; i < n; i++) out[i] = choose(mask[i], x[i], y[i]);
  }
}

template <class T>
FX_NOINLINE void select_from(int64_t n, const uint8_t *mask, const void *x, bool one_x,
                             const void *y, bool one_y, void *out) {
  select_as(n, mask, static_cast<const T *>(x), one_x, static_cast<const T *>(y), one_y,
            static_cast<T *>(out));
}

// Of elements of `size` bytes.
inline void select(int size, int64_t n, const uint8_t *mask, const void *x, bool one_x,
                   const void *y, bool one_y, void *out) {
  switch (size) {
  case 1: return select_from<uint8_t>(n, mask, x, one_x, y, one_y, out);
  case 2: return select_from<uint16_t>(n, mask, x, one_x, y, one_y, out);
  case 4: return select_from<uint32_t>(n, mask, x, one_x, y, one_y, out);
  case 8: return select_from<uint64_t>(n, mask, x, one_x, y, one_y, out);
  default: return select_from<u128>(n, mask, x, one_x, y, one_y, out);
  }
}

} // namespace FX_VARIANT
