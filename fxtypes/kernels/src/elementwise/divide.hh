// Division in the fused loops.
#pragma once

#include "rounding/overflow.hh"
#include "elementwise/float64.hh"

namespace FX_VARIANT {

// Whether a row of divisors has a 0: such rows are for the general loop.
template <class T> inline bool any_zero(const char *p, ptrdiff_t stride, int64_t n) {
  bool found = false;
  if (stride == static_cast<ptrdiff_t>(sizeof(T)))
    for (int64_t i = 0; i < n; i++) found |= reinterpret_cast<const T *>(p)[i] == 0;
  else
    for (int64_t i = 0; i < (stride ? n : 1); i++)
      found |= *reinterpret_cast<const T *>(p + i * stride) == 0;
  return found;
}

// The quotients x * scale / y of elements of up to 32 bits, as float64 rounds them; they may be
// rounded once more, to an integer in any mode. For the exact quotient is n / (y 2^r) of integers,
// |n| <= 2^52. Where it isn't k / 2 for an integer k, it differs from each of these by at least
// 1 / (|y| 2^(r + 1)), and the division's error, at most |n / (y 2^r)| 2^-53, is less unless the
// quotient is exact. So the rounded quotient is on the same side of every integer and of every tie.
// False: a divisor is 0.
static_assert(7 + FX_DIVIDE_LIFT[0] <= 52 && 15 + FX_DIVIDE_LIFT[1] <= 52 &&
                  31 + FX_DIVIDE_LIFT[2] <= 52,
              "dividends are exact in float64");
#ifdef __AVX512DQ__
inline __m512d load_doubles8(const int8_t *p, __mmask8 m) {
  return _mm512_cvtepi32_pd(_mm256_cvtepi8_epi32(_mm_maskz_loadu_epi8(m, p)));
}
inline __m512d load_doubles8(const int16_t *p, __mmask8 m) {
  return _mm512_cvtepi32_pd(_mm256_cvtepi16_epi32(_mm_maskz_loadu_epi16(m, p)));
}
inline __m512d load_doubles8(const int32_t *p, __mmask8 m) {
  return _mm512_cvtepi32_pd(_mm256_maskz_loadu_epi32(m, p));
}

// In masked vectors, which GCC 12 doesn't make: without them few elements are all in its scalar
// loop.
template <class T>
inline bool quotients(const T *x, const T *y, int n, double scale, double *out) {
  unsigned zeros = 0;
  for (int i = 0; i < n; i += VECTOR_DOUBLES) {
    const __mmask8 m = static_cast<__mmask8>(n - i < VECTOR_DOUBLES ? (1 << (n - i)) - 1 : 0xFF);
    const __m512d b = load_doubles8(y + i, m);
    zeros |= _mm512_mask_cmp_pd_mask(m, b, _mm512_setzero_pd(), _CMP_EQ_OQ);
    const __m512d a = _mm512_mul_pd(load_doubles8(x + i, m), _mm512_set1_pd(scale));
    _mm512_storeu_pd(out + i, _mm512_maskz_div_pd(m, a, b));
  }
  return zeros == 0;
}
#else
template <class T>
inline bool quotients(const T *x, const T *y, int n, double scale, double *out) {
  if (any_zero<T>(reinterpret_cast<const char *>(y), sizeof(T), n)) return false;
  for (int i = 0; i < n; i++) out[i] = static_cast<double>(x[i]) * scale / y[i];
  return true;
}
#endif

// Rounded stochastically: q = floor|n / y| and the remainder r are exact, as q |y| <= |n| <= 2^52.
// With w = floor(u |y| / 2^64) for the draw u, the lost fraction r / |y| of a positive quotient
// carries into the next integer where (r 2^64 + u |y|) / 2^64 >= |y|, that is r + w >= |y|. The
// fraction lost of a negative one is 1 - r / |y|: there is no carry where r 2^64 > u |y|, that is
// r > w.
template <class T>
FX_NOINLINE void dithered_quotients(const T *x, const T *y, int size, double scale,
                                    const Halves &draws, double *out, Events *events) {
  const uint32_t *const high = draws.high, *const low = draws.low;
  int64_t inexact = 0, underflow = 0;
  for (int i = 0; i < size; i++) {
    const int32_t y32 = y[i];
    const uint32_t divisor = static_cast<uint32_t>(y32 < 0 ? -y32 : y32);
    const uint64_t middle = static_cast<uint64_t>(low[i]) * divisor >> 32;
    const uint64_t top = static_cast<uint64_t>(high[i]) * divisor + middle;
    const double w = to_double(static_cast<uint32_t>(top >> 32));
    const double n = static_cast<double>(x[i]) * scale, t = n / y32,
                 b = std::fabs(static_cast<double>(y32));
    const double q = std::floor(std::fabs(t)), r = std::fabs(n) - q * b;
    const bool negative = t < 0;
    const int64_t up = r > (negative ? w : b - w - 1) ? int64_t(1) : int64_t(0),
                  lost = r > 0 ? int64_t(1) : int64_t(0);
    const double magnitude = q + (up ? 1.0 : 0.0);
    inexact += lost;
    underflow += (magnitude == 0 ? int64_t(1) : int64_t(0)) & lost;
    out[i] = negative ? -magnitude : magnitude;
  }
  if (events) {
    events->underflow += underflow;
    events->inexact += inexact;
  }
}

template <class T> struct Quotient; // 64 and 128 bits

// Without branches: signs are mostly random.
FX_INLINE uint64_t magnitude(int64_t v) {
  const uint64_t sign = static_cast<uint64_t>(v >> 63);
  return (static_cast<uint64_t>(v) ^ sign) - sign;
}
FX_INLINE u128 magnitude(i128 v) {
  const u128 sign = static_cast<u128>(v >> 127);
  return (static_cast<u128>(v) ^ sign) - sign;
}
template <class I> FX_INLINE I negate_if(bool negative, I v) {
  const I sign = -static_cast<I>(negative);
  return (v ^ sign) - sign;
}

// The plan's level holds the rounded-to-odd quotient of 64-bit elements in 128 bits.
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

