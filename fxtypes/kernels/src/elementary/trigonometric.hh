// sin, cos, tan, arctan, arctan2.
#pragma once

#include "elementary/analysis.hh"
#include "elementary/arctan.hh"
#include "elementary/log.hh"
#include "elementary/sincos.hh"
#include "instructions.hh"

namespace FX_VARIANT {

struct OfTurns {
  static constexpr int arguments = 1;
  const int frac_bits, out_bits;
  const Limbs<2> unit1;
  const Limbs<4> unit2;
  const Limbs<5> unit3;
  const Limbs<6> unit4;

  explicit OfTurns(const Elementary &e)
      : frac_bits(e.frac_bits[0]), out_bits(e.settled_bits), unit1(turns_of_one<2>(e.frac_bits[0])),
        unit2(turns_of_one<4>(e.frac_bits[0])), unit3(turns_of_one<5>(e.frac_bits[0])),
        unit4(turns_of_one<6>(e.frac_bits[0])) {}
  template <int N> static void prepare() { prepare_sine<N>(); }

protected:
  template <int N, class M> FX_INLINE Limbs<N> turns_of(M magnitude) const {
    if constexpr (N == 1)
      return turns(magnitude, unit1);
    else if constexpr (N == 2)
      return turns<2>(magnitude, unit2);
    else if constexpr (N == 3)
      return turns<3>(magnitude, unit3);
    else
      return turns<4>(magnitude, unit4);
  }
};

// What y right angles, rounded down from turns that lack 2 ulp, add to the error: 8 + 1 of them.
constexpr uint64_t ANGLE_ERROR = 15;

template <bool COSINE> struct SineOrCosine : OfTurns {
  explicit SineOrCosine(const Elementary &e) : OfTurns(e) {}

  template <int N, class M>
  FX_INLINE bool evaluate(const Argument<M> *x, Approximation<N> *a) const {
    Limbs<N> t = turns_of<N>(x->magnitude);
    if (COSINE) t.w[N - 1] += uint64_t(1) << 62;
    const uint64_t quadrant = t.w[N - 1] >> 62;
    Limbs<N> y = shift_left<2>(t);
    each<N>(FX_EACH(i) { y.w[i] ^= -(quadrant & 1); }); // 1 - y, an ulp less
    *a = {sine_cosine<N, false>(y).sine, 64 * N, SINE_ERROR<N> + ANGLE_ERROR,
          -(quadrant >> 1) ^ (COSINE ? 0 : x->sign)};
    return true;
  }

  Known analyse(const Argument<u128> *x, Special *v) const {
    if (x->magnitude == 0) return exactly(v, COSINE ? 1 : 0, 0);
    if (COSINE) { // 1 - x^2 < cos x < 1 for 0 < |x| < 1
      if (frac_bits > 0 && is_at_most(*x, frac_bits, 2, out_bits > 0 ? out_bits : 0))
        return exactly(v, 1, 0, -1);
    } else if (frac_bits > 0 && is_beside(*x, frac_bits, 3, out_bits)) { // x - x^3 < sin x < x
      return exactly(v, x->magnitude, frac_bits, -1, x->sign);
    }
    return UNKNOWN;
  }
};
typedef SineOrCosine<false> Sin;
typedef SineOrCosine<true> Cos;

struct Tan : OfTurns {
  explicit Tan(const Elementary &e) : OfTurns(e) {}

  template <int N, class M>
  FX_INLINE bool evaluate(const Argument<M> *x, Approximation<N> *a) const {
    const Limbs<N> t = turns_of<N>(x->magnitude);
    const uint64_t odd = t.w[N - 1] >> 62 & 1; // there tan is -cot y
    const SineCosine<N> v = sine_cosine<N>(shift_left<2>(t));
    Limbs<N> top = odd ? v.cosine : v.sine, bottom = odd ? v.sine : v.cosine;
    const int zeros = leading_zeros(bottom);
    constexpr uint64_t error = SINE_ERROR<N> + ANGLE_ERROR;
    if (2 * error >> (61 - (zeros < 48 ? zeros : 48)) || zeros > 48) return false; // beside a pole
    bottom = bottom << zeros;
    // top / bottom = 2 top r, r = 1 / (2 bottom), of which a unit is 2^zeros. Off by e = SINE_ERROR
    // + ANGLE_ERROR each, bottom by e 2^zeros, r by 2 e 2^zeros + 3; top r by e, top times that,
    // and 2 N.
    *a = {high_product(top, reciprocal(bottom)), 64 * N - 1 - zeros,
          error + ((2 * error) << zeros) + RECIPROCAL_ERROR + 2 * N, x->sign ^ -odd};
    return true;
  }

