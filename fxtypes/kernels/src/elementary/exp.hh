// e^x: x = k ln 2 + r; r's highest bits through two or three tables, the rest through Taylor's
// polynomial.
#pragma once

#include "elementary/check.hh"
#include "elementary/tables.hh"

namespace FX_VARIANT {

// The fraction bits of magnitude * 2^-frac_bits as N limbs, rounded down.
template <int N, class M> FX_INLINE Limbs<N> fraction(M magnitude, int frac_bits) {
  if constexpr (N == 1) {
    const uint64_t m = static_cast<uint64_t>(magnitude);
    if (frac_bits <= 0) return {};
    return {{frac_bits <= 64 ? m << (64 - frac_bits) : frac_bits < 128 ? m >> (frac_bits - 64) : 0}};
  } else {
    Limbs<N> r = {};
    r.w[0] = static_cast<uint64_t>(magnitude);
    r.w[1] = sizeof(M) > 8 ? high_word(magnitude) : 0;
    const int left = 64 * N - frac_bits;
    return frac_bits <= 0 ? Limbs<N>{} : left >= 0 ? r << left : r >> -left;
  }
}

// Taylor's sum for e^t after its first two terms: 1/K! + t/(K+1)! + ... , t = scaled / 2^B, as a
// fraction of as many limbs as t^K leaves of N, and six bits more.
template <int N, int B> constexpr int exp_limbs(int k) {
  const int limbs = (64 * N - B * k + 6 + 63) / 64;
  return limbs < 1 ? 1 : limbs > N ? N : limbs;
}
// The first k with t^k / k! below 2^-(64 N + 2).
template <int N, int B> constexpr int exp_degree() {
  int k = 2, bits = 1; // bits: floor(log2 k!)
  for (double factorial = 2; B * k + bits < 64 * N + 2;) {
    k++;
    factorial *= k;
    bits = 0;
    for (double f = factorial; f >= 2; f /= 2) bits++;
  }
  return k;
}

// The error, in ulp of its M limbs: less than 1 for the coefficient, 1 for the shift and, 2^-B of
// them, 2 M for the product and what the sum so far is off by: less than 2.01 in all.
template <int N, int B, int K>
FX_INLINE auto exp_tail(const Limbs<N> &scaled, const InverseFactorials<N> &f) {
  constexpr int M = exp_limbs<N, B>(K);
  const Limbs<M> c = resized<M>(f.of[K]);
  if constexpr (K + 1 >= exp_degree<N, B>())
    return c;
  else
    return c + (resized<M>(high_product(resized<M>(scaled), exp_tail<N, B, K + 1>(scaled, f))) >> B);
}

// e^r in quarters, 0 <= r < 0.7, off by less than EXP_ERROR<N>.
//
// In ulp: e^t - 1 is too small by less than 3 (the terms left out 1/2; t^2 P, rounded down three
// times on numbers of M limbs that are shifted by 2 B bits, less than 2.3), e^t' - 1 with the third
// table less than 3 + 1 + 2 N, with the second less than 5 + 4 N and 2^-8 of that; then, on the
// scale of the result, of four such ulp, 2 N for the product, 2.02 / 4 of what the factor is off by
// and 1 for the table: less than 3 + 4.1 N + 0.51 d, where d is what r is off by.
template <int N> constexpr uint64_t EXP_ERROR = 5 + 5 * N; // with d <= 2

template <int N> inline void prepare_exp() {
  prepare<ExpTable<N>>();
  prepare<InverseFactorials<N>>();
}

template <int N> FX_INLINE Limbs<N> exp_fraction_here(const Limbs<N> &r) {
  const ExpTable<N> &table = made<ExpTable<N>>;
  const InverseFactorials<N> &f = made<InverseFactorials<N>>;
  constexpr int B = N == 1 ? 16 : 24;
  constexpr int M = exp_limbs<N, B>(2);
  const uint64_t top = r.w[N - 1];
  Limbs<N> t = r;
  t.w[N - 1] &= ~uint64_t(0) >> B;
  const Limbs<N> scaled = shift_left<B>(t);
  const Limbs<M> head = resized<M>(scaled);
  const Limbs<M> rest = high_product(square(head), exp_tail<N, B, 2>(scaled, f));
  Limbs<N> less;
  less = t + shift_right<2 * B>(resized<N>(rest)); // `rest` at the top of N limbs
  if constexpr (N > 1) {
    const Limbs<N> third = table.third[top >> 40 & 255];
    less = third + less + high_product(third, less);
  }
  const Limbs<N> second = table.second[top >> 48 & 255], first = table.first[top >> 56];
  less = second + less + high_product(second, less);
  return first + high_product(first, less);
}
template <int N> FX_NOINLINE Limbs<N> exp_fraction_there(const Limbs<N> &r) {
  return exp_fraction_here(r);
}
template <int N> FX_INLINE Limbs<N> exp_fraction(const Limbs<N> &r) {
  if constexpr (N < 3)
    return exp_fraction_here(r);
  else
    return exp_fraction_there(r);
}

// x = magnitude * 2^-frac_bits, signed, is k ln 2 + r.
template <int N> struct Reduced {
  int k;
  Limbs<N> r; // 0 <= r < ln 2 + 2^-38, off by less than 2 ulp
};

// How the arguments of one call are reduced.
struct ExpArgument {
  int frac_bits;
  // |x| < 2^11, so that |k| < 2^12: all beyond is known. In 2^-40, rounded down, that is below 2^51.
  explicit ExpArgument(int frac_bits)
      : frac_bits(frac_bits), up(frac_bits < 40 ? 40 - frac_bits : 0),
        down(frac_bits < 40 ? 0 : frac_bits - 40) {}

  template <class M> FX_INLINE bool is_moderate(M magnitude) const {
    const int bits = 8 * sizeof(M), limit = 11 + frac_bits;
    return limit >= bits || (limit >= 0 ? magnitude >> (limit < 0 ? 0 : limit) : magnitude) == 0;
  }

  // Of x 2^doubling, doubling 0 or 1; x is moderate (as is 2 x).
  template <int N, class M>
  FX_INLINE Reduced<N> reduce(const Argument<M> &x) const {
    const int bits = 8 * sizeof(M);
    uint64_t h = static_cast<uint64_t>(
        up ? x.magnitude << (up < bits ? up : 0) : down < bits ? x.magnitude >> down : M(0));
    // k = floor(|x| / ln 2) or, where that leaves less than 2^-38, one less; for negative x one
    // more than the same of a bound above |x|: e^-|x| = 2^-k e^(k ln 2 - |x|).
    h += x.sign & 2;
    const uint64_t k =
        (high_product(h << 12, HALF_LOG2_E.w[5]) >> 51) + (x.sign & 1);
    const Limbs<N + 1> whole = multiple_of_ln2<N + 1>(k);
    const Limbs<N> r = fraction<N>(x.magnitude, frac_bits) - resized<N>(whole);
    return {x.sign ? -static_cast<int>(k) : static_cast<int>(k), negated_if(r, x.sign)};
  }

  // k ln 2, modulo 1, too small by less than k ulp.
  template <int N> static FX_INLINE Limbs<N> multiple_of_ln2(uint64_t k) {
    uint64_t whole = 0;
    return times(resized<N>(LN2), k, &whole);
  }

private:
  int up, down;
};


} // namespace FX_VARIANT
