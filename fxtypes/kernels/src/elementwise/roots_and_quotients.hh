// What Adam's step needs, each rounded once from the exact value: the root of a sum of coefficient *
// element^2, and a sum of coefficient * element and of a quotient. The exact sums come from
// combine.hh; elements have at most 64 bits.
#pragma once

#include <cmath>

#include "elementwise/combine.hh"

namespace FX_VARIANT {

// Rounding up by what is lost, as rounding.hh does for a shift by two bits: 0 nothing, 1 less than a
// half, 2 a half, 3 more.
struct RoundByTwoBits {
  int32_t c0, c1, c2;

  explicit RoundByTwoBits(const Target &t) {
    const Rounder<int32_t> two(two_bits_of(t));
    c0 = two.c0;
    c1 = two.c1;
    c2 = two.c2;
  }
  FX_INLINE int up(bool negative, bool odd, int lost) const {
    return (c0 + (negative ? c1 : 0) + (odd ? c2 : 0) + lost) >> 2;
  }
};

// A value rounded by the functions below, whose operator() gives it as they all do.
struct RoundedValue {
  i128 v;
  bool lost, zero; // as in Rounded

  FX_INLINE Rounded<int64_t> as_rounded() const {
    const int64_t r = static_cast<int64_t>(v);
    return {r, r != v, v < 0, lost, zero};
  }
};

// floor(sqrt(x)) of x < 2^127, and the rest: x = root^2 + rest.
FX_INLINE uint64_t integer_root(u128 x, u128 *rest) {
  if (x >> 62 == 0) { // float64's root, cut off, is at most one too large
    const int64_t n = static_cast<int64_t>(x);
    int64_t root = static_cast<int64_t>(std::sqrt(static_cast<double>(n)));
    root -= root * root > n;
    *rest = static_cast<u128>(static_cast<uint64_t>(n - root * root));
    return static_cast<uint64_t>(root);
  }
  // Of float64: x is off by less than 2 and, relatively, 2^-51.5, its root by 2^-51.
  const double value = static_cast<double>(static_cast<int64_t>(x >> 64)) * 0x1p64 +
                       static_cast<double>(static_cast<int64_t>(static_cast<uint64_t>(x) >> 1)) * 2;
  const double estimate = std::sqrt(value);
  uint64_t root = estimate < 0x1p63
                      ? static_cast<uint64_t>(static_cast<int64_t>(estimate))
                      : static_cast<uint64_t>(static_cast<int64_t>(estimate * 0.5)) << 1;
  const auto left = [&] {
    return static_cast<i128>(x) - static_cast<i128>(static_cast<u128>(root) * root);
  };
  i128 e = left();
  if (estimate >= 0x1p49) {
    // One of Newton's steps. The root was off by less than 2^(64 - 51) + 2, so that |e| < 2^78; the
    // step leaves an error of 2^27 / 2^50 and, of e's rounding, of 2^(78 - 50 - 52) and 2^(32 - 50):
    // less than 2 once it is rounded down.
    const double high = static_cast<double>(static_cast<int64_t>(e >> 32)) * 0x1p32;
    root += static_cast<uint64_t>(static_cast<int64_t>(std::floor(high / (estimate * 2))));
    e = left();
  }
  while (e < 0) {
    root--;
    e += static_cast<i128>(root) * 2 + 1;
  }
  while (e > static_cast<i128>(root) * 2) {
    e -= static_cast<i128>(root) * 2 + 1;
    root++;
  }
  *rest = static_cast<u128>(e);
  return root;
}

// The same of x < 2^192, bit by bit: such a root overflows, which is rare.
inline FX_NOINLINE u128 integer_root(const uint64_t x[3], u128 *rest) {
  u128 root = 0, left = 0; // both below 2^98
  for (int bit = 190; bit >= 0; bit -= 2) {
    left = left << 2 | (x[bit / 64] >> bit % 64 & 3);
    const u128 trial = root << 2 | 1;
    root <<= 1;
    if (left >= trial) {
      left -= trial;
      root |= 1;
    }
  }
  *rest = left;
  return root;
}

// The root of a sum 0 <= z < 2^191 of three words, in units of 2^(down / 2): the target's shift is
// `down`, even and from 0 to 128.
static_assert(FX_ROOT_SHIFT == 128, "");

struct SumRoot {
  typedef int64_t R;
  RoundByTwoBits two;
  int words, bits; // of `down`

