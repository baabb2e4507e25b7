// Forms of the functions of add_multiply.hh and binary_point.hh for eight elements at a time, where
// compilers make no vectors of loops.
#pragma once

#include "elementwise/avx512/vector8.hh"
#include "elementwise/add_multiply.hh"
#include "elementwise/binary_point.hh"

#ifdef __AVX512DQ__

namespace FX_VARIANT {

template <bool SUBTRACT, class T> struct VectorSum : VectorTraits<true> {
  explicit VectorSum(const Sum<SUBTRACT, T> &) {}

  FX_INLINE bool operator()(RoundedVector8<T> *v, const Vector8<T> &a, const Vector8<T> &b) const {
    v->r = SUBTRACT ? a - b : a + b;
    const __m512i x = top(a), y = top(b), r = top(v->r);
    const int wrapped = SUBTRACT ? 0x18 : 0x42; // (x ^ y) & (x ^ r), or (x ^ r) & (y ^ r)
    v->beyond = _mm512_movepi64_mask(_mm512_ternarylogic_epi64(x, y, r, wrapped));
    v->lost = 0;
    v->zero = v->r.is_zero(); // (not used where r is beyond T)
    v->sign = x;
    return true;
  }

private:
  static FX_INLINE __m512i top(const Vector8<int64_t> &a) { return a.v; }
  static FX_INLINE __m512i top(const Vector8<i128> &a) { return a.high; }
};
template <bool SUBTRACT> struct VectorForm<Sum<SUBTRACT, int64_t>> : VectorSum<SUBTRACT, int64_t> {
  using VectorSum<SUBTRACT, int64_t>::VectorSum;
};
template <bool SUBTRACT> struct VectorForm<Sum<SUBTRACT, i128>> : VectorSum<SUBTRACT, i128> {
  using VectorSum<SUBTRACT, i128>::VectorSum;
};

template <bool MAXIMUM> struct VectorForm<Extreme<MAXIMUM, i128>> : VectorTraits<false> {
  explicit VectorForm(const Extreme<MAXIMUM, i128> &) {}

  FX_INLINE bool operator()(RoundedVector8<i128> *v,
                            const Vector8<i128> &a, const Vector8<i128> &b) const {
    v->r = blend(a, MAXIMUM ? less(a, b) : less(b, a), b);
    v->beyond = v->lost = 0;
    v->zero = v->r.is_zero();
    return true;
  }
};

template <bool ABSOLUTE> struct VectorForm<Negation<ABSOLUTE, i128>> : VectorTraits<true> {
  explicit VectorForm(const Negation<ABSOLUTE, i128> &) {}

  FX_INLINE bool operator()(RoundedVector8<i128> *v,
                            const Vector8<i128> &a, const Vector8<i128> &) const {
    const __m512i zero = _mm512_setzero_si512();
    const Vector8<i128> negated = Vector8<i128>{zero, zero} - a;
    v->r = ABSOLUTE ? blend(a, a.is_negative(), negated) : negated;
    v->beyond = _mm512_movepi64_mask(_mm512_and_si512(a.high, v->r.high));
    v->lost = 0;
    v->zero = v->r.is_zero();
    v->sign = zero; // what is beyond is 2^127
    return true;
  }
};

template <> struct VectorForm<Widen<i128>> : VectorTraits<true> {
  Vector8<i128> lowest, highest;
  __m128i lift, down, more;

  explicit VectorForm(const Widen<i128> &f)
      : lowest(broadcast(f.lowest)), highest(broadcast(f.highest)), lift(_mm_cvtsi64_si128(f.lift)),
        down(_mm_cvtsi64_si128(64 - f.lift)), more(_mm_cvtsi64_si128(f.lift - 64)) {}

  FX_INLINE bool operator()(RoundedVector8<i128> *v,
                            const Vector8<i128> &x, const Vector8<i128> &) const {
    // Shifts by 64 and more, which as unsigned numbers the negative ones are, give 0.
    const __m512i carried =
        _mm512_or_si512(_mm512_srl_epi64(x.low, down), _mm512_sll_epi64(x.low, more));
    v->r = {_mm512_sll_epi64(x.low, lift),
            _mm512_or_si512(_mm512_sll_epi64(x.high, lift), carried)};
    v->beyond = _kor_mask8(less(x, lowest), less(highest, x));
    v->lost = 0;
    v->zero = x.is_zero();
    v->sign = x.high;
    return true;
  }
};

// A right shift by s, from 1 to 63 bits, that rounds down; and x's lowest word, from which the
// bits are lost.
struct BitShift {
  __m128i right, left;
  explicit BitShift(int s) : right(_mm_cvtsi32_si128(s)), left(_mm_cvtsi32_si128(64 - s)) {}

