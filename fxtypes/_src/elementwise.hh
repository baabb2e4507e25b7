// One loop for every elementwise operation, in chunks: load each operand into the intermediate
// type, combine, round and bound (rounding.hh), store. The commonest case, + - * of equal
// formats, has a fused loop that does all of it in registers.
#pragma once

#include <type_traits>

#include "memory.hh"
#include "multiply32.hh"
#include "rounding.hh"

namespace FX_VARIANT {


// a / b to odd: floor of the magnitudes' quotient, last bit set when a remainder is left. The
// sign comes back last, which keeps "odd" odd.
template <class I> inline I quotient(const I &a, const I &b) {
  bool rest;
  const bool flip = is_negative(a) != is_negative(b);
  const I q = divide(is_negative(a) ? -a : a, is_negative(b) ? -b : b, &rest);
  const I odd = rest ? q | I(1) : q;
  return flip ? -odd : odd;
}

// a - q * b where that is known to lie in [0, b), b an element.
template <class I> inline I rest_of(const I &a, const I &q, const I &b) { return a - q * b; }
template <int N> inline Int<N> rest_of(const Int<N> &a, const Int<N> &q, const Int<N> &b) {
  return Int<N>(static_cast<u128>(a) - static_cast<u128>(q) * static_cast<u128>(b));
}

// floor(a / (b * 2^down)) and, if `rest`, what is left of a, which has the sign of b; b not 0.
template <class I> inline I floored(I a, I b, int down, bool rest) {
  const bool flip = is_negative(b);
  if (flip) {
    a = -a;
    b = -b;
  }
  // floor(a / (b * 2^down)) = floor(floor(a / 2^down) / b), and ~a = -a - 1.
  const I high = a >> down, low = a - (high << down);
  bool unused;
  const I q = is_negative(high) ? ~divide(~high, b, &unused) : divide(high, b, &unused);
  if (!rest) return q;
  const I r = (rest_of(high, q, b) << down) + low;
  return flip ? -r : r;
}

template <class I> void elementwise_row(const Step &step, Counts *counts, const Stream *stream,
                                        int64_t index, int64_t n, char *const *p,
                                        const ptrdiff_t *strides) {
  const int size = Chunk<I>::size;
  I x[size], y[size];
  const Finish<I> finish(step.target, counts, stream);
  for (int64_t at = 0; at < n; at += size) {
    const int m = static_cast<int>(n - at < size ? n - at : size);
    const auto operand = [&](I *out, int k) {
      load(out, p[k] + at * strides[k], strides[k], m, step.storage[k], step.lift[k]);
    };
    const auto element = [&](I *out, int k) { // unlifted: a product is lifted as a whole
      load(out, p[k] + at * strides[k], strides[k], m, step.storage[k], 0);
    };
    const auto lifted = [&](I *out, int k) {
      if (step.lift[k])
        for (int i = 0; i < m; i++) out[i] = out[i] << step.lift[k];
    };
    if (step.operation == FX_MULTIPLY || step.operation == FX_COMBINE)
      element(x, 0);
    else
      operand(x, 0);
    switch (step.operation) {
    case FX_COPY: break;
    case FX_NEGATE:
      for (int i = 0; i < m; i++) x[i] = -x[i];
      break;
    case FX_ABS:
      for (int i = 0; i < m; i++) x[i] = is_negative(x[i]) ? -x[i] : x[i];
      break;
    case FX_ADD:
      operand(y, 1);
      for (int i = 0; i < m; i++) x[i] = x[i] + y[i];
      break;
    case FX_SUBTRACT:
      operand(y, 1);
      for (int i = 0; i < m; i++) x[i] = x[i] - y[i];
      break;
    case FX_MULTIPLY:
      element(y, 1);
      for (int i = 0; i < m; i++) x[i] = product(x[i], y[i]);
      lifted(x, 0);
      break;
    case FX_MINIMUM:
      operand(y, 1);
      for (int i = 0; i < m; i++) x[i] = y[i] < x[i] ? y[i] : x[i];
      break;
    case FX_MAXIMUM:
      operand(y, 1);
      for (int i = 0; i < m; i++) x[i] = x[i] < y[i] ? y[i] : x[i];
      break;
    case FX_CLIP:
      operand(y, 1);
      for (int i = 0; i < m; i++) x[i] = x[i] < y[i] ? y[i] : x[i];
      operand(y, 2);
      for (int i = 0; i < m; i++) x[i] = y[i] < x[i] ? y[i] : x[i];
      break;
    case FX_DIVIDE: {
      operand(y, 1);
      const I beyond = I(1) << (step.target.width + step.target.shift + 1);
      for (int i = 0; i < m; i++) {
        if (y[i] == I(0)) { // an infinity of x's sign; the caller judges 0 / 0
          counts->zero_divisors++;
          counts->zero_by_zero += x[i] == I(0);
          x[i] = is_negative(x[i]) ? -beyond : beyond;
        } else {
          x[i] = quotient(x[i], y[i]);
        }
      }
      break;
    }
    case FX_FLOOR_DIVIDE:
    case FX_REMAINDER: {
      const bool rest = step.operation == FX_REMAINDER;
      const I beyond = I(1) << (step.target.width + step.target.shift + 1);
      element(y, 1); // its lift is a shift of x
      for (int i = 0; i < m; i++) {
        if (y[i] == I(0)) { // the caller judges x % 0
          counts->zero_divisors++;
          counts->zero_by_zero += x[i] == I(0);
          x[i] = rest ? I(0) : is_negative(x[i]) ? -beyond : beyond;
        } else {
          x[i] = floored(x[i], y[i], step.lift[1], rest) << static_cast<int>(step.coefficient[0]);
        }
      }
      break;
    }
    case FX_AND:
      operand(y, 1);
      for (int i = 0; i < m; i++) x[i] = x[i] & y[i];
      break;
    case FX_OR:
      operand(y, 1);
      for (int i = 0; i < m; i++) x[i] = x[i] | y[i];
      break;
    case FX_XOR:
      operand(y, 1);
      for (int i = 0; i < m; i++) x[i] = x[i] ^ y[i];
      break;
    case FX_SHIFT: // by a count an element, clamped by the caller, never negative
      for (int i = 0; i < m; i++)
        x[i] = x[i] << static_cast<int>(
                   fetch<int64_t>(p[1] + (at + i) * strides[1]));
      break;
    case FX_COMBINE: {
      for (int i = 0; i < m; i++) x[i] = product(x[i], I(step.coefficient[0]));
      lifted(x, 0);
      for (int k = 1; k < step.operands; k++) {
        element(y, k);
        const I c = I(step.coefficient[k]);
        for (int i = 0; i < m; i++) y[i] = product(y[i], c);
        lifted(y, k);
        for (int i = 0; i < m; i++) x[i] = x[i] + y[i];
      }
      break;
    }
    }
    finish(x, m, index + at, 0);
    store(x, p[step.operands] + at * strides[step.operands], strides[step.operands], m,
          step.target.storage);
  }
}

template <int OPERATION, class T, class I> inline T fused(const Rounder<I> &f, T a, T b) {
  if (OPERATION == FX_MULTIPLY) return static_cast<T>(f.clamp(f.affine(I(a) * I(b))));
  return static_cast<T>(f.clamp(OPERATION == FX_SUBTRACT ? I(a) - I(b) : I(a) + I(b)));
}
template <int OPERATION, class T, class I>
inline void fused_loop(const Rounder<I> &rounder, const T *x, const T *y, int64_t n, T *out) {
  const Rounder<I> f = rounder; // a copy that no store through `out` can alias
  for (int64_t i = 0; i < n; i++) out[i] = fused<OPERATION>(f, x[i], y[i]);
}
template <int OPERATION, class T, class I>
inline void fused_loop(const Rounder<I> &rounder, const T *x, T y, int64_t n, T *out) {
  const Rounder<I> f = rounder;
  for (int64_t i = 0; i < n; i++) out[i] = fused<OPERATION>(f, x[i], y);
}

// Equal formats, equal binary points after the operation's own shift, nobody counting, no
// draws: T is the storage, I an intermediate that holds the exact result and the rounding.
template <class T, class I, int OPERATION>
void fused_row(const Step &step, Counts *, const Stream *, int64_t, int64_t n, char *const *p,
               const ptrdiff_t *strides) {
  const Rounder<I> f(step.target);
  const ptrdiff_t size = sizeof(T);
  const T *x = reinterpret_cast<const T *>(p[0]), *y = reinterpret_cast<const T *>(p[1]);
  T *out = reinterpret_cast<T *>(p[2]);
  if (strides[2] == size && strides[0] == size && strides[1] == size) {
    int64_t done = 0;
#ifdef __AVX2__
    if constexpr (OPERATION == FX_MULTIPLY && std::is_same_v<T, int32_t>)
      done = multiply32(f, x, y, n, out);
#endif
    fused_loop<OPERATION>(f, x + done, y + done, n - done, out + done);
  } else if (strides[2] == size && strides[0] == size && strides[1] == 0) {
    fused_loop<OPERATION>(f, x, *y, n, out);
  } else {
    for (int64_t i = 0; i < n; i++)
      fused_loop<OPERATION>(f, reinterpret_cast<const T *>(p[0] + i * strides[0]),
                            reinterpret_cast<const T *>(p[1] + i * strides[1]), 1,
                            reinterpret_cast<T *>(p[2] + i * strides[2]));
  }
}

// out: bytes 0 and 1. `operation` is a Comparison.
template <class I> void compare_row(const Step &step, Counts *, const Stream *, int64_t, int64_t n,
                                    char *const *p, const ptrdiff_t *strides) {
  const int size = Chunk<I>::size;
  I x[size], y[size];
  for (int64_t at = 0; at < n; at += size) {
    const int m = static_cast<int>(n - at < size ? n - at : size);
    load(x, p[0] + at * strides[0], strides[0], m, step.storage[0], step.lift[0]);
    load(y, p[1] + at * strides[1], strides[1], m, step.storage[1], step.lift[1]);
    char *out = p[2] + at * strides[2];
    const ptrdiff_t s = strides[2];
    switch (step.operation) {
    case FX_EQ: for (int i = 0; i < m; i++) out[i * s] = x[i] == y[i]; break;
    case FX_NE: for (int i = 0; i < m; i++) out[i * s] = !(x[i] == y[i]); break;
    case FX_LT: for (int i = 0; i < m; i++) out[i * s] = x[i] < y[i]; break;
    case FX_LE: for (int i = 0; i < m; i++) out[i * s] = !(y[i] < x[i]); break;
    case FX_GT: for (int i = 0; i < m; i++) out[i * s] = y[i] < x[i]; break;
    case FX_GE: for (int i = 0; i < m; i++) out[i * s] = !(x[i] < y[i]); break;
    }
  }
}

// raw * 2^-frac_bits as a double, rounded once: to nearest even, or (operation != 0) to odd,
// from where a narrower float type rounds once more without harm.
template <class T> inline double nearest(T v) { return static_cast<double>(v); }
template <class U> inline double to_odd(U magnitude) {
  int s = 0;
  U m = magnitude;
  while (m >> 53 != 0) { // at most 75 turns, for the rare wide values
    m = m >> 1;
    s++;
  }
  const bool lost = (m << s) != magnitude;
  return std::ldexp(static_cast<double>(static_cast<uint64_t>(m) | lost), s);
}
template <class T, class U>
inline void to_double_as(const Step &step, int64_t n, char *const *p, const ptrdiff_t *strides) {
  const double scale = std::ldexp(1.0, -step.lift[0]);
  for (int64_t i = 0; i < n; i++) {
    const T v = fetch<T>(p[0] + i * strides[0]);
    double d;
    if (step.operation == 0)
      d = nearest(v);
    else
      d = v < 0 ? -to_odd(static_cast<U>(-static_cast<U>(v))) : to_odd(static_cast<U>(v));
    d *= scale;
    std::memcpy(p[1] + i * strides[1], &d, sizeof d);
  }
}
inline void to_double_row(const Step &step, Counts *, const Stream *, int64_t, int64_t n,
                          char *const *p, const ptrdiff_t *strides) {
  switch (step.storage[0]) {
  case FX_S8: to_double_as<int8_t, uint64_t>(step, n, p, strides); break;
  case FX_U8: to_double_as<uint8_t, uint64_t>(step, n, p, strides); break;
  case FX_S16: to_double_as<int16_t, uint64_t>(step, n, p, strides); break;
  case FX_U16: to_double_as<uint16_t, uint64_t>(step, n, p, strides); break;
  case FX_S32: to_double_as<int32_t, uint64_t>(step, n, p, strides); break;
  case FX_U32: to_double_as<uint32_t, uint64_t>(step, n, p, strides); break;
  case FX_S64: to_double_as<int64_t, uint64_t>(step, n, p, strides); break;
  case FX_U64: to_double_as<uint64_t, uint64_t>(step, n, p, strides); break;
  case FX_S128: to_double_as<i128, u128>(step, n, p, strides); break;
  case FX_U128: to_double_as<u128, u128>(step, n, p, strides); break;
  }
}

} // namespace FX_VARIANT
