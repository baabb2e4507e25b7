// Division in the fused loops.
#pragma once

#include <cmath>

#include "bounds.hh"

namespace FX_VARIANT {

const int CHUNK = 1024;

inline void to_integers(const double *z, int n, int32_t *out) {
  for (int i = 0; i < n; i++) out[i] = static_cast<int32_t>(z[i]);
}
inline void to_integers(const double *z, int n, int64_t *out) { // |z| below 2^51: see memory.hh
  for (int i = 0; i < n; i++) {
    const double shifted = z[i] + 0x1.8p52;
    int64_t bits;
    std::memcpy(&bits, &shifted, sizeof bits);
    out[i] = bits - 0x4338000000000000;
  }
}

// The quotients x * scale / y of small elements, to odd, where the plan keeps |x * scale| below
// 2^52 and no y is 0. Then trunc(fl(x / y)) is the true quotient n: reaching n + 1 takes
// (n + 1)|y| >= 2^53, but that is at most |x| + |y|; and n * y is exact. All stays in float64
// till the end, which lets it stay in vectors.
template <class T, class R>
inline void quotients(const T *a, const T *b, int n, double scale, R *out) {
  int32_t x[CHUNK], y[CHUNK];
  double z[CHUNK];
  for (int i = 0; i < n; i++) {
    x[i] = a[i];
    y[i] = b[i];
  }
  for (int i = 0; i < n; i++) {
    const double u = x[i] * scale, v = y[i];
    const double q = std::trunc(u / v), m = std::fabs(q);
    const double even = std::floor(m * 0.5) * 2 == m ? 1.0 : 0.0;
    const double odd = q * v != u ? m + even : m;
    z[i] = u * v < 0 ? -odd : odd;
  }
  to_integers(z, n, out);
}
template <class T> struct Quotient; // 64 and 128 bits

// a / b of unsigned numbers of twice the size, where the quotient fits one word.
inline uint64_t divide_words(uint64_t high, uint64_t low, uint64_t by, uint64_t *rest) {
#if defined(__x86_64__) && defined(__GNUC__)
  uint64_t quotient;
  __asm__("divq %4" : "=a"(quotient), "=d"(*rest) : "a"(low), "d"(high), "r"(by) : "cc");
  return quotient;
#else
  const u128 a = static_cast<u128>(high) << 64 | low;
  *rest = static_cast<uint64_t>(a % by);
  return static_cast<uint64_t>(a / by);
#endif
}

template <> struct Quotient<int64_t> {
  typedef int64_t R;
  Rounder<i128> f;
  int lift; // below 64
  int64_t constant[4], mask;
  explicit Quotient(const Step &step) : f(step.target), lift(step.lift[0]) {
    for (int i = 0; i < 4; i++)
      constant[i] = static_cast<int64_t>(f.c0 + (i & 2 ? f.c1 : 0) + (i & 1 ? f.c2 : 0));
    mask = static_cast<int64_t>(f.mask);
  }

  Rounded<R> operator()(int64_t a, int64_t b) const {
    const uint64_t x = a < 0 ? -static_cast<uint64_t>(a) : a;
    const uint64_t y = b < 0 ? -static_cast<uint64_t>(b) : b;
    const u128 n = static_cast<u128>(x) << lift;
    const uint64_t high = static_cast<uint64_t>(n >> 64), low = static_cast<uint64_t>(n);
    uint64_t rest;
    if (__builtin_expect(high < y >> 2 && f.s < 62, 1)) { // the quotient stays below 2^62
      const uint64_t q = divide_words(high, low, y, &rest);
      const int64_t m = static_cast<int64_t>(q | (rest != 0)), z = (a ^ b) < 0 ? -m : m;
      const int64_t r = (z + constant[(z < 0 ? 2 : 0) + (z >> f.s & 1)]) >> f.s;
      return {r, false, false, (z & mask) != 0, z == 0};
    }
    const u128 top = static_cast<u128>(high / y) << 64;
    const u128 q = top | divide_words(high % y, low, y, &rest);
    const i128 m = static_cast<i128>(q | (rest != 0)), z = (a ^ b) < 0 ? -m : m;
    const i128 r = f.affine(z);
    return {static_cast<int64_t>(r), r != static_cast<int64_t>(r), r < 0, (z & f.mask) != 0,
            z == 0};
  }
};

template <> struct Quotient<i128> {
  typedef i128 R;
  Round256<0> round; // the plan keeps the shift below 64
  int lift; // at most 120: the numerator has four words
  explicit Quotient(const Step &step) : round(step.target), lift(step.lift[0]) {}

  Rounded<R> operator()(i128 a, i128 b) const {
    const u128 x = a < 0 ? -static_cast<u128>(a) : a, y = b < 0 ? -static_cast<u128>(b) : b;
    uint64_t n[5] = {0, 0, 0, 0, 0}, q[4] = {0, 0, 0, 0};
    const uint64_t x0 = static_cast<uint64_t>(x), x1 = static_cast<uint64_t>(x >> 64);
    uint64_t y0 = static_cast<uint64_t>(y), y1 = static_cast<uint64_t>(y >> 64);
    if (y1 == 0) {
      put(n, x0, x1, lift);
      uint64_t rest = 0;
      for (int i = 3; i >= 0; i--) q[i] = divide_words(rest, n[i], y0, &rest);
      q[0] |= rest != 0;
    } else {
      // Knuth's algorithm D with a divisor of two words, its top bit set: y and n move together.
      // n has at most 128 + 120 + 63 bits: above its lowest three words less than y is left.
      const int shift = __builtin_clzll(y1);
      y1 = shift ? y1 << shift | y0 >> (64 - shift) : y1;
      y0 <<= shift;
      put(n, x0, x1, lift + shift);
      u128 rest = static_cast<u128>(n[4]) << 64 | n[3];
      for (int i = 2; i >= 0; i--) q[i] = digit(&rest, n[i], y1, y0);
      q[0] |= rest != 0;
    }
    if ((a ^ b) >= 0) return round(q[0], q[1], q[2], q[3]);
    const u128 low = -(static_cast<u128>(q[1]) << 64 | q[0]);
    const u128 high = ~(static_cast<u128>(q[3]) << 64 | q[2]) + (low == 0);
    return round(static_cast<uint64_t>(low), static_cast<uint64_t>(low >> 64),
                 static_cast<uint64_t>(high), static_cast<uint64_t>(high >> 64));
  }

private:
  static void put(uint64_t *n, uint64_t x0, uint64_t x1, int by) {
    const int q = by / 64, b = by % 64;
    n[q] = x0 << b;
    n[q + 1] = b ? x1 << b | x0 >> (64 - b) : x1;
    n[q + 2] = b ? x1 >> (64 - b) : 0;
  }
  // The next digit of (rest, next) / (y1, y0), rest < y; leaves the new rest.
  static uint64_t digit(u128 *rest, uint64_t next, uint64_t y1, uint64_t y0) {
    const uint64_t r1 = static_cast<uint64_t>(*rest >> 64), r0 = static_cast<uint64_t>(*rest);
    const u128 y = static_cast<u128>(y1) << 64 | y0, low = static_cast<u128>(r0) << 64 | next;
    if (r1 == 0 && low < y) { // the quotient's leading zeros cost nothing
      *rest = low;
      return 0;
    }
    uint64_t guess, left;
    bool done = false; // `left` has outgrown its word: the guess is right
    if (r1 >= y1) {
      guess = ~uint64_t(0);
      left = r0 + y1;
      done = left < y1;
    } else {
      guess = divide_words(r1, r0, y1, &left);
    }
    while (!done && static_cast<u128>(guess) * y0 > (static_cast<u128>(left) << 64 | next)) {
      guess--;
      left += y1;
      done = left < y1;
    }
    *rest = low - guess * y; // modulo 2^128: the true rest is below y
    return guess;
  }
};

// Whether a row of divisors has a 0: those go to the general loop.
template <class T> inline bool any_zero(const char *p, ptrdiff_t stride, int64_t n) {
  bool found = false;
  if (stride == static_cast<ptrdiff_t>(sizeof(T)))
    for (int64_t i = 0; i < n; i++) found |= reinterpret_cast<const T *>(p)[i] == 0;
  else
    for (int64_t i = 0; i < (stride ? n : 1); i++)
      found |= *reinterpret_cast<const T *>(p + i * stride) == 0;
  return found;
}

} // namespace FX_VARIANT
