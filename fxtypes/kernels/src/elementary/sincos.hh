// sin and cos: the argument in turns, its highest bits through a table, the rest through Taylor's
// polynomials.
#pragma once

#include "elementary/check.hh"
#include "elementary/tables.hh"

namespace FX_VARIANT {

// 1/K! - q/(K+2)! + ..., q = r^2 = scaled / 2^18, beside r^K.
template <int N, int K>
FX_INLINE auto sine_tail(const Limbs<N> &scaled, const InverseFactorials<N> &f) {
  constexpr int M = limbs_after<N>(9 * K);
  const Limbs<M> c = resized<M>(f.of[K]);
  if constexpr (is_last_term<N>(K + 2, 93))
    return c;
  else
    return c - shift_right<18>(resized<M>(
                   high_product(resized<M>(scaled), sine_tail<N, K + 2>(scaled, f))));
}

template <int N> struct SineCosine { Limbs<N> sine, cosine; };

template <int N> inline void prepare_sine() {
  prepare<SineTable<N>>();
  prepare<InverseFactorials<N>>();
}

// Of `y` right angles, 0 <= y < 1; where y is off by d ulp, off by less than SINE_ERROR<N> + 1.58 d.
//
// r = scaled / 2^9 < 2^-9.3 is too small by 2 N + 2 ulp of 2^-9. sin r = r - r^3 S and
// 1 - cos r = r^2 / 2 - r^4 C: six products and two of Horner's sums, of at most M limbs, 2 M + 1 each
// and 8 2^-PRECISION, and as much for the terms left out: less than 8 (16 M + 9) <= 600 for M <= 4.
template <int N> constexpr uint64_t SINE_ERROR = N == 1 ? 30 : error_of<N>(600) + 2 * N + 4;

template <int N, bool COSINE> FX_INLINE SineCosine<N> sine_cosine_here(const Limbs<N> &y) {
  const SineTable<N> &table = made<SineTable<N>>;
  const InverseFactorials<N> &f = made<InverseFactorials<N>>;
  const int j = static_cast<int>(y.w[N - 1] >> 54);
  const Limbs<N> rn = high_product(shift_left<10>(y), resized<N>(QUARTER_PI));
  constexpr int H = limbs_after<N>(18), S = limbs_after<N>(27), C = limbs_after<N>(36);
  const Limbs<H> squared = square(resized<H>(rn));
  const Limbs<N> scaled = resized<N>(squared);
  const Limbs<S> bend = resized<S>(high_product(resized<S>(squared), sine_tail<N, 3>(scaled, f)));
  const Limbs<N> s = rn - shift_right<18>(resized<N>(high_product(resized<S>(rn), bend)));
  const Limbs<C> fourth = resized<C>(high_product(resized<C>(squared), sine_tail<N, 4>(scaled, f)));
  const Limbs<H> h = shift_right<1>(squared) -
                     shift_right<18>(resized<H>(high_product(resized<C>(squared), fourth)));
  const Limbs<N> &sine = table.sine[j], &cosine = table.cosine[j];
  SineCosine<N> r;
  // Both are between 0 and 1, but for the errors.
  const auto bent = [&](const Limbs<N> &of) {
    return of - shift_right<18>(resized<N>(high_product(resized<H>(of), h)));
  };
  r.sine = bounded_sum(bent(sine), shift_right<9>(high_product(cosine, s)));
  if (COSINE)
    r.cosine = bounded_difference(bent(cosine), shift_right<9>(high_product(sine, s)));
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
  each<N + 1>(FX_EACH(i) { by_high.w[i] = unit.w[i]; });
  by_high = times(by_high, high_word(magnitude), &unused);
  return resized<N>(resized<N + 1>(low) + by_high);
}

} // namespace FX_VARIANT
