// x^y = 2^(y log2 x).
#pragma once

#include "elementary/analysis.hh"
#include "elementary/exp.hh"
#include "elementary/logarithm.hh"
#include "instructions.hh"

namespace FX_VARIANT {

struct Power {
  static constexpr int arguments = 2;
  const int x_bits, y_bits, out_bits;

  explicit Power(const Elementary &e)
      : x_bits(e.frac_bits[0]), y_bits(e.frac_bits[1]), out_bits(e.settled_bits) {}
  template <int N> static void prepare() {
    prepare_exp<N>();
    prepare_log<N + 1>();
  }

  template <int N, class M>
  FX_INLINE bool evaluate(const Argument<M> *p, Approximation<N> *a) const {
    if (p[0].magnitude == 0) return false;
    Exponent<N> e;
    if (!exponent_of<N>(p, &e) || e.whole >= 1023 || e.whole < -(1 << 11)) return false;
    // The power of e is off by what the part is, 2 N for the product and 1.
    *a = {exp_fraction(high_product(e.part, resized<N>(LN2))),
          64 * N - 2 - static_cast<int>(e.whole), EXP_ERROR<N> + 2 * N + 2 + e.error,
          sign_of(p)};
    return true;
  }

  Known analyse(const Argument<u128> *p, Special *v) const {
    const u128 x = p[0].magnitude, y = p[1].magnitude;
    const uint64_t sign = sign_of(p);
    if (y == 0) return exactly(v, 1, 0);
    if (x == 0) return p[1].sign ? known(v, INFINITE) : exactly(v, 0, 0);
    const int zeros = trailing_zeros(x), exponent = zeros - x_bits;
    const u128 odd = x >> zeros;
    if (odd == 1 && exponent == 0) return exactly(v, 1, 0, 0, sign);
    // (odd 2^exponent)^y for a whole y, and for any y where odd is 1 and the product whole.
    const int y_zeros = trailing_zeros(y);
    const bool whole = y_bits - y_zeros <= 0;
    if (odd == 1 && bit_length(y) - y_bits < 24) {
      const i128 product = static_cast<i128>(exponent) * static_cast<i128>(y >> y_zeros);
      const int down = y_bits - y_zeros;
      if (down <= 0 || (down < 64 && (product & ((i128(1) << down) - 1)) == 0)) {
        i128 k = down <= 0 ? product << -down : product >> down;
        if (p[1].sign) k = -k;
        if (k >= 1024) return known(v, INFINITE, sign);
        if (k < -(1 << 20)) return nearly_zero(v, sign);
        return exactly(v, 1, static_cast<int>(-k), 0, sign);
      }
    }
    if (whole && !p[1].sign && y_bits - y_zeros > -7 && bit_length(y >> y_zeros) <= 7) {
      const int n = static_cast<int>(y >> y_zeros << (y_zeros - y_bits));
      if (n * bit_length(odd) <= 128) {
        u128 power = 1;
        for (int k = 0; k < n; k++) power *= odd;
        return exactly(v, power, -exponent * n, 0, sign);
      }
    }
    const bool grows = (p[1].sign != 0) == (bit_length(x) <= x_bits); // x < 1; it isn't 1
    Exponent<2> e;
    if (!exponent_of<2>(p, &e)) {
      if (e.whole == 0) return UNKNOWN;
      return grows ? known(v, INFINITE, sign) : nearly_zero(v, sign);
    }
    if (e.whole >= 1023) return known(v, e.whole > 1024 ? INFINITE : TOO_LARGE, sign);
    if (e.whole < -out_bits - 1) return nearly_zero(v, sign);
    // |2^t - 1| < |t| for 0 < |t| < 1
    const int bits = out_bits > 0 ? out_bits : 0;
    if (bits < 100) {
      const bool is_tiny = (e.whole == 0 && is_zero(e.part >> (127 - bits))) ||
                           (e.whole == -1 && is_zero(-e.part >> (127 - bits)));
      if (is_tiny) return exactly(v, 1, 0, grows ? 1 : -1, sign);
    }
    return UNKNOWN;
  }

private:
  // y log2 x = whole + part, the part off by less than `error`.
  template <int N> struct Exponent {
    int64_t whole;
    Limbs<N> part;
    uint64_t error;
  };

  // Of a negative base, whose exponent is whole: whether that is odd.
  template <class M> uint64_t sign_of(const Argument<M> *p) const {
    const int bits = 8 * sizeof(M);
    return p[0].sign && y_bits >= 0 && y_bits < bits && (p[1].magnitude >> y_bits & 1)
               ? ~uint64_t(0)
               : 0;
  }

  // False where |y log2 x| is 2^11 or more, and, with `whole` 0, where y is too large to tell.
  template <int N, class M> FX_INLINE bool exponent_of(const Argument<M> *p, Exponent<N> *e) const {
    e->whole = 0;
    const int y_length = bit_length(p[1].magnitude) - y_bits;
    if (y_length > 68) return false;
    const Limbs<N + 2> log = log_of<BINARY>(normalised<N + 1>(p[0].magnitude, x_bits));
    const uint64_t sign = static_cast<uint64_t>(static_cast<int64_t>(log.w[N + 1]) >> 63);
    const Limbs<N + 2> magnitude = negated_if(log, sign);
    // times y, of one or two limbs: N + 4 limbs, y_bits + 64 (N + 1) of them after the point.
    Limbs<N + 4> product = {};
    uint64_t carry = 0;
    const Limbs<N + 2> low = times(magnitude, low_word(p[1].magnitude), &carry);
    each<N + 2>(FX_EACH(i) { product.w[i] = low.w[i]; });
    product.w[N + 2] = carry;
    if (sizeof(M) > 8) {
      Limbs<N + 4> more = {};
      carry = 0;
      const Limbs<N + 2> high = times(magnitude, high_word(p[1].magnitude), &carry);
      each<N + 2>(FX_EACH(i) { more.w[i + 1] = high.w[i]; });
      more.w[N + 3] = carry;
      product = product + more;
    }
    const int point = 64 * (N + 1) + y_bits;
    e->whole = 1 << 11;
    if (64 * (N + 4) - leading_zeros(product) - point > 11) return false;
    // The fraction to the top: the whole part, shifted out, is below 2^11.
    e->whole = point >= 64 * (N + 4) ? 0 : point >= 0 ? static_cast<int64_t>((product >> point).w[0])
                                         : static_cast<int64_t>((product << -point).w[0]);
    const int up = 64 * (N + 4) - point;
    e->part = resized<N>(up > 0 ? product << up : product >> -up);
    // What the logarithm is off by, in ulp of one limb more, times y.
    const uint64_t error = 2 * LOG_ERROR<N + 1> + 4 * N + 8;
    e->error = (y_length > 64 ? error << (y_length - 64)
                : y_length > 0 ? error >> (64 - y_length) : 0) + 2;
    if (sign != p[1].sign) { // negative: floor
      e->whole = -e->whole - 1;
      e->part = -e->part;
      if (is_zero(e->part)) e->whole++;
    }
    return true;
  }
};

} // namespace FX_VARIANT