  FX_INLINE Vector8<int64_t> floor(const Vector8<int64_t> &x) const {
    return {_mm512_sra_epi64(x.v, right)};
  }
  FX_INLINE Vector8<i128> floor(const Vector8<i128> &x) const {
    return {_mm512_or_si512(_mm512_srl_epi64(x.low, right), _mm512_sll_epi64(x.high, left)),
            _mm512_sra_epi64(x.high, right)};
  }
  static FX_INLINE __m512i low(const Vector8<int64_t> &x) { return x.v; }
  static FX_INLINE __m512i low(const Vector8<i128> &x) { return x.low; }
  static FX_INLINE Vector8<int64_t> add(const Vector8<int64_t> &x, __m512i up) {
    return x + Vector8<int64_t>{up};
  }
  static FX_INLINE Vector8<i128> add(const Vector8<i128> &x, __m512i up) {
    return x + Vector8<i128>{up, _mm512_setzero_si512()};
  }
};

// A shift whose lost bits, and what rounding adds to them, are within one word.
template <class T> struct VectorShift : VectorTraits<false> {
  BitShift shift;
  __m512i mask;

  VectorShift(int s, uint64_t mask_) : shift(s), mask(broadcast64(mask_)) {}

  FX_INLINE void finish(RoundedVector8<T> *v, const Vector8<T> &x, const Vector8<T> &floor,
                        __m512i c) const {
    const __m512i lost = _mm512_and_si512(BitShift::low(x), mask);
    v->r = BitShift::add(floor, _mm512_srl_epi64(_mm512_add_epi64(lost, c), shift.right));
    v->beyond = 0;
    v->lost = _mm512_test_epi64_mask(lost, lost);
    v->zero = x.is_zero();
  }
};

template <class T> struct VectorNarrow : VectorShift<T> {
  __m512i c0, c1, c2;
  explicit VectorNarrow(const Narrow<int64_t> &f)
      : VectorShift<T>(f.s, f.mask), c0(broadcast64(f.c0)), c1(broadcast64(f.c1)),
        c2(broadcast64(f.c2)) {}

  FX_INLINE bool operator()(RoundedVector8<T> *v, const Vector8<T> &x, const Vector8<T> &) const {
    const Vector8<T> floor = this->shift.floor(x);
    __m512i c = _mm512_mask_add_epi64(c0, x.is_negative(), c0, c1);
    const __mmask8 odd = _mm512_test_epi64_mask(BitShift::low(floor), broadcast64(1));
    c = _mm512_mask_add_epi64(c, odd, c, c2);
    this->finish(v, x, floor, c);
    return true;
  }
};
template <> struct VectorForm<Narrow<int64_t>> : VectorNarrow<int64_t> {
  using VectorNarrow::VectorNarrow;
};
template <> struct VectorForm<Narrow<i128>> : VectorNarrow<i128> {
  explicit VectorForm(const Narrow<i128> &f) : VectorNarrow(f.word) {}
};

template <class T> struct VectorDithered : VectorShift<T> {
  explicit VectorDithered(const Dithered<T> &f) : VectorShift<T>(f.s, f.mask) {}

  FX_INLINE bool operator()(RoundedVector8<T> *v, const Vector8<T> &x, __m512i u) const {
    this->finish(v, x, this->shift.floor(x), _mm512_srl_epi64(u, this->shift.left));
    return true;
  }
};
template <> struct VectorForm<Dithered<int64_t>> : VectorDithered<int64_t> {
  using VectorDithered::VectorDithered;
};
template <> struct VectorForm<Dithered<i128>> : VectorDithered<i128> {
  using VectorDithered::VectorDithered;
};

template <> struct VectorForm<Product<int64_t>> : VectorTraits<true> {
  __m512i mask, last, c0, c1, c2;
  __m128i right, left;

  explicit VectorForm(const Product<int64_t> &f)
      : mask(broadcast64(f.mask)), last(broadcast64(uint64_t(1) << f.s)), c0(constant(f, 0)),
        c1(broadcast64(static_cast<uint64_t>(f.constant[2] - f.constant[0]))),
        c2(broadcast64(static_cast<uint64_t>(f.constant[1] - f.constant[0]))),
        right(_mm_cvtsi32_si128(f.s)), left(_mm_cvtsi32_si128(64 - f.s)) {}

  FX_INLINE bool operator()(RoundedVector8<int64_t> *v, const Vector8<int64_t> &a,
                            const Vector8<int64_t> &b) const {
    rounded(v, multiply(a.v, b.v));
    return true;
  }
  FX_INLINE bool operator()(RoundedVector8<int64_t> *v, const Vector8<int64_t> &a,
                            const Vector8<int64_t> &b, __m512i u) const {
    shifted(v, multiply(a.v, b.v), _mm512_srl_epi64(u, left));
    return true;
  }
  FX_INLINE void rounded(RoundedVector8<int64_t> *v, const Vector8<i128> &z) const {
    __m512i c = _mm512_mask_add_epi64(c0, _mm512_movepi64_mask(z.high), c0, c1);
    c = _mm512_mask_add_epi64(c, _mm512_test_epi64_mask(z.low, last), c, c2);
    shifted(v, z, c);
  }
  // As unsigned numbers, by halves; then 2^64 times the other factor is subtracted for each
  // negative one.
  static FX_INLINE Vector8<i128> multiply(__m512i a, __m512i b) {
    const auto up = [](__m512i x) { return _mm512_srli_epi64(x, 32); };
    const __m512i half = broadcast64(0xFFFFFFFF);
    const __m512i low = _mm512_mul_epu32(a, b), high = _mm512_mul_epu32(up(a), up(b));
    const __m512i s = _mm512_add_epi64(_mm512_mul_epu32(a, up(b)), up(low));
    const __m512i t = _mm512_add_epi64(_mm512_mul_epu32(up(a), b), _mm512_and_si512(s, half));
    __m512i top = _mm512_add_epi64(_mm512_add_epi64(high, up(s)), up(t));
    top = _mm512_mask_sub_epi64(top, _mm512_movepi64_mask(a), top, b);
    top = _mm512_mask_sub_epi64(top, _mm512_movepi64_mask(b), top, a);
    return {_mm512_mask_blend_epi32(0xAAAA, low, _mm512_slli_epi64(t, 32)), top};
  }

private:
  static __m512i constant(const Product<int64_t> &f, int i) {
    return broadcast64(static_cast<uint64_t>(f.constant[i]));
  }
  // c is below 2^s.
  FX_INLINE void shifted(RoundedVector8<int64_t> *v, const Vector8<i128> &z, __m512i c) const {
    const Vector8<i128> t = z + Vector8<i128>{c, _mm512_setzero_si512()};
    v->r = {_mm512_or_si512(_mm512_srl_epi64(t.low, right), _mm512_sll_epi64(t.high, left))};
    v->beyond = _mm512_cmpneq_epi64_mask(_mm512_sra_epi64(t.high, right),
                                         _mm512_srai_epi64(v->r.v, 63));
    v->lost = _mm512_test_epi64_mask(z.low, mask);
    v->zero = z.is_zero();
    v->sign = t.high;
  }
};

// Five limbs of 26 bits, the highest one with the sign: sums of five of their products stay within
// int64.
FX_INLINE void limbs(const Vector8<i128> &x, __m512i p[5]) {
  const __m512i limb = broadcast64((1 << 26) - 1);
  p[0] = _mm512_and_si512(x.low, limb);
  p[1] = _mm512_and_si512(_mm512_srli_epi64(x.low, 26), limb);
  p[2] = _mm512_and_si512(
      _mm512_or_si512(_mm512_srli_epi64(x.low, 52), _mm512_slli_epi64(x.high, 12)), limb);
  p[3] = _mm512_and_si512(_mm512_srli_epi64(x.high, 14), limb);
  p[4] = _mm512_srai_epi64(x.high, 40);
}

// Round256 (overflow.hh) of eight numbers of so many words.
template <int WORDS, int Q> struct VectorRound256 {
  const Round256<Q> &f;
  const __m512i *z;

  FX_INLINE void rounded(RoundedVector8<i128> *v) const {
    __m512i c = _mm512_add_epi64(_mm512_set1_epi64(f.c0),
                                 _mm512_and_si512(sign(), _mm512_set1_epi64(f.c1)));
    c = _mm512_mask_add_epi64(c, _mm512_test_epi64_mask(from(Q), broadcast64(1)), c,
                              _mm512_set1_epi64(f.c2));
    c = _mm512_mask_add_epi64(c, bits(f.guard), c, broadcast64(2));
    c = _mm512_mask_add_epi64(c, bits(f.sticky), c, broadcast64(1));
    finish(v, _mm512_srli_epi64(c, 2));
  }
  FX_INLINE void dithered(RoundedVector8<i128> *v, __m512i u) const {
    const __m512i first = from(Q - 1);
    finish(v, _mm512_maskz_set1_epi64(_mm512_cmplt_epu64_mask(_mm512_add_epi64(first, u), u), 1));
  }

private:
  FX_INLINE __m512i sign() const { return _mm512_srai_epi64(z[WORDS - 1], 63); }
  // The word whose lowest bit is bit 64 k + f.b of z, -1 <= k.
  FX_INLINE __m512i from(int k) const {
    const __m128i right = _mm_cvtsi32_si128(f.b), up = _mm_cvtsi32_si128(64 - f.b);
    return k >= WORDS       ? sign()
           : k == WORDS - 1 ? _mm512_sra_epi64(z[k], right)
           : k < 0          ? _mm512_sll_epi64(z[0], up)
                            : _mm512_or_si512(_mm512_srl_epi64(z[k], right),
                                              _mm512_sll_epi64(z[k + 1], up));
  }
  FX_INLINE __mmask8 bits(const uint64_t which[Q + 1]) const {
    __m512i found = _mm512_and_si512(z[0], broadcast64(which[0]));
    for (int k = 1; k <= Q; k++)
      found = _mm512_or_si512(found, _mm512_and_si512(z[k], broadcast64(which[k])));
    return _mm512_test_epi64_mask(found, found);
  }
  // carry: 0 or 1.
  FX_INLINE void finish(RoundedVector8<i128> *v, __m512i carry) const {
    const Vector8<i128> floor = {from(Q), from(Q + 1)};
    __m512i upper = _mm512_setzero_si512(), any = z[0]; // upper: whether there is more than a sign
    for (int k = Q + 2; k < WORDS; k++)
      upper = _mm512_or_si512(upper, _mm512_xor_si512(from(k), sign()));
    for (int k = 1; k < WORDS; k++) any = _mm512_or_si512(any, z[k]);
    v->r = Vector8<i128>{carry, _mm512_setzero_si512()} + floor;
    // Where `upper` is 0 the floor is a sign and 128 bits. If not negative, it leaves signed 128
    // bits where bit 127 is set in it or, by the carry, in r; if negative, where bit 127 is clear
    // in both (-1 and a carry make 0, which is set in the first).
    const __m512i left = _mm512_ternarylogic_epi64(sign(), floor.high, v->r.high, 0x1E);
    v->beyond = _kor_mask8(_mm512_test_epi64_mask(upper, upper), _mm512_movepi64_mask(left));
    v->lost = _kor_mask8(bits(f.guard), bits(f.sticky));
    v->zero = _mm512_testn_epi64_mask(any, any);
    v->sign = sign();
  }
};

template <int Q> struct VectorForm<NarrowFar<Q>> : VectorTraits<false> {
  const Round256<Q> round;
  explicit VectorForm(const NarrowFar<Q> &f) : round(f.round) {}

  FX_INLINE bool operator()(RoundedVector8<i128> *v,
                            const Vector8<i128> &x, const Vector8<i128> &) const {
    const __m512i z[2] = {x.low, x.high};
    VectorRound256<2, Q>{round, z}.rounded(v);
    return true;
  }
  FX_INLINE bool operator()(RoundedVector8<i128> *v, const Vector8<i128> &x, __m512i u) const {
    const __m512i z[2] = {x.low, x.high};
    VectorRound256<2, Q>{round, z}.dithered(v, u);
    return true;
  }
};

template <int Q> struct VectorForm<Product128<Q>> : VectorTraits<true> {
  const Round256<Q> round;
  explicit VectorForm(const Product128<Q> &f) : round(f.round) {}

  FX_INLINE bool operator()(RoundedVector8<i128> *v,
                            const Vector8<i128> &x, const Vector8<i128> &y) const {
    __m512i z[4];
    multiply(x, y, z);
    VectorRound256<4, Q>{round, z}.rounded(v);
    return true;
  }
  FX_INLINE bool operator()(RoundedVector8<i128> *v, const Vector8<i128> &x, const Vector8<i128> &y,
                            __m512i u) const {
    __m512i z[4];
    multiply(x, y, z);
    VectorRound256<4, Q>{round, z}.dithered(v, u);
    return true;
  }

  static FX_INLINE void multiply(const Vector8<i128> &x, const Vector8<i128> &y, __m512i z[4]) {
    const __m512i limb = broadcast64((1 << 26) - 1);
    __m512i p[5], q[5], c[9];
    limbs(x, p);
    limbs(y, q);
    for (int k = 0; k < 9; k++) c[k] = _mm512_setzero_si512();
    _Pragma("GCC unroll 5") for (int j = 0; j < 5; j++)
      _Pragma("GCC unroll 5") for (int k = 0; k < 5; k++)
        c[j + k] = _mm512_add_epi64(c[j + k], _mm512_mul_epi32(p[j], q[k]));
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
};

} // namespace FX_VARIANT
#endif
