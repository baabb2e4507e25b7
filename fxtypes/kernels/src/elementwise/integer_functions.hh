// Quotients, powers and roots of the general loop's integers, exact or rounded to odd.
#pragma once

#include <cmath>
#include <cstring>

#include "integers/wide.hh"

namespace FX_VARIANT {

// a / b rounded to odd: the quotient of the magnitudes, rounded down, its last bit set where a
// remainder is left, and negated where the signs differ.
template <class I> inline I quotient(const I &a, const I &b) {
  bool rest;
  const bool flip = is_negative(a) != is_negative(b);
  const I q = divide(is_negative(a) ? -a : a, is_negative(b) ? -b : b, &rest);
  const I odd = rest ? q | I(1) : q;
  return flip ? -odd : odd;
}

// a - q * b where that is known to lie in [0, b), b an element.
template <class I> inline I remainder_of(const I &a, const I &q, const I &b) { return a - q * b; }
template <int N> inline Int<N> remainder_of(const Int<N> &a, const Int<N> &q, const Int<N> &b) {
  return Int<N>(static_cast<u128>(a) - static_cast<u128>(q) * static_cast<u128>(b));
}

// floor(a / (b * 2^down)) or, if `remainder`, a less that many times b * 2^down, which has the
// sign of b; b is not 0.
template <class I> inline I floor_divide(I a, I b, int down, bool remainder) {
  const bool flip = is_negative(b);
  if (flip) {
    a = -a;
    b = -b;
  }
  // floor(a / (b * 2^down)) = floor(floor(a / 2^down) / b), and ~a = -a - 1.
  const I high = a >> down, low = a - (high << down);
  bool unused;
  const I q = is_negative(high) ? ~divide(~high, b, &unused) : divide(high, b, &unused);
  if (!remainder) return q;
  const I r = (remainder_of(high, q, b) << down) + low;
  return flip ? -r : r;
}

// a * b, which fits I, of any values: `product` takes none of more than 128 bits.
template <class I> inline I long_product(const I &a, const I &b) { return a * b; }
template <int N> inline Int<N> long_product(const Int<N> &a, const Int<N> &b) {
  const bool flip = is_negative(a) != is_negative(b);
  const Int<N> p = is_negative(a) ? -a : a, q = is_negative(b) ? -b : b;
  int words = N;
  while (words > 1 && q.w[words - 1] == 0) words--;
  Int<N> r(0);
  for (int i = 0; i < N; i++) {
    if (p.w[i] == 0) continue;
    uint64_t carry = 0;
    for (int j = 0; j < words && i + j < N; j++) {
      const u128 sum = static_cast<u128>(p.w[i]) * q.w[j] + r.w[i + j] + carry;
      r.w[i + j] = static_cast<uint64_t>(sum);
      carry = static_cast<uint64_t>(sum >> 64);
    }
    if (i + words < N) r.w[i + words] = carry;
  }
  return flip ? -r : r;
}

// x^n, n 1 or more: n's bits from the second highest on.
template <class I> inline I integer_power(const I &x, int64_t n) {
  I z = x;
  for (int bit = 62 - __builtin_clzll(static_cast<uint64_t>(n)); bit >= 0; bit--) {
    z = long_product(z, z);
    if (n >> bit & 1) z = long_product(z, x);
  }
  return z;
}

// p * q, p >= 0, which fits I.
inline i128 times_word(i128 p, uint64_t q) {
  return static_cast<i128>(static_cast<u128>(p) * q);
}
template <int N> inline Int<N> times_word(const Int<N> &p, uint64_t q) {
  Int<N> r;
  u128 sum = 0;
  for (int i = 0; i < N; i++) {
    sum = static_cast<u128>(p.w[i]) * q + static_cast<uint64_t>(sum >> 64);
    r.w[i] = static_cast<uint64_t>(sum);
  }
  return r;
}

// About v, v >= 0: off by less than a part in 2^50.
inline double near_double(i128 v) {
  return static_cast<double>(static_cast<int64_t>(v >> 64)) * 0x1p64 +
         static_cast<double>(static_cast<uint64_t>(v));
}
template <int N> inline double near_double(const Int<N> &v) {
  int top = N - 1;
  while (top > 1 && v.w[top] == 0) top--;
  const uint64_t scale_bits = static_cast<uint64_t>(1023 + 64 * (top - 1)) << 52;
  double scale;
  std::memcpy(&scale, &scale_bits, sizeof scale);
  return (static_cast<double>(v.w[top]) * 0x1p64 + static_cast<double>(v.w[top - 1])) * scale;
}

// A whole number below a double v >= 1 by less than a part in 2^52 and 1: word * 2^shift.
struct NearWhole {
  uint64_t word;
  int shift;

