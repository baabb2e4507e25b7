// Square roots for eight: float64's, then Newton's steps.
#pragma once

#include "elementary/avx512/limbs8.hh"

#ifdef FX_EIGHT
namespace FX_VARIANT {

// sqrt(v) for 1/4 <= v < 1 (1 and more in no case), off by less than ROOT_ERROR8<L>.
//
// One limb: v rounded down, by which its root is off by less than 1; float64's root and its truncation
// by 1/2 and 1.
// Else s, that root less 3 ulp of one limb, is too small by less than e = 6 ulp < 2^-49.4. r = 1 / (2 s)
// is off by less than 2^-49 of it, as it must be below 1. (v - s^2) r = e + e^2 r, that by less than
// 2^-49 of it; and e^2 r < 2^-98.8: in ulp of two limbs 38 and 50, and 8 for v, products and shifts.
// With three limbs that, less 128 of these ulp, is s once more, too small by less than e = 2^-96: the
// same makes 2^-145 and 2^-192.
template <int L> constexpr uint64_t ROOT_ERROR8 = L == 1 ? 3 : L == 2 ? 100 : 2100;

template <int L> FX_INLINE Limbs8<L> root8(const Limbs8<L> &v) {
  const __m512d top = _mm512_mul_pd(_mm512_cvtepu64_pd(v.w[L - 1]), _mm512_set1_pd(0x1p52));
  const __m512d root = _mm512_sqrt_pd(top); // in ulp of one limb
  Limbs8<1> s = {{_mm512_cvttpd_epu64(root)}};
  if constexpr (L == 1) {
    return s;
  } else {
    s.w[0] = _mm512_sub_epi64(s.w[0], broadcast64(3));
    const __m512d quotient = _mm512_div_pd(_mm512_set1_pd(0x1p103), _mm512_cvtepu64_pd(s.w[0]));
    const Limbs8<1> r = {{_mm512_min_epu64(_mm512_cvttpd_epu64(quotient), broadcast64(LIMB_MASK))}};
    // (v - s^2) 2^48, below 1
    const Limbs8<2> s2 = resized<2>(s);
    const Limbs8<2> rest = shift_left<48>(resized<2>(v) - high_product(s2, s2));
    const Limbs8<2> two = s2 + shift_right<48>(high_product(rest, r));
    if constexpr (L == 2) {
      return two;
    } else {
      Limbs8<L> t = resized<L>(two);
      t.w[L - 2] = _mm512_sub_epi64(t.w[L - 2], broadcast64(128));
      t = carried(t);
      const Limbs8<L> left = shift_left<94>(v - high_product(t, t));
      return t + shift_right<94>(high_product(left, r));
    }
  }
}

} // namespace FX_VARIANT
#endif
