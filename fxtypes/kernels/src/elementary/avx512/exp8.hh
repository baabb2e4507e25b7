// e^x for eight: as in ../exp.hh, but with tables of sixteen entries, which registers hold.
#pragma once

#include "elementary/avx512/limbs8.hh"
#include "elementary/tables.hh"

#ifdef FX_EIGHT
namespace FX_VARIANT {

// e^(j / 16) in quarters, and e^(j / 2^(4 k)) - 1 for k = 2, 3, ...
template <int L> struct ExpTable8 {
  static constexpr int STEPS = L == 1 ? 3 : 5;
  static constexpr int TERMS = 10;
  Table16<L> step[STEPS];
  Constant8<L> factorial[TERMS]; // 1 / k!
  Constant8<L + 1> ln2;

  void fill() {
    Long power = long_power(2);
    const Long first = exp_less_1(4);
    for (int j = 0; j < 16; j++) {
      step[0].set(j, j < 12 ? power : Long{}); // ln 2 is below 12 / 16
      power = power + high_product(power, first);
    }
    for (int k = 1; k < STEPS; k++) {
      const Long by = exp_less_1(4 * (k + 1));
      Long less = {};
      for (int j = 0; j < 16; j++) {
        step[k].set(j, less);
        less = less + by + high_product(less, by);
      }
    }
    Long f = long_power(1);
    for (int k = 2; k < TERMS; k++) {
      factorial[k] = Constant8<L>(f);
      f = over(f, k + 1);
    }
    ln2 = Constant8<L + 1>(LN2);
  }
};

// Taylor's sum for e^t from its term K on, over t^K; t = scaled / 2^B.
template <int L, int B, int K>
FX_INLINE auto exp_tail8(const Limbs8<L> &scaled, const ExpTable8<L> &table) {
  constexpr int M = limbs8_after<L>(B * K);
  const Limbs8<M> c = resized<M>(table.factorial[K].lanes());
  if constexpr (is_last_term8<L>(K + 1, 10 * B)) {
    return c;
  } else {
    const auto tail = exp_tail8<L, B, K + 1>(scaled, table);
    return c + shift_right<B>(resized<M>(high_product(resized<M>(scaled), tail)));
  }
}

// e^r in quarters, 0 <= r < 0.7, off by less than EXP_ERROR8<L> where r is off by less than 3 ulp.
//
// e^t - 1 = t + t^2 P: as with EXP_ERROR 4 M + 4 ulp of M limbs, 8 of L limbs each where L > 1, and 1
// for the terms left out; with one limb 2^-24 of them, and 2 for the last shift. Of each table but the
// first 2 L for the product and 1 for the entry; of that the same, and 3 for r; times e^r / 4 < .51
// and 1.07 for the factors.
// One limb: (3 + 2 * 3) .55 + 3 + 1.6. Two: (97 + 4 * 5) .55 + 5 + 1.6; three: (129 + 4 * 7) .55
// + 8.6; four, which only ../rows.hh asks for: (161 + 4 * 9) .55 + 10.6.
template <int L> constexpr uint64_t EXP_ERROR8 = L == 1 ? 10 : L == 2 ? 72 : L == 3 ? 96 : 120;

template <int L> FX_INLINE Limbs8<L> exp_fraction8(const Limbs8<L> &r) {
  typedef ExpTable8<L> Table;
  const Table &table = made<Table>;
  constexpr int STEPS = Table::STEPS, B = 4 * STEPS;
  constexpr int M = limbs8_after<L>(2 * B);
  const __m512i top = r.w[L - 1];
  Limbs8<L> t = r;
  t.w[L - 1] = _mm512_and_si512(top, broadcast64(LIMB_MASK >> B));
  const Limbs8<L> scaled = shift_left<B>(t);
  const Limbs8<M> short_scaled = resized<M>(scaled);
  const Limbs8<M> rest = resized<M>(
      high_product(high_product(short_scaled, short_scaled), exp_tail8<L, B, 2>(scaled, table)));
  Limbs8<L> less = t + shift_right<2 * B>(resized<L>(rest));
  each<STEPS - 1>(FX_EACH(k) {
    constexpr int at = STEPS - 1 - k;
    const Limbs8<L> entry = table.step[at][_mm512_srli_epi64(top, 48 - 4 * at)];
    less = add_product(plain_sum(entry, less), entry, less);
  });
  const Limbs8<L> first = table.step[0][_mm512_srli_epi64(top, 48)];
  return add_product(first, first, less);
}

// x = magnitude * 2^-frac_bits, negative in some lanes, is k ln 2 + r. With them e^x is e^r 2^k.
template <int L> struct Reduced8 {
  __m512i k;      // of |x|: 0 <= k < 2^10, for negative x -k is meant
  Limbs8<L> r;    // 0 <= r < ln 2 + 2^-36, off by less than 3 ulp
  __mmask8 valid; // |x| < 709, e^x < 2^1023
};

template <int L> struct ExpArgument8 {
  Fraction8<L> fraction;
  double scale;

  explicit ExpArgument8(int frac_bits)
      : fraction(frac_bits), scale(__builtin_ldexp(1, -frac_bits)) {}

  FX_INLINE Reduced8<L> reduce(const Arguments8 &x, bool is_long) const {
    // |x| / ln 2 is off by less than 3 2^-52 of it, below 2^-39. As in ../exp.hh, k is no more than
    // the floor, for negative x no less than the floor and 1.
    const __m512d v = _mm512_mul_pd(magnitude_as_double(x, is_long), _mm512_set1_pd(scale));
    const __mmask8 valid = _mm512_cmp_pd_mask(v, _mm512_set1_pd(709), _CMP_LT_OQ);
    const __m512d bias =
        _mm512_mask_mov_pd(_mm512_set1_pd(-0x1p-38), x.negative, _mm512_set1_pd(0x1p-38 + 1));
    const __m512d quotient = _mm512_fmadd_pd(v, _mm512_set1_pd(1.44269504088896340736), bias);
    const __m512i k = _mm512_max_epi64(
        _mm512_cvt_roundpd_epi64(quotient, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC),
        _mm512_setzero_si512());
    // k ln 2 modulo 1: too small by less than 2 ulp, and |x|'s fraction by less than 1.
    const Constant8<L + 1> &ln2 = made<ExpTable8<L>>.ln2;
    Limbs8<L + 1> multiple = zeros8<L + 1>();
    each<L + 1>(FX_EACH(i) {
      const __m512i limb = broadcast64(ln2.w[i]);
      multiple.w[i] = _mm512_madd52lo_epu64(multiple.w[i], limb, k);
      if constexpr (i < L) multiple.w[i + 1] = _mm512_madd52hi_epu64(multiple.w[i + 1], limb, k);
    });
    const Limbs8<L> r = plain_difference(fraction(x, is_long), resized<L>(carried(multiple)));
    return {k, wrapped(negated_if(r, x.negative)), valid};
  }
};

// 1 / (2 d) for 1/2 <= d < 1, off by less than RECIPROCAL_ERROR8 ulp.
//
// By float64's division r, of one limb: at most 1 / (2 d), by less than 2^-49 of it; and from there as
// in ../reciprocal.hh, with 48 for 60. One limb: d's conversion and the division are off by half an
// ulp each, and truncation by one more.
constexpr uint64_t RECIPROCAL_ERROR8 = 3;

template <int L> FX_INLINE Limbs8<L> reciprocal8(const Limbs8<L> &d) {
  const __m512i high = L == 1 ? d.w[L - 1] : _mm512_add_epi64(d.w[L - 1], broadcast64(3));
  const __m512d quotient = _mm512_div_pd(_mm512_set1_pd(0x1p103), _mm512_cvtepu64_pd(high));
  const __m512i r = _mm512_min_epu64(_mm512_cvttpd_epu64(quotient), broadcast64(LIMB_MASK));
  if constexpr (L == 1) {
    return {{r}};
  } else {
    // e 2^48 = (1/2 - d r) 2^49, d r of one limb more
    Limbs8<L + 1> product = zeros8<L + 1>();
    each<L>(FX_EACH(i) {
      product.w[i] = _mm512_madd52lo_epu64(product.w[i], d.w[i], r);
      product.w[i + 1] = _mm512_madd52hi_epu64(product.w[i + 1], d.w[i], r);
    });
    Limbs8<L + 1> half = zeros8<L + 1>();
    half.w[L] = broadcast64(uint64_t(1) << 51);
    const Limbs8<L> scaled = resized<L>(shift_left<49>(half - carried(product)));
    Limbs8<L> sum = scaled;
    each<L - 1>(FX_EACH(i) {
      (void)i;
      sum = scaled + shift_right<48>(high_product(scaled, sum));
    });
    const Limbs8<L> more = shift_right<48>(high_product(Limbs8<1>{{r}}, sum));
    Limbs8<L> result = zeros8<L>();
    result.w[L - 1] = r;
    return bounded_sum(result, more);
  }
}

} // namespace FX_VARIANT
#endif
