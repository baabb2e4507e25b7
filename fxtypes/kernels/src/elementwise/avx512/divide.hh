// Forms of the quotients of divide.hh, of 64 and 128 bits, for eight elements at a time. No divisor
// is 0. Where one of eight quotients is too large for this, all of them are left to the scalar
// loop.
#pragma once

#include "elementwise/avx512/add_multiply.hh"
#include "elementwise/divide.hh"

#ifdef __AVX512DQ__

namespace FX_VARIANT {

using std::integral_constant;

// Where v isn't at most `limit`.
FX_INLINE unsigned beyond(__m512d v, double limit) {
  return _mm512_cmp_pd_mask(_mm512_abs_pd(v), _mm512_set1_pd(limit), _CMP_NLE_UQ);
}

// The quotient t of float64, rounded to an integer q, differs from n / y by less than
// |t| 2^-51 + 1/2. So the remainder n - q y is less than |n| 2^-51 + |y| / 2 in magnitude, below
// 2^63, and known from its low 64 bits. Where |t| <= 2^49 it is less than |y| already, else once
// the quotient of the remainder is added to q. The right shift is at most FX_DIVIDE_SHIFT: what
// rounding adds to q stays within int64.
template <> struct VectorForm<Quotient<int64_t>> : VectorTraits<false> {
  __m512i c0, c1, c2, last, mask;
  __m512d scale;
  __m128i lift, right;

  explicit VectorForm(const Quotient<int64_t> &f)
      : c0(_mm512_set1_epi64(f.constant[0])), c1(_mm512_set1_epi64(f.constant[2] - f.constant[0])),
        c2(_mm512_set1_epi64(f.constant[1] - f.constant[0])),
        last(broadcast64(uint64_t(1) << f.f.s)),
        mask(_mm512_set1_epi64(f.mask)), scale(_mm512_set1_pd(power_of_two(f.lift))),
        lift(_mm_cvtsi32_si128(f.lift)), right(_mm_cvtsi32_si128(f.f.s)) {}

  FX_INLINE bool operator()(RoundedVector8<int64_t> *v, const Vector8<int64_t> &a,
                            const Vector8<int64_t> &b) const {
    const __m512i one = broadcast64(1);
    const __m512d numerator = _mm512_mul_pd(_mm512_cvtepi64_pd(a.v), scale);
    const __m512d inverse = _mm512_div_pd(_mm512_set1_pd(1), _mm512_cvtepi64_pd(b.v));
    const __m512d t = _mm512_mul_pd(numerator, inverse);
    if (__builtin_expect(beyond(t, 0x1p61) | beyond(numerator, 0x1p111), 0)) return false;
    __m512i q = _mm512_cvtpd_epi64(t);
    __m512i remainder = _mm512_sub_epi64(_mm512_sll_epi64(a.v, lift), _mm512_mullo_epi64(q, b.v));
    if (beyond(t, 0x1p49)) {
      const __m512i more =
          _mm512_cvtpd_epi64(_mm512_mul_pd(_mm512_cvtepi64_pd(remainder), inverse));
      q = _mm512_add_epi64(q, more);
      remainder = _mm512_sub_epi64(remainder, _mm512_mullo_epi64(more, b.v));
    }
    // To odd: floor (one less where the remainder and y differ in sign), and the last bit set.
    const unsigned inexact = _mm512_test_epi64_mask(remainder, remainder);
    const unsigned below = _mm512_movepi64_mask(_mm512_xor_si512(remainder, b.v)) & inexact;
    q = _mm512_mask_sub_epi64(q, mask8(below), q, one);
    q = _mm512_mask_or_epi64(q, mask8(inexact), q, one);
    __m512i c = _mm512_mask_add_epi64(c0, _mm512_movepi64_mask(q), c0, c1);
    c = _mm512_mask_add_epi64(c, _mm512_test_epi64_mask(q, last), c, c2);
    v->r = {_mm512_sra_epi64(_mm512_add_epi64(q, c), right)};
    v->lost = _mm512_test_epi64_mask(q, mask);
    v->zero = _mm512_testn_epi64_mask(q, q);
    return true;
  }
};

// The value of limbs of 26 bits, the highest with a sign; its relative error is at most 2^-52.
template <int N> FX_INLINE __m512d value_of(const __m512i *limb) {
  const __m512d unit = _mm512_set1_pd(0x1p52);
  __m512d sum = _mm512_setzero_pd();
  for (int k = (N - 1) & -2; k >= 0; k -= 2) { // two limbs are exact in float64
    __m512i two = limb[k];
    if (k + 1 < N) two = _mm512_add_epi64(two, _mm512_slli_epi64(limb[k + 1], 26));
    const __m512d v = _mm512_cvtepi64_pd(two);
    sum = k == ((N - 1) & -2) ? v : _mm512_fmadd_pd(sum, unit, v);
  }
  return sum;
}

// The quotient of c, nine limbs of 26 bits, and y, five of them. `ratio` estimates it; it is below
// 2^(49 + 26 U). Digits are of 26 bits but for the first, digit U, of up to 49. Each is the nearest
// integer to an estimate whose relative error is small, so that after digit u the remainder is less
// than 0.9 |y| 2^(26 u) in magnitude. The last remainder is left in c[0..5).
template <int U>
FX_INLINE void divide_digits(__m512i c[9], const __m512i y[5], __m512d ratio, __m512d inverse,
                             __m512i *low, __m512i *high) {
  const __m512i limb = _mm512_set1_epi64((1 << 26) - 1);
  *low = *high = _mm512_setzero_si512();
  ratio = _mm512_mul_pd(ratio, _mm512_set1_pd(U == 2 ? 0x1p-52 : 0x1p-26));
  // Digit u; only the lowest `used` limbs of c differ from 0.
  const auto digit = [&](auto index, auto used) __attribute__((always_inline)) {
    constexpr int u = index, top = u + 4, last = used - 1;
    const __m512i d = _mm512_cvtpd_epi64(ratio);
    const __m512i first = u == U ? _mm512_and_si512(d, limb) : d;
    for (int j = 0; j < 5; j++) {
      c[j + u] = _mm512_sub_epi64(c[j + u], _mm512_mul_epi32(first, y[j]));
      if (u == U)
        c[j + u + 1] = _mm512_sub_epi64(c[j + u + 1],
                                        _mm512_mul_epi32(_mm512_srai_epi64(d, 26), y[j]));
    }
    for (int k = 0; k < top; k++) {
      c[k + 1] = _mm512_add_epi64(c[k + 1], _mm512_srai_epi64(c[k], 26));
      c[k] = _mm512_and_si512(c[k], limb);
    }
    for (int k = top + 1; k <= last && k <= top + 2; k++) // modulo 2^64
      c[top] = _mm512_add_epi64(c[top], _mm512_slli_epi64(c[k], 26 * (k - top)));
    const __m512i part = _mm512_slli_epi64(d, 26 * u);
    *low = _mm512_add_epi64(*low, part);
    const __m512i above = _mm512_srai_epi64(d, u ? 64 - 26 * u : 63);
    *high = _mm512_add_epi64(*high, above);
    *high = _mm512_mask_add_epi64(*high, _mm512_cmplt_epu64_mask(*low, part), *high,
                                  _mm512_set1_epi64(1));
    if constexpr (u > 0)
      ratio = _mm512_mul_pd(value_of<top + 1>(c),
                            _mm512_mul_pd(inverse, _mm512_set1_pd(u == 2 ? 0x1p-26 : 1.0)));
  };
  digit(integral_constant<int, U>(), integral_constant<int, 9>());
  if constexpr (U == 2) digit(integral_constant<int, 1>(), integral_constant<int, 7>());
  digit(integral_constant<int, 0>(), integral_constant<int, 6>());
}

template <> struct VectorForm<Quotient<i128>> : VectorTraits<false> {
  VectorForm<Narrow<i128>> narrow;
  int limbs_of_lift;
  __m128i lift;
  __m512d scale;

  explicit VectorForm(const Quotient<i128> &f)
      : narrow(f.narrow), limbs_of_lift(f.lift / 26), lift(_mm_cvtsi32_si128(f.lift % 26)),
        scale(_mm512_set1_pd(power_of_two(f.lift))) {}

  FX_INLINE bool operator()(RoundedVector8<i128> *v,
                            const Vector8<i128> &x, const Vector8<i128> &y) const {
    __m512i a[5], b[5], c[9];
    Vector8<i128> q;
    limbs(x, a);
    limbs(y, b);
    const __m512d inverse = _mm512_div_pd(_mm512_set1_pd(1), value_of<5>(b));
    const __m512d t = _mm512_mul_pd(_mm512_mul_pd(value_of<5>(a), scale), inverse);
    if (beyond(t, 0x1p101)) return false;
    // c = a * 2^lift
    const auto set_numerator = [&](auto by) __attribute__((always_inline)) {
      for (int k = 0; k < 9; k++)
        c[k] = k < by || k > by + 4 ? _mm512_setzero_si512() : _mm512_sll_epi64(a[k - by], lift);
    };
    switch (limbs_of_lift) { // by a constant in each case, so that c stays in registers
    case 0: set_numerator(integral_constant<int, 0>()); break;
    case 1: set_numerator(integral_constant<int, 1>()); break;
    case 2: set_numerator(integral_constant<int, 2>()); break;
    case 3: set_numerator(integral_constant<int, 3>()); break;
    default: set_numerator(integral_constant<int, 4>());
    }
    if (beyond(t, 0x1p75))
      divide_digits<2>(c, b, t, inverse, &q.low, &q.high);
    else
      divide_digits<1>(c, b, t, inverse, &q.low, &q.high);
    __m512i remainder = c[0];
    for (int k = 1; k < 5; k++) remainder = _mm512_or_si512(remainder, c[k]);
    const unsigned inexact = _mm512_test_epi64_mask(remainder, remainder);
    const unsigned below = _mm512_movepi64_mask(_mm512_xor_si512(c[4], b[4])) & inexact;
    const unsigned borrow = _mm512_testn_epi64_mask(q.low, q.low) & below;
    q.low = _mm512_mask_sub_epi64(q.low, mask8(below), q.low, broadcast64(1));
    q.high = _mm512_mask_sub_epi64(q.high, mask8(borrow), q.high, broadcast64(1));
    q.low = _mm512_mask_or_epi64(q.low, mask8(inexact), q.low, broadcast64(1)); // to odd
    return narrow(v, q, q); // below 2^101: nothing overflows
  }
};

} // namespace FX_VARIANT
#endif
