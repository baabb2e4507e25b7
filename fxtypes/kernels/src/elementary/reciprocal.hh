// Reciprocals: the processor's division of the highest limb, then Newton's series.
#pragma once

#include "elementary/limbs.hh"
#include "integers/words.hh"

namespace FX_VARIANT {

// 1 / (2 d) for 1/2 <= d < 1, off by less than RECIPROCAL_ERROR ulp.
//
// r, of one limb, is at most 1 / (2 d), by less than 2^-62 of it, so that 2 d r = 1 - e, e < 2^-61,
// and 1 / (2 d) = r (1 + e + e^2 + ...): to e^2 with two limbs, e^3 with three, e^4 with four, which
// leaves out less than 2^-182, 2^-243 and 2^-304. e is rounded down once, at 2^-60 of its ulp; each
// step, and the last product, at 2 N more, shifted alike: less than 2 ulp in all.
constexpr uint64_t RECIPROCAL_ERROR = 3;

template <int N> FX_INLINE Limbs<N> reciprocal_here(const Limbs<N> &d) {
  uint64_t unused;
  const uint64_t high = d.w[N - 1];
  if constexpr (N == 1) {
    return {{divide_words((uint64_t(1) << 63) - 1, ~uint64_t(0), high, &unused)}};
  } else {
    // By a divisor that is too large; all ones only where that has overflowed.
    const uint64_t above = high + 1;
    const uint64_t r =
        above ? divide_words((uint64_t(1) << 63) - 1, ~uint64_t(0), above, &unused)
              : uint64_t(1) << 63;
    uint64_t whole = 0;
    const Limbs<N> product = times(d, r, &whole); // d r = 1/2 - e/2
    Limbs<N + 1> e; // e 2^60 = (1/2 - d r) 2^61
    Limbs<N + 1> half = {};
    half.w[N] = uint64_t(1) << 63;
    each<N>(FX_EACH(i) { e.w[i] = product.w[i]; });
    e.w[N] = whole;
    e = shift_left<61>(half - e);
    const Limbs<N> scaled = resized<N>(e);
    Limbs<N> sum = scaled;
    each<N - 1>(FX_EACH(i) {
      (void)i;
      sum = scaled + shift_right<60>(high_product(scaled, sum));
    });
    Limbs<N> more = shift_right<60>(high_product(Limbs<1>{{r}}, sum)), result = {};
    result.w[N - 1] = r;
    return bounded_sum(result, more); // d may be off, and below 1/2
  }
}
template <int N> FX_NOINLINE Limbs<N> reciprocal_there(const Limbs<N> &d) {
  return reciprocal_here(d);
}
template <int N> FX_INLINE Limbs<N> reciprocal(const Limbs<N> &d) {
  if constexpr (N < 3)
    return reciprocal_here(d);
  else
    return reciprocal_there(d);
}

} // namespace FX_VARIANT
