// sin for eight, of numbers of right angles: as in ../sincos.hh, but with tables of sixteen entries.
#pragma once

#include "elementary/avx512/limbs8.hh"
#include "elementary/tables.hh"

#ifdef FX_EIGHT
namespace FX_VARIANT {

// sin and cos of j / 16 of a right angle; a cosine of 1 is an ulp less.
template <int L> struct SineTable8 {
  static constexpr int TERMS = 29;
  Table16<L> sine, cosine;
  Constant8<L> factorial[TERMS]; // 1 / k!
  Constant8<L> quarter_pi;

  void fill() {
    prepare<SineTable<5>>();
    const SineTable<5> &all = made<SineTable<5>>;
    for (int j = 0; j < 16; j++) {
      sine.set(j, all.sine[64 * j]);
      cosine.set(j, all.cosine[64 * j]);
    }
    Long f = long_power(1);
    for (int k = 2; k < TERMS; k++) {
      factorial[k] = Constant8<L>(f);
      f = over(f, k + 1);
    }
    quarter_pi = Constant8<L>(QUARTER_PI);
  }
};

// 1/K! - q/(K+2)! + ..., q = r^2 = scaled / 2^6, beside r^K; r < 2^-3.3.
template <int L, int K>
FX_INLINE auto sine_tail8(const Limbs8<L> &scaled, const SineTable8<L> &table) {
  constexpr int M = limbs8_after<L>(3 * K);
  const Limbs8<M> c = resized<M>(table.factorial[K].lanes());
  if constexpr (is_last_term8<L>(K + 2, 33)) {
    return c;
  } else {
    const auto tail = sine_tail8<L, K + 2>(scaled, table);
    return c - shift_right<6>(resized<M>(high_product(resized<M>(scaled), tail)));
  }
}

// Of `y` right angles, 0 <= y < 1; where y is off by d ulp, off by less than SINE_ERROR8<L> + 1.58 d.
//
// r = scaled / 2^3 < 2^-3.3 is too small by 2 L + 2 ulp of 2^-3. sin r = r - r^3 S and
// 1 - cos r = r^2 / 2 - r^4 C: five products and two of Horner's sums at a weight of 2^-6 or less,
// 2 M + 1 each and 8 ulp where L > 1, and as much for the terms left out; three products more and two
// entries of tables.
template <int L> constexpr uint64_t SINE_ERROR8 = L == 1 ? 12 : L == 2 ? 80 : 110;

template <int L> FX_INLINE Limbs8<L> sine8(const Limbs8<L> &y) {
  const SineTable8<L> &table = made<SineTable8<L>>;
  const __m512i index = _mm512_srli_epi64(y.w[L - 1], 48);
  const Limbs8<L> rn = high_product(shift_left<4>(y), table.quarter_pi.lanes());
  constexpr int H = limbs8_after<L>(6), S = limbs8_after<L>(9), C = limbs8_after<L>(12);
  const Limbs8<H> squared = high_product(resized<H>(rn), resized<H>(rn));
  const Limbs8<L> scaled = resized<L>(squared);
  const Limbs8<S> bend =
      resized<S>(high_product(resized<S>(squared), sine_tail8<L, 3>(scaled, table)));
  const Limbs8<L> s = rn - shift_right<6>(resized<L>(high_product(resized<S>(rn), bend)));
  const Limbs8<C> fourth =
      resized<C>(high_product(resized<C>(squared), sine_tail8<L, 4>(scaled, table)));
  const Limbs8<H> h = shift_right<1>(squared) -
                      shift_right<6>(resized<H>(high_product(resized<C>(squared), fourth)));
  const Limbs8<L> sine = table.sine[index], cosine = table.cosine[index];
  const Limbs8<L> bent = sine - shift_right<6>(resized<L>(high_product(resized<H>(sine), h)));
  return bounded_sum(bent, shift_right<3>(high_product(cosine, s)));
}

// x / (2 pi) modulo 1 for eight, too small by less than 2 ulp: magnitudes of at most J limbs.
template <int L, int J> struct Turns8 {
  Constant8<L + J> unit; // 2^-frac_bits / (2 pi), modulo 1

  explicit Turns8(int frac_bits) : unit(turns_of_one<6>(frac_bits)) {}

  FX_INLINE Limbs8<L> operator()(const Arguments8 &x) const {
    __m512i m[3];
    m[0] = low52(x.low);
    m[1] = low52(_mm512_or_si512(_mm512_srli_epi64(x.low, 52), _mm512_slli_epi64(x.high, 12)));
    m[2] = _mm512_srli_epi64(x.high, 40);
    // One limb more than the result's, the lowest; the unit's limb i times m[j] counts i + j of the
    // unit's, whose last ones wrap away.
    Limbs8<L + 1> r = zeros8<L + 1>();
    each<L + 1>(FX_EACH(c) {
      each<J>(FX_EACH(j) {
        constexpr int low = c + J - 1 - j, high = low - 1;
        if constexpr (low < L + J)
          r.w[c] = _mm512_madd52lo_epu64(r.w[c], broadcast64(unit.w[low]), m[j]);
        if constexpr (high >= 0)
          r.w[c] = _mm512_madd52hi_epu64(r.w[c], broadcast64(unit.w[high]), m[j]);
      });
    });
    return wrapped(resized<L>(carried(r)));
  }
};

} // namespace FX_VARIANT
#endif