  Known analyse(const Argument<u128> *x, Special *v) const {
    if (x->magnitude == 0) return exactly(v, 0, 0);
    // x < tan x < x + x^3 for 0 < x < 1
    if (frac_bits > 0 && is_beside(*x, frac_bits, 3, out_bits))
      return exactly(v, x->magnitude, frac_bits, 1, x->sign);
    return UNKNOWN;
  }
};

struct Arctan {
  static constexpr int arguments = 1;
  const int frac_bits, out_bits;

  explicit Arctan(const Elementary &e) : frac_bits(e.frac_bits[0]), out_bits(e.settled_bits) {}
  template <int N> static void prepare() { prepare_arctan<N>(); }

  template <int N, class M>
  FX_INLINE bool evaluate(const Argument<M> *x, Approximation<N> *a) const {
    if (x->magnitude == 0) return false;
    const Normalised<N> n = normalised<N>(x->magnitude, frac_bits);
    // With m / 2 between 1/2 and 1: m 2^e / 1 = (m / 2) 2^e / (1 / 2), or its inverse.
    const Limbs<N> half = power_of_half<N>(1);
    const bool large = n.exponent >= 0;
    const Limbs<N> angle = large ? arctan_of_ratio(half >> n.exponent, n.m)
                                 : arctan_of_ratio(n.m >> -n.exponent, half);
    // In halves: pi / 2 - angle is below 2.
    const Limbs<N> part = shift_right<1>(angle);
    *a = {large ? resized<N>(QUARTER_PI) - part : part, 64 * N - 1, ARCTAN_ERROR<N> / 2 + 2,
          x->sign};
    return true;
  }

  Known analyse(const Argument<u128> *x, Special *v) const {
    if (x->magnitude == 0) return exactly(v, 0, 0);
    // x - x^3 < arctan x < x for 0 < x < 1
    if (frac_bits > 0 && is_beside(*x, frac_bits, 3, out_bits))
      return exactly(v, x->magnitude, frac_bits, -1, x->sign);
    return UNKNOWN;
  }
};

// The angle of the point (x, y), from y and x.
struct Arctan2 {
  static constexpr int arguments = 2;
  const int y_bits, x_bits, out_bits;

  explicit Arctan2(const Elementary &e)
      : y_bits(e.frac_bits[0]), x_bits(e.frac_bits[1]), out_bits(e.settled_bits) {}
  template <int N> static void prepare() { prepare_arctan<N>(); }

  template <int N, class M>
  FX_INLINE bool evaluate(const Argument<M> *p, Approximation<N> *a) const {
    bool steep = p[1].magnitude == 0;
    if (steep && p[0].magnitude == 0) return false;
    Limbs<N> angle = {};
    if (p[0].magnitude != 0 && p[1].magnitude != 0) {
      const Normalised<N> y = normalised<N>(p[0].magnitude, y_bits);
      const Normalised<N> x = normalised<N>(p[1].magnitude, x_bits);
      const int ahead = y.exponent - x.exponent;
      steep = ahead > 0 || (ahead == 0 && x.m < y.m);
      angle = steep ? arctan_of_ratio(x.m >> ahead, y.m) : arctan_of_ratio(y.m >> -ahead, x.m);
      angle = shift_right<2>(angle); // in quarters: pi is one of them, less something
    }
    const Limbs<N> quarter = resized<N>(QUARTER_PI);
    if (steep) angle = shift_right<1>(quarter) - angle;
    if (p[1].sign) angle = quarter - angle;
    *a = {angle, 64 * N - 2, ARCTAN_ERROR<N> / 4 + 3, p[0].sign};
    return true;
  }

  Known analyse(const Argument<u128> *p, Special *v) const {
    const u128 y = p[0].magnitude, x = p[1].magnitude;
    if (y == 0 && (x == 0 || !p[1].sign)) return exactly(v, 0, 0);
    // arctan(y / x) < y / x
    if (x != 0 && y != 0 && !p[1].sign &&
        bit_length(y) - y_bits - (bit_length(x) - 1 - x_bits) <= -(out_bits > 0 ? out_bits : 0))
      return nearly_zero(v, p[0].sign);
    return UNKNOWN;
  }
};

} // namespace FX_VARIANT
