// arctan(a / b): arctan(j / 256) from a table, and the rest, whose tangent is
// (a - b j / 256) / (b + a j / 256), by the series.
#pragma once

#include "elementary/check.hh"
#include "elementary/reciprocal.hh"
#include "elementary/tables.hh"

namespace FX_VARIANT {

// 1/K - q/(K+2) + ..., q = t^2 = squared / 2^14, beside t^K, t below 2^-7.9.
template <int N, int K>
FX_INLINE auto arctan_tail(const Limbs<N> &squared, const ArctanTable<N> &table) {
  constexpr int M = limbs_after<N>(7 * K);
  const Limbs<M> c = resized<M>(table.inverse[K]);
  if constexpr (79 * (K + 2) / 10 + 3 > PRECISION<N> + 1)
    return c;
  else
    return c - shift_right<14>(resized<M>(
                   high_product(resized<M>(squared), arctan_tail<N, K + 2>(squared, table))));
}

template <int N> inline void prepare_arctan() { prepare<ArctanTable<N>>(); }

// 0 <= a <= b, 1/2 <= b < 1; a and b rounded down from the true ones, by less than an ulp.
//
// In ulp: a and b are off by 1 and their combinations by 2 more each, at most 1/2 of that by the
// halving; t = a' / b', b' >= 1/2, so by 2 * 4 + 2^-8 * ... < 10 with the reciprocal's error, which
// t < 2^-7.9 makes small; 2 N / 2^7 for the product and 1 for the table: less than 16. At 8
// 2^-PRECISION 3 (2 M + 1) + 1 for the series and the terms left out: less than 240.
template <int N> constexpr uint64_t ARCTAN_ERROR = N == 1 ? 32 : error_of<N>(240) + 16;

template <int N> FX_INLINE Limbs<N> arctan_of_ratio_here(const Limbs<N> &a, const Limbs<N> &b) {
  const ArctanTable<N> &table = made<ArctanTable<N>>;
  // Rounded down, so that a' is not negative; a' / b' is below 2^-8 and some 2^-46.
  uint64_t j = a.w[N - 1] / ((b.w[N - 1] >> 8) + 1);
  uint64_t whole_b = 0, whole_a = 0;
  Limbs<N> part_of_b = shift_right<8>(times(b, j, &whole_b)); // j / 256
  part_of_b.w[N - 1] |= whole_b << 56;
  Limbs<N> part_of_a = shift_right<9>(times(a, j, &whole_a)); // j / 512
  part_of_a.w[N - 1] |= whole_a << 55;
  Limbs<N> top = shift_left<7>(a - part_of_b);
  Limbs<N> bottom = shift_right<1>(b) + part_of_a; // half of b', 1/4 to 1
  if (bottom.w[N - 1] >> 63)
    top = shift_right<1>(top);
  else
    bottom = shift_left<1>(bottom);
  const Limbs<N> scaled = shift_left<1>(high_product(top, reciprocal(bottom))); // t 2^7
  constexpr int M = limbs_after<N>(21);
  const Limbs<M> squared = square(resized<M>(scaled));
  const Limbs<M> bend =
      resized<M>(high_product(squared, arctan_tail<N, 3>(resized<N>(squared), table)));
  const Limbs<N> t =
      scaled - shift_right<14>(resized<N>(high_product(resized<M>(scaled), bend)));
  return table.of[j] + shift_right<7>(t);
}
template <int N> FX_NOINLINE Limbs<N> arctan_of_ratio_there(const Limbs<N> &a, const Limbs<N> &b) {
  return arctan_of_ratio_here(a, b);
}
template <int N> FX_INLINE Limbs<N> arctan_of_ratio(const Limbs<N> &a, const Limbs<N> &b) {
  if constexpr (N < 3)
    return arctan_of_ratio_here(a, b);
  else
    return arctan_of_ratio_there(a, b);
}

} // namespace FX_VARIANT
