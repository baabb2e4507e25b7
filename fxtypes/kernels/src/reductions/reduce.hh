// sum, mean, min and max over some axes: exact in the intermediate type, then one rounding.
#pragma once

#include "elementwise/general.hh"
#include "elementwise/strided_rows.hh"
#include "integers/words.hh"

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
// added to each signed element, so that none is negative, and subtracted at the end.
template <class I> inline I sum_row(const uint64_t *x, int64_t n, bool is_signed) {
  uint64_t low = 0, high = 0;
  const uint64_t top = is_signed ? uint64_t(1) << 63 : 0;
  for (int64_t i = 0; i < n; i++) {
    const uint64_t u = x[i] ^ top;
    low += u & 0xffffffffu;
    high += u >> 32;
  }
  return (I(high) << 32) + I(low) - (is_signed ? I(n) << 63 : I(0));
}
template <class I> inline I sum_row(const u128 *x, int64_t n, bool is_signed) {
  u128 sum = 0;
  uint64_t carries = 0;
  const u128 top = is_signed ? static_cast<u128>(1) << 127 : 0;
  for (int64_t i = 0; i < n; i++) {
    const u128 u = x[i] ^ top;
    sum += u;
    carries += sum < u;
  }
  return I(sum) + (I(carries) << 128) - (is_signed ? I(n) << 127 : I(0));
}

// Adds the sum of n < 2^32 elements; false, with nothing done: they have to be loaded first.
template <class I>
inline bool quick_sum(I *into, const char *p, ptrdiff_t stride, int64_t n, int storage) {
  const bool is_signed = !is_unsigned(storage);
  if constexpr (Bits<I>::value >= 128) {
    if (storage_bytes(storage) == 8 && stride == 8) {
      *into = *into + sum_row<I>(reinterpret_cast<const uint64_t *>(p), n, is_signed);
      return true;
    }
  }
  if constexpr (Bits<I>::value > 128) {
    if (storage_bytes(storage) == 16 && stride == 16) {
      *into = *into + sum_row<I>(reinterpret_cast<const u128 *>(p), n, is_signed);
      return true;
    }
  }
  return false;
}

template <class T> struct Magnitude {
  typedef typename std::conditional<(sizeof(T) < 4), uint32_t,
                                    typename std::make_unsigned<T>::type>::type U;
  static FX_INLINE U of(T v) { return v < 0 ? -static_cast<U>(v) : static_cast<U>(v); }
};
template <> struct Magnitude<i128> {
  typedef u128 U;
  static FX_INLINE U of(i128 v) {
    const u128 sign = static_cast<u128>(v >> 127);
    return (static_cast<u128>(v) ^ sign) - sign;
  }
};
template <> struct Magnitude<u128> {
  typedef u128 U;
  static FX_INLINE U of(u128 v) { return v; }
};

// The sum of up to 2^31 squares of elements of so many bytes, from their magnitudes.
template <int BYTES> struct SquareSum { // 1, 2: the squares have 32 bits
  uint64_t sum = 0;
  FX_INLINE void add(uint32_t a) { sum += static_cast<uint32_t>(a * a); }
  template <class I> I total() const { return I(sum); }
};
template <> struct SquareSum<4> {
  uint64_t low = 0, high = 0;
  FX_INLINE void add(uint32_t a) {
    const uint64_t square = static_cast<uint64_t>(a) * a;
    low += square & 0xffffffffu;
    high += square >> 32;
  }
  template <class I> I total() const {
    const u128 sum = (static_cast<u128>(high) << 32) + low;
    return I(sum);
  }
};
struct ThreeWordSum {
  uint64_t w[3] = {0, 0, 0};
  FX_INLINE void add(uint64_t a, uint64_t b) {
    const u128 p = static_cast<u128>(a) * b;
    add_three(w, static_cast<uint64_t>(p), p >> 64);
  }
  template <class I> I total() const {
    const u128 low = static_cast<u128>(w[1]) << 64 | w[0];
    if constexpr (Bits<I>::value > 128)
      return I(low) + (I(w[2]) << 128);
    else
      return static_cast<I>(low);
  }
};
template <> struct SquareSum<8> {
  ThreeWordSum z;
  FX_INLINE void add(uint64_t a) { z.add(a, a); }
  template <class I> I total() const { return z.total<I>(); }
};
template <> struct SquareSum<16> {
  ThreeWordSum low, middle, high;
  FX_INLINE void add(u128 a) {
    const uint64_t a0 = static_cast<uint64_t>(a), a1 = static_cast<uint64_t>(a >> 64);
    low.add(a0, a0);
    middle.add(a0, a1);
    high.add(a1, a1);
  }
  template <class I> I total() const {
    if constexpr (Bits<I>::value > 128)
      return low.total<I>() + (middle.total<I>() << 65) + (high.total<I>() << 128);
    else if constexpr (Bits<I>::value == 128) // modulo 2^128
      return low.total<I>() + (middle.total<I>() << 65);
    else
      return I(0); // the plan has no such step
  }
};

