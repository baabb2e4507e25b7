// sum, mean, min and max over some axes: exact in the intermediate type, then one rounding.
#pragma once

#include "elementwise/general.hh"
#include "elementwise/strided_rows.hh"

namespace FX_VARIANT {

template <class I> inline void fold(I &into, const I &v, int reduction) {
  if (reduction == FX_MIN)
    into = v < into ? v : into;
  else if (reduction == FX_MAX)
    into = into < v ? v : into;
  else
    into = into + v;
}

// The choice is made outside of the loops, which so become vectors.
template <class I> inline void fold_rows(I *into, const I *v, int n, int reduction) {
  switch (reduction) {
  case FX_MIN: for (int i = 0; i < n; i++) fold(into[i], v[i], FX_MIN); break;
  case FX_MAX: for (int i = 0; i < n; i++) fold(into[i], v[i], FX_MAX); break;
  default: for (int i = 0; i < n; i++) fold(into[i], v[i], FX_SUM); break;
  }
}

// The least or the greatest of a row of 128 bits, in vectors: of the high words, H, and then of the
// low words beside those.
template <class T, class H, bool LEAST>
inline T extreme_of_words(const char *p, ptrdiff_t stride, int64_t n) {
  const auto better = [](auto a, auto b) { return LEAST ? (b < a ? b : a) : (a < b ? b : a); };
  H high = fetch<H>(p + 8);
  for (int64_t i = 0; i < n; i++) high = better(high, fetch<H>(p + i * stride + 8));
  const uint64_t worst = LEAST ? ~uint64_t(0) : 0;
  uint64_t low = worst;
  for (int64_t i = 0; i < n; i++)
    low = better(low, fetch<H>(p + i * stride + 8) == high ? fetch<uint64_t>(p + i * stride) : worst);
  return static_cast<T>(static_cast<u128>(static_cast<uint64_t>(high)) << 64 | low);
}

// The least or the greatest of a row, n >= 1.
template <class T> inline T extreme(const char *p, ptrdiff_t stride, int64_t n, bool least) {
  if constexpr (sizeof(T) == 16) {
    typedef typename std::conditional<(T(-1) < T(0)), int64_t, uint64_t>::type H;
    if (stride == 16)
      return least ? extreme_of_words<T, H, true>(p, 16, n) : extreme_of_words<T, H, false>(p, 16, n);
  }
  const auto find = [&](const auto &element) {
    T t = element(0);
    if (least)
      for (int64_t i = 1; i < n; i++) fold(t, element(i), FX_MIN);
    else
      for (int64_t i = 1; i < n; i++) fold(t, element(i), FX_MAX);
    return t;
  };
  if (stride == static_cast<ptrdiff_t>(sizeof(T)))
    return find([&](int64_t i) { return fetch<T>(p + i * sizeof(T)); });
  return find([&](int64_t i) { return fetch<T>(p + i * stride); });
}

// The sum of a contiguous row of 64- or 128-bit elements, of their halves or with the carries
// counted, neither of which can overflow: the row has fewer than 2^32 elements. 2^63 or 2^127 is
// added to each element, so that none is negative, and subtracted at the end.
template <class I> inline I sum_row(const int64_t *x, int64_t n) {
  uint64_t low = 0, high = 0;
  const uint64_t top = uint64_t(1) << 63;
  for (int64_t i = 0; i < n; i++) {
    const uint64_t u = static_cast<uint64_t>(x[i]) ^ top;
    low += u & 0xffffffffu;
    high += u >> 32;
  }
  return (I(high) << 32) + I(low) - (I(n) << 63);
}
template <class I> inline I sum_row(const i128 *x, int64_t n) {
  u128 sum = 0;
  uint64_t carries = 0;
  const u128 top = static_cast<u128>(1) << 127;
  for (int64_t i = 0; i < n; i++) {
    const u128 u = static_cast<u128>(x[i]) ^ top;
    sum += u;
    carries += sum < u;
  }
  return I(sum) + (I(carries) << 128) - (I(n) << 127);
}

// Adds the sum of n < 2^32 elements; false, with nothing done: they have to be loaded first.
template <class I>
inline bool quick_sum(I *into, const char *p, ptrdiff_t stride, int64_t n, int storage) {
  if constexpr (Bits<I>::value >= 128) {
    if (storage == FX_S64 && stride == 8) {
      *into = *into + sum_row<I>(reinterpret_cast<const int64_t *>(p), n);
      return true;
    }
  }
  if constexpr (Bits<I>::value > 128) {
    if (storage == FX_S128 && stride == 16) {
      *into = *into + sum_row<I>(reinterpret_cast<const i128 *>(p), n);
      return true;
    }
  }
  return false;
}

template <class I> inline void square_all(I *v, int n) {
  for (int i = 0; i < n; i++) v[i] = product(v[i], v[i]);
}

template <class I>
void reduce(const Task &task, const Axes &kept, const Axes &reduced, const char *in, char *out,
            const ptrdiff_t *out_strides) {
  const Step &step = *task.step;
  const int size = Chunk<I>::size, reduction = step.operation;
  const Finish<I> finish(task);
  const I identity = reduction == FX_MIN   ? I(1) << (Bits<I>::value - 2)
                     : reduction == FX_MAX ? -(I(1) << (Bits<I>::value - 2))
                                           : I(0);
  I total[size], v[size];
  const auto outputs = [&](int64_t index, int64_t n, char *const *p, const ptrdiff_t *strides) {
    for (int64_t at = 0; at < n; at += size) {
      const int m = static_cast<int>(n - at < size ? n - at : size);
      char *const x = p[0] + at * strides[0];
      for (int j = 0; j < m; j++) total[j] = identity;
      const auto inputs = [&](int64_t, int64_t length, char *const *q, const ptrdiff_t *s) {
        // Rows of outputs are summed where those are closer together in memory.
        if (m > 1 && (length < 16 || s[0] > strides[0])) {
          for (int64_t i = 0; i < length; i++) {
            load(v, q[0] + i * s[0], strides[0], m, step.storage[0], 0);
            if (reduction == FX_SQUARES) square_all(v, m);
            fold_rows(total, v, m, reduction);
          }
          return;
        }
        const bool sums = reduction == FX_SUM || reduction == FX_MEAN;
        const int64_t block = int64_t(1) << 31;
        for (int j = 0; j < m; j++) {
          char *const row = q[0] + j * strides[0];
          if (reduction == FX_MIN || reduction == FX_MAX) {
            const I v = at_storage(step.storage[0], [&](auto t) {
              return I(extreme<decltype(t)>(row, s[0], length, reduction == FX_MIN));
            });
            fold(total[j], v, reduction);
            continue;
          }
          for (int64_t i = 0; i < length; i += size) {
            if (sums && i % block == 0) { // a block at a time
              const int64_t part = length - i < block ? length - i : block;
              if (quick_sum(&total[j], row + i * s[0], s[0], part, step.storage[0])) {
                i += part - size;
                continue;
              }
            }
            const int c = static_cast<int>(length - i < size ? length - i : size);
            load(v, row + i * s[0], s[0], c, step.storage[0], 0);
            if (reduction == FX_SQUARES) square_all(v, c);
            I t = v[0];
            for (int e = 1; e < c; e++) t = t + v[e];
            total[j] = total[j] + t;
          }
        }
      };
      each_row(inputs, {reduced.nd, reduced.shape, 1, &x, &reduced.strides});
      if (step.lift[0])
        for (int j = 0; j < m; j++) total[j] = total[j] << step.lift[0];
      if (reduction == FX_MEAN)
        for (int j = 0; j < m; j++) total[j] = quotient(total[j], I(step.divisor));
      finish(total, m, task.first + index + at, 0);
      store(total, p[1] + at * strides[1], strides[1], m, step.target.storage);
    }
  };
  char *const data[2] = {const_cast<char *>(in), out}; // read only
  const ptrdiff_t *const strides[2] = {kept.strides, out_strides};
  each_row(outputs, {kept.nd, kept.shape, 2, data, strides});
}

// All bits set in any of the elements' magnitudes, v where v >= 0, else -v - 1.
template <class T> inline u128 any_bits(int64_t n, const char *p, ptrdiff_t stride) {
  T any = 0;
  if (stride == static_cast<ptrdiff_t>(sizeof(T))) {
    for (int64_t i = 0; i < n; i++) {
      const T v = fetch<T>(p + i * sizeof(T));
      any |= T(-1) < T(0) ? v ^ (v >> (8 * sizeof(T) - 1)) : v;
    }
  } else {
    for (int64_t i = 0; i < n; i++) {
      const T v = fetch<T>(p + i * stride);
      any |= T(-1) < T(0) ? v ^ (v >> (8 * sizeof(T) - 1)) : v;
    }
  }
  return static_cast<u128>(any);
}

// Of 128 bits: words apart, of which the compiler makes vectors.
template <> inline u128 any_bits<i128>(int64_t n, const char *p, ptrdiff_t stride) {
  uint64_t low = 0, high = 0;
  const auto add = [&](int64_t a, int64_t b) {
    const int64_t sign = b < 0 ? -1 : 0;
    low |= static_cast<uint64_t>(a ^ sign);
    high |= static_cast<uint64_t>(b ^ sign);
  };
  if (stride == 16)
    for (int64_t i = 0; i < n; i++) add(fetch<int64_t>(p + 16 * i), fetch<int64_t>(p + 16 * i + 8));
  else
    for (int64_t i = 0; i < n; i++)
      add(fetch<int64_t>(p + i * stride), fetch<int64_t>(p + i * stride + 8));
  return static_cast<u128>(high) << 64 | low;
}

// The bits that the largest magnitude in a row needs.
inline int needed_bits(int storage, int64_t n, const char *p, ptrdiff_t stride) {
  const u128 any =
      at_storage(storage, [=](auto t) { return any_bits<decltype(t)>(n, p, stride); });
  const uint64_t low = static_cast<uint64_t>(any), high = static_cast<uint64_t>(any >> 64);
  return high ? 128 - __builtin_clzll(high) : low ? 64 - __builtin_clzll(low) : 0;
}

} // namespace FX_VARIANT