  FX_INLINE Rounded<R> operator()(int64_t a, int64_t b) const {
    const uint64_t x = magnitude(a), y = magnitude(b);
    const u128 n = static_cast<u128>(x) << lift;
    const uint64_t high = static_cast<uint64_t>(n >> 64), low = static_cast<uint64_t>(n);
    uint64_t rest;
    if (__builtin_expect(high < y >> 2 && f.s < 62, 1)) { // the quotient is below 2^62
      const uint64_t q = divide_words(high, low, y, &rest);
      const int64_t z = negate_if((a ^ b) < 0, static_cast<int64_t>(q | (rest != 0)));
      const int64_t r = (z + constant[(z < 0 ? 2 : 0) + (z >> f.s & 1)]) >> f.s;
      return {r, false, false, (z & mask) != 0, z == 0};
    }
    const u128 top = static_cast<u128>(high / y) << 64;
    const u128 q = top | divide_words(high % y, low, y, &rest);
    const i128 z = negate_if((a ^ b) < 0, static_cast<i128>(q | (rest != 0)));
    const i128 r = f.rounded(z);
    return {static_cast<int64_t>(r), r != static_cast<int64_t>(r), r < 0, (z & f.mask) != 0,
            z == 0};
  }
};

// 64 bits, rounded stochastically, by the same rule. The exact remainder needs no guard bits: the
// dividend is lifted only to the result's last bit.
struct DitheredQuotient {
  typedef int64_t R;
  int lift; // below 64
  explicit DitheredQuotient(const Step &step) : lift(step.lift[0] - step.target.shift) {}

  FX_INLINE Rounded<R> operator()(int64_t a, int64_t b, uint64_t u) const {
    const bool negative = (a ^ b) < 0;
    const uint64_t x = magnitude(a), y = magnitude(b);
    const u128 n = static_cast<u128>(x) << lift;
    const uint64_t high = static_cast<uint64_t>(n >> 64), low = static_cast<uint64_t>(n);
    const uint64_t w = static_cast<uint64_t>((static_cast<u128>(u) * y) >> 64);
    uint64_t top = 0, next = high, rest;
    if (__builtin_expect(high >= y, 0)) {
      top = high / y;
      next = high % y;
    }
    const uint64_t q = divide_words(next, low, y, &rest);
    const uint64_t up = rest > (negative ? w : y - w - 1);
    const i128 r = negate_if(negative, static_cast<i128>((static_cast<u128>(top) << 64 | q) + up));
    return {static_cast<int64_t>(r), r != static_cast<int64_t>(r), negative, rest != 0, a == 0};
  }
};

