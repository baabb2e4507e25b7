// Sums, differences, products and binary points of 128-bit elements in AVX-512 registers.
//
// A vector holds four elements, low words in the even lanes; a mask's odd bits are of the high
// ones. (Or a vector holds eight elements' low words, and another their high ones.) Bounded as
// Bounds does it. Each function returns how many elements are done.
#pragma once

#include "elementwise.hh"
#include "point.hh"

#ifdef __AVX512DQ__
#include <immintrin.h>

namespace FX_VARIANT {

class Vector128 {
public:
  // folds: what is out of range wraps, or becomes 0, as Bounds says; else it is clamped. Only sums
  // and binary points fold.
  explicit Vector128(const Bounds<i128> &bounds, bool folds = false)
      : wraps(folds && bounds.keep), lo(all(bounds.lo)), hi(all(bounds.hi)), span(all(bounds.span)),
        half(all(static_cast<i128>(-static_cast<u128>(bounds.lo)))),
        below(folds ? _mm512_setzero_si512() : lo), above(folds ? _mm512_setzero_si512() : hi) {}

  // `out` may be x or y.
  template <bool SUBTRACT>
  FX_INLINE int64_t add(int64_t n, i128 *out, const i128 *x, const i128 *y) const {
    int64_t i = 0;
    for (; i + 4 <= n; i += 4) {
      const __m512i a = _mm512_loadu_si512(x + i), b = _mm512_loadu_si512(y + i);
      __m512i r, signs; // negative: the sum has left 128 bits
      if (SUBTRACT) {
        r = difference(a, b);
        signs = _mm512_and_si512(_mm512_xor_si512(a, b), _mm512_xor_si512(a, r));
      } else {
        r = sum(a, b);
        signs = _mm512_and_si512(_mm512_xor_si512(a, r), _mm512_xor_si512(b, r));
      }
      const unsigned left = _mm512_movepi64_mask(signs) & HIGH;
      const unsigned negative =
          (_mm512_movepi64_mask(a) & left) | (_mm512_movepi64_mask(r) & ~left & HIGH);
      _mm512_storeu_si512(out + i, bounded(r, left, negative));
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
      _mm512_storeu_si512(out + i, bounded(r, 0, _mm512_movepi64_mask(r) & HIGH));
    }
    return i;
  }

  // Eight at a time, low words in one vector and high ones in another, by limbs of 26 bits whose
  // products need no carries. FEW are left to the caller.
  template <int Q>
  FX_INLINE int64_t multiply(const Round256<Q> &f, int64_t n, i128 *out, const i128 *x,
                             const i128 *y) const {
    int64_t i = 0;
    for (; i + FEW < n; i += 8) {
      const __mmask16 which = words_of(n - i);
      __m512i low, high, p[5], q[5], c[9], z[4];
      load(x + i, which, &low, &high);
      limbs(low, high, p);
      load(y + i, which, &low, &high);
      limbs(low, high, q);
      for (int k = 0; k < 9; k++) c[k] = _mm512_setzero_si512();
      _Pragma("GCC unroll 5") for (int j = 0; j < 5; j++)
        _Pragma("GCC unroll 5") for (int k = 0; k < 5; k++)
          c[j + k] = _mm512_add_epi64(c[j + k], _mm512_mul_epi32(p[j], q[k]));
      words(c, z);
      round_and_store<4>(f, z, which, out + i);
    }
    return i < n ? i : n;
  }

  // As many elements take less time one by one than together.
  static const int FEW = 2;