  explicit SumRoot(const Target &t) : two(t), words(t.shift / 64), bits(t.shift % 64) {}

  template <class... U> FX_INLINE Rounded<R> operator()(const ThreeWords &z, U... u) const {
    return value(z, u...).as_rounded();
  }
  FX_INLINE RoundedValue value(const ThreeWords &z) const {
    const Parts v(*this, z);
    // The fraction is more than a half where z / 2^down > (root + 1/2)^2. Without branches: it is
    // random.
    const u128 rest = v.rest << 2 | v.fraction >> 126, half = (v.root << 2) + 1;
    const int equal = rest == half, greater = rest > half, finer = v.fraction << 2 != 0;
    const bool exact = (v.rest | v.fraction) == 0;
    const int lost = (1 + 2 * greater + equal * (1 + finer)) & -static_cast<int>(!exact);
    return v.rounded(two.up(false, v.root & 1, lost));
  }
  // Up where z / 2^down >= (root + t / 2^64)^2, with t = 2^64 - u, that is where
  // rest + fraction / 2^128 >= 2 root t / 2^64 + t^2 / 2^128.
  FX_INLINE RoundedValue value(const ThreeWords &z, uint64_t u) const {
    const Parts v(*this, z);
    const uint64_t t = -u;
    const u128 low_part = static_cast<u128>(static_cast<uint64_t>(v.root)) * t;
    const u128 high_part = (v.root >> 64) * t, square = static_cast<u128>(t) * t;
    const u128 low = (low_part << 65) + square;
    const u128 high = (high_part << 1) + (low_part >> 63) + (low < square);
    return v.rounded(u != 0 && (v.rest > high || (v.rest == high && v.fraction >= low)));
  }

private:
  struct Parts {
    u128 root, rest, fraction; // z / 2^down = root^2 + rest + fraction / 2^128

    FX_INLINE Parts(const SumRoot &f, const ThreeWords &z) {
      const uint64_t padded[8] = {0, 0, z.w[0], z.w[1], z.w[2], 0, 0, 0};
      const uint64_t *const w = padded + f.words; // w[2] has the lowest bit of z / 2^down
      const auto word = [&](int i) { return funnel(w[i], w[i + 1], f.bits); };
      fraction = static_cast<u128>(word(1)) << 64 | word(0);
      const uint64_t shifted[3] = {word(2), word(3), word(4)};
      if (__builtin_expect(shifted[2] || shifted[1] >> 63, 0))
        root = integer_root(shifted, &rest);
      else
        root = integer_root(static_cast<u128>(shifted[1]) << 64 | shifted[0], &rest);
    }
    FX_INLINE RoundedValue rounded(int up) const {
      const bool exact = (rest | fraction) == 0;
      return {static_cast<i128>(root) + up, !exact, exact && root == 0};
    }
  };
};

// z / 2^s + n / (d 2^s), with z a sum of two words, n = m * factor * 2^numerator_lift and
// d = max(r, 1) * 2^lift + offset. |z| and |n / d| are below 2^125, and s is from 2 to 125.
static_assert(FX_QUOTIENT_SUM == 125 && FX_QUOTIENT_SHIFT == 125, "");

// n = quotient * d + rest, 0 <= rest < d, and then further bits of the quotient. |n| is below 2^126
// and d below 2^64.
struct NarrowDivision {
  i128 quotient;
  uint64_t rest, divisor;

