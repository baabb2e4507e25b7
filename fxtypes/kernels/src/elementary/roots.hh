// sqrt, rsqrt, hypot.
#pragma once

#include <cmath>
#include <cstring>

#include "elementary/analysis.hh"
#include "elementary/log.hh"
#include "elementary/reciprocal.hh"
#include "instructions.hh"

namespace FX_VARIANT {

// sqrt(m / 2^64) 2^64 for 1/4 <= m / 2^64 < 1: too small by less than 4, never too large.
//
// The processor's root of m, as a float64, is off by less than 2^-52.4 of it, 2^11.6 in all. What
// its square lacks, over twice the root, corrects that to within 1 for the fraction cut off and
// 2^-40 more; and 3 less.
FX_INLINE uint64_t root_of_word(uint64_t m) {
  const double root = std::sqrt(static_cast<double>(m)) * 4294967296.0;
  const double largest = 18446744073709549568.0; // 2^64 - 2^11
  const uint64_t s = static_cast<uint64_t>(root < largest ? root : largest);
  const i128 lack = static_cast<i128>(words(m, 0) - wide_product(s, s)); // below 2^77
  const double correction = static_cast<double>(static_cast<int64_t>(lack >> 17)) *
                            (65536.0 / static_cast<double>(s));
  const uint64_t result = s + static_cast<uint64_t>(static_cast<int64_t>(correction)) - 3;
  return result >> 63 ? result : uint64_t(1) << 63;
}

// sqrt(m), 1/4 <= m < 1, off by less than ROOT_ERROR<N>.
//
// A step from s, which is not too large, to s + (m - s^2) / (2 s) is off by the square of what s
// lacks and by that times what the reciprocal is off by. With one limb s lacks less than 5 2^-64 (one
// of them for m's other limbs): 25 and 20 ulp with two, and 4 for products. 64 of these less, s
// lacks less than 2^-121 after that: 2^-242 and 2^-121 2^-62 or, with the reciprocal of two limbs,
// 2^-121 2^-124: 2^-183 is 512 ulp with three, 2^-241 is 2^15 with four.
template <int N> constexpr uint64_t ROOT_ERROR = N == 1 ? 4 : N == 2 ? 64 : N == 3 ? 1024 : 1 << 16;

template <int N> FX_INLINE Limbs<N> root_here(const Limbs<N> &m) {
  const uint64_t word = root_of_word(m.w[N - 1]);
  if constexpr (N == 1) {
    return {{word}};
  } else {
    const Limbs<1> inverse = reciprocal(Limbs<1>{{word}});
    const Limbs<2> first = {{0, word}};
    const Limbs<2> lack = (resized<2>(m) - square(first)) << 58; // below 2^-60
    const Limbs<2> second = bounded_sum(first, high_product(lack, inverse) >> 58);
    if constexpr (N == 2) {
      return second;
    } else {
      const Limbs<2> low = second - Limbs<2>{{ROOT_ERROR<2>}};
      const Limbs<N> s = resized<N>(low);
      const Limbs<N> more = (m - square(s)) << 118; // below 2^-120
      if constexpr (N == 3)
        return bounded_sum(s, high_product(more, inverse) >> 118);
      else
        return bounded_sum(s, high_product(more, reciprocal(low)) >> 118);
    }
  }
}
template <int N> FX_NOINLINE Limbs<N> root_there(const Limbs<N> &m) {
  return root_here(m);
}
template <int N> FX_INLINE Limbs<N> root(const Limbs<N> &m) {
  if constexpr (N < 3)
    return root_here(m);
  else
    return root_there(m);
}

// x = m 4^half_exponent, 1/4 <= m < 1.
template <int N> struct RootArgument {
  Limbs<N> m; // rounded down
  int half_exponent;
};
template <int N> FX_INLINE RootArgument<N> root_argument(const Normalised<N> &x) {
  const int exponent = x.exponent + 1, odd = exponent & 1;
  return {x.m >> odd, (exponent + odd) / 2};
}

// floor(sqrt(v)): near the processor's root, corrected; v below 2^128.
inline u128 integer_root(u128 v) {
  const int down = bit_length(v) > 64 ? (bit_length(v) - 63) & ~1 : 0;
  u128 s = static_cast<u128>(std::sqrt(static_cast<double>(v >> down))) << down / 2;
  if (s == 0) return 0;
  for (int i = 0; i < 3; i++) s = (s + v / s) >> 1; // from 2^-31 of it and more
  while (s * s > v) s--;
  while (s + 1 < u128(1) << 64 && (s + 1) * (s + 1) <= v) s++;
  return s;
}

// What sqrt and rsqrt have in common.
struct OfRoot {
  static constexpr int arguments = 1;
  const int frac_bits, out_bits;

  explicit OfRoot(const Elementary &e) : frac_bits(e.frac_bits[0]), out_bits(e.settled_bits) {}
  template <int N> static void prepare() {}
};

struct Sqrt : OfRoot {
  // By float64, a chunk at a time: sqrt(raw 2^up) = sqrt(raw 2^-frac_bits) 2^out_bits, to odd. The
  // scaled argument is exact below 2^53, and its root, correctly rounded, below 2^51 has fraction
  // bits: its floor is the root's unless it is whole, which is left to `settle`.
  const int up;
  const bool by_float64;

  explicit Sqrt(const Elementary &e)
      : OfRoot(e), up(2 * e.out_bits - e.frac_bits[0]), by_float64(up > -900 && up <= 51) {}

