// float64 to elements and back.
#pragma once

#include <cmath>
#include <limits>

#include "elementwise/load_store.hh"
#include "elementwise/vector_loop.hh"

namespace FX_VARIANT {

const int CHUNK = 1024;
const int VECTOR_DOUBLES = 8; // buffers are filled up to a multiple: one vector, or two of AVX2

// Rounding float64 to integers, in vectors. |t| = floor + fraction, both exact. (t - floor(t)
// is not: for t = -0.5 + 2^-54 it is 0.5 + 2^-54, which float64 can't hold.) The magnitude is rounded
// up where the fraction is beyond a limit that depends on the mode, t's sign and whether the floor
// is odd.
struct DoubleRounder {
  double limit[2][2]; // [t < 0][the floor is odd]
  double lo, hi;      // results are clamped to them; infinite where they can't be

  explicit DoubleRounder(const Target &t) {
    const double any = 0, half = std::nextafter(0.5, 0.0), beyond_half = 0.5, never = 2;
    for (int negative = 0; negative < 2; negative++)
      for (int odd = 0; odd < 2; odd++) {
        const auto tie = [=](bool up) { return up ? half : beyond_half; };
        double d = never;
        switch (t.rounding) {
        case FX_FLOOR: d = negative ? any : never; break;
        case FX_CEIL: d = negative ? never : any; break;
        case FX_AWAY_FROM_ZERO: d = any; break;
        case FX_NEAREST_EVEN: d = tie(odd); break;
        case FX_NEAREST_ODD: d = tie(!odd); break;
        case FX_NEAREST_AWAY: d = tie(true); break;
        case FX_NEAREST_ZERO: d = tie(false); break;
        case FX_NEAREST_UP: d = tie(!negative); break;
        case FX_NEAREST_DOWN: d = tie(negative); break;
        case FX_ODD: d = odd ? never : any; break;
        default: break; // toward zero; or stochastic, rounded already
        }
        limit[negative][odd] = d;
      }
    hi = std::numeric_limits<double>::infinity();
    lo = -hi;
    if (t.width > 52 || t.overflow == FX_WRAP || t.overflow == FX_SATURATE_ZERO) return;
    const Bounds<int64_t> bounds(t);
    lo = static_cast<double>(bounds.lo);
    hi = static_cast<double>(bounds.hi);
  }

  FX_INLINE double rounded(double t) const {
    const double magnitude = std::fabs(t), floor = std::floor(magnitude);
    const double fraction = magnitude - floor, half = floor * 0.5;
    const bool odd = std::floor(half) != half;
    const double positive = odd ? limit[0][1] : limit[0][0];
    const double negative = odd ? limit[1][1] : limit[1][0];
    return std::copysign(floor + (fraction > (t < 0 ? negative : positive) ? 1.0 : 0.0), t);
  }
};

// 2^exponent, from -1022 to 1023: a call of ldexp would take longer than ten elements.
inline double power_of_two(int exponent) {
  const uint64_t pattern = static_cast<uint64_t>(1023 + exponent) << 52;
  double v;
  std::memcpy(&v, &pattern, sizeof v);
  return v;
}

enum Size { SMALL, MEDIUM, LARGE, HUGE_ }; // at most 2^51, less than 2^63, 2^127, or more

inline Size size_of(const double *t, int n) {
  int64_t medium = 0, large = 0, huge = 0;
  for (int i = 0; i < n; i++) {
    medium |= std::fabs(t[i]) > 0x1p51 ? int64_t(1) : int64_t(0);
    large |= std::fabs(t[i]) >= 0x1p63 ? int64_t(1) : int64_t(0);
    huge |= std::fabs(t[i]) >= 0x1p127 ? int64_t(1) : int64_t(0);
  }
  return huge ? HUGE_ : large ? LARGE : medium ? MEDIUM : SMALL;
}

// Rounds t in place, and clamps and counts overflow where `rounder` has limits. Returns how large
// the results are. The caller has filled up the last vector with zeros, which count as nothing.
// EVEN: to nearest even, for which processors have an instruction.
template <bool EVEN, bool COUNT>
FX_NOINLINE Size round_doubles(const DoubleRounder &rounder, double *t, int n, Events *events) {
  const DoubleRounder f = rounder; // a copy that no store through t can alias
  int64_t overflow = 0, underflow = 0, inexact = 0, beyond = 0;
  const int padded = (n + VECTOR_DOUBLES - 1) & -VECTOR_DOUBLES;
  for (int i = 0; i < padded; i++) {
    const double r = EVEN ? std::nearbyint(t[i]) : f.rounded(t[i]);
    const double least = r < f.lo ? f.lo : r, bounded = least > f.hi ? f.hi : least;
    if (COUNT) {
      overflow += bounded != r ? int64_t(1) : int64_t(0);
      inexact += r != t[i] ? int64_t(1) : int64_t(0);
      underflow += (r == 0 ? int64_t(1) : int64_t(0)) & (t[i] != 0 ? int64_t(1) : int64_t(0));
    }
    t[i] = bounded;
    beyond |= std::fabs(bounded) > 0x1p51 ? int64_t(1) : int64_t(0);
  }
  if (COUNT) {
    events->overflow += overflow;
    events->underflow += underflow;
    events->inexact += inexact;
  }
  return beyond ? size_of(t, n) : SMALL;
}

// As static_cast does, but in vectors.
inline double to_double(uint32_t v) {
  return static_cast<double>(static_cast<int32_t>(v ^ 0x80000000)) + 0x1p31;
}

// Both halves of a chunk's draws.
struct Halves {
  uint32_t high[CHUNK], buffer[CHUNK + SLACK];
  const uint32_t *low;

