// Division in the fused loops.
#pragma once

#ifdef __AVX512VL__
#include <immintrin.h>
#endif

#include "bounds.hh"
#include "doubles.hh"

namespace FX_VARIANT {

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

// The quotients x * scale / y of small elements, rounded by the division: they may be rounded
// once more, to an integer. The exact quotient is n / (y 2^r) of integers, where the plan keeps
// |n| below 2^52 and no y is 0. If it isn't k / 2 for an integer k, it is at least
// 1 / (|y| 2^(r + 1)) away, and the division's error, |n / (y 2^r)| 2^-53, is less than that:
// what is rounded lies on the same side of every integer and of every tie.
// False: some divisor is 0.
#ifdef __AVX512VL__
inline __m256d four(const int8_t *p, __mmask8 m) {
  return _mm256_cvtepi32_pd(_mm_cvtepi8_epi32(_mm_maskz_loadu_epi8(m, p)));
}
inline __m256d four(const int16_t *p, __mmask8 m) {
  return _mm256_cvtepi32_pd(_mm_cvtepi16_epi32(_mm_maskz_loadu_epi16(m, p)));
}
inline __m256d four(const int32_t *p, __mmask8 m) {
  return _mm256_cvtepi32_pd(_mm_maskz_loadu_epi32(m, p));
}

// In masked vectors, which GCC 12 doesn't make: a few elements would all be the rest of a loop.
template <class T>
inline bool quotients(const T *x, const T *y, int n, double scale, double *out) {
  unsigned zeros = 0;
  for (int i = 0; i < n; i += 4) {
    const __mmask8 m = static_cast<__mmask8>(n - i < 4 ? (1 << (n - i)) - 1 : 15);
    const __m256d b = four(y + i, m);
    zeros |= _mm256_mask_cmp_pd_mask(m, b, _mm256_setzero_pd(), _CMP_EQ_OQ);
    const __m256d a = _mm256_mul_pd(four(x + i, m), _mm256_set1_pd(scale));
    _mm256_storeu_pd(out + i, _mm256_maskz_div_pd(m, a, b));
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

// Rounded stochastically: q = floor|n / y| and the remainder r are exact, as q |y| <= |n| < 2^52.
// With w = floor(u |y| / 2^64) for the draw u, what is lost of a positive quotient, r / |y|,
// carries into the next integer where (r 2^64 + u |y|) / 2^64 >= |y|, that is r + w >= |y|. Of a
// negative one 1 - r / |y| is lost: there is no carry where r 2^64 > u |y|, that is r > w.
template <class T>
FX_NOINLINE void dithered_quotients(const T *x, const T *y, int size, double scale,
                                    const uint32_t *high, const uint32_t *low, double *out,
                                    Events *events) {
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

// Signs are random as a rule: no branch may depend on them.
FX_INLINE uint64_t magnitude(int64_t v) {
  const uint64_t sign = static_cast<uint64_t>(v >> 63);
  return (static_cast<uint64_t>(v) ^ sign) - sign;
}
template <class I> FX_INLINE I negate_if(bool negative, I v) {
  const I sign = -static_cast<I>(negative);
  return (v ^ sign) - sign;
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

  FX_INLINE Rounded<R> operator()(int64_t a, int64_t b) const {
    const uint64_t x = magnitude(a), y = magnitude(b);
    const u128 n = static_cast<u128>(x) << lift;
    const uint64_t high = static_cast<uint64_t>(n >> 64), low = static_cast<uint64_t>(n);
    uint64_t rest;
    if (__builtin_expect(high < y >> 2 && f.s < 62, 1)) { // the quotient stays below 2^62
      const uint64_t q = divide_words(high, low, y, &rest);
      const int64_t z = negate_if((a ^ b) < 0, static_cast<int64_t>(q | (rest != 0)));
      const int64_t r = (z + constant[(z < 0 ? 2 : 0) + (z >> f.s & 1)]) >> f.s;
      return {r, false, false, (z & mask) != 0, z == 0};
    }
    const u128 top = static_cast<u128>(high / y) << 64;
    const u128 q = top | divide_words(high % y, low, y, &rest);
    const i128 z = negate_if((a ^ b) < 0, static_cast<i128>(q | (rest != 0)));
    const i128 r = f.affine(z);
    return {static_cast<int64_t>(r), r != static_cast<int64_t>(r), r < 0, (z & f.mask) != 0,
            z == 0};
  }
};

#ifdef __AVX512DQ__
// The same in vectors, clamped. A quotient in float64 is off by less than |t| 2^-51 + 1/2 once it
// is an integer q, so that n - q y is known from its low 64 bits where |n| < 2^112 and
// |y| <= 2^62. Where |t| <= 2^49 its magnitude is below |y| at once, else after a second quotient.
// Blocks with a larger element are done one by one.
inline int64_t divide64(const Quotient<int64_t> &f, const Bounds<int64_t> &bounds, int64_t n,
                        int64_t *out, const int64_t *x, const int64_t *y) {
  const auto all = [](int64_t v) { return _mm512_set1_epi64(v); };
  const __m512i c0 = all(f.constant[0]), c1 = all(f.constant[2] - f.constant[0]),
                c2 = all(f.constant[1] - f.constant[0]), last = all(int64_t(1) << f.f.s),
                lo = all(bounds.lo), hi = all(bounds.hi), one = all(1);
  const __m512d scale = _mm512_set1_pd(std::ldexp(1.0, f.lift));
  const __m128i lift = _mm_cvtsi32_si128(f.lift), right = _mm_cvtsi32_si128(f.f.s);
  const auto beyond = [](__m512d v, double limit) {
    return _mm512_cmp_pd_mask(_mm512_abs_pd(v), _mm512_set1_pd(limit), _CMP_NLE_UQ);
  };
  for (int64_t i = 0; i < n; i += 8) {
    const __mmask8 m = static_cast<__mmask8>(n - i < 8 ? (1 << (n - i)) - 1 : 255);
    const __m512i a = _mm512_maskz_loadu_epi64(m, x + i);
    const __m512i b = _mm512_mask_loadu_epi64(one, m, y + i);
    const __m512d numerator = _mm512_mul_pd(_mm512_cvtepi64_pd(a), scale);
    const __m512d divisor = _mm512_cvtepi64_pd(b);
    const __m512d inverse = _mm512_div_pd(_mm512_set1_pd(1), divisor);
    const __m512d t = _mm512_mul_pd(numerator, inverse);
    if (__builtin_expect(beyond(t, 0x1p61) | beyond(numerator, 0x1p111) | beyond(divisor, 0x1p62),
                         0)) {
      for (int64_t k = i; k < n && k < i + 8; k++)
        out[k] = bounds.template operator()<CLAMP>(f(x[k], y[k]));
      continue;
    }
    __m512i q = _mm512_cvtpd_epi64(t);
    __m512i rest = _mm512_sub_epi64(_mm512_sll_epi64(a, lift), _mm512_mullo_epi64(q, b));
    if (beyond(t, 0x1p49)) {
      const __m512i more = _mm512_cvtpd_epi64(_mm512_mul_pd(_mm512_cvtepi64_pd(rest), inverse));
      q = _mm512_add_epi64(q, more);
      rest = _mm512_sub_epi64(rest, _mm512_mullo_epi64(more, b));
    }
    // To odd: down where the rest has the other sign than y, and up to the next odd number.
    const unsigned some = _mm512_test_epi64_mask(rest, rest);
    const unsigned other = _mm512_movepi64_mask(_mm512_xor_si512(rest, b)) & some;
    q = _mm512_mask_sub_epi64(q, static_cast<__mmask8>(other), q, one);
    q = _mm512_mask_or_epi64(q, static_cast<__mmask8>(some), q, one);
    __m512i c = _mm512_mask_add_epi64(c0, _mm512_movepi64_mask(q), c0, c1);
    c = _mm512_mask_add_epi64(c, _mm512_test_epi64_mask(q, last), c, c2);
    const __m512i r = _mm512_sra_epi64(_mm512_add_epi64(q, c), right);
    _mm512_mask_storeu_epi64(out + i, m, _mm512_min_epi64(_mm512_max_epi64(r, lo), hi));
  }
  return n;
}
#endif

// 64 bits, rounded stochastically, by the same rule. The plan's numerator has 66 bits more than
// are needed here.
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
  Round256<0> round; // the plan keeps the shift below 64
  int lift; // at most 120: the numerator has four words
  explicit Quotient(const Step &step) : round(step.target), lift(step.lift[0]) {}

  FX_INLINE Rounded<R> operator()(i128 a, i128 b) const {
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
    if ((a ^ b) < 0) {
      const u128 low = -(static_cast<u128>(q[1]) << 64 | q[0]);
      const u128 high = ~(static_cast<u128>(q[3]) << 64 | q[2]) + (low == 0);
      q[0] = static_cast<uint64_t>(low);
      q[1] = static_cast<uint64_t>(low >> 64);
      q[2] = static_cast<uint64_t>(high);
      q[3] = static_cast<uint64_t>(high >> 64);
    }
    return round(q);
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

} // namespace FX_VARIANT
