// exp, exp2, expm1, sinh, cosh; sigmoid, tanh, softplus.
#pragma once

#include "elementary/analysis.hh"
#include "elementary/exp.hh"
#include "elementary/log.hh"
#include "elementary/reciprocal.hh"
#include "instructions.hh"

namespace FX_VARIANT {

// What e^x and its kin have in common.
struct OfExp {
  static constexpr int arguments = 1;
  const int frac_bits, out_bits, whole_bits; // whole_bits: 2^whole_bits is out of range
  const ExpArgument reducer;

  explicit OfExp(const Elementary &e, int doubled = 0)
      : frac_bits(e.frac_bits[0]), out_bits(e.settled_bits), whole_bits(e.limit - e.out_bits),
        reducer(e.frac_bits[0] - doubled) {}
  template <int N> static void prepare() { prepare_exp<N>(); }

protected:
  template <int N, class M> FX_INLINE Approximation<N> exp_of(const Argument<M> &x) const {
    const Reduced<N> reduced = reducer.reduce<N>(x);
    return {exp_fraction(reduced.r), 64 * N - 2 - reduced.k, EXP_ERROR<N>, 0};
  }
  // 2^1023 and more: perhaps infinite.
  template <int N> static bool is_moderate(const Approximation<N> &a) {
    return a.point > 64 * N - 2 - 1023;
  }
  // |x| above it: e^|x| is more than 2, and a quarter of it out of range. sinh, cosh and expm1 are
  // more than that.
  u128 large() const {
    return multiple_of_ln2(whole_bits > -1 ? whole_bits + 2 : 1, reducer.frac_bits);
  }
  // |x| above it: e^-|x| is less than 2^-bits, and less than 1.
  u128 decayed(int bits) const { return multiple_of_ln2(bits > 0 ? bits : 0, reducer.frac_bits); }
  Known too_large(const Argument<u128> &x) const {
    return reducer.is_moderate(x.magnitude) ? TOO_LARGE : INFINITE;
  }
};

struct Exp : OfExp {
  const Tails tails;

  explicit Exp(const Elementary &e) : OfExp(e), tails{{large(), decayed(out_bits)}} {}

  template <int N, class M>
  FX_INLINE bool evaluate(const Argument<M> *x, Approximation<N> *a) const {
    if (!reducer.is_moderate(x->magnitude)) return false;
    *a = exp_of<N>(*x);
    return is_moderate(*a);
  }

  Known analyse(const Argument<u128> *x, Special *v) const {
    if (x->magnitude == 0) return exactly(v, 1, 0);
    if (x->magnitude > tails.from[x->sign & 1])
      return x->sign ? nearly_zero(v) : known(v, too_large(*x));
    // 1 + x < e^x < 1 + x + x^2 for 0 < |x| < 1
    if (frac_bits > 0 && frac_bits < 127 && is_beside(*x, frac_bits, 2, out_bits)) {
      const u128 one = u128(1) << frac_bits;
      return exactly(v, x->sign ? one - x->magnitude : one + x->magnitude, frac_bits, 1);
    }
    return UNKNOWN;
  }
};

struct Exp2 : OfExp {
  const Tails tails;

  explicit Exp2(const Elementary &e)
      : OfExp(e), tails{{scaled(whole_bits > 0 ? whole_bits : 0, frac_bits),
                         scaled(out_bits > 0 ? out_bits : 0, frac_bits)}} {}

  template <int N, class M>
  FX_INLINE bool evaluate(const Argument<M> *x, Approximation<N> *a) const {
    if (!reducer.is_moderate(x->magnitude)) return false;
    int whole = static_cast<int>(frac_bits >= 0 ? shifted(x->magnitude, frac_bits)
                                                : x->magnitude << (-frac_bits & 63));
    Limbs<N> part = fraction<N>(x->magnitude, frac_bits);
    if (x->sign) { // -w - p = -(w + 1) + (1 - p): an ulp less where p was rounded down
      whole = -whole - 1;
      part = -part;
      if (is_zero(part)) return false;
    }
    if (whole >= 1024) return false;
    // The power is off by less than 2 N + 3 ulp.
    *a = {exp_fraction(high_product(part, resized<N>(LN2))), 64 * N - 2 - whole,
          EXP_ERROR<N> + 2 + 2 * N, 0};
    return true;
  }