  // The words of n elements, or of eight.
  static FX_INLINE __mmask16 words_of(int64_t n) {
    return static_cast<__mmask16>(n < 8 ? (1 << 2 * n) - 1 : 0xFFFF);
  }
  // Eight elements as low and as high words; what isn't one of `which` is 1 in both.
  static FX_INLINE void load(const i128 *from, __mmask16 which, __m512i *low, __m512i *high) {
    const __m512i one = _mm512_set1_epi64(1);
    __m512i a, b;
    if (__builtin_expect(which == 0xFFFF, 1)) {
      a = _mm512_loadu_si512(from), b = _mm512_loadu_si512(from + 4);
    } else {
      a = _mm512_mask_loadu_epi64(one, mask(which), from);
      b = _mm512_mask_loadu_epi64(one, mask(which >> 8), from + 4);
    }
    *low = _mm512_unpacklo_epi64(a, b);
    *high = _mm512_unpackhi_epi64(a, b);
  }
  // Of 26 bits, the highest with the sign.
  static FX_INLINE void limbs(__m512i low, __m512i high, __m512i p[5]) {
    const __m512i limb = _mm512_set1_epi64((1 << 26) - 1);
    p[0] = _mm512_and_si512(low, limb);
    p[1] = _mm512_and_si512(_mm512_srli_epi64(low, 26), limb);
    p[2] = _mm512_and_si512(
        _mm512_or_si512(_mm512_srli_epi64(low, 52), _mm512_slli_epi64(high, 12)), limb);
    p[3] = _mm512_and_si512(_mm512_srli_epi64(high, 14), limb);
    p[4] = _mm512_srai_epi64(high, 40);
  }
  // Numbers of so many words into what `load` reads.
  template <int WORDS, int Q>
  FX_INLINE void round_and_store(const Round256<Q> &f, const __m512i z[WORDS], __mmask16 which,
                                 i128 *out) const {
    __m512i low, high;
    __mmask8 left, negative;
    rounded<WORDS>(f, z, &low, &high, &left, &negative);
    const auto less = [](__m512i a1, __m512i a0, __m512i b1, __m512i b0) {
      return _kor_mask8(_mm512_cmplt_epi64_mask(a1, b1),
                        _mm512_mask_cmplt_epu64_mask(_mm512_cmpeq_epi64_mask(a1, b1), a0, b0));
    };
    const auto part = [](__m512i bound, int odd) {
      return odd ? _mm512_unpackhi_epi64(bound, bound) : _mm512_unpacklo_epi64(bound, bound);
    };
    const __mmask8 beyond =
        _kor_mask8(left, _kor_mask8(less(high, low, part(lo, 1), part(lo, 0)),
                                    less(part(hi, 1), part(hi, 0), high, low)));
    const __mmask8 to_hi = _kandn_mask8(negative, beyond), to_lo = _kand_mask8(negative, beyond);
    for (int odd = 0; odd < 2; odd++) {
      __m512i &word = odd ? high : low;
      word = _mm512_mask_mov_epi64(word, to_hi, part(hi, odd));
      word = _mm512_mask_mov_epi64(word, to_lo, part(lo, odd));
    }
    const __m512i a = _mm512_unpacklo_epi64(low, high), b = _mm512_unpackhi_epi64(low, high);
    if (__builtin_expect(which == 0xFFFF, 1)) { // a masked store is slow where it misses the cache
      _mm512_storeu_si512(out, a), _mm512_storeu_si512(out + 4, b);
    } else {
      _mm512_mask_storeu_epi64(out, mask(which), a);
      _mm512_mask_storeu_epi64(out + 4, mask(which >> 8), b);
    }
  }

private:
  static const unsigned LOW = 0x55, HIGH = 0xaa;
  const bool wraps;
  const __m512i lo, hi, span, half, below, above; // half: -lo; below, above: what stands for them

  static __m512i all(i128 v) {
    const int64_t high = static_cast<int64_t>(v >> 64), low = static_cast<int64_t>(v);
    return _mm512_set4_epi64(high, low, high, low);
  }
  static __mmask8 mask(unsigned bits) { return static_cast<__mmask8>(bits); }

