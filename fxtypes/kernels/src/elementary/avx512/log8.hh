// log(m) for eight, 1 <= m < 2: as in ../log.hh, but with tables of sixteen entries.
#pragma once

#include "elementary/avx512/limbs8.hh"
#include "elementary/tables.hh"

#ifdef FX_EIGHT
namespace FX_VARIANT {

// Step k, from 1 on, multiplies 1 + z, where z < 2^-4 (k - 1) has the bits j below that, by 1 - d / 2^40:
// the least that is not below 1 / (1 + j / 2^(4 k)). What is left is below 2^-4 k: for j = 0 as it was,
// else as 2^-4 k / (1 + 2^-4 k) and 2^-39 are.
template <int L> struct LogTable8 {
  static constexpr int STEPS = L == 1 ? 3 : 5;
  static constexpr int TERMS = 10;
  static constexpr uint64_t OFFSET = 1024; // exponents are above -1024
  alignas(64) uint64_t less[STEPS][16];    // d, as a fraction of one limb
  Table16<L> log[STEPS];                   // -log(1 - d)
  Constant8<L> inverse[TERMS];             // 1 / k
  Constant8<L + 1> ln2;
  Constant8<L> offset; // OFFSET ln 2, modulo 1
  uint64_t whole_offset;

  void fill() {
    for (int k = 1; k <= STEPS; k++)
      for (uint64_t j = 0; j < 16; j++) {
        const uint64_t d = (j << 40) / ((uint64_t(1) << 4 * k) + j);
        less[k - 1][j] = d << 12;
        log[k - 1].set(static_cast<int>(j), minus_log_1_minus(d, 40));
      }
    for (int k = 2; k < TERMS; k++) inverse[k] = Constant8<L>(over(ALMOST_1, k));
    ln2 = Constant8<L + 1>(LN2);
    whole_offset = 0;
    offset = Constant8<L>(times(LN2, OFFSET, &whole_offset));
  }
};

template <int L> constexpr bool is_last_of_log8(int k, int bits) { return bits * k + 2 > 52 * L; }
// The series of log(1 + z) from its term K on: 1/K - z/(K+1) + ..., z = scaled / 2^B.
template <int L, int B, int K>
FX_INLINE auto log_tail8(const Limbs8<L> &scaled, const LogTable8<L> &table) {
  constexpr int M = limbs8_after<L>(B * K);
  const Limbs8<M> c = resized<M>(table.inverse[K].lanes());
  if constexpr (is_last_of_log8<L>(K + 1, B)) {
    return c;
  } else {
    const auto tail = log_tail8<L, B, K + 1>(scaled, table);
    return c - shift_right<B>(resized<M>(high_product(resized<M>(scaled), tail)));
  }
}

// log(1 + z), off by less than LOG_ERROR8<L> where z is off by less than 2 ulp.
//
// 2 for z, 2 L + 1 for each step's product and table, and of the series as for EXP_ERROR8: with one
// limb 3, else 8 (4 M + 4) and 1.
template <int L> constexpr uint64_t LOG_ERROR8 = L == 1 ? 14 : L == 2 ? 125 : 167;

template <int L> FX_INLINE Limbs8<L> log_fraction8(Limbs8<L> z) {
  typedef LogTable8<L> Table;
  const Table &table = made<Table>;
  constexpr int STEPS = Table::STEPS, B = 4 * STEPS;
  constexpr int M = limbs8_after<L>(2 * B);
  Limbs8<L> sum = zeros8<L>();
  each<STEPS>(FX_EACH(k) {
    const __m512i index = _mm512_srli_epi64(z.w[L - 1], 48 - 4 * k);
    const __m512i d = _mm512_permutex2var_epi64(_mm512_load_si512(table.less[k]), index,
                                                _mm512_load_si512(table.less[k] + 8));
    Limbs8<L> lost = high_product(z, Limbs8<1>{{d}});
    lost.w[L - 1] = _mm512_add_epi64(lost.w[L - 1], d);
    z = z - lost;
    const Limbs8<L> entry = table.log[k][index];
    each<L>(FX_EACH(i) { sum.w[i] = _mm512_add_epi64(sum.w[i], entry.w[i]); });
  });
  const Limbs8<L> scaled = shift_left<B>(z);
  const Limbs8<M> short_scaled = resized<M>(scaled);
  const Limbs8<M> rest = resized<M>(
      high_product(high_product(short_scaled, short_scaled), log_tail8<L, B, 2>(scaled, table)));
  const Limbs8<L> bend = shift_right<2 * B>(resized<L>(rest));
  each<L>(
      FX_EACH(i) { sum.w[i] = _mm512_sub_epi64(_mm512_add_epi64(sum.w[i], z.w[i]), bend.w[i]); });
  return carried(sum);
}

} // namespace FX_VARIANT
#endif
