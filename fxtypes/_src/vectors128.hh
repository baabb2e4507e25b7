// Sums, differences and binary points of 128-bit elements in AVX-512 registers.
//
// A vector holds four elements, low words in the even lanes; a mask's odd bits are of the high
// ones. Clamped as Bounds does it. Each function returns how many elements are done.
#pragma once

#include "elementwise.hh"
#include "point.hh"

#ifdef __AVX512DQ__
#include <immintrin.h>

namespace FX_VARIANT {

class Vector128 {
public:
  explicit Vector128(const Bounds<i128> &bounds) : lo(all(bounds.lo)), hi(all(bounds.hi)) {}

  // `out` may be x or y.
  template <bool SUBTRACT>
  FX_INLINE int64_t add(int64_t n, i128 *out, const i128 *x, const i128 *y) const {
    int64_t i = 0;
    for (; i + 4 <= n; i += 4) {
      const __m512i a = _mm512_loadu_si512(x + i), b = _mm512_loadu_si512(y + i);
      __m512i r, signs; // negative: the sum has left 128 bits
      if (SUBTRACT) {
        const unsigned borrow = _mm512_cmplt_epu64_mask(a, b) & LOW;
        r = _mm512_sub_epi64(a, b);
        r = _mm512_mask_add_epi64(r, mask(borrow << 1), r, _mm512_set1_epi64(-1));
        signs = _mm512_and_si512(_mm512_xor_si512(a, b), _mm512_xor_si512(a, r));
      } else {
        r = sum(a, b);
        signs = _mm512_and_si512(_mm512_xor_si512(a, r), _mm512_xor_si512(b, r));
      }
      const unsigned left = _mm512_movepi64_mask(signs) & HIGH;
      const unsigned negative =
          (_mm512_movepi64_mask(a) & left) | (_mm512_movepi64_mask(r) & ~left & HIGH);
      _mm512_storeu_si512(out + i, clamped(r, left, negative));
    }
    return i;
  }

  // The same with one operand, which comes twice.
  FX_INLINE int64_t narrow(const Narrow<i128> &f, int64_t n, i128 *out, const i128 *x,
                           const i128 *) const {
    const auto word = [](uint64_t v) { return _mm512_set1_epi64(static_cast<int64_t>(v)); };
    const __m128i right = _mm_cvtsi32_si128(f.s), left = _mm_cvtsi32_si128(64 - f.s);
    const __m512i lost_bits = _mm512_maskz_mov_epi64(LOW, word(f.mask)), one = word(1);
    const __m512i plain = _mm512_maskz_mov_epi64(LOW, word(f.constant[0]));
    int64_t i = 0;
    for (; i + 4 <= n; i += 4) {
      const __m512i v = _mm512_loadu_si512(x + i);
      const __m512i other = _mm512_shuffle_epi32(v, _MM_PERM_BADC); // the words exchanged
      const __m512i low = _mm512_or_si512(_mm512_srl_epi64(v, right), _mm512_sll_epi64(other, left));
      const __m512i floor = _mm512_mask_sra_epi64(low, HIGH, v, right);
      const unsigned negative = _mm512_movepi64_mask(v) & HIGH, sign = negative >> 1;
      const unsigned odd = _mm512_test_epi64_mask(floor, one) & LOW;
      __m512i c = _mm512_mask_mov_epi64(plain, mask(sign & ~odd), word(f.constant[2]));
      c = _mm512_mask_mov_epi64(c, mask(odd & ~sign), word(f.constant[1]));
      c = _mm512_mask_mov_epi64(c, mask(odd & sign), word(f.constant[3]));
      const __m512i lost = _mm512_and_si512(v, lost_bits);
      const __m512i up = _mm512_srl_epi64(_mm512_add_epi64(lost, c), right);
      const __m512i r = sum(floor, up);
      _mm512_storeu_si512(out + i, clamped(r, 0, _mm512_movepi64_mask(r) & HIGH));
    }
    return i;
  }

private:
  static const unsigned LOW = 0x55, HIGH = 0xaa;
  const __m512i lo, hi;

  static __m512i all(i128 v) {
    const int64_t high = static_cast<int64_t>(v >> 64), low = static_cast<int64_t>(v);
    return _mm512_set4_epi64(high, low, high, low);
  }
  static __mmask8 mask(unsigned bits) { return static_cast<__mmask8>(bits); }

  static FX_INLINE __m512i sum(__m512i a, __m512i b) {
    const __m512i r = _mm512_add_epi64(a, b);
    const unsigned carry = _mm512_cmplt_epu64_mask(r, a) & LOW;
    return _mm512_mask_sub_epi64(r, mask(carry << 1), r, _mm512_set1_epi64(-1));
  }
  // left: what is beyond 128 bits; negative: what is below the range if it is beyond it.
  FX_INLINE __m512i clamped(__m512i r, unsigned left, unsigned negative) const {
    const unsigned beyond = (left | less128<true>(r, lo) | less128<true>(hi, r)) & HIGH;
    const unsigned to_hi = beyond & ~negative, to_lo = beyond & negative;
    r = _mm512_mask_mov_epi64(r, mask(to_hi | to_hi >> 1), hi);
    return _mm512_mask_mov_epi64(r, mask(to_lo | to_lo >> 1), lo);
  }
};

} // namespace FX_VARIANT
#endif