  FX_INLINE NarrowDivision(int64_t m, int64_t factor, int numerator_lift, int64_t r, int lift,
                           int64_t offset) {
    divisor = (static_cast<uint64_t>(r < 1 ? 1 : r) << lift) + static_cast<uint64_t>(offset);
    const i128 n = (static_cast<i128>(m) * factor) << numerator_lift;
    const u128 sign = static_cast<u128>(n >> 127), magnitude = (static_cast<u128>(n) ^ sign) - sign;
    uint64_t upper = static_cast<uint64_t>(magnitude >> 64), top = 0;
    if (upper >= divisor) {
      top = upper / divisor;
      upper %= divisor;
    }
    const uint64_t low = divide_words(upper, static_cast<uint64_t>(magnitude), divisor, &rest);
    const u128 q = static_cast<u128>(top) << 64 | low;
    if (n >= 0) {
      quotient = static_cast<i128>(q);
    } else { // floor(-a / d) = -(floor(a / d) + 1) where a rest is left
      quotient = static_cast<i128>(rest ? ~q : -q);
      rest = rest ? divisor - rest : 0;
    }
  }
  FX_INLINE bool exact() const { return rest == 0; }
  // floor(rest * 2^(64 - s) / d), 0 < s < 64
  FX_INLINE uint64_t further_bits(int s) const {
    uint64_t unused;
    return divide_words(rest >> s, rest << (64 - s), divisor, &unused);
  }
};

// |n| is below 2^252 and d below 2^126.
struct WideDivision {
  i128 quotient;
  i320 rest, divisor;

  WideDivision(int64_t m, int64_t factor, int numerator_lift, int64_t r, int lift, int64_t offset) {
    divisor = (i320(r < 1 ? 1 : r) << lift) + i320(offset);
    const i320 n = product(i320(m), i320(factor)) << numerator_lift;
    bool inexact;
    i320 q = divide(is_negative(n) ? -n : n, divisor, &inexact);
    if (is_negative(n)) q = inexact ? ~q : -q;
    quotient = static_cast<i128>(static_cast<u128>(q));
    rest = n - product(q, divisor);
  }
  bool exact() const { return rest == i320(0); }
  uint64_t further_bits(int s) const {
    bool unused;
    return static_cast<uint64_t>(divide(rest << (64 - s), divisor, &unused));
  }
};
static_assert(FX_QUOTIENT_NARROW[0] == 126 && FX_QUOTIENT_NARROW[1] == 64 &&
                  FX_QUOTIENT_WIDE[0] == 252 && FX_QUOTIENT_WIDE[1] == 126,
              "");

template <class Division> struct SumAndQuotient {
  typedef int64_t R;
  Rounder<i128> round;
  int64_t factor, offset;
  int numerator_lift, lift;

  explicit SumAndQuotient(const Step &step)
      : round(step.target), factor(step.coefficient[step.operands - 2]),
        offset(step.coefficient[step.operands - 1]), numerator_lift(step.lift[step.operands - 2]),
        lift(step.lift[step.operands - 1]) {}

  template <class... U>
  FX_INLINE Rounded<R> operator()(uint64_t low, int64_t high, int64_t m, int64_t r, U... u) const {
    return value(low, high, m, r, u...).as_rounded();
  }
  FX_INLINE RoundedValue value(uint64_t low, int64_t high, int64_t m, int64_t r) const {
    const Division v(m, factor, numerator_lift, r, lift, offset);
    const i128 floor = sum(low, high) + v.quotient;
    return rounded(round.rounded(floor | (v.exact() ? 0 : 1)), floor, v);
  }
  // floor(lost fraction * 2^64): further bits of the quotient follow those of `floor`.
  FX_INLINE RoundedValue value(uint64_t low, int64_t high, int64_t m, int64_t r,
                               uint64_t u) const {
    const Division v(m, factor, numerator_lift, r, lift, offset);
    const i128 floor = sum(low, high) + v.quotient;
    const int s = round.s;
    const uint64_t fraction =
        s >= 64 ? static_cast<uint64_t>(floor >> (s - 64))
                : static_cast<uint64_t>(floor) << (64 - s) | v.further_bits(s);
    return rounded((floor >> s) + (fraction + u < u ? 1 : 0), floor, v);
  }

private:
  static FX_INLINE i128 sum(uint64_t low, int64_t high) {
    return static_cast<i128>(static_cast<u128>(static_cast<uint64_t>(high)) << 64 | low);
  }
  FX_INLINE RoundedValue rounded(i128 v, i128 floor, const Division &division) const {
    const bool exact = division.exact();
    return {v, !exact || (floor & round.mask) != 0, exact && floor == 0};
  }
};

} // namespace FX_VARIANT
