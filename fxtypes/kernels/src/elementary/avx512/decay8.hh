// Powers e^-d for rows, eight at a time.
#pragma once

#include "elementary/avx512/exp8.hh"

namespace FX_VARIANT {

// With N limbs of 52 bits, as N of 64: these ulp in one of those.
template <int N> constexpr uint64_t DECAY8_UNIT = uint64_t(1) << 12 * N;

#ifdef FX_EIGHT

constexpr bool HAS_DECAY8 = true;
template <int N> constexpr uint64_t DECAY8_ERROR = EXP_ERROR8<N> *DECAY8_UNIT<N>;

// `decay` of rows.hh for `count` distances * 2^-frac_bits, each off by less than
// 2 DECAY8_ERROR<N> e^-d + DECAY8_UNIT<N>. Both buffers have room for a multiple of eight.
template <int N, class M>
FX_NOINLINE void decays8(int frac_bits, const M *distances, int count, Limbs<N> *powers) {
  typedef typename std::conditional<N == 1, int64_t, i128>::type T;
  prepare<ExpTable8<N>>();
  const ExpArgument8<N> reducer(frac_bits);
  const T *const from = reinterpret_cast<const T *>(distances);
  for (int i = 0; i < count; i += 8) {
    Arguments8 x;
    if constexpr (N == 1)
      x = {load8(from + i).v, _mm512_setzero_si512(), 0xFF};
    else
      x = {load8(from + i).low, load8(from + i).high, 0xFF};
    const Reduced8<N> reduced = reducer.reduce(x, N > 1); // k >= 1
    const Limbs8<N> power = exp_fraction8(reduced.r) >> _mm512_sub_epi64(reduced.k, broadcast64(1));
    __m512i w[N];
    to_words(power, _mm512_setzero_si512(), w);
    each<N>(FX_EACH(j) {
      constexpr int k = N - 1 - j;
      __m512i v = _mm512_slli_epi64(w[k], 12 * N);
      if constexpr (k > 0) v = _mm512_or_si512(v, _mm512_srli_epi64(w[k - 1], 64 - 12 * N));
      w[k] = _mm512_maskz_mov_epi64(reduced.valid, v);
    });
    if constexpr (N == 1) {
      _mm512_storeu_si512(powers + i, w[0]);
    } else if constexpr (N == 2) {
      store8(Vector8<i128>{w[0], w[1]}, reinterpret_cast<i128 *>(powers + i));
    } else {
      alignas(64) uint64_t words[N][8];
      each<N>(FX_EACH(k) { _mm512_store_si512(words[k], w[k]); });
      for (int lane = 0; lane < 8; lane++)
        each<N>(FX_EACH(k) { powers[i + lane].w[k] = words[k][lane]; });
    }
  }
}

#else

constexpr bool HAS_DECAY8 = false;
template <int N> constexpr uint64_t DECAY8_ERROR = 0;
template <int N, class M> inline void decays8(int, const M *, int, Limbs<N> *) {}

#endif

} // namespace FX_VARIANT