template <> struct Quotient<i128> {
  typedef i128 R;
  const Target &target;
  Narrow<i128> narrow; // its shift is below 63
  int lift;            // the lifted dividend has four words
  static_assert(FX_DIVIDE_SHIFT < 63 && FX_DIVIDE_LIFT[4] < 128, "");
  explicit Quotient(const Step &step)
      : target(step.target), narrow(step.target), lift(step.lift[0]) {}

  FX_INLINE Rounded<R> operator()(i128 a, i128 b) const {
    const u128 x = magnitude(a);
    const u128 divisor = magnitude(b);
    uint64_t y0 = static_cast<uint64_t>(divisor), y1 = static_cast<uint64_t>(divisor >> 64);
    const uint64_t x0 = static_cast<uint64_t>(x), x1 = static_cast<uint64_t>(x >> 64);
    const uint64_t sign = static_cast<uint64_t>((a ^ b) >> 127);
    // The dividend is w, followed by `zeros` words that are 0. If y has two words, it and y are
    // shifted left until y's top bit is set.
    const int y_by = y1 ? __builtin_clzll(y1) : 0, by = lift + y_by;
    const int zeros = by >> 6, up = by & 63;
    const uint64_t w[3] = {x0 << up, x1 << up | x0 >> 1 >> (63 - up), x1 >> 1 >> (63 - up)};
    // No array: loading two words at once that were stored one by one is slow.
    uint64_t q3 = 0, q2 = 0, q1 = 0, q0 = 0;
    const auto append = [&](uint64_t word) {
      q3 = q2;
      q2 = q1;
      q1 = q0;
      q0 = word;
    };
    bool odd;
    if (y1 == 0) {
      uint64_t rest = 0;
      for (int i = 2; i >= -zeros; i--)
        append(divide_words(rest, i < 0 ? 0 : w[i], y0, &rest));
      odd = rest != 0;
    } else { // Knuth's algorithm D: w's upper words are below y
      y1 = y1 << y_by | y0 >> 1 >> (63 - y_by);
      y0 <<= y_by;
      u128 rest = static_cast<u128>(w[2]) << 64 | w[1];
      append(digit(&rest, w[0], y1, y0));
      for (int i = 0; i < zeros; i++) append(digit(&rest, 0, y1, y0));
      odd = rest != 0;
    }
    q0 |= odd;
    if (__builtin_expect((q3 | q2 | q1 >> 63) == 0, 1)) {
      const u128 z = negate_if(sign != 0, static_cast<u128>(q1) << 64 | q0);
      return narrow(static_cast<i128>(z), 0);
    }
    uint64_t words[4] = {q0 ^ sign, q1 ^ sign, q2 ^ sign, q3 ^ sign};
    add_word(words, sign & 1);
    return Round256<0>(target).rounded<4>(words);
  }

private:
  // The next word of (rest, next) / (y1, y0), where rest < (y1, y0); `rest` becomes the remainder.
  static FX_INLINE uint64_t digit(u128 *rest, uint64_t next, uint64_t y1, uint64_t y0) {
    const u128 y = static_cast<u128>(y1) << 64 | y0;
    const uint64_t r1 = static_cast<uint64_t>(*rest >> 64), r0 = static_cast<uint64_t>(*rest);
    uint64_t guess, left;
    if (__builtin_expect(r1 >= y1, 0)) {
      guess = ~uint64_t(0);
      left = r0 + y1;
      if (left < y1) { // it is 2^64 or more: the guess is right
        *rest = (static_cast<u128>(r0) << 64 | next) - guess * y; // modulo 2^128
        return guess;
      }
    } else {
      guess = divide_words(r1, r0, y1, &left);
    }
    const u128 have = static_cast<u128>(left) << 64 | next, used = static_cast<u128>(guess) * y0;
    const bool too_high = have < used; // the guess is, by 1 or, rarely, 2
    u128 r = have - used;
    const bool not_negative = __builtin_add_overflow(r, too_high ? y : 0, &r);
    guess -= too_high;
    if (__builtin_expect(too_high && !not_negative, 0)) {
      guess--;
      r += y;
    }
    *rest = r;
    return guess;
  }
};

} // namespace FX_VARIANT