  Known analyse(const Argument<u128> *x, Special *v) const {
    if (!reducer.is_moderate(x->magnitude))
      return x->sign ? nearly_zero(v) : known(v, INFINITE);
    const u128 m = x->magnitude;
    if (frac_bits <= 0 || m == 0 || trailing_zeros(m) >= frac_bits) {
      const int whole = static_cast<int>(m == 0            ? 0
                                         : frac_bits >= 0 ? shifted(m, frac_bits)
                                                          : m << -frac_bits);
      if (!x->sign && whole >= 1024) return known(v, INFINITE);
      return exactly(v, 1, x->sign ? whole : -whole);
    }
    if (m > tails.from[x->sign & 1])
      return x->sign ? nearly_zero(v) : known(v, shifted(m, frac_bits) < 1024 ? TOO_LARGE : INFINITE);
    // 1 < 2^x < 1 + x for 0 < x < 1, and 1 - |x| < 2^-|x| < 1
    if (is_at_most(*x, frac_bits, 1, out_bits > 0 ? out_bits : 0))
      return exactly(v, 1, 0, x->sign ? -1 : 1);
    return UNKNOWN;
  }

private:
  template <class M> static M shifted(M m, int by) {
    return by < static_cast<int>(8 * sizeof(M)) ? m >> by : 0;
  }
};

struct Expm1 : OfExp {
  const Tails tails;

  explicit Expm1(const Elementary &e) : OfExp(e), tails{{large(), decayed(out_bits)}} {}

  template <int N, class M>
  FX_INLINE bool evaluate(const Argument<M> *x, Approximation<N> *a) const {
    if (!reducer.is_moderate(x->magnitude)) return false;
    *a = exp_of<N>(*x);
    uint64_t borrow = 0;
    if (x->sign) { // 1 - e^x, in halves: e^x is y / 2^point, point 64 N - 1 and more
      a->y = a->y >> (a->point - (64 * N - 1));
      a->y = subtract(power_of_half<N>(1), a->y, &borrow);
      a->point = 64 * N - 1;
      a->error += 1;
      a->sign = ~uint64_t(0);
    } else {
      if (a->point < 0) return false;
      a->y = subtract(a->y, power_of_half<N>(64 * N - a->point), &borrow);
    }
    return !borrow;
  }

  Known analyse(const Argument<u128> *x, Special *v) const {
    if (x->magnitude == 0) return exactly(v, 0, 0);
    if (x->magnitude > tails.from[x->sign & 1])
      return x->sign ? exactly(v, 1, 0, -1, x->sign) : known(v, too_large(*x));
    // x < e^x - 1 < x + x^2
    if (is_beside(*x, frac_bits, 2, out_bits) && frac_bits > 0)
      return exactly(v, x->magnitude, frac_bits, x->sign ? -1 : 1, x->sign);
    return UNKNOWN;
  }
};

// (e^x + e^-x) / 2 and (e^x - e^-x) / 2.
template <bool SINH> struct HyperbolicOfExp : OfExp {
  const Tails tails;

  explicit HyperbolicOfExp(const Elementary &e) : OfExp(e), tails{{large(), large()}} {}

  template <int N, class M>
  FX_INLINE bool evaluate(const Argument<M> *x, Approximation<N> *a) const {
    if (!reducer.is_moderate(x->magnitude)) return false;
    *a = exp_of<N>(Argument<M>{x->magnitude, 0});
    Approximation<N> b = exp_of<N>(Argument<M>{x->magnitude, ~uint64_t(0)});
    b.y = b.y >> (b.point - a->point);
    uint64_t borrow = 0;
    a->y = SINH ? subtract(a->y, b.y, &borrow) : a->y + b.y;
    a->point++;
    a->error = 2 * a->error + 1;
    a->sign = SINH ? x->sign : 0;
    return is_moderate(*a) && !borrow;
  }

  Known analyse(const Argument<u128> *x, Special *v) const {
    const uint64_t sign = SINH ? x->sign : 0;
    if (x->magnitude == 0) return exactly(v, SINH ? 0 : 1, 0);
    if (x->magnitude > tails.from[0]) return known(v, too_large(*x), sign);
    if (SINH) { // x < sinh x < x + x^3 for 0 < x < 1
      if (is_beside(*x, frac_bits, 3, out_bits) && frac_bits > 0)
        return exactly(v, x->magnitude, frac_bits, 1, sign);
    } else if (is_at_most(*x, frac_bits, 2, out_bits > 0 ? out_bits : 0) && frac_bits > 0) {
      return exactly(v, 1, 0, 1); // 1 < cosh x < 1 + x^2
    }
    return UNKNOWN;
  }
};
typedef HyperbolicOfExp<true> Sinh;
typedef HyperbolicOfExp<false> Cosh;

// Through E = e^-|x|, or e^-|2 x| for tanh.
struct OfDecay : OfExp {
  OfDecay(const Elementary &e, int doubled) : OfExp(e, doubled) {}

protected:
  // (1 + E) / 2, off by less than EXP_ERROR<N> + 1.
  template <int N, class M> FX_INLINE Limbs<N> half_of_sum(M magnitude) const {
    const Reduced<N> reduced = reducer.reduce<N>(Argument<M>{magnitude, ~uint64_t(0)}); // k < 0
    const Limbs<N> half = exp_fraction(reduced.r) >> (-reduced.k - 1);
    Limbs<N> r = half;
    r.w[N - 1] += uint64_t(1) << 63;
    each<N>(FX_EACH(i) { r.w[i] |= -(half.w[N - 1] >> 63); }); // 1, and all ones for it
    return r;
  }
};

// 1 / (1 + e^-x)
struct Sigmoid : OfDecay {
  const Tails tails;