  // Columns of products of limbs as numbers of four words.
  static FX_INLINE void words(__m512i c[9], __m512i z[4]) {
    const __m512i limb = _mm512_set1_epi64((1 << 26) - 1);
    for (int k = 0; k < 8; k++) {
      c[k + 1] = _mm512_add_epi64(c[k + 1], _mm512_srai_epi64(c[k], 26));
      c[k] = _mm512_and_si512(c[k], limb);
    }
    const auto join = [](__m512i a, __m512i b, __m512i d) {
      return _mm512_ternarylogic_epi64(a, b, d, 0xFE);
    };
    z[0] = join(c[0], _mm512_slli_epi64(c[1], 26), _mm512_slli_epi64(c[2], 52));
    z[1] = join(_mm512_srli_epi64(c[2], 12), _mm512_slli_epi64(c[3], 14),
                _mm512_slli_epi64(c[4], 40));
    z[2] = _mm512_or_si512(join(_mm512_srli_epi64(c[4], 24), _mm512_slli_epi64(c[5], 2),
                                _mm512_slli_epi64(c[6], 28)),
                           _mm512_slli_epi64(c[7], 54));
    z[3] = _mm512_or_si512(_mm512_srli_epi64(c[7], 10), _mm512_slli_epi64(c[8], 16));
  }
  // Round256 of eight. left: which are beyond 128 bits, or were before they were rounded up to the
  // lowest value; negative: which of these are below 0.
  template <int WORDS, int Q>
  static FX_INLINE void rounded(const Round256<Q> &f, const __m512i z[WORDS], __m512i *low,
                                __m512i *high, __mmask8 *left, __mmask8 *negative) {
    const auto word = [](uint64_t v) { return _mm512_set1_epi64(static_cast<int64_t>(v)); };
    const auto bits = [&](const uint64_t which[Q + 1]) {
      __m512i found = _mm512_and_si512(z[0], word(which[0]));
      for (int k = 1; k <= Q; k++)
        found = _mm512_or_si512(found, _mm512_and_si512(z[k], word(which[k])));
      return _mm512_test_epi64_mask(found, found);
    };
    const __m512i sign = _mm512_srai_epi64(z[WORDS - 1], 63), one = word(1);
    const __m128i right = _mm_cvtsi32_si128(f.b), up = _mm_cvtsi32_si128(64 - f.b);
    const auto from = [&](int k) { // the word whose lowest bit is 64 k + f.b of z
      return k >= WORDS       ? sign
             : k == WORDS - 1 ? _mm512_sra_epi64(z[k], right)
                              : _mm512_or_si512(_mm512_srl_epi64(z[k], right),
                                                _mm512_sll_epi64(z[k + 1], up));
    };
    const __m512i r0 = from(Q), r1 = from(Q + 1);
    __m512i odd = _mm512_xor_si512(_mm512_srai_epi64(r1, 63), sign);
    for (int k = Q + 2; k < WORDS; k++) odd = _mm512_or_si512(odd, _mm512_xor_si512(from(k), sign));
    __m512i c = _mm512_add_epi64(_mm512_set1_epi64(f.c0),
                                 _mm512_and_si512(sign, _mm512_set1_epi64(f.c1)));
    c = _mm512_mask_add_epi64(c, _mm512_test_epi64_mask(r0, one), c, _mm512_set1_epi64(f.c2));
    c = _mm512_mask_add_epi64(c, bits(f.guard), c, word(2));
    c = _mm512_mask_add_epi64(c, bits(f.sticky), c, one);
    const __m512i carry = _mm512_srli_epi64(c, 2);
    *low = _mm512_add_epi64(r0, carry);
    *high = _mm512_mask_add_epi64(r1, _mm512_cmplt_epu64_mask(*low, carry), r1, one);
    *negative = _mm512_movepi64_mask(sign);
    *left = _kor_mask8(_mm512_test_epi64_mask(odd, odd),
                       _kandn_mask8(*negative, _mm512_movepi64_mask(*high)));
  }

  static FX_INLINE __m512i sum(__m512i a, __m512i b) {
    const __m512i r = _mm512_add_epi64(a, b);
    const unsigned carry = _mm512_cmplt_epu64_mask(r, a) & LOW;
    return _mm512_mask_sub_epi64(r, mask(carry << 1), r, _mm512_set1_epi64(-1));
  }
  static FX_INLINE __m512i difference(__m512i a, __m512i b) {
    const __m512i r = _mm512_sub_epi64(a, b);
    const unsigned borrow = _mm512_cmplt_epu64_mask(a, b) & LOW;
    return _mm512_mask_add_epi64(r, mask(borrow << 1), r, _mm512_set1_epi64(-1));
  }
  // left: what is beyond 128 bits; negative: what is below the range if it is beyond it.
  FX_INLINE __m512i bounded(__m512i r, unsigned left, unsigned negative) const {
    if (wraps) return difference(_mm512_xor_si512(_mm512_and_si512(r, span), half), half);
    const unsigned beyond = (left | less128<true>(r, lo) | less128<true>(hi, r)) & HIGH;
    const unsigned over = beyond & ~negative, under = beyond & negative;
    r = _mm512_mask_mov_epi64(r, mask(over | over >> 1), above);
    return _mm512_mask_mov_epi64(r, mask(under | under >> 1), below);
  }
};

} // namespace FX_VARIANT
#endif
