// log(m) for 1 <= m < 2: two or three multiplications by short reciprocals bring m near 1; the rest
// is log's series.
#pragma once

#include "elementary/check.hh"
#include "elementary/tables.hh"

namespace FX_VARIANT {

// Whether z^k / k, z < 2^-bits, can be left out.
template <int N> constexpr bool is_last_of_log(int k, int bits) {
  return bits * k + 2 > PRECISION<N> + 1;
}
// The series of log(1 + z) from its term K on: 1/K - z/(K+1) + ..., z = scaled / 2^B.
template <int N, int B, int K>
FX_INLINE auto log_tail(const Limbs<N> &scaled, const LogTable<N> &table) {
  constexpr int M = limbs_after<N>(B * K);
  const Limbs<M> c = resized<M>(table.inverse[K]);
  if constexpr (is_last_of_log<N>(K + 1, B))
    return c;
  else
    return c - shift_right<B>(resized<M>(
                   high_product(resized<M>(scaled), log_tail<N, B, K + 1>(scaled, table))));
}

template <int N> inline void prepare_log() { prepare<LogTable<N>>(); }

// log(m), m = normalised / 2^(64 N - 1): its highest bit is set. Off by less than LOG_ERROR<N>: as of
// exp_fraction, 4 M + 4 for the series, 2 M + 1 for the product with the third table's d, at 8
// 2^-PRECISION each, and as many for the terms left out: less than 8 (6 M + 6) <= 240; in ulp of N
// limbs, 3 for the tables, 1 for m c, 2 N for the other product.
template <int N> constexpr uint64_t LOG_ERROR = N == 1 ? 24 : error_of<N>(240) + 4 + 2 * N;

template <int N> FX_INLINE Limbs<N> log_fraction_here(const Limbs<N> &normalised) {
  const LogTable<N> &table = made<LogTable<N>>;
  const Reciprocals &reciprocals = made<Reciprocals>;
  constexpr int B = N == 1 ? 14 : 22; // z is below 2^-14.9, or 2^-22.9
  constexpr int M = limbs_after<N>(2 * B);
  const int i = normalised.w[N - 1] >> 55 & 255;
  uint64_t whole = 0;
  Limbs<N> z = shift_right<9>(times(normalised, reciprocals.first[i], &whole));
  z.w[N - 1] |= whole << 55; // but its highest bit: m c / 2^10 is 1 + z
  const int j = static_cast<int>(z.w[N - 1] >> 49);
  Limbs<1> d = {{static_cast<uint64_t>(reciprocals.second[j]) << 40}};
  z = z - high_product(z, d);
  z.w[N - 1] -= d.w[0];
  Limbs<N> sum = table.first[i] + table.second[j];
  if constexpr (N > 1) {
    const int k = static_cast<int>(z.w[N - 1] >> 41);
    d = {{static_cast<uint64_t>(reciprocals.third[k]) << 32}}; // below 2^-14, as is z
    constexpr int L = limbs_after<N>(28);
    z = z - shift_right<28>(resized<N>(
                high_product(resized<L>(shift_left<14>(z)), Limbs<1>{{d.w[0] << 14}})));
    z.w[N - 1] -= d.w[0];
    sum = sum + table.third[k];
  }
  const Limbs<N> scaled = shift_left<B>(z);
  const Limbs<M> rest =
      resized<M>(high_product(square(resized<M>(scaled)), log_tail<N, B, 2>(scaled, table)));
  return sum + z - shift_right<2 * B>(resized<N>(rest));
}
template <int N> FX_NOINLINE Limbs<N> log_fraction_there(const Limbs<N> &normalised) {
  return log_fraction_here(normalised);
}
template <int N> FX_INLINE Limbs<N> log_fraction(const Limbs<N> &normalised) {
  if constexpr (N < 3)
    return log_fraction_here(normalised);
  else
    return log_fraction_there(normalised);
}

// A positive number as m 2^exponent, 1 <= m < 2.
template <int N> struct Normalised {
  Limbs<N> m; // / 2^(64 N - 1), rounded down
  int exponent;
};

template <int N> FX_INLINE Normalised<N> normalised(uint64_t magnitude, int frac_bits) {
  const int zeros = __builtin_clzll(magnitude);
  Limbs<N> m = {};
  m.w[N - 1] = magnitude << zeros;
  return {m, 63 - zeros - frac_bits};
}
template <int N> FX_INLINE Normalised<N> normalised(u128 magnitude, int frac_bits) {
  const uint64_t high = high_word(magnitude);
  const int zeros = high ? __builtin_clzll(high) : 64 + __builtin_clzll(low_word(magnitude));
  const u128 v = magnitude << zeros;
  Limbs<N> m = {};
  m.w[N - 1] = high_word(v);
  if (N > 1) m.w[N > 1 ? N - 2 : 0] = low_word(v);
  return {m, 127 - zeros - frac_bits};
}
template <int N, int W> inline Normalised<N> normalised(const Limbs<W> &v, int frac_bits) {
  const int zeros = leading_zeros(v);
  return {resized<N>(v << zeros), 64 * W - 1 - zeros - frac_bits};
}

// Sums of fractions and whole numbers: two's complement with one limb before the point.
template <int N> FX_INLINE Limbs<N + 1> with_whole(const Limbs<N> &fraction, uint64_t whole) {
  Limbs<N + 1> r;
  each<N>(FX_EACH(i) { r.w[i] = fraction.w[i]; });
  r.w[N] = whole;
  return r;
}

// A sum, of magnitude below 2^WHOLE and off by less than `error` ulp.
template <int WHOLE, int N>
FX_INLINE Approximation<N> approximation(const Limbs<N + 1> &sum, uint64_t error) {
  const uint64_t sign = static_cast<uint64_t>(static_cast<int64_t>(sum.w[N]) >> 63);
  const Limbs<N + 1> magnitude = negated_if(sum, sign);
  Limbs<N> y;
  each<N>(FX_EACH(i) {
    y.w[i] = magnitude.w[i] >> WHOLE | magnitude.w[i + 1] << (64 - WHOLE);
  });
  return {y, 64 * N - WHOLE, (error >> WHOLE) + 2, sign};
}

} // namespace FX_VARIANT
