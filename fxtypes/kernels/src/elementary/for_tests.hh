// What tests look at: one evaluation, and the tables' entries.
#pragma once

#include "elementary/avx512/functions8.hh"
#include "elementary/evaluate.hh"
#include "elementary/tables.hh"

namespace FX_VARIANT {

template <class F, int N>
bool enclosure(const F &f, const Argument<u128> *x, Enclosure *found) {
  F::template prepare<N>();
  Approximation<N> a;
  if (!approximate(f, x, &a)) return false;
  *found = {{}, a.error, a.point, a.sign != 0};
  for (int i = 0; i < N; i++) found->y[i] = a.y.w[i];
  return true;
}

#ifdef FX_EIGHT
// By the form for eight, in all lanes.
template <class F, int L>
bool enclosure8(const Elementary &e, const uint64_t *magnitudes, const uint64_t *signs,
                Enclosure *found) {
  if constexpr (Form8<F, L>::exists) {
    typedef Form8<F, L> Form;
    Form::prepare();
    Approximation8<L> a;
    Form(e).evaluate({broadcast64(magnitudes[0]), broadcast64(magnitudes[1]),
                      static_cast<__mmask8>(signs[0])}, L > 1, &a);
    alignas(64) uint64_t lanes[8];
    *found = {{}, Form::ERROR, 0, a.negative == 0xFF};
    _mm512_store_si512(lanes, a.point);
    found->point = static_cast<int32_t>(lanes[0]);
    for (int i = 0; i < L; i++) {
      _mm512_store_si512(lanes, a.y[i]);
      found->y[i] = lanes[0];
    }
    return a.valid == 0xFF;
  }
  return false;
}
#else
template <class F, int L>
bool enclosure8(const Elementary &, const uint64_t *, const uint64_t *, Enclosure *) {
  return false;
}
#endif

// With one limb magnitudes are below 2^63.
template <class F>
bool enclosure(const Elementary &e, int limbs, const uint64_t *magnitudes, const uint64_t *signs,
               Enclosure *found) {
  const F f(e);
  Argument<u128> x[F::arguments];
  for (int k = 0; k < F::arguments; k++)
    x[k] = {words(magnitudes[2 * k + 1], magnitudes[2 * k]), signs[k]};
  switch (limbs) {
  case -1: return enclosure8<F, 1>(e, magnitudes, signs, found);
  case -2: return enclosure8<F, 2>(e, magnitudes, signs, found);
  case -3: return enclosure8<F, 3>(e, magnitudes, signs, found);
  case 1: return enclosure<F, 1>(f, x, found);
  case 2: return enclosure<F, 2>(f, x, found);
  case 3: return enclosure<F, 3>(f, x, found);
  case 4: return enclosure<F, 4>(f, x, found);
  }
  return false;
}

template <int N, int SIZE> LimbTable limb_table_of(const Limbs<N> (&entries)[SIZE]) {
  return {entries[0].w, SIZE, N};
}
template <int N> LimbTable limb_table_of(const Limbs<N> &entry) { return {entry.w, 1, N}; }

template <class T> const T &prepared() {
  prepare<T>();
  return made<T>;
}

// Constants have the limbs that they have.
template <int N> LimbTable table_of_limbs(int table) {
  switch (table) {
  case FX_TABLE_LN2: return limb_table_of(LN2);
  case FX_TABLE_HALF_LOG2_E: return limb_table_of(HALF_LOG2_E);
  case FX_TABLE_LOG10_E: return limb_table_of(LOG10_E);
  case FX_TABLE_LOG10_2: return limb_table_of(LOG10_2);
  case FX_TABLE_QUARTER_PI: return limb_table_of(QUARTER_PI);
  case FX_TABLE_INVERSE_TWO_PI: return limb_table_of(INVERSE_TWO_PI);
  case FX_TABLE_INVERSE_FACTORIALS: return limb_table_of(prepared<InverseFactorials<N>>().of);
  case FX_TABLE_EXP_FIRST: return limb_table_of(prepared<ExpTable<N>>().first);
  case FX_TABLE_EXP_SECOND: return limb_table_of(prepared<ExpTable<N>>().second);
  case FX_TABLE_EXP_THIRD: return limb_table_of(prepared<ExpTable<N>>().third);
  case FX_TABLE_LOG_FIRST: return limb_table_of(prepared<LogTable<N>>().first);
  case FX_TABLE_LOG_SECOND: return limb_table_of(prepared<LogTable<N>>().second);
  case FX_TABLE_LOG_THIRD: return limb_table_of(prepared<LogTable<N>>().third);
  case FX_TABLE_LOG_INVERSES: return limb_table_of(prepared<LogTable<N>>().inverse);
  case FX_TABLE_SINE: return limb_table_of(prepared<SineTable<N>>().sine);
  case FX_TABLE_COSINE: return limb_table_of(prepared<SineTable<N>>().cosine);
  case FX_TABLE_ARCTAN: return limb_table_of(prepared<ArctanTable<N>>().of);
  case FX_TABLE_ARCTAN_INVERSES: return limb_table_of(prepared<ArctanTable<N>>().inverse);
  }
  return {};
}

} // namespace FX_VARIANT
