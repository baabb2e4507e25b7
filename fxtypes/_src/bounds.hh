// What the fused loops share: a rounded value, and what overflow makes of it.
#pragma once

#include <type_traits>

#include "rounding.hh"

namespace FX_VARIANT {

enum Bounding {
  CLAMP,
  FOLD, // keep the low bits, or (saturate_zero) nothing of what is out of range
};

// Truth in lanes as wide as R's, which lets loops that count stay in vectors.
template <class R>
using Flag = typename std::conditional<sizeof(R) <= 4, int32_t, int64_t>::type;

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

// What a result of type R may be, and how it gets there. R is T or wider.
template <class R> struct Bounds {
  R lo, hi, span;
  R keep; // of what is out of range and folded: all ones or 0

  explicit Bounds(const Target &t) : keep(t.overflow == FX_SATURATE_ZERO ? 0 : -1) {
    typedef Unsigned<R> U;
    const int bits = 8 * sizeof(R);
    span = static_cast<R>(t.width < bits ? (U(1) << t.width) - 1 : ~U(0));
    hi = t.is_signed ? static_cast<R>((U(1) << (t.width - 1)) - 1) : span;
    lo = t.is_signed ? (t.overflow == FX_SATURATE_SYMMETRIC ? -hi : -hi - 1) : 0;
  }

  Flag<R> out(const Rounded<R> &v) const {
    typedef Flag<R> F;
    return v.beyond | (v.r < lo ? F(1) : F(0)) | (v.r > hi ? F(1) : F(0));
  }

  template <Bounding B> R operator()(const Rounded<R> &v) const {
    if (B == CLAMP) {
      const R r = v.r < lo ? lo : v.r > hi ? hi : v.r;
      return v.beyond ? (v.negative ? lo : hi) : r;
    }
    const R w = static_cast<R>(((Unsigned<R>(v.r) - Unsigned<R>(lo)) & Unsigned<R>(span)) +
                               Unsigned<R>(lo));
    const Flag<R> out = v.beyond | (w != v.r ? Flag<R>(1) : Flag<R>(0));
    return out ? w & keep : w;
  }
};

// low >> b with the bits of high moving in, 0 <= b < 64.
inline uint64_t funnel(uint64_t low, uint64_t high, int b) {
  return low >> b | high << 1 << (63 - b);
}

// A number of 256 bits, rounded and shifted right by Q words and some bits. There is room for
// the constants: the plan keeps the shift below 190 and the number within 2^254.
template <int Q> struct Round256 {
  int b;
  uint64_t mask[4];
  uint64_t constant[4][4]; // c0 + (sign & c1) + (lsb & c2), by 2 * sign + lsb

  explicit Round256(const Target &t) : b(t.shift % 64) {
    const Rounder<i320> f(t);
    for (int i = 0; i < 4; i++) {
      i320 c = f.c0;
      if (i & 2) c = c + f.c1;
      if (i & 1) c = c + f.c2;
      for (int k = 0; k < 4; k++) constant[i][k] = c.w[k];
      mask[i] = f.mask.w[i];
    }
  }

  Rounded<i128> operator()(uint64_t z0, uint64_t z1, uint64_t z2, uint64_t z3) const {
    const uint64_t z[4] = {z0, z1, z2, z3};
    const bool lost = ((z0 & mask[0]) | (z1 & mask[1]) | (z2 & mask[2]) | (z3 & mask[3])) != 0;
    uint64_t t[6];
    const uint64_t *c = constant[(z3 >> 63) * 2 + (z[Q] >> b & 1)];
    const u128 low = static_cast<u128>(z1) << 64 | z0;
    const u128 sum = low + (static_cast<u128>(c[1]) << 64 | c[0]);
    const u128 high = (static_cast<u128>(z3) << 64 | z2) +
                      (static_cast<u128>(c[3]) << 64 | c[2]) + (sum < low);
    t[0] = static_cast<uint64_t>(sum);
    t[1] = static_cast<uint64_t>(sum >> 64);
    t[2] = static_cast<uint64_t>(high);
    t[3] = static_cast<uint64_t>(high >> 64);
    const uint64_t sign = static_cast<uint64_t>(static_cast<int64_t>(t[3]) >> 63);
    t[4] = t[5] = sign;
    const uint64_t r0 = funnel(t[Q], t[Q + 1], b), r1 = funnel(t[Q + 1], t[Q + 2], b);
    const uint64_t r2 = Q < 2 ? funnel(t[Q + 2], t[Q + 3], b) : sign;
    const uint64_t r3 = Q < 1 ? funnel(t[3], sign, b) : sign;
    const uint64_t fit = static_cast<uint64_t>(static_cast<int64_t>(r1) >> 63);
    const u128 r = static_cast<u128>(r1) << 64 | r0;
    return {static_cast<i128>(r), r2 != fit || r3 != fit, sign != 0, lost,
            (z0 | z1 | z2 | z3) == 0};
  }
};

} // namespace FX_VARIANT
