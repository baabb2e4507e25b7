// log(m) for 1 <= m < 2: two or three multiplications by short reciprocals bring m near 1; the rest
// is log's series.
#pragma once

#include "elementary/check.hh"
#include "elementary/tables.hh"

namespace FX_VARIANT {

// The series of log(1 + z): z - z^2 (1/2 - z/3 + ...), z = scaled / 2^B.
template <int N, int B> constexpr int log_limbs(int k) {
  const int limbs = (64 * N - B * k + 6 + 63) / 64;
  return limbs < 1 ? 1 : limbs > N ? N : limbs;
}
// The first k with z^k / k below 2^-(64 N + 2).
template <int N, int B> constexpr int log_degree() {
  int k = 2;
  for (int bits = 1; B * k + bits < 64 * N + 2;) {
    k++;
    bits = 0;
    for (int j = k; j >= 2; j /= 2) bits++;
  }
  return k;
}

// 1/K - z/(K+1) + ...; the error as of exp_tail, in either direction.
template <int N, int B, int K>
FX_INLINE auto log_tail(const Limbs<N> &scaled, const LogTable<N> &table) {
  constexpr int M = log_limbs<N, B>(K);
  const Limbs<M> c = resized<M>(table.inverse[K]);
  if constexpr (K + 1 >= log_degree<N, B>())
    return c;
  else
    return c - (resized<M>(high_product(resized<M>(scaled), log_tail<N, B, K + 1>(scaled, table))) >>
                B);
}

template <int N> inline void prepare_log() { prepare<LogTable<N>>(); }

// log(m), m = normalised / 2^(64 N - 1): its highest bit is set. Off by less than LOG_ERROR<N>: in
// ulp, 3 for the tables, 1 for m c, 2 N for each of two products, 3 for the series (see
// exp_fraction) and 1/2 for its terms left out.
template <int N> constexpr uint64_t LOG_ERROR = 8 + 4 * N;

template <int N> FX_INLINE Limbs<N> log_fraction_here(const Limbs<N> &normalised) {
  const LogTable<N> &table = made<LogTable<N>>;
  const Reciprocals &reciprocals = made<Reciprocals>;
  constexpr int B = N == 1 ? 14 : 22; // z is below 2^-14.9, or 2^-22.9
  constexpr int M = log_limbs<N, B>(2);
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
    d = {{static_cast<uint64_t>(reciprocals.third[k]) << 32}};
    z = z - high_product(z, d);
    z.w[N - 1] -= d.w[0];
    sum = sum + table.third[k];
  }
  const Limbs<N> scaled = shift_left<B>(z);
  const Limbs<M> head = resized<M>(scaled);
  const Limbs<M> rest = high_product(square(head), log_tail<N, B, 2>(scaled, table));
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
  for (int i = 0; i < N; i++) r.w[i] = fraction.w[i];
  r.w[N] = whole;
  return r;
}

// A sum, of magnitude below 2^WHOLE and off by less than `error` ulp.
template <int WHOLE, int N>
FX_INLINE Approximation<N> approximation(const Limbs<N + 1> &sum, uint64_t error) {
  const uint64_t sign = static_cast<uint64_t>(static_cast<int64_t>(sum.w[N]) >> 63);
  const Limbs<N + 1> magnitude = negated_if(sum, sign);
  Limbs<N> y;
  for (int i = 0; i < N; i++)
    y.w[i] = magnitude.w[i] >> WHOLE | magnitude.w[i + 1] << (64 - WHOLE);
  return {y, 64 * N - WHOLE, (error >> WHOLE) + 2, sign};
}

} // namespace FX_VARIANT
