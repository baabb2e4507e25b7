// What the fused loops share: a rounded value, and what overflow makes of it.
#pragma once

#include <type_traits>

#include "rounding.hh"
#include "words.hh"

namespace FX_VARIANT {

enum Bounding {
  CLAMP,
  CLAMP_RARELY, // the same, quicker where hardly anything is out of range
  FOLD, // keep the low bits, or (saturate_zero) nothing of what is out of range
};

// Truth in lanes as wide as R's (but not so narrow that a block's counts don't fit), which lets
// loops that count stay in vectors.
template <class R>
using Flag = typename std::conditional<
    sizeof(R) <= 2, int16_t, typename std::conditional<sizeof(R) == 4, int32_t, int64_t>::type>::type;

// A rounded value before overflow. `beyond`: it left even T, and r holds just its low bits.
template <class R> struct Rounded {
  R r;
  Flag<R> beyond, negative, lost, zero; // zero: the exact value is 0
};

struct Events {
  int64_t overflow, underflow, inexact;
};

template <class T> using Unsigned = typename std::conditional<
    std::is_same<T, i128>::value || std::is_same<T, u128>::value, u128,
    typename std::make_unsigned<typename std::conditional<
        std::is_same<T, i128>::value || std::is_same<T, u128>::value, int, T>::type>::type>::type;

template <class T> struct Wider { typedef T type; };
template <> struct Wider<int8_t> { typedef int32_t type; };
template <> struct Wider<uint8_t> { typedef int32_t type; };
template <> struct Wider<int16_t> { typedef int32_t type; };
template <> struct Wider<uint16_t> { typedef int32_t type; };
template <> struct Wider<int32_t> { typedef int64_t type; };

// All ones for 1, 0 for 0; the compiler can't see that these are all.
inline uint64_t mask(uint64_t bit) {
  asm("" : "+r"(bit));
  return -bit;
}

// What a result of type R may be, and how it gets there. R is T or wider.
template <class R> struct Bounds {
  typedef Unsigned<R> U;
  R lo, hi, span;
  U reach, turn; // hi - lo; what makes lo of hi
  R keep; // of what is out of range and folded: all ones or 0

  explicit Bounds(const Target &t) : keep(t.overflow == FX_SATURATE_ZERO ? 0 : -1) {
    const int bits = 8 * sizeof(R);
    span = static_cast<R>(t.width < bits ? (U(1) << t.width) - 1 : ~U(0));
    hi = t.is_signed ? static_cast<R>((U(1) << (t.width - 1)) - 1) : span;
    lo = t.is_signed ? (t.overflow == FX_SATURATE_SYMMETRIC ? -hi : -hi - 1) : 0;
    reach = static_cast<U>(hi) - static_cast<U>(lo);
    turn = static_cast<U>(hi) ^ static_cast<U>(lo);
  }

  template <Bounding B> FX_INLINE R operator()(const Rounded<R> &v) const {
    if (B != FOLD) {
      if (sizeof(R) == 16 && B == CLAMP_RARELY)
        if (__builtin_expect(!(v.beyond | (static_cast<U>(v.r) - static_cast<U>(lo) > reach)), 1))
          return v.r;
      if constexpr (sizeof(R) == 16) { // by masks of words: of a choice GCC makes a branch
        const uint64_t out =
            mask(v.beyond | (static_cast<U>(v.r) - static_cast<U>(lo) > reach ? 1 : 0));
        const uint64_t low = mask((v.beyond & v.negative) | (~v.beyond & (v.r < 0 ? 1 : 0)));
        const auto word = [&](int shift) {
          const uint64_t r = static_cast<uint64_t>(static_cast<U>(v.r) >> shift);
          const uint64_t h = static_cast<uint64_t>(static_cast<U>(hi) >> shift);
          const uint64_t t = static_cast<uint64_t>(turn >> shift);
          return r ^ ((r ^ h ^ (t & low)) & out);
        };
        return static_cast<R>(static_cast<U>(word(64)) << 64 | word(0));
      }
      const R r = v.r < lo ? lo : v.r > hi ? hi : v.r;
      return v.beyond ? (v.negative ? lo : hi) : r;
    }
    const R w = static_cast<R>(((Unsigned<R>(v.r) - Unsigned<R>(lo)) & Unsigned<R>(span)) +
                               Unsigned<R>(lo));
    const Flag<R> out = v.beyond | (w != v.r ? Flag<R>(1) : Flag<R>(0));
    return out ? w & keep : w;
  }
};

// A number of 256 bits, rounded and shifted right by Q words and some bits. There is room for
// the constants: the plan keeps the shift below 190 and the number within 2^254.
template <int Q> struct Round256 {
  int b;
  uint64_t mask[4];
  uint64_t constant[4][4]; // c0 + (sign & c1) + (lsb & c2), by 2 * sign + lsb

  explicit Round256(const Target &t) : b(t.shift % 64) {
    const Rounder<Int<4>> f(t);
    for (int i = 0; i < 4; i++) {
      Int<4> c = f.c0;
      if (i & 2) c = c + f.c1;
      if (i & 1) c = c + f.c2;
      for (int k = 0; k < 4; k++) constant[i][k] = c.w[k];
      mask[i] = f.mask.w[i];
    }
  }

  FX_INLINE Rounded<i128> operator()(const uint64_t z[4]) const {
    const bool lost =
        ((z[0] & mask[0]) | (z[1] & mask[1]) | (z[2] & mask[2]) | (z[3] & mask[3])) != 0;
    uint64_t t[4] = {z[0], z[1], z[2], z[3]};
    add_words(t, constant[(z[3] >> 63) * 2 + (z[Q] >> b & 1)]);
    const int64_t top = static_cast<int64_t>(t[3]), sign = top >> 63;
    uint64_t r0 = t[Q], r1 = t[Q + 1], r2 = static_cast<uint64_t>(sign), r3 = r2;
    if (Q == 0) {
      r2 = funnel(t[2], t[3], b);
      r3 = static_cast<uint64_t>(top >> b);
    } else if (Q == 1) {
      r2 = static_cast<uint64_t>(top >> b);
    }
    r0 = funnel(r0, r1, b);
    r1 = Q == 2 ? static_cast<uint64_t>(top >> b) : funnel(r1, t[Q < 2 ? Q + 2 : 3], b);
    const uint64_t fit = static_cast<uint64_t>(static_cast<int64_t>(r1) >> 63);
    return {static_cast<i128>(static_cast<u128>(r1) << 64 | r0), ((r2 ^ fit) | (r3 ^ fit)) != 0,
            sign != 0, lost, (z[0] | z[1] | z[2] | z[3]) == 0};
  }
};

} // namespace FX_VARIANT