  // Raws of at most 50 bits. Returns whether `left` is true anywhere; `out` means nothing there.
  template <int SIZE>
  bool evaluate_chunk(const int64_t (&raw)[SIZE], int m, int64_t *__restrict out,
                      int64_t *__restrict left) const {
    // The bits of the float64 k + shift are those of `shift` and k, for whole |k| < 2^51.
    const double scale = std::ldexp(1.0, up), shift = 6755399441055744.0; // 2^52 + 2^51
    int64_t shift_bits, some = 0;
    std::memcpy(&shift_bits, &shift, sizeof shift);
    for (int i = 0; i < m; i++) {
      double x, r;
      const int64_t bits = raw[i] + shift_bits;
      std::memcpy(&x, &bits, sizeof x);
      const double root = std::sqrt((x - shift) * scale), whole = __builtin_floor(root);
      r = whole + shift;
      int64_t found;
      std::memcpy(&found, &r, sizeof r);
      out[i] = (found - shift_bits) | 1;
      left[i] = !(root > whole); // whole, or not a number
      some |= left[i];
    }
    return some != 0;
  }

  template <int N, class M>
  FX_INLINE bool evaluate(const Argument<M> *x, Approximation<N> *a) const {
    if (x->magnitude == 0 || x->sign) return false;
    const RootArgument<N> of = root_argument(normalised<N>(x->magnitude, frac_bits));
    *a = {root(of.m), 64 * N - of.half_exponent, ROOT_ERROR<N> + 1, 0};
    return true;
  }

  Known analyse(const Argument<u128> *x, Special *v) const {
    if (x->magnitude == 0 || x->sign) return exactly(v, 0, 0);
    // The root of an odd number times 2^e is rational where that is a square and e is even.
    const int zeros = trailing_zeros(x->magnitude);
    if ((zeros - frac_bits) % 2 == 0) {
      const u128 odd = x->magnitude >> zeros, r = integer_root(odd);
      if (r * r == odd) return exactly(v, r, (frac_bits - zeros) / 2);
    }
    return UNKNOWN;
  }
};

struct Rsqrt : OfRoot {
  explicit Rsqrt(const Elementary &e) : OfRoot(e) {}

  template <int N, class M>
  FX_INLINE bool evaluate(const Argument<M> *x, Approximation<N> *a) const {
    if (x->magnitude == 0 || x->sign) return false;
    const RootArgument<N> of = root_argument(normalised<N>(x->magnitude, frac_bits));
    // 1 / (2 s) bends by at most twice what s is off by.
    *a = {reciprocal(root(of.m)), 64 * N - 1 + of.half_exponent,
          2 * ROOT_ERROR<N> + 2 + RECIPROCAL_ERROR, 0};
    return true;
  }

  Known analyse(const Argument<u128> *x, Special *v) const {
    if (x->magnitude == 0 || x->sign) return exactly(v, 0, 0);
    const int zeros = trailing_zeros(x->magnitude), exponent = zeros - frac_bits;
    if (x->magnitude >> zeros == 1 && exponent % 2 == 0) return exactly(v, 1, exponent / 2);
    return UNKNOWN;
  }
};

struct Hypot {
  static constexpr int arguments = 2;
  const int frac_bits[2], out_bits;

  explicit Hypot(const Elementary &e)
      : frac_bits{e.frac_bits[0], e.frac_bits[1]}, out_bits(e.settled_bits) {}
  template <int N> static void prepare() {}

  template <int N, class M>
  FX_INLINE bool evaluate(const Argument<M> *p, Approximation<N> *a) const {
    if (p[0].magnitude == 0 || p[1].magnitude == 0) return false;
    Normalised<N> x = normalised<N>(p[0].magnitude, frac_bits[0]);
    Normalised<N> y = normalised<N>(p[1].magnitude, frac_bits[1]);
    if (x.exponent < y.exponent) {
      const Normalised<N> t = x;
      x = y;
      y = t;
    }
    // (x / 2^(exponent + 2))^2 + the same of y: 1/16 to 1/2; each square off by 2 N ulp and 1.
    Limbs<N> sum = (square(x.m) >> 2) + (square(y.m) >> (2 * (x.exponent - y.exponent) + 2));
    int exponent = x.exponent + 2;
    if (!(sum.w[N - 1] >> 62)) {
      sum = shift_left<2>(sum);
      exponent--;
    }
    // sqrt bends by at most what it is off by, four times 4 N + 2.
    *a = {root(sum), 64 * N - exponent, ROOT_ERROR<N> + 16 * N + 8, 0};
    return true;
  }

  Known analyse(const Argument<u128> *p, Special *v) const {
    for (int k = 0; k < 2; k++) {
      const u128 m = p[k].magnitude, other = p[1 - k].magnitude;
      const int f = frac_bits[k], finer = f > out_bits ? f : out_bits;
      if (other == 0) return exactly(v, m, f);
      // m < hypot < m + other^2 / (2 m)
      if (m != 0 && 2 * (bit_length(other) - frac_bits[1 - k]) - (bit_length(m) - f) <= -finer)
        return exactly(v, m, f, 1);
    }
    // With one binary point, and without the zeros at the end of both: whether the sum is a square.
    const int coarse = frac_bits[0] < frac_bits[1] ? 0 : 1;
    const int up = frac_bits[1 - coarse] - frac_bits[coarse];
    u128 a = p[coarse].magnitude, b = p[1 - coarse].magnitude;
    if (bit_length(a) + up > 128) return UNKNOWN;
    a <<= up;
    const int zeros = trailing_zeros(a | b);
    a >>= zeros;
    b >>= zeros;
    if (bit_length(a | b) > 63) return UNKNOWN;
    const u128 sum = a * a + b * b, r = integer_root(sum);
    return r * r == sum ? exactly(v, r, frac_bits[1 - coarse] - zeros) : UNKNOWN;
  }
};

} // namespace FX_VARIANT