  explicit Sigmoid(const Elementary &e)
      : OfDecay(e, 0), tails{{decayed(out_bits), decayed(out_bits)}} {}

  template <int N, class M>
  FX_INLINE bool evaluate(const Argument<M> *x, Approximation<N> *a) const {
    if (!reducer.is_moderate(x->magnitude)) return false;
    // 1 / (2 d) bends by at most twice what d is off by.
    *a = {negated_if(reciprocal(half_of_sum<N>(x->magnitude)), x->sign), 64 * N,
          2 * (EXP_ERROR<N> + 1) + RECIPROCAL_ERROR, 0};
    return true;
  }

  Known analyse(const Argument<u128> *x, Special *v) const {
    if (x->magnitude == 0) return exactly(v, 1, 1);
    if (x->magnitude > tails.from[0]) // E, or 1 less that and more
      return x->sign ? nearly_zero(v) : exactly(v, 1, 0, -1);
    // 1/2 + x/4 - sigmoid(x) is between 0 and x^3 / 48, 0 < x < 1
    if (frac_bits > 0 && frac_bits < 125 && is_beside(*x, frac_bits, 3, out_bits)) {
      const u128 half = u128(1) << (frac_bits + 1);
      return exactly(v, x->sign ? half - x->magnitude : half + x->magnitude, frac_bits + 2,
                     x->sign ? 1 : -1);
    }
    return UNKNOWN;
  }
};

struct Tanh : OfDecay {
  const Tails tails;

  // 1 - tanh |x| < 2 E
  explicit Tanh(const Elementary &e)
      : OfDecay(e, 1), tails{{decayed(out_bits + 1), decayed(out_bits + 1)}} {}

  template <int N, class M>
  FX_INLINE bool evaluate(const Argument<M> *x, Approximation<N> *a) const {
    if (!reducer.is_moderate(x->magnitude)) return false;
    // 2 / (1 + E) - 1
    const Limbs<N> r = reciprocal(half_of_sum<N>(x->magnitude));
    *a = {shift_left<1>(r), 64 * N, 4 * (EXP_ERROR<N> + 1) + 2 * RECIPROCAL_ERROR, x->sign};
    return r.w[N - 1] >> 63 != 0;
  }

  Known analyse(const Argument<u128> *x, Special *v) const {
    if (x->magnitude == 0) return exactly(v, 0, 0);
    if (x->magnitude > tails.from[0]) return exactly(v, 1, 0, -1, x->sign);
    // x - x^3 < tanh x < x for 0 < x < 1
    if (frac_bits > 0 && is_beside(*x, frac_bits, 3, out_bits))
      return exactly(v, x->magnitude, frac_bits, -1, x->sign);
    return UNKNOWN;
  }
};

// log(1 + e^x) = max(x, 0) + log(1 + E)
struct Softplus : OfDecay {
  const u128 far; // beyond it x and log(1 + E) < E don't overlap
  const Tails tails;

  explicit Softplus(const Elementary &e)
      : OfDecay(e, 0), far(decayed(frac_bits > out_bits ? frac_bits : out_bits)),
        tails{{~u128(0), decayed(out_bits)}} {}
  template <int N> static void prepare() {
    prepare_exp<N>();
    prepare_log<N>();
  }

  template <int N, class M>
  FX_INLINE bool evaluate(const Argument<M> *x, Approximation<N> *a) const {
    if (!reducer.is_moderate(x->magnitude)) return false;
    Limbs<N + 1> sum = with_whole(log_fraction(half_of_sum<N>(x->magnitude)), 0);
    if (!x->sign) {
      const int bits = 8 * sizeof(M);
      const uint64_t whole = static_cast<uint64_t>(
          frac_bits < 0 ? x->magnitude << (-frac_bits & 63)
                        : frac_bits < bits ? x->magnitude >> frac_bits : M(0));
      sum = sum + with_whole(fraction<N>(x->magnitude, frac_bits), whole);
    }
    *a = approximation<12, N>(sum, LOG_ERROR<N> + 2 * (EXP_ERROR<N> + 1) + 2);
    return true;
  }

  Known analyse(const Argument<u128> *x, Special *v) const {
    if (x->sign) return x->magnitude > tails.from[1] ? nearly_zero(v) : UNKNOWN;
    return x->magnitude > far ? exactly(v, x->magnitude, frac_bits, 1) : UNKNOWN;
  }
};

} // namespace FX_VARIANT
