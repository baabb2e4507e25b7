// sin and cos: the argument in turns, its highest bits through a table, the rest through Taylor's
// polynomials.
#pragma once

#include "elementary/check.hh"
#include "elementary/tables.hh"

namespace FX_VARIANT {

template <int N> constexpr int sine_limbs(int k) { // beside r^(2 k), r < 2^-9
  const int limbs = (64 * N - 18 * k + 6 + 63) / 64;
  return limbs < 1 ? 1 : limbs > N ? N : limbs;
}

// 1/K! - s/(K+2)! + ..., s = r^2 = squared / 2^18.
template <int N, int K>
FX_INLINE auto sine_tail(const Limbs<N> &squared, const InverseFactorials<N> &f) {
  constexpr int M = sine_limbs<N>(K / 2);
  const Limbs<M> c = resized<M>(f.of[K]);
  if constexpr (9 * (K + 2) > 64 * N + 2 || K + 2 > 27)
    return c;
  else
    return c -
           (resized<M>(high_product(resized<M>(squared), sine_tail<N, K + 2>(squared, f))) >> 18);
}

template <int N> struct SineCosine { Limbs<N> sine, cosine; };

template <int N> inline void prepare_sine() {
  prepare<SineTable<N>>();
  prepare<InverseFactorials<N>>();
}

// Of `y` right angles, 0 <= y < 1; where y is off by d ulp, off by less than SINE_ERROR<N> + 1.58 d.
//
// r = rn / 2^9, rn too small by 2 N + 2 ulp; sin r = (rn - rn s G / 2^18) / 2^9, where the second
// term adds less than an ulp, and 1 - cos r = s H / 2^18 likewise: less than (2 N + 3) / 2^9 + 1 for
// each product with the table's entries, themselves off by 1, and 2 N ulp, shifted.
template <int N> constexpr uint64_t SINE_ERROR = 6;

template <int N, bool COSINE> FX_INLINE SineCosine<N> sine_cosine_here(const Limbs<N> &y) {
  const SineTable<N> &table = made<SineTable<N>>;
  const InverseFactorials<N> &f = made<InverseFactorials<N>>;
  const int j = static_cast<int>(y.w[N - 1] >> 54);
  const Limbs<N> rn = high_product(shift_left<10>(y), resized<N>(QUARTER_PI));
  const Limbs<N> squared = square(rn);
  constexpr int M = sine_limbs<N>(1);
  const Limbs<M> bend = high_product(resized<M>(squared), sine_tail<N, 3>(squared, f));
  const Limbs<N> s = rn - shift_right<18>(high_product(rn, bend));
  const Limbs<M> h = high_product(resized<M>(squared), sine_tail<N, 2>(squared, f));
  const Limbs<N> &sine = table.sine[j], &cosine = table.cosine[j];
  SineCosine<N> r;
  // Both are between 0 and 1, but for the errors.
  r.sine = bounded_sum(sine - shift_right<18>(high_product(sine, h)),
                       shift_right<9>(high_product(cosine, s)));
  if (COSINE)
    r.cosine = bounded_difference(cosine - shift_right<18>(high_product(cosine, h)),
                                  shift_right<9>(high_product(sine, s)));
  return r;
}

template <int N, bool COSINE>
FX_NOINLINE SineCosine<N> sine_cosine_there(const Limbs<N> &y) {
  return sine_cosine_here<N, COSINE>(y);
}
template <int N, bool COSINE = true> FX_INLINE SineCosine<N> sine_cosine(const Limbs<N> &y) {
  if constexpr (N < 3)
    return sine_cosine_here<N, COSINE>(y);
  else
    return sine_cosine_there<N, COSINE>(y);
}

// 2^-frac_bits / (2 pi), modulo 1.
template <int W> inline Limbs<W> turns_of_one(int frac_bits) {
  return resized<W>(frac_bits < 0 ? INVERSE_TWO_PI << -frac_bits : INVERSE_TWO_PI >> frac_bits);
}

// x / (2 pi) modulo 1, too small by less than 2 ulp: `unit` lacks less than an ulp of its limbs, and
// the magnitude is below 2^64 or 2^128.
FX_INLINE Limbs<1> turns(uint64_t magnitude, const Limbs<2> &unit) {
  return {{unit.w[1] * magnitude + high_product(unit.w[0], magnitude)}};
}
template <int N> FX_INLINE Limbs<N> turns(u128 magnitude, const Limbs<N + 2> &unit) {
  uint64_t unused = 0;
  const Limbs<N + 2> low = times(unit, low_word(magnitude), &unused);
  Limbs<N + 1> by_high;
  for (int i = 0; i <= N; i++) by_high.w[i] = unit.w[i];
  by_high = times(by_high, high_word(magnitude), &unused);
  return resized<N>(resized<N + 1>(low) + by_high);
}

} // namespace FX_VARIANT
