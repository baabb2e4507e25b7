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
  uint64_t error; // below 2^32
  uint64_t sign;
};

// What analysis knows of a result that no approximation decides.
enum Known : int {
  UNKNOWN,
  DYADIC,   // +-m 2^-point, or a little more or less than that in magnitude
  TOO_LARGE, // out of the range of every format that has room for `limit` bits
  INFINITE, // of magnitude 2^1024 or more, or a pole
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
FX_INLINE bool to_odd(const Approximation<N> &a, int out_bits, Limbs<N> *odd) {
  const int s = a.point - out_bits; // bits of y below the result's last
  if (s < 2) return false;
  uint64_t window, error;
  if (s >= 63) {
    const int down = s - 63;
    window = (a.y >> down).w[0];
    error = (down < 32 ? a.error >> down : 0) + 2;
  } else {
    if (s < 32 && a.error >> s) return false;
    window = a.y.w[0] << (63 - s);
    error = a.error << (63 - s);
  }
  *odd = a.y >> s;
  odd->w[0] |= 1;
  return window - error <= -(2 * error);
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
    if (up > leading_zeros(m)) return false;
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
