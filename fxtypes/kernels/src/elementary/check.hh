// From an approximation to the result rounded to odd, or to the finding that more bits are needed.
#pragma once

#include "elementary/limbs.hh"

namespace FX_VARIANT {

// An argument raw * 2^-frac_bits; M is uint64_t or u128.
template <class M> struct Argument {
  M magnitude;
  uint64_t sign; // all ones where negative
};

// A magnitude |v|: (y - error) 2^-point < |v| < (y + error) 2^-point, of the sign `sign`.
template <int N> struct Approximation {
  Limbs<N> y;
  int point;
  uint64_t error; // below 2^62
  uint64_t sign;
};

// What analysis knows of a result that no approximation decides.
enum Known : int {
  UNKNOWN,
  DYADIC,   // +-m 2^-point, or a little more or less than that in magnitude
  TOO_LARGE, // out of the format's range, perhaps infinite
  INFINITE, // of magnitude 2^1024 or more, or a pole
};

// Beyond these magnitudes, of x >= 0 and of x < 0, a function's results are alike, to odd and within the
// format's range: nearly zero, beside 1, or too large. All ones: there is no such end.
struct Tails {
  u128 from[2];
};

// m 2^-point and, with lean 1 or -1, something more or less that is not 0 and below both 2^-point
// and the result's last bit to odd.
struct Special {
  u128 m;
  int point, lean;
  uint64_t sign;
};

// Rounds |v| 2^out_bits to odd: its floor, with the last bit set. False: undecided.
//
// The even integers are the boundaries that |v| must not cross. Of y's bits below them, the 64
// highest are compared with the error, rounded up and one more for what is below those.
template <int N>
FX_INLINE bool to_odd_of_any(const Approximation<N> &a, int s, Limbs<N> *odd) {
  if (s < 2) return false;
  uint64_t window, error;
  if (s >= 63) {
    const Limbs<N> v = a.y >> (s - 63);
    window = v.w[0];
    error = (s - 63 < 64 ? a.error >> (s - 63) : 0) + 2;
    *odd = shift_right<63>(v);
  } else {
    if (a.error >> s) return false;
    window = a.y.w[0] << (63 - s);
    error = a.error << (63 - s);
    *odd = a.y >> s;
  }
  odd->w[0] |= 1;
  return window - error <= -(2 * error);
}
template <int N>
FX_NOINLINE bool to_odd_of_rare(const Approximation<N> &a, int s, Limbs<N> *odd) {
  return to_odd_of_any(a, s, odd);
}
template <int N>
FX_INLINE bool to_odd(const Approximation<N> &a, int out_bits, Limbs<N> *odd) {
  const int s = a.point - out_bits; // bits of y below the result's last
  if constexpr (N == 1) {
    // One test for what is usual: an error below 2^s, of which 64 bits hold twice as much.
    const int least = 64 - __builtin_clzll(a.error | 2);
    if (__builtin_expect(static_cast<unsigned>(s - least) >= static_cast<unsigned>(63 - least), 0))
      return to_odd_of_rare(a, s, odd);
    const uint64_t window = a.y.w[0] << (63 - s), error = a.error << (63 - s);
    odd->w[0] = a.y.w[0] >> s | 1;
    return window - error <= -(2 * error);
  }
  return to_odd_of_any(a, s, odd);
}

// Whether no multiple of 2^s is within `error` of y, both modulo 2^(64 N); error < 2^(s - 1) where
// s < 64. As in `to_odd`.
template <int N> FX_INLINE bool is_between(const Limbs<N> &y, int s, uint64_t error) {
  uint64_t window;
  if (s >= 64) {
    window = (y >> (s - 64)).w[0];
    error = (s - 64 < 64 ? error >> (s - 64) : 0) + 2;
  } else {
    window = y.w[0] << (64 - s);
    error <<= 64 - s;
  }
  return window - error <= -(2 * error);
}

// Rounds v 2^frac_bits stochastically, by the draw u: up where its fraction is 1 - u / 2^64 or more,
// which is the same as where 64 bits of the fraction and u carry, as u is whole. Gives the rounded
// magnitude; false: undecided. Here any integer is a boundary, of v + u / 2^64. Where it is
// `counted` whether anything is lost, v itself must not be one.
template <int N>
FX_INLINE bool to_stochastic(const Approximation<N> &a, int frac_bits, uint64_t u, bool counted,
                             Limbs<N> *rounded) {
  // One bit of room for the sum, and no more bits below the point than limbs have.
  int s = a.point - 1 - frac_bits, down = 1;
  if (s > 64 * N - 2) {
    down += s - (64 * N - 2);
    s = 64 * N - 2;
  }
  // A bit of y's, and one of u's, are cut off.
  const uint64_t error = (down < 64 ? a.error >> down : 0) + 3;
  if (s < 2 || (s < 64 && error >> (s - 1))) return false;
  Limbs<N> y = a.y >> down, draw = {};
  if (counted && !is_between(y, s, error)) return false;
  draw.w[0] = s < 64 ? u >> (64 - s) : u;
  if (s > 64) draw = draw << (s - 64);
  uint64_t borrow = 0;
  y = a.sign ? subtract(y, draw, &borrow) : y + draw;
  // Toward minus infinity: magnitudes of negative numbers up, from a negative difference to 0.
  *rounded = (y >> s) + Limbs<N>{{a.sign & 1}};
  each<N>(FX_EACH(i) { rounded->w[i] &= borrow - 1; });
  return is_between(y, s, error);
}

// Whether |v| 2^out_bits is below 2, and so 1 to odd. Not where even the sign is open.
template <int N> inline bool is_below_last_bits(const Approximation<N> &a, int out_bits) {
  const int s = a.point - out_bits;
  if (a.y < Limbs<N>{{a.error}}) return false;
  if (s >= 64 * N + 1) return true; // y + error < 2^(64 N + 1)
  Limbs<N> error = {}, top;
  error.w[0] = a.error;
  uint64_t carry = 0;
  top = add(a.y, error, &carry);
  if (s < 2 || carry) return false;
  return is_zero(top >> (s + 1));
}

// m 2^-point with its leaning, to odd; false where that has more than 320 bits.
inline bool to_odd(const Special &v, int out_bits, Limbs<5> *odd) {
  const Limbs<5> m = {{low_word(v.m), high_word(v.m)}}, one = {{1}};
  const int up = out_bits - v.point;
  bool rest = false;
  if (up > 0) {
    if (up > leading_zeros(m) && v.m != 0) return false;
    *odd = m << up;
  } else {
    *odd = m >> -up;
    rest = !is_zero(m - (*odd << -up));
  }
  if (v.lean < 0 && !rest) *odd = *odd - one;
  odd->w[0] |= rest || v.lean != 0;
  return true;
}

} // namespace FX_VARIANT