// The sum of the squares of a row, n >= 1.
template <class I>
FX_NOINLINE I sum_of_squares(const char *p, ptrdiff_t stride, int64_t n, int storage) {
  return at_storage(storage, [=](auto t) {
    typedef decltype(t) T;
    if constexpr (sizeof(T) >= 8 && Bits<I>::value == 128) { // modulo 2^128
      typedef typename std::conditional<(T(-1) < T(0)), i128, u128>::type W;
      u128 sum = 0;
      for (int64_t i = 0; i < n; i++) {
        const T v = fetch<T>(p + i * stride);
        sum += static_cast<u128>(static_cast<W>(v) * v);
      }
      return static_cast<I>(sum);
    }
    const int64_t block = int64_t(1) << 31;
    I total(0);
    for (int64_t at = 0; at < n; at += block) {
      const int64_t end = n - at < block ? n : at + block;
      SquareSum<sizeof(T)> sum;
      if (stride == static_cast<ptrdiff_t>(sizeof(T)))
        for (int64_t i = at; i < end; i++)
          sum.add(Magnitude<T>::of(fetch<T>(p + i * static_cast<ptrdiff_t>(sizeof(T)))));
      else
        for (int64_t i = at; i < end; i++) sum.add(Magnitude<T>::of(fetch<T>(p + i * stride)));
      total = total + sum.template total<I>();
    }
    return total;
  });
}

// Adds the square of each of n elements to its own total.
template <class I>
FX_NOINLINE void add_squares(I *total, const char *p, ptrdiff_t stride, int n, int storage) {
  at_storage(storage, [=](auto t) {
    typedef decltype(t) T;
    const auto add = [&](int j, T v) {
      SquareSum<sizeof(T)> square;
      square.add(Magnitude<T>::of(v));
      total[j] = total[j] + square.template total<I>();
    };
    if (stride == static_cast<ptrdiff_t>(sizeof(T)))
      for (int j = 0; j < n; j++) add(j, fetch<T>(p + j * static_cast<ptrdiff_t>(sizeof(T))));
    else
      for (int j = 0; j < n; j++) add(j, fetch<T>(p + j * stride));
  });
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
            char *const line = q[0] + i * s[0];
            if (reduction == FX_SQUARES) {
              add_squares(total, line, strides[0], m, step.storage[0]);
              continue;
            }
            load(v, line, strides[0], m, step.storage[0], 0);
            fold_rows(total, v, m, reduction);
          }
          return;
        }
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
          if (reduction == FX_SQUARES) {
            total[j] = total[j] + sum_of_squares<I>(row, s[0], length, step.storage[0]);
            continue;
          }
          for (int64_t i = 0; i < length; i += size) {
            if (i % block == 0) { // a block at a time
              const int64_t part = length - i < block ? length - i : block;
              if (quick_sum(&total[j], row + i * s[0], s[0], part, step.storage[0])) {
                i += part - size;
                continue;
              }
            }
            const int c = static_cast<int>(length - i < size ? length - i : size);
            load(v, row + i * s[0], s[0], c, step.storage[0], 0);
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
