// What the functions' analyses share.
#pragma once

#include "elementary/check.hh"
#include "elementary/constants.hh"
#include "elementary/limbs.hh"

namespace FX_VARIANT {

inline int bit_length(u128 v) {
  const uint64_t high = high_word(v), low = low_word(v);
  return high ? 128 - __builtin_clzll(high) : low ? 64 - __builtin_clzll(low) : 0;
}
inline int trailing_zeros(u128 v) { // of v > 0
  const uint64_t low = low_word(v);
  return low ? __builtin_ctzll(low) : 64 + __builtin_ctzll(high_word(v));
}

// floor(v 2^up); all ones where that is 2^128 or more, which is above all magnitudes.
inline u128 scaled(u128 v, int up) {
  if (up < 0) return up > -128 ? v >> -up : 0;
  if (v == 0) return 0;
  return bit_length(v) + up <= 128 ? v << up : ~u128(0);
}
// |x| above it is more than n ln 2, 0 <= n < 2^12.
inline u128 multiple_of_ln2(int n, int frac_bits) {
  return scaled(static_cast<u128>(LN2.w[5] + 1) * static_cast<u128>(n), frac_bits - 64);
}

// Whether |x|^degree is at most 2^-bits.
inline bool is_at_most(const Argument<u128> &x, int frac_bits, int degree, int bits) {
  return degree * (bit_length(x.magnitude) - frac_bits) <= -bits;
}

// Whether a result beside x, by less than |x|^degree, is x leaning to one side: that is less than
// both x's last bit and the result's.
inline bool is_beside(const Argument<u128> &x, int frac_bits, int degree, int out_bits) {
  return is_at_most(x, frac_bits, degree, frac_bits > out_bits ? frac_bits : out_bits);
}

inline Known exactly(Special *v, u128 m, int point, int lean = 0, uint64_t sign = 0) {
  *v = {m, point, lean, sign};
  return DYADIC;
}
// Nothing but the sign: between 0 and the last bit.
inline Known nearly_zero(Special *v, uint64_t sign = 0) { return exactly(v, 0, 0, 1, sign); }
inline Known known(Special *v, Known what, uint64_t sign = 0) {
  *v = {0, 0, 0, sign};
  return what;
}

} // namespace FX_VARIANT
