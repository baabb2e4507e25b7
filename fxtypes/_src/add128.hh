// Sums and differences of 128-bit elements in AVX-512 registers.
#pragma once

#include "bounds.hh"

#ifdef __AVX512DQ__
#include <immintrin.h>

namespace FX_VARIANT {

// A vector holds four elements, low words in the even lanes; a mask's odd bits are of the high
// ones. Clamped as Bounds does it. Returns how many elements are done; `out` may be x or y.
template <bool SUBTRACT>
inline int64_t add128(const Bounds<i128> &bounds, int64_t n, i128 *out, const i128 *x,
                      const i128 *y) {
  const unsigned low_lanes = 0x55, high_lanes = 0xaa;
  const auto all = [](i128 v) {
    return _mm512_set4_epi64(static_cast<int64_t>(v >> 64), static_cast<int64_t>(v),
                             static_cast<int64_t>(v >> 64), static_cast<int64_t>(v));
  };
  const __m512i lo = all(bounds.lo), hi = all(bounds.hi), minus_one = _mm512_set1_epi64(-1);
  // a < b, in the high lanes: by the high words, or where they are equal by the low ones.
  const auto less = [](__m512i a, __m512i b) {
    const unsigned low = _mm512_cmplt_epu64_mask(a, b);
    return _mm512_cmplt_epi64_mask(a, b) | (_mm512_cmpeq_epi64_mask(a, b) & low << 1);
  };
  int64_t i = 0;
  for (; i + 4 <= n; i += 4) {
    const __m512i a = _mm512_loadu_si512(x + i), b = _mm512_loadu_si512(y + i);
    __m512i r, signs; // negative: the sum has left 128 bits
    if (SUBTRACT) {
      const unsigned borrow = _mm512_cmplt_epu64_mask(a, b) & low_lanes;
      r = _mm512_sub_epi64(a, b);
      r = _mm512_mask_add_epi64(r, static_cast<__mmask8>(borrow << 1), r, minus_one);
      signs = _mm512_and_si512(_mm512_xor_si512(a, b), _mm512_xor_si512(a, r));
    } else {
      r = _mm512_add_epi64(a, b);
      const unsigned carry = _mm512_cmplt_epu64_mask(r, a) & low_lanes;
      r = _mm512_mask_sub_epi64(r, static_cast<__mmask8>(carry << 1), r, minus_one);
      signs = _mm512_and_si512(_mm512_xor_si512(a, r), _mm512_xor_si512(b, r));
    }
    const unsigned left = _mm512_movepi64_mask(signs) & high_lanes;
    const unsigned negative =
        (_mm512_movepi64_mask(a) & left) | (_mm512_movepi64_mask(r) & ~left & high_lanes);
    const unsigned beyond = (left | less(r, lo) | less(hi, r)) & high_lanes;
    const unsigned to_hi = beyond & ~negative, to_lo = beyond & negative;
    r = _mm512_mask_mov_epi64(r, static_cast<__mmask8>(to_hi | to_hi >> 1), hi);
    r = _mm512_mask_mov_epi64(r, static_cast<__mmask8>(to_lo | to_lo >> 1), lo);
    _mm512_storeu_si512(out + i, r);
  }
  return i;
}

} // namespace FX_VARIANT
#endif
