// log, log2, log10, log1p.
#pragma once

#include "elementary/analysis.hh"
#include "elementary/log.hh"
#include "instructions.hh"

namespace FX_VARIANT {

enum LogBase { NATURAL, BINARY, DECIMAL };

// exponent * log_b 2 + log m / log b, with a whole part: off by less than LOG_ERROR<N> + 2 N + 4.
template <LogBase BASE, int N>
FX_INLINE Limbs<N + 1> log_of(const Normalised<N> &x) {
  const Limbs<N> log = log_fraction(x.m);
  if constexpr (BASE == NATURAL) {
    typedef LogTable<N> Table;
    return with_whole(log, 0) + made<Table>.multiple[x.exponent - Table::LOWEST];
  } else if constexpr (BASE == BINARY) {
    Limbs<N + 1> part = with_whole(high_product(log, resized<N>(HALF_LOG2_E)), 0);
    part = shift_left<1>(part);
    part.w[N] += static_cast<uint64_t>(static_cast<int64_t>(x.exponent));
    return part;
  } else {
    const uint64_t sign = x.exponent < 0 ? ~uint64_t(0) : 0;
    uint64_t whole = 0;
    const Limbs<N> multiple = resized<N>(
        times(resized<N + 1>(LOG10_2),
              static_cast<uint64_t>(x.exponent < 0 ? -x.exponent : x.exponent), &whole));
    return with_whole(high_product(log, resized<N>(LOG10_E)), 0) +
           negated_if(with_whole(multiple, whole), sign);
  }
}

// The same in one word, of which ten bits are whole. What is off by less than 2^10 ulp, in all, is off
// by less than 1 in each of two numbers that are rounded down to 54 fraction bits, and 1.
template <LogBase BASE> FX_INLINE Approximation<1> short_log(const Normalised<1> &x) {
  typedef LogTable<1> Table;
  const uint64_t log = log_fraction(x.m).w[0];
  uint64_t sum;
  if (BASE == BINARY) {
    sum = (high_product(log, HALF_LOG2_E.w[5]) >> 9) +
          (static_cast<uint64_t>(static_cast<int64_t>(x.exponent)) << 54);
  } else {
    const Limbs<2> &multiple = made<Table>.multiple[x.exponent - Table::LOWEST];
    sum = (log >> 10) + (multiple.w[1] << 54 | multiple.w[0] >> 10);
  }
  const uint64_t sign = static_cast<uint64_t>(static_cast<int64_t>(sum) >> 63);
  return {{{(sum ^ sign) - sign}}, 54, 3, sign};
}

template <LogBase BASE> struct LogOfBase {
  static constexpr int arguments = 1;
  const int frac_bits, out_bits;

  explicit LogOfBase(const Elementary &e) : frac_bits(e.frac_bits[0]), out_bits(e.settled_bits) {}
  template <int N> static void prepare() { prepare_log<N>(); }

  template <int N, class M>
  FX_INLINE bool evaluate(const Argument<M> *x, Approximation<N> *a) const {
    if (x->magnitude == 0 || x->sign) return false; // masked, or outside the domain
    const Normalised<N> m = normalised<N>(x->magnitude, frac_bits);
    if constexpr (N == 1 && BASE != DECIMAL)
      *a = short_log<BASE>(m);
    else
      *a = approximation<10, N>(log_of<BASE>(m), LOG_ERROR<N> + 2 * N + 4);
    return true;
  }

  Known analyse(const Argument<u128> *x, Special *v) const {
    u128 m = x->magnitude;
    if (m == 0 || x->sign) return exactly(v, 0, 0);
    const int zeros = trailing_zeros(m);
    int exponent = zeros - frac_bits;
    m >>= zeros;
    if (m == 1 && (BASE == BINARY || exponent == 0))
      return exactly(v, static_cast<u128>(exponent < 0 ? -exponent : exponent), 0, 0,
                     exponent < 0 ? ~uint64_t(0) : 0);
    if (BASE == DECIMAL && exponent > 0 && exponent < 56) { // 10^k = 5^k 2^k
      u128 power = 1;
      for (int k = 0; k < exponent; k++) power *= 5;
      if (m == power) return exactly(v, exponent, 0);
    }
    // log(1 + d) is below d by less than d^2, 0 < |d| < 1/2
    if (BASE == NATURAL && frac_bits > 0 && frac_bits < 127) {
      const u128 one = u128(1) << frac_bits;
      const bool below = x->magnitude < one;
      const Argument<u128> d = {below ? one - x->magnitude : x->magnitude - one, 0};
      if (d.magnitude < one / 2 && is_beside(d, frac_bits, 2, out_bits))
        return exactly(v, d.magnitude, frac_bits, below ? 1 : -1, below ? ~uint64_t(0) : 0);
    }
    return UNKNOWN;
  }
};
typedef LogOfBase<NATURAL> Log;
typedef LogOfBase<BINARY> Log2;
typedef LogOfBase<DECIMAL> Log10;

struct Log1p {
  static constexpr int arguments = 1;
  const int frac_bits, out_bits;

  explicit Log1p(const Elementary &e) : frac_bits(e.frac_bits[0]), out_bits(e.settled_bits) {}
  template <int N> static void prepare() { prepare_log<N>(); }

  template <int N, class M>
  FX_INLINE bool evaluate(const Argument<M> *x, Approximation<N> *a) const {
    Normalised<N> sum; // 1 + x
    if constexpr (N == 1) {
      if (frac_bits < 0 || frac_bits > 62) return false;
      const uint64_t one = uint64_t(1) << frac_bits; // below 2^63, as is the magnitude
      if (x->sign && x->magnitude >= one) return false;
      sum = normalised<N>(x->sign ? one - x->magnitude : one + x->magnitude, frac_bits);
    } else {
      if (frac_bits < -120) return false;
      const int up = frac_bits < 0 ? -frac_bits : 0;
      const Limbs<5> m =
          Limbs<5>{{low_word(x->magnitude), high_word(x->magnitude)}} << up;
      const Limbs<5> one = Limbs<5>{{1}} << (frac_bits < 0 ? 0 : frac_bits);
      if (x->sign && !(m < one)) return false;
      sum = normalised<N>(x->sign ? one - m : one + m, frac_bits + up);
    }
    // m, rounded down, is off by less than an ulp, which log makes no more than two.
    *a = approximation<10, N>(log_of<NATURAL>(sum), LOG_ERROR<N> + 2 * N + 6);
    return true;
  }

  Known analyse(const Argument<u128> *x, Special *v) const {
    if (x->magnitude == 0) return exactly(v, 0, 0);
    // x - x^2 < log(1 + x) < x for |x| < 1/2
    if (frac_bits > 0 && is_at_most(*x, frac_bits, 1, 1) && is_beside(*x, frac_bits, 2, out_bits))
      return exactly(v, x->magnitude, frac_bits, x->sign ? 1 : -1, x->sign);
    return UNKNOWN;
  }
};

} // namespace FX_VARIANT