  void draw(const Stream &stream, int64_t index, int n) {
    draw_high(stream, index, 0, n, high);
    low = draw_part(stream, LOW_32, index, 0, n, buffer);
  }
};

// Rounds t in place, stochastically, with the draw u of each. Let f be the fraction of |t|, which
// is exact (see DoubleRounder). A positive t is rounded up where floor(f 2^64) > 2^64 - 1 - u; the
// fraction lost of a negative one is 1 - f, so that its magnitude is rounded up where f 2^64 > u.
// Both are compared half by half. Infinities stay: f is NaN, for which no comparison holds.
inline FX_NOINLINE void dither_doubles(double *t, int n, const Halves &draws, Events *events) {
  const uint32_t *const high = draws.high, *const low = draws.low;
  int64_t underflow = 0, inexact = 0;
  for (int i = 0; i < n; i++) {
    const bool negative = t[i] < 0;
    const double magnitude = std::fabs(t[i]), floor = std::floor(magnitude);
    const double f = (magnitude - floor) * 0x1p32, first = std::floor(f);
    const double rest = (f - first) * 0x1p32, second = negative ? rest : std::floor(rest);
    const double h = to_double(high[i]), l = to_double(low[i]);
    const double limit = negative ? h : 0xFFFFFFFFp0 - h, next = negative ? l : 0xFFFFFFFFp0 - l;
    const int64_t above = first > limit ? int64_t(1) : int64_t(0),
                  equal = first == limit ? int64_t(1) : int64_t(0),
                  carry = second > next ? int64_t(1) : int64_t(0);
    const double r = floor + ((above | (equal & carry)) ? 1.0 : 0.0);
    inexact += f > 0 ? int64_t(1) : int64_t(0);
    underflow += (r == 0 ? int64_t(1) : int64_t(0)) & (magnitude > 0 ? int64_t(1) : int64_t(0));
    t[i] = negative ? -r : r;
  }
  if (events) {
    events->underflow += underflow;
    events->inexact += inexact;
  }
}

// From float64 that is an integer to Z: of at most 2^31 (int32_t) or 2^51 in magnitude or, LARGER,
// of less than 2^63 or 2^127.
template <class Z, bool LARGER> struct DoubleToInteger {
  typedef Z R;

  FX_INLINE Rounded<Z> operator()(double r) const {
    if constexpr (sizeof(Z) == 4) return {static_cast<int32_t>(r), false, false, false, true};
    if (!LARGER) return {static_cast<Z>(bits(r)), false, false, false, true};
    const double high = std::floor(r * 0x1p-32), low = r - high * 0x1p32;
    return {static_cast<Z>((bits(high) << 32) + bits(low)), false, false, false, true};
  }

private:
  // r of at most 2^51 in magnitude, in vectors: the last bits of 1.5 * 2^52 + r are r's.
  static FX_INLINE uint64_t bits(double r) {
    const double shifted = r + 0x1.8p52;
    uint64_t pattern;
    std::memcpy(&pattern, &shifted, sizeof pattern);
    return pattern - 0x4338000000000000;
  }
};
template <> struct DoubleToInteger<i128, true> {
  typedef i128 R;

  FX_INLINE Rounded<i128> operator()(double r) const {
    uint64_t pattern;
    std::memcpy(&pattern, &r, sizeof pattern);
    const int shift = static_cast<int>(pattern >> 52 & 0x7ff) - 1075;
    const uint64_t m = (pattern & ((uint64_t(1) << 52) - 1)) | uint64_t(1) << 52;
    const uint64_t sign = static_cast<uint64_t>(static_cast<int64_t>(pattern) >> 63);
    u128 v;
    if (shift < 0) // of an integer, or 0
      v = r == 0 ? 0 : m >> -shift;
    else if (shift < 64)
      v = static_cast<u128>(m >> 1 >> (63 - shift)) << 64 | m << shift;
    else
      v = static_cast<u128>(m << (shift - 64)) << 64;
    const u128 signs = static_cast<u128>(sign) << 64 | sign;
    return {static_cast<i128>((v ^ signs) - signs), false, false, false, true};
  }
};

#ifdef __AVX512DQ__
template <> struct VectorForm<DoubleToInteger<int64_t, true>> : VectorTraits<false> {
  explicit VectorForm(const DoubleToInteger<int64_t, true> &) {}

  FX_INLINE bool operator()(RoundedVector8<int64_t> *v, __m512i pattern) const {
    v->r = {_mm512_cvtpd_epi64(_mm512_castsi512_pd(pattern))};
    v->beyond = v->lost = 0;
    v->zero = 0xFF;
    return true;
  }
};
template <> struct VectorForm<DoubleToInteger<i128, true>> : VectorTraits<false> {
  explicit VectorForm(const DoubleToInteger<i128, true> &) {}

  FX_INLINE bool operator()(RoundedVector8<i128> *v, __m512i pattern) const {
    const __m512i zero = _mm512_setzero_si512(), unit = broadcast64(uint64_t(1) << 52);
    const __m512i exponent = _mm512_and_si512(_mm512_srli_epi64(pattern, 52), broadcast64(0x7ff));
    const __m512i fraction = _mm512_and_si512(pattern, broadcast64((uint64_t(1) << 52) - 1));
    const __m512i m = _mm512_mask_or_epi64(zero, _mm512_test_epi64_mask(exponent, exponent),
                                           fraction, unit);
    // Shifts by 64 and more, which as unsigned numbers the negative ones are, give 0.
    const auto moved = [&](int bias) {
      const __m512i up = _mm512_sub_epi64(exponent, broadcast64(static_cast<uint64_t>(bias)));
      return _mm512_or_si512(_mm512_sllv_epi64(m, up),
                             _mm512_srlv_epi64(m, _mm512_sub_epi64(zero, up)));
    };
    const Vector8<i128> magnitude = {moved(1075), moved(1075 + 64)};
    v->r = blend(magnitude, _mm512_movepi64_mask(pattern), Vector8<i128>{zero, zero} - magnitude);
    v->beyond = v->lost = 0;
    v->zero = 0xFF;
    return true;
  }
};
#endif

// Stores integers as elements, bounded where that isn't done yet.
template <class Z, class T, bool LARGER = false>
FX_NOINLINE void bound_and_store(const double *r, const Step &step, Events *events, int n,
                                 char *out, ptrdiff_t stride) {
  Z buffer[CHUNK];
  Z *const z = sizeof(Z) == sizeof(T) && stride == sizeof(T) ? reinterpret_cast<Z *>(out) : buffer;
  const DoubleToInteger<Z, LARGER> to_integer;
  const Target &t = step.target;
  const bool folds = t.overflow == FX_WRAP || t.overflow == FX_SATURATE_ZERO;
  if ((LARGER && t.width <= 8 * static_cast<int>(sizeof(Z))) || (folds && t.width <= 52))
    contiguous_loop(to_integer, t, events, n, z, r);
  else
    for (int i = 0; i < n; i++) z[i] = to_integer(r[i]).r;
  if (z == buffer) store_as<Z, Unsigned<T>>(z, out, stride, n);
}

// Rounds t and stores it as elements of type T. False: one is too large for this.
template <class T>
FX_NOINLINE bool finish_doubles(const DoubleRounder &rounder, double *t, const Step &step,
                                Events *events, int n, char *out, ptrdiff_t stride) {
  const bool even = step.target.rounding == FX_NEAREST_EVEN;
  const Size size = even ? events ? round_doubles<true, true>(rounder, t, n, events)
                                  : round_doubles<true, false>(rounder, t, n, events)
                    : events ? round_doubles<false, true>(rounder, t, n, events)
                             : round_doubles<false, false>(rounder, t, n, events);
  if (size == SMALL) {
    if constexpr (sizeof(T) <= 4) {
      if (rounder.hi <= INT32_MAX) {
        bound_and_store<int32_t, T>(t, step, events, n, out, stride);
        return true;
      }
    }
    bound_and_store<int64_t, T>(t, step, events, n, out, stride);
    return true;
  }
  if constexpr (sizeof(T) >= 8) {
    if (size == MEDIUM) {
      bound_and_store<int64_t, T, true>(t, step, events, n, out, stride);
      return true;
    }
    if (size == LARGE) {
      bound_and_store<i128, T, true>(t, step, events, n, out, stride);
      return true;
    }
  }
  return false;
}

// A row from float64, exact values or quotients: values(at, m, t) makes a chunk of them. False,
// here or from `values`: the general loop has to do the row.
template <class T, class V>
inline bool from_doubles(const V &values, const Step &step, Events *events, int64_t n, char *out,
                         ptrdiff_t stride) {
  const DoubleRounder rounder(step.target);
  double t[CHUNK + VECTOR_DOUBLES];
  for (int64_t at = 0; at < n; at += CHUNK) {
    const int m = static_cast<int>(n - at < CHUNK ? n - at : CHUNK);
    // The end of the last vector, before `values`, so that no load has to wait for this store.
    std::memset(t + (m & -VECTOR_DOUBLES), 0, VECTOR_DOUBLES * sizeof *t);
    if (!values(at, m, t)) return false;
    if (!finish_doubles<T>(rounder, t, step, events, m, out + at * stride, stride)) return false;
  }
  return true;
}

// raw * 2^-frac_bits as a double, rounded once to nearest even.
template <class T> inline double nearest(T v) { return static_cast<double>(v); }
// From exact halves, which compilers do in vectors.
inline double nearest(int64_t v) {
  return static_cast<double>(static_cast<int32_t>(v >> 32)) * 0x1p32 +
         static_cast<double>(static_cast<uint32_t>(v));
}
// The top 63 bits, the last one sticky (set where a lower one is), rounded once to 53.
inline double nearest(u128 v) {
  const uint64_t high = static_cast<uint64_t>(v >> 64), low = static_cast<uint64_t>(v);
  if (high == 0) return static_cast<double>(low);
  const int zeros = __builtin_clzll(high);
  const uint64_t top = high << zeros | low >> 1 >> (63 - zeros), rest = low << zeros;
  const int64_t m = static_cast<int64_t>(top >> 1 | (top & 1) | (rest != 0));
  return static_cast<double>(m) * power_of_two(65 - zeros);
}
// Without branches: signs are mostly random.
inline double nearest(i128 v) {
  const u128 sign = static_cast<u128>(v >> 127);
  return std::copysign(nearest((static_cast<u128>(v) ^ sign) - sign),
                       static_cast<double>(static_cast<int64_t>(v >> 64)));
}
// ... or to odd, so that rounding it once more, to a narrower float type, is as rounding once.
template <class U> inline double to_odd(U magnitude) {
  const uint64_t high = sizeof(U) == 16 ? static_cast<uint64_t>(magnitude >> (sizeof(U) * 4)) : 0;
  const uint64_t low = static_cast<uint64_t>(magnitude);
  const int zeros = high ? __builtin_clzll(high) : low ? 64 + __builtin_clzll(low) : 128;
  const int s = zeros < 75 ? 75 - zeros : 0; // 53 bits are left
  const U m = magnitude >> s;
  const bool lost = (m << s) != magnitude;
  return static_cast<double>(static_cast<int64_t>(static_cast<uint64_t>(m) | lost)) *
         power_of_two(s);
}

// Rounded to nearest even, or to odd.
template <class T>
inline void to_double_as(const Step &step, int64_t n, char *const *p, const ptrdiff_t *strides) {
  typedef typename std::conditional<sizeof(T) == 16, u128, uint64_t>::type U;
  const double scale = power_of_two(-step.lift[0]);
  T buffer[CHUNK];
  double made[CHUNK];
  for (int64_t at = 0; at < n; at += CHUNK) {
    const int m = static_cast<int>(n - at < CHUNK ? n - at : CHUNK);
    const T *x = contiguous(p[0] + at * strides[0], strides[0], m, buffer);
    if (step.target.rounding != FX_ODD)
      for (int i = 0; i < m; i++) made[i] = nearest(x[i]) * scale;
    else
      for (int i = 0; i < m; i++) {
        const U magnitude = x[i] < 0 ? -static_cast<U>(x[i]) : static_cast<U>(x[i]);
        made[i] = to_odd(magnitude) * (x[i] < 0 ? -scale : scale);
      }
    copy_out(made, p[1] + at * strides[1], strides[1], m);
  }
}

inline void to_double_row(const Task &task, int64_t, int64_t n, char *const *p,
                          const ptrdiff_t *strides) {
  const Step &step = *task.step;
  at_storage(step.storage[0], [&](auto t) { to_double_as<decltype(t)>(step, n, p, strides); });
}

} // namespace FX_VARIANT
