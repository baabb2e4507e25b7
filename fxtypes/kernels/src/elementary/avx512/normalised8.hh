// Eight positive numbers as m 2^exponent, 1/2 <= m < 1.
#pragma once

#include "elementary/avx512/limbs8.hh"

#ifdef FX_EIGHT
namespace FX_VARIANT {

template <int L> struct Normalised8 {
  Limbs8<L> m; // rounded down
  __m512i exponent;
};

template <int L>
FX_INLINE Normalised8<L> normalised8(const Arguments8 &x, bool is_long, int frac_bits) {
  const __m512i of_low = _mm512_set1_epi64(64 - frac_bits);
  const __m512i low_zeros = _mm512_lzcnt_epi64(x.low);
  // The highest two words, m's highest bit being the first.
  __m512i high = _mm512_sllv_epi64(x.low, low_zeros), low = _mm512_setzero_si512();
  Normalised8<L> r;
  r.exponent = _mm512_sub_epi64(of_low, low_zeros);
  if (is_long) {
    const __mmask8 has_two = _mm512_test_epi64_mask(x.high, x.high);
    const __m512i zeros = _mm512_lzcnt_epi64(x.high);
    high = _mm512_mask_mov_epi64(high, has_two, _mm512_shldv_epi64(x.high, x.low, zeros));
    low = _mm512_maskz_sllv_epi64(has_two, x.low, zeros);
    r.exponent =
        _mm512_mask_sub_epi64(r.exponent, has_two, _mm512_set1_epi64(128 - frac_bits), zeros);
  }
  each<L>(FX_EACH(i) {
    constexpr int at = L - 1 - i; // from the highest
    if constexpr (at == 0)
      r.m.w[i] = _mm512_srli_epi64(high, 12);
    else if constexpr (at == 1)
      r.m.w[i] = low52(_mm512_or_si512(_mm512_slli_epi64(high, 40), _mm512_srli_epi64(low, 24)));
    else
      r.m.w[i] = low52(_mm512_slli_epi64(low, 28));
  });
  return r;
}

} // namespace FX_VARIANT
#endif