  explicit NearWhole(double v) : word(0), shift(0) {
    uint64_t bits;
    std::memcpy(&bits, &v, sizeof bits);
    const int exponent = static_cast<int>(bits >> 52) - 1075;
    word = (bits & ((uint64_t(1) << 52) - 1)) | uint64_t(1) << 52;
    if (exponent < 0)
      word >>= -exponent;
    else
      shift = exponent;
  }
};

// The root of m / d, m >= 0 and d > 0, rounded to odd. I holds 8 times either.
template <class I> inline I root_of_quotient(const I &m, const I &d) {
  I twice(0), left = m; // twice the root so far; m - root^2 d
  const double divisor = near_double(d);
  const bool divides = !(d == I(1));
  double step = std::sqrt(near_double(m) / divisor);
  // The first step leaves an error of a part in 2^49 of the root. Each of the others, of Newton's,
  // makes it as much smaller: step = e - e^2 / (2 root) + ..., of an error e.
  bool down = false;
  while (step >= 2) {
    const NearWhole whole(step);
    const I by = I(whole.word) << whole.shift;
    const I square = times_word(down ? twice - by : twice + by, whole.word) << whole.shift;
    const I change = divides ? long_product(square, d) : square;
    left = down ? left + change : left - change;
    twice = down ? twice - (by + by) : twice + (by + by);
    down = is_negative(left);
    step = near_double(down ? -left : left) / (near_double(twice) * divisor);
  }
  const auto times_d = [&](const I &v) { return divides ? long_product(v, d) : v; };
  while (is_negative(left)) { // (root - 1)^2 = root^2 - (2 root - 1)
    left = left + times_d(twice - I(1));
    twice = twice - I(2);
  }
  while (true) {
    const I next = times_d(twice + I(1));
    if (left < next) break;
    left = left - next;
    twice = twice + I(2);
  }
  const I root = twice >> 1;
  return left == I(0) ? root : root | I(1);
}

// The same in narrower integers, where they do.
template <int N, int M> inline bool narrows(const Int<N> &v) {
  uint64_t above = v.w[M - 1] >> 60;
  for (int i = M; i < N; i++) above |= v.w[i];
  return above == 0;
}
template <int M, int N> inline Int<M> narrowed(const Int<N> &v) {
  Int<M> r;
  for (int i = 0; i < M; i++) r.w[i] = v.w[i];
  return r;
}
inline i128 root_to_odd(i128 m, i128 d) { return root_of_quotient(m, d); }
template <int N> inline Int<N> root_to_odd(const Int<N> &m, const Int<N> &d) {
  const int M = N > 8 ? 8 : 3;
  if (narrows<N, M>(m) && narrows<N, M>(d))
    return Int<N>(root_of_quotient(narrowed<M>(m), narrowed<M>(d)));
  return root_of_quotient(m, d);
}

// FX_RATIO: x * b / (c * d) rounded to odd, or its root with x's sign; null factors are 1. They may
// have more than 128 bits.
template <class I>
FX_NOINLINE void ratios(I *x, const I *b, const I *c, const I *d, int n, bool root) {
  for (int i = 0; i < n; i++) {
    const I m = b ? long_product(x[i], b[i]) : x[i];
    const I divisor = c && d ? long_product(c[i], d[i]) : c ? c[i] : I(1);
    if (!root) {
      x[i] = quotient(m, divisor);
      continue;
    }
    const I found = root_to_odd(is_negative(m) ? -m : m, divisor);
    x[i] = is_negative(x[i]) ? -found : found;
  }
}

} // namespace FX_VARIANT
