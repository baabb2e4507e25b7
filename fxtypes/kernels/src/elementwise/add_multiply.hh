// Sums, differences, extremes, negations and products in the fused loops.
#pragma once

#include "rounding/overflow.hh"

namespace FX_VARIANT {

// The exact sum or difference, where no bit is shifted out.
template <bool SUBTRACT, class T> struct Sum {
  typedef typename Wider<T>::type Wide;
  typedef typename std::conditional<sizeof(T) <= 2, Wide, T>::type R;
  explicit Sum(const Target &) {}

  FX_INLINE Rounded<R> operator()(T a, T b) const {
    if (sizeof(T) <= 2) {
      const R r = SUBTRACT ? R(a) - R(b) : R(a) + R(b);
      return {r, false, false, false, r == 0};
    }
    typedef Unsigned<T> U;
    const T r = static_cast<T>(SUBTRACT ? U(a) - U(b) : U(a) + U(b));
    const T wrapped = SUBTRACT ? (a ^ b) & (a ^ r) : (a ^ r) & (b ^ r); // where it is negative
    return {static_cast<R>(r), wrapped < 0, a < 0, false, r == 0 && !(wrapped < 0)};
  }
};

// The greater or the lesser, where no bit is shifted out.
template <bool MAXIMUM, class T> struct Extreme {
  typedef T R;
  explicit Extreme(const Target &) {}

  FX_INLINE Rounded<R> operator()(T a, T b) const {
    const T r = (a < b) == MAXIMUM ? b : a;
    return {r, false, false, false, r == 0};
  }
};

// -a or |a|, where no bit is shifted out: of T's lowest value it is beyond T.
template <bool ABSOLUTE, class T> struct Negation {
  typedef T R;
  explicit Negation(const Target &) {}

  FX_INLINE Rounded<R> operator()(T a, T) const {
    typedef Unsigned<T> U;
    const T r = static_cast<T>(ABSOLUTE && a >= 0 ? U(a) : U(0) - U(a));
    return {r, (a & r) < 0, false, false, r == 0};
  }
};

// Elements of up to 32 bits: the exact product is rounded in a wider type.
template <class T> struct Product {
  typedef typename Wider<T>::type R;
  Rounder<R> f;
  explicit Product(const Target &t) : f(t) {}

  FX_INLINE Rounded<R> operator()(T a, T b) const {
    const R z = R(a) * R(b);
    return {f.rounded(z), false, false, (z & f.mask) != 0, z == 0};
  }
  // With a draw's upper half: the shift is from 1 to FX_HALF_DRAW.
  FX_INLINE Rounded<R> operator()(T a, T b, uint32_t u) const {
    const R z = R(a) * R(b);
    return {(z + static_cast<R>(u >> (32 - f.s))) >> f.s, false, false, (z & f.mask) != 0, z == 0};
  }
};

// 64 by 64 bits: two words, shifted by fewer than 64 bits.
static_assert(FX_MULTIPLY_SHIFT[3] < 64 && FX_HALF_DRAW == 32, "");

template <> struct Product<int64_t> {
  typedef int64_t R;
  int s;
  uint64_t mask;
  i128 constant[4]; // c0 + (sign & c1) + (lsb & c2), by 2 * sign + lsb

  explicit Product(const Target &t) : s(t.shift) {
    const Rounder<i128> f(t);
    mask = static_cast<uint64_t>(f.mask);
    for (int i = 0; i < 4; i++) constant[i] = f.c0 + (i & 2 ? f.c1 : 0) + (i & 1 ? f.c2 : 0);
  }
  FX_INLINE Rounded<R> operator()(int64_t a, int64_t b) const {
    const i128 z = static_cast<i128>(a) * b;
    const uint64_t low = static_cast<uint64_t>(z), high = static_cast<uint64_t>(z >> 64);
    return shifted(z, constant[(high >> 63) * 2 + (low >> s & 1)]);
  }
  // With a draw: the shift is at least 1.
  FX_INLINE Rounded<R> operator()(int64_t a, int64_t b, uint64_t u) const {
    return shifted(static_cast<i128>(a) * b, static_cast<i128>(u >> (64 - s)));
  }

private:
  FX_INLINE Rounded<R> shifted(i128 z, i128 c) const {
    const uint64_t low = static_cast<uint64_t>(z);
    const i128 t = z + c;
    const int64_t top = static_cast<int64_t>(t >> 64);
    const int64_t r = static_cast<int64_t>(
        funnel(static_cast<uint64_t>(t), static_cast<uint64_t>(top), s));
    return {r, (top >> s) != (r >> 63), top < 0, (low & mask) != 0, z == 0};
  }
};

// 128 by 128 bits: four words, shifted by Q words and some bits.
template <int Q> struct Product128 {
  typedef i128 R;
  Round256<Q> round;
  explicit Product128(const Target &t) : round(t) {}

  FX_INLINE Rounded<R> operator()(i128 x, i128 y) const {
    uint64_t z[4];
    multiply(x, y, z);
    return round.template rounded<4>(z);
  }
  FX_INLINE Rounded<R> operator()(i128 x, i128 y, uint64_t u) const {
    uint64_t z[4];
    multiply(x, y, z);
    return round.template dithered<4>(z, u);
  }

private:
  static FX_INLINE void multiply(i128 x, i128 y, uint64_t z[4]) {
    multiply_words(static_cast<uint64_t>(x), static_cast<uint64_t>(x >> 64),
                   static_cast<uint64_t>(y), static_cast<uint64_t>(y >> 64), z);
  }
};

} // namespace FX_VARIANT
