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

// Taylor's sum for e^t from its term K on, over t^K: 1/K! + t/(K+1)! + ..., t = scaled / 2^B.
template <int N, int B, int K>
FX_INLINE auto exp_tail(const Limbs<N> &scaled, const InverseFactorials<N> &f) {
  constexpr int M = limbs_after<N>(B * K);
  const Limbs<M> c = resized<M>(f.of[K]);
  if constexpr (is_last_term<N>(K + 1, 10 * B))
    return c;
  else
    return c + shift_right<B>(resized<M>(
                   high_product(resized<M>(scaled), exp_tail<N, B, K + 1>(scaled, f))));
}

// a b, a < 2^-A and b < 2^-B.
template <int A, int B, int N>
FX_INLINE Limbs<N> small_product(const Limbs<N> &a, const Limbs<N> &b) {
  constexpr int M = limbs_after<N>(A + B);
  const Limbs<M> p = resized<M>(shift_left<A>(a)), q = resized<M>(shift_left<B>(b));
  return shift_right<A + B>(resized<N>(high_product(p, q)));
}

template <int N> inline void prepare_exp() {
  prepare<ExpTable<N>>();
  prepare<InverseFactorials<N>>();
}

// e^r in quarters, 0 <= r < 0.7, off by less than EXP_ERROR<N> where r is off by less than 2 ulp.
//
// e^t - 1 = t + t^2 P: rounded down in the square, the product, and Horner's last step, the one before
// counting 2^-B of it: less than 4 M + 4 ulp of M limbs (of at most N). The products with the tables'
// entries: 2 M + 1 each. In all 8 M + 6, at 8 2^-PRECISION an ulp, times e^r / 4 < 0.51: less than
// 4.1 (8 M + 6) <= 160 for M <= 4. In ulp of N limbs: 2 N for the last product, 1 for each table's
// entry and 2 for r: less than 5 + 2 N.
template <int N> constexpr uint64_t EXP_ERROR = N == 1 ? 20 : error_of<N>(160) + 5 + 2 * N;

template <int N> FX_INLINE Limbs<N> exp_fraction_here(const Limbs<N> &r) {
  const ExpTable<N> &table = made<ExpTable<N>>;
  const InverseFactorials<N> &f = made<InverseFactorials<N>>;
  constexpr int B = N == 1 ? 16 : 24;
  constexpr int M = limbs_after<N>(2 * B);
  const uint64_t top = r.w[N - 1];
  Limbs<N> t = r;
  t.w[N - 1] &= ~uint64_t(0) >> B;
  const Limbs<N> scaled = shift_left<B>(t);
  const Limbs<M> rest =
      resized<M>(high_product(square(resized<M>(scaled)), exp_tail<N, B, 2>(scaled, f)));
  Limbs<N> less = t + shift_right<2 * B>(resized<N>(rest)); // `rest` at the top of N limbs
  if constexpr (N > 1) {
    const Limbs<N> third = table.third[top >> 40 & 255];
    less = third + less + small_product<16, 23>(third, less);
  }
  const Limbs<N> second = table.second[top >> 48 & 255], first = table.first[top >> 56];
  less = second + less + small_product<8, 15>(second, less);
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
        down(frac_bits < 40 ? 0 : frac_bits - 40), is_usual(frac_bits > 0 && frac_bits <= 40),
        largest(~u128(0)) {
    const int limit = 11 + frac_bits;
    if (limit < 128) largest = limit < 0 ? 0 : (u128(1) << limit) - 1;
  }

  template <class M> FX_INLINE bool is_moderate(M magnitude) const {
    const M most = ~M(0);
    return magnitude <= (largest < most ? static_cast<M>(largest) : most);
  }

  // Of x 2^doubling, doubling 0 or 1; x is moderate (as is 2 x).
  template <int N, class M>
  FX_INLINE Reduced<N> reduce(const Argument<M> &x) const {
    const int bits = 8 * sizeof(M);
    uint64_t h;
    if (is_usual)
      h = static_cast<uint64_t>(x.magnitude) << up;
    else
      h = static_cast<uint64_t>(
          up ? x.magnitude << (up < bits ? up : 0) : down < bits ? x.magnitude >> down : M(0));
    // k = floor(|x| / ln 2) or, where that leaves less than 2^-38, one less; for negative x one
    // more than the same of a bound above |x|: e^-|x| = 2^-k e^(k ln 2 - |x|).
    h += x.sign & 2;
    const uint64_t k =
        (high_product(h << 12, HALF_LOG2_E.w[5]) >> 51) + (x.sign & 1);
    Limbs<N> part;
    if (N == 1 && is_usual)
      part.w[0] = static_cast<uint64_t>(x.magnitude) << (64 - frac_bits);
    else
      part = fraction<N>(x.magnitude, frac_bits);
    const Limbs<N> r = part - made<ExpTable<N>>.multiple[k];
    return {x.sign ? -static_cast<int>(k) : static_cast<int>(k), negated_if(r, x.sign)};
  }

private:
  int up, down;
  bool is_usual; // 0 < frac_bits <= 40
  u128 largest;  // moderate magnitude
};

} // namespace FX_VARIANT
