// Conversions between formats that differ in frac_bits, in the fused loops.
#pragma once

#include "rounding/overflow.hh"
#include "elementwise/load_store.hh"

namespace FX_VARIANT {

// Shifted right. No wider type is needed where the lost bits are rounded on their own,
//     r = (x >> s) + ((lost + constant) >> s),     lost = x mod 2^s.
// The last term is 0 or 1 and comes from a comparison, which in GCC's vectors of 16 bits is faster
// than a shift.
template <class T> struct Narrow {
  typedef T R;
  typedef Unsigned<T> U;
  int s;
  U mask, c0, c1, c2; // as in rounding.hh, modulo 2^(bits of T)

  explicit Narrow(const Target &t) : s(t.shift) {
    const Rounder<int64_t> f(t); // s is below 63
    mask = low_bits<U>(f.mask);
    c0 = low_bits<U>(f.c0);
    c1 = low_bits<U>(f.c1);
    c2 = low_bits<U>(f.c2);
  }
  FX_INLINE Rounded<T> operator()(T x, T) const {
    const T floor = x >> s;
    const U lost = U(x) & mask;
    const U up = lost + c0 + (x < 0 ? c1 : U(0)) + ((floor & 1) ? c2 : U(0));
    return {static_cast<T>(U(floor) + (up > mask ? U(1) : U(0))), false, false, lost != 0, x == 0};
  }
};

// 128 bits, shifted by fewer than 63: all that is rounded is within one word.
template <> struct Narrow<i128> {
  typedef i128 R;
  int s;
  uint64_t mask, constant[4]; // by 2 * sign + lsb
  Narrow<int64_t> word;

  explicit Narrow(const Target &t) : s(t.shift), word(t) {
    mask = word.mask;
    for (int i = 0; i < 4; i++)
      constant[i] = word.c0 + (i & 2 ? word.c1 : 0) + (i & 1 ? word.c2 : 0);
  }
  FX_INLINE Rounded<R> operator()(i128 x, i128) const {
    const uint64_t low = static_cast<uint64_t>(x), high = static_cast<uint64_t>(x >> 64);
    const uint64_t lost = low & mask;
    const uint64_t r0 = funnel(low, high, s);
    const int64_t r1 = static_cast<int64_t>(high) >> s;
    const u128 floor = static_cast<u128>(static_cast<uint64_t>(r1)) << 64 | r0;
    const uint64_t up = (lost + constant[(high >> 63) * 2 + (r0 & 1)]) >> s;
    return {static_cast<i128>(floor + up), false, false, lost != 0, x == 0};
  }
};

// 128 bits, shifted by 63 to 127, that is by Q words and some bits; with a draw or without.
template <int Q> struct NarrowFar {
  typedef i128 R;
  Round256<Q> round;
  explicit NarrowFar(const Target &t) : round(t) {}

  FX_INLINE Rounded<R> operator()(i128 x, i128) const {
    const uint64_t z[2] = {static_cast<uint64_t>(x), static_cast<uint64_t>(x >> 64)};
    return round.template rounded<2>(z);
  }
  FX_INLINE Rounded<R> operator()(i128 x, uint64_t u) const {
    const uint64_t z[2] = {static_cast<uint64_t>(x), static_cast<uint64_t>(x >> 64)};
    return round.template dithered<2>(z, u);
  }
};

// Smaller shifts with a draw u: up where the lost bits and the draw's top bits, added, carry.
template <class T> struct Dithered {
  typedef T R;
  typedef typename std::conditional<sizeof(T) <= 4, uint32_t, uint64_t>::type Draw;
  static const int bits = 8 * sizeof(Draw);
  int s; // below `bits`
  Draw mask;

  explicit Dithered(const Target &t) : s(t.shift), mask((Draw(1) << t.shift) - 1) {}

  FX_INLINE Rounded<R> operator()(T x, Draw u) const {
    T floor;
    if constexpr (sizeof(T) == 16) {
      const int64_t high = static_cast<int64_t>(x >> 64);
      const uint64_t low = funnel(static_cast<uint64_t>(x), static_cast<uint64_t>(high), s);
      floor = static_cast<T>(static_cast<u128>(static_cast<uint64_t>(high >> s)) << 64 | low);
    } else {
      floor = x >> s;
    }
    const Draw lost = static_cast<Draw>(x) & mask, sum = lost + (u >> (bits - s));
    const Unsigned<T> up = sum > mask ? 1 : 0;
    return {static_cast<T>(Unsigned<T>(floor) + up), false, false, lost != 0, x == 0};
  }
};

// Shifted left.
template <class T> struct Widen {
  typedef T R;
  int lift;
  T lowest, highest; // that don't leave T

  explicit Widen(const Target &, int lift_) : lift(lift_) {
    typedef Unsigned<T> U;
    const int bits = 8 * sizeof(T);
    const T top = T(-1) < T(0) ? static_cast<T>((U(1) << (bits - 1)) - 1) : static_cast<T>(~U(0));
    highest = top >> lift;
    lowest = T(-1) < T(0) ? (-top - 1) >> lift : 0;
  }
  FX_INLINE Rounded<T> operator()(T x, T) const {
    const bool beyond = x < lowest || x > highest;
    return {static_cast<T>(Unsigned<T>(x) << lift), beyond, x < 0, false, x == 0};
  }
};

} // namespace FX_VARIANT
