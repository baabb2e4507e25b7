// Forms of elementary functions for eight arguments at a time.
//
// The function F has them where Form8<F, L> exists: what its `evaluate` has, with L limbs of 52 bits.
#pragma once

#include "elementary/avx512/exp8.hh"
#include "elementary/avx512/log8.hh"
#include "elementary/avx512/normalised8.hh"
#include "elementary/avx512/root8.hh"
#include "elementary/avx512/sincos8.hh"
#include "elementary/exponential.hh"
#include "elementary/logarithm.hh"
#include "elementary/roots.hh"
#include "elementary/trigonometric.hh"

namespace FX_VARIANT {

template <class F, int L> struct Form8 { static constexpr bool exists = false; };

#ifdef FX_EIGHT

FX_INLINE __m512i integer8(int64_t v) { return _mm512_set1_epi64(v); }

// So many bits, to odd, of results below 1 leave hardly any element open: one in 256 at most.
template <int L> constexpr int most_bits8(uint64_t error) {
  int bits = 0;
  for (; error; error >>= 1) bits++;
  return 52 * L - bits - 9;
}

// Neither masked nor outside the domain of logarithms and roots.
FX_INLINE __mmask8 above_0(const Arguments8 &x, bool is_long) {
  const __m512i any = is_long ? _mm512_or_si512(x.low, x.high) : x.low;
  return _mm512_test_epi64_mask(any, any) & ~x.negative;
}

template <int L> struct OfExp8 {
  static constexpr bool exists = true;
  const ExpArgument8<L> reducer;

  explicit OfExp8(const Elementary &e, int doubled = 0) : reducer(e.frac_bits[0] - doubled) {}
  static void prepare() { FX_VARIANT::prepare<ExpTable8<L>>(); }
};

template <int L> struct Form8<Exp, L> : OfExp8<L> {
  using OfExp8<L>::OfExp8;
  static constexpr uint64_t ERROR = EXP_ERROR8<L>;
  static constexpr int MOST_BITS = most_bits8<L>(ERROR) - 2; // quarters

  FX_INLINE void evaluate(const Arguments8 &x, bool is_long, Approximation8<L> *a) const {
    const Reduced8<L> reduced = this->reducer.reduce(x, is_long);
    to_words(exp_fraction8(reduced.r), _mm512_setzero_si512(), a->y);
    const __m512i none = integer8(52 * L - 2);
    a->point =
        _mm512_mask_add_epi64(_mm512_sub_epi64(none, reduced.k), x.negative, none, reduced.k);
    a->negative = 0;
    a->valid = reduced.valid;
  }
};

// (1 + E) / 2, E = e^-|x| or e^-|2 x|, off by less than EXP_ERROR8<L> + 1.
template <int L> struct OfDecay8 : OfExp8<L> {
  using OfExp8<L>::OfExp8;

protected:
  FX_INLINE Limbs8<L> half_of_sum(const Arguments8 &x, bool is_long, __mmask8 *valid) const {
    const Reduced8<L> reduced = this->reducer.reduce({x.low, x.high, 0xFF}, is_long); // k >= 1
    *valid = reduced.valid;
    Limbs8<L> half = exp_fraction8(reduced.r) >> _mm512_sub_epi64(reduced.k, integer8(1));
    // Below 1/2, but perhaps for x = 0, which analysis knows.
    const __m512i top = integer8(int64_t(1) << 51);
    *valid &= _mm512_testn_epi64_mask(half.w[L - 1], top);
    half.w[L - 1] = _mm512_or_si512(half.w[L - 1], top);
    return half;
  }
};

template <int L> struct Form8<Sigmoid, L> : OfDecay8<L> {
  explicit Form8(const Elementary &e) : OfDecay8<L>(e, 0) {}
  static constexpr uint64_t ERROR = 2 * (EXP_ERROR8<L> + 1) + RECIPROCAL_ERROR8;
  static constexpr int MOST_BITS = most_bits8<L>(ERROR);

  FX_INLINE void evaluate(const Arguments8 &x, bool is_long, Approximation8<L> *a) const {
    const Limbs8<L> r = reciprocal8(this->half_of_sum(x, is_long, &a->valid));
    to_words(wrapped(negated_if(r, x.negative)), _mm512_setzero_si512(), a->y);
    a->point = integer8(52 * L);
    a->negative = 0;
  }
};

template <int L> struct Form8<Tanh, L> : OfDecay8<L> {
  explicit Form8(const Elementary &e) : OfDecay8<L>(e, 1) {}
  static constexpr uint64_t ERROR = 4 * (EXP_ERROR8<L> + 1) + 2 * RECIPROCAL_ERROR8;
  static constexpr int MOST_BITS = most_bits8<L>(ERROR);

  FX_INLINE void evaluate(const Arguments8 &x, bool is_long, Approximation8<L> *a) const {
    // 2 / (1 + E) - 1
    const Limbs8<L> r = reciprocal8(this->half_of_sum(x, is_long, &a->valid));
    to_words(wrapped(shift_left<1>(r)), _mm512_setzero_si512(), a->y);
    a->point = integer8(52 * L);
    a->negative = x.negative;
    a->valid &= _mm512_test_epi64_mask(r.w[L - 1], integer8(int64_t(1) << 51));
  }
};

template <int L> struct Form8<Log, L> {
  static constexpr bool exists = true;
  static constexpr uint64_t ERROR =
      LOG_ERROR8<L> + 3; // 2 for the multiple of ln 2, 1 for its offset
  static constexpr int MOST_BITS = most_bits8<L>(ERROR) + 7; // whole ones, at most 9, apart
  const int frac_bits;

  explicit Form8(const Elementary &e) : frac_bits(e.frac_bits[0]) {}
  static void prepare() { FX_VARIANT::prepare<LogTable8<L>>(); }

  FX_INLINE void evaluate(const Arguments8 &x, bool is_long, Approximation8<L> *a) const {
    typedef LogTable8<L> Table;
    const Table &table = made<Table>;
    // 2 m = 1 + z
    const Normalised8<L> n = normalised8<L>(x, is_long, frac_bits + 1);
    const Limbs8<L> log = log_fraction8(wrapped(shift_left<1>(n.m)));
    // (exponent + OFFSET) ln 2 - OFFSET ln 2, with a whole part
    const __m512i k = _mm512_add_epi64(n.exponent, integer8(Table::OFFSET));
    Limbs8<L + 2> sum = zeros8<L + 2>();
    each<L + 1>(FX_EACH(i) {
      const __m512i limb = broadcast64(table.ln2.w[i]);
      sum.w[i] = _mm512_madd52lo_epu64(sum.w[i], limb, k);
      sum.w[i + 1] = _mm512_madd52hi_epu64(sum.w[i + 1], limb, k);
    });
    each<L>(FX_EACH(i) {
      sum.w[i + 1] = _mm512_sub_epi64(_mm512_add_epi64(sum.w[i + 1], log.w[i]),
                                      broadcast64(table.offset.w[i]));
    });
    if constexpr (L == 1) { // all in one word
      const __m512i carry = _mm512_srli_epi64(sum.w[0], 52);
      const __m512i v = _mm512_add_epi64(
          _mm512_add_epi64(sum.w[1], carry),
          _mm512_slli_epi64(_mm512_sub_epi64(sum.w[2], broadcast64(table.whole_offset)), 52));
      a->negative = _mm512_movepi64_mask(v);
      a->y[0] = _mm512_abs_epi64(v);
      a->valid = above_0(x, is_long);
      a->point = integer8(52);
      return;
    }
    // The fraction's limbs carried, and the whole part with its sign.
    each<L + 1>(FX_EACH(i) {
      sum.w[i + 1] = _mm512_add_epi64(sum.w[i + 1], _mm512_srai_epi64(sum.w[i], 52));
      sum.w[i] = low52(sum.w[i]);
    });
    __m512i whole = _mm512_sub_epi64(sum.w[L + 1], broadcast64(table.whole_offset));
    a->negative = _mm512_movepi64_mask(whole);
    Limbs8<L> part;
    each<L>(FX_EACH(i) {
      part.w[i] =
          _mm512_mask_sub_epi64(sum.w[i + 1], a->negative, _mm512_setzero_si512(), sum.w[i + 1]);
    });
    each<L - 1>(FX_EACH(i) {
      part.w[i + 1] = _mm512_add_epi64(part.w[i + 1], _mm512_srai_epi64(part.w[i], 52));
      part.w[i] = low52(part.w[i]);
    });
    whole = _mm512_mask_sub_epi64(whole, a->negative, _mm512_setzero_si512(), whole);
    whole = _mm512_add_epi64(whole, _mm512_srai_epi64(part.w[L - 1], 52));
    part.w[L - 1] = low52(part.w[L - 1]);
    to_words(part, whole, a->y);
    a->point = integer8(52 * L);
    a->valid = above_0(x, is_long);
  }
};

template <bool COSINE, int L> struct Form8<SineOrCosine<COSINE>, L> {
  static constexpr bool exists = true;
  // The angle: 8 for the turns, 1 for a reflection.
  static constexpr uint64_t ERROR = SINE_ERROR8<L> + ANGLE_ERROR;
  static constexpr int MOST_BITS = most_bits8<L>(ERROR);
  const Turns8<L, L == 1 ? 2 : 3> turns;

  explicit Form8(const Elementary &e) : turns(e.frac_bits[0]) {}
  static void prepare() { FX_VARIANT::prepare<SineTable8<L>>(); }

  FX_INLINE void evaluate(const Arguments8 &x, bool, Approximation8<L> *a) const {
    Limbs8<L> t = turns(x);
    if (COSINE) t.w[L - 1] = low52(_mm512_add_epi64(t.w[L - 1], integer8(int64_t(1) << 50)));
    const __mmask8 odd = _mm512_test_epi64_mask(t.w[L - 1], integer8(int64_t(1) << 50));
    const __mmask8 second = _mm512_test_epi64_mask(t.w[L - 1], integer8(int64_t(1) << 51));
    Limbs8<L> y = wrapped(shift_left<2>(t));
    each<L>(FX_EACH(i) {
      y.w[i] = _mm512_mask_xor_epi64(y.w[i], odd, y.w[i], broadcast64(LIMB_MASK)); // 1 - y
    });
    to_words(sine8(y), _mm512_setzero_si512(), a->y);
    a->point = integer8(52 * L);
    a->negative = COSINE ? second : second ^ x.negative;
    a->valid = 0xFF;
  }
};

template <int L> struct Form8<Sqrt, L> {
  static constexpr bool exists = true;
  static constexpr uint64_t ERROR = ROOT_ERROR8<L> + 1; // and what an odd exponent's shift cuts off
  static constexpr int MOST_BITS = most_bits8<L>(ERROR) - 1; // y may be 1/2
  const Sqrt function;
  const bool by_float64; // see there; the raws have 50 bits at most
  const double scale;

  explicit Form8(const Elementary &e)
      : function(e), by_float64(L == 1 && function.by_float64 && e.raw_bits <= 50),
        scale(by_float64 ? std::ldexp(1.0, function.up) : 0) {}
  static void prepare() {}

  FX_INLINE void evaluate(const Arguments8 &x, bool is_long, Approximation8<L> *a) const {
    const Normalised8<L> n = normalised8<L>(x, is_long, function.frac_bits);
    const __mmask8 odd = _mm512_test_epi64_mask(n.exponent, integer8(1));
    const Limbs8<L> half = shift_right<1>(n.m);
    Limbs8<L> v;
    each<L>(FX_EACH(i) { v.w[i] = _mm512_mask_mov_epi64(n.m.w[i], odd, half.w[i]); });
    to_words(root8(v), _mm512_setzero_si512(), a->y);
    const __m512i even = _mm512_mask_add_epi64(n.exponent, odd, n.exponent, integer8(1));
    a->point = _mm512_sub_epi64(integer8(52 * L), _mm512_srai_epi64(even, 1));
    a->negative = 0;
    a->valid = above_0(x, is_long);
  }

  // To odd; returns which are decided.
  FX_INLINE __mmask8 to_odd_by_float64(const Arguments8 &x, __m512i *odd) const {
    const __m512d scaled = _mm512_mul_pd(_mm512_cvtepu64_pd(x.low), _mm512_set1_pd(scale));
    const __m512d root = _mm512_sqrt_pd(scaled);
    const __m512i whole = _mm512_cvttpd_epu64(root);
    *odd = _mm512_or_si512(whole, integer8(1));
    return _mm512_cmp_pd_mask(root, _mm512_cvtepu64_pd(whole), _CMP_GT_OQ) & ~x.negative;
  }
};

#endif

} // namespace FX_VARIANT
