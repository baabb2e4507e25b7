// How many elements an update moved.
#pragma once

#include <type_traits>

#include "elementwise/load_store.hh"
#include "elementwise/strided_rows.hh"

namespace FX_VARIANT {

// The unsigned integer of so many bytes.
template <int BYTES> struct WordOf {
  typedef typename std::conditional<
      BYTES == 1, uint8_t, typename std::conditional<BYTES == 2, uint16_t,
      typename std::conditional<BYTES == 4, uint32_t, uint64_t>::type>::type>::type type;
};
template <> struct WordOf<16> { typedef u128 type; };

struct Moves {
  int64_t steps, moved; // elements with a step other than 0, and how many of these changed
};

// Of m elements, as many as a count of the wider type's size holds: vectors have equal lanes then.
template <class T, class S>
inline Moves count_chunk(int64_t m, char *const *p, const ptrdiff_t *strides) {
  const int bytes = sizeof(T) > sizeof(S) ? sizeof(T) : sizeof(S);
  typedef typename WordOf<bytes < 16 ? bytes : 8>::type Count;
  Count steps = 0, moved = 0;
  for (int64_t i = 0; i < m; i++) {
    const bool stepped = fetch<S>(p[2] + i * strides[2]) != 0;
    const bool differs = fetch<T>(p[0] + i * strides[0]) != fetch<T>(p[1] + i * strides[1]);
    steps = static_cast<Count>(steps + stepped);
    moved = static_cast<Count>(moved + (stepped && differs));
  }
  return {static_cast<int64_t>(steps), static_cast<int64_t>(moved)};
}

// Before, after and step; the first two are stored as T, the step as S.
template <class T, class S> inline Moves find_moves(const Arrays &arrays) {
  const int64_t chunk = sizeof(T) > 1 || sizeof(S) > 1 ? 4096 : 255;
  Moves found = {0, 0};
  const auto row = [&](int64_t, int64_t n, char *const *p, const ptrdiff_t *s) {
    static const ptrdiff_t own[] = {sizeof(T), sizeof(T), sizeof(S)};
    const bool contiguous = s[0] == own[0] && s[1] == own[1] && s[2] == own[2];
    for (int64_t at = 0; at < n; at += chunk) {
      const int64_t m = n - at < chunk ? n - at : chunk;
      char *const from[] = {p[0] + at * s[0], p[1] + at * s[1], p[2] + at * s[2]};
      const Moves more =
          contiguous ? count_chunk<T, S>(m, from, own) : count_chunk<T, S>(m, from, s);
      found.steps += more.steps;
      found.moved += more.moved;
    }
  };
  each_row(row, arrays);
  return found;
}

// Calls f with a word as wide as such storage.
template <class F> inline auto at_bytes(int bytes, const F &f) {
  switch (bytes) {
  case 1: return f(uint8_t(0));
  case 2: return f(uint16_t(0));
  case 4: return f(uint32_t(0));
  case 8: return f(uint64_t(0));
  default: return f(u128(0));
  }
}

} // namespace FX_VARIANT
