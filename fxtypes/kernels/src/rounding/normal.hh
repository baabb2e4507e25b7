// Standard normal deviates by Marsaglia's polar method, as fxtypes/random.py defines them, whose bits
// these are: floor(a R / 2^64) with R = floor(sqrt(-2 ln s / s) 2^112), s = square / 2^128. Floats
// only make guesses at R; integers, of a logarithm with a known error, decide whether one is right.
#pragma once

#include <cmath>

#include "rounding/draws.hh"

namespace FX_VARIANT {

namespace normal {

// Unsigned numbers of N words, the lowest first.
template <int N> struct Words {
  uint64_t w[N] = {};
};

// The low OUT words of a product.
template <int OUT, int A, int B> FX_INLINE Words<OUT> multiply(const Words<A> &a, const Words<B> &b) {
  Words<OUT> out;
#pragma GCC unroll 6
  for (int i = 0; i < A; i++) {
    const int words = B < OUT - i ? B : OUT - i;
    uint64_t carry = 0;
#pragma GCC unroll 6
    for (int j = 0; j < words; j++) {
      const u128 t = static_cast<u128>(a.w[i]) * b.w[j] + out.w[i + j] + carry;
      out.w[i + j] = static_cast<uint64_t>(t);
      carry = static_cast<uint64_t>(t >> 64);
    }
    if (i + B < OUT) out.w[i + B] = carry;
  }
  return out;
}
// a -= b
template <int A, int B> FX_INLINE void subtract(Words<A> &a, const Words<B> &b) {
  uint64_t borrow = 0;
#pragma GCC unroll 6
  for (int i = 0; i < A; i++) {
    const u128 t = static_cast<u128>(a.w[i]) - (i < B ? b.w[i] : 0) - borrow;
    a.w[i] = static_cast<uint64_t>(t);
    borrow = static_cast<uint64_t>(t >> 64) & 1;
  }
}
// The upper three words of a product of three by three.
FX_INLINE Words<3> upper(const Words<3> &a, const Words<3> &b) {
  const Words<6> p = multiply<6>(a, b);
  Words<3> out;
  for (int i = 0; i < 3; i++) out.w[i] = p.w[i + 3];
  return out;
}
FX_INLINE Words<3> table_entry(const uint64_t *table, int i) {
  Words<3> out;
  for (int k = 0; k < 3; k++) out.w[k] = table[3 * i + k];
  return out;
}
// About the value of a number of two's complement.
FX_INLINE double about(Words<6> v) {
  const bool negative = v.w[5] >> 63;
  if (negative) {
    Words<6> zero;
    subtract(zero, v);
    v = zero;
  }
  double sum = 0;
  for (int i = 5; i >= 0; i--) sum = sum * 0x1p64 + static_cast<double>(v.w[i]);
  return negative ? -sum : sum;
}

// -ln s * 2^192, off by less than 64: see elementary/logarithm.py, whose tables these are. The
// argument has `zeros` leading zeros, at most 31.
//
// The two products by short reciprocals are exact here. The error: ln 2 is off by 1, 32 times; the
// tables by 1.1 each; the polynomial's coefficients and products by 1, of which less than 3 arrive.
inline Words<4> log_of_inverse(const NormalTables &t, u128 square, int zeros) {
  const u128 m = square << zeros; // the mantissa * 2^127
  const int i = static_cast<int>(m >> 119) - 256;
  const uint64_t first = ((1 << 17) + 255 + i) / (256 + i);
  const Words<2> mantissa = {{static_cast<uint64_t>(m), static_cast<uint64_t>(m >> 64)}};
  const Words<3> v = multiply<3>(mantissa, Words<1>{{first}}); // * 2^136
  const int j = static_cast<int>(v.w[1] >> 56 | v.w[2] << 8) - 65536;
  const uint64_t second = ((uint64_t(1) << 33) + 65535 + j) / (65536 + j);
  const Words<3> d153 = multiply<3>(v, Words<1>{{second}}); // (1 + d) * 2^153
  const uint64_t high = d153.w[2] - (uint64_t(1) << 25);
  const Words<3> d = {{d153.w[0] << 39, d153.w[1] << 39 | d153.w[0] >> 25,
                       high << 39 | d153.w[1] >> 25}}; // * 2^192
  // ln(1 + d) = d - d^2 (1/2 - d (1/3 - d (1/4 - ...)))
  Words<3> p = table_entry(t.inverses, t.terms - 2);
  for (int n = t.terms - 1; n >= 2; n--) {
    Words<3> c = table_entry(t.inverses, n - 2);
    subtract(c, upper(p, d));
    p = c;
  }
  Words<4> sum = multiply<4>(table_entry(t.ln2, 0), Words<1>{{static_cast<uint64_t>(zeros) + 1}});
  subtract(sum, table_entry(t.first, i));
  subtract(sum, table_entry(t.second, j));
  subtract(sum, d);
  Words<4> last;
  const Words<3> square_term = upper(upper(p, d), d);
  for (int k = 0; k < 3; k++) last.w[k] = square_term.w[k];
  Words<4> negated; // sum + last
  subtract(negated, last);
  subtract(sum, negated);
  return sum;
}

// floor(sqrt(-2 ln s / s) * 2^112) of square = s * 2^128; false where this isn't decided.
inline bool radius(const NormalTables &t, u128 square, Words<3> *root) {
  const uint64_t upper_word = static_cast<uint64_t>(square >> 64);
  if (upper_word < uint64_t(1) << 32) return false; // s below 2^-32
  const Words<4> l = log_of_inverse(t, square, __builtin_clzll(upper_word));
  if (l.w[3] == 0 && l.w[2] < uint64_t(1) << 48) return false; // s above 1 - 2^-16
  // R = floor(sqrt(2 l 2^(32 + 128) / square)), and numerator = l * 2^161 is off by less than 2^167.
  Words<6> numerator;
  for (int k = 0; k < 4; k++) {
    numerator.w[k + 2] |= l.w[k] << 33;
    if (k + 3 < 6) numerator.w[k + 3] = l.w[k] >> 31;
  }
  const Words<2> s = {{static_cast<uint64_t>(square), upper_word}};
  // numerator - R^2 * square, modulo 2^384
  const auto left = [&](const Words<3> &r) {
    Words<6> e = numerator;
    subtract(e, multiply<6>(multiply<6>(r, r), s));
    return e;
  };
  const double inverse_s = 0x1p64 / static_cast<double>(upper_word);
  const double guess = std::sqrt(2 * (static_cast<double>(l.w[3]) +
                                      static_cast<double>(l.w[2]) * 0x1p-64) * inverse_s);
  // It is from 2^-8 to 2^19: 62 bits of it, and a shift.
  const int exponent = std::ilogb(guess), shift = 112 - 61 + exponent;
  const uint64_t bits = static_cast<uint64_t>(std::ldexp(guess, 61 - exponent));
  Words<3> r;
  r.w[shift / 64] = bits << shift % 64;
  r.w[shift / 64 + 1] = bits >> 1 >> (63 - shift % 64);
  // Two of Newton's steps: relative errors of 2^-48, 2^-96, and then less than one unit.
  const double slope = guess * 0x1p113 / inverse_s * 0x1p128; // 2 R square
  for (int step = 0; step < 2; step++) {
    const double change = about(left(r)) / slope;
    const double high = std::floor(change * 0x1p-32);
    const double low = std::floor(change - high * 0x1p32);
    const i128 by = static_cast<i128>(static_cast<int64_t>(high)) * (i128(1) << 32) +
                    static_cast<int64_t>(low);
    const i128 sum = static_cast<i128>(static_cast<u128>(r.w[1]) << 64 | r.w[0]);
    const u128 changed = static_cast<u128>(sum) + static_cast<u128>(by);
    // The upper word takes the carry, or the borrow.
    r.w[2] += (by < 0 ? ~uint64_t(0) : 0) + (changed < static_cast<u128>(sum) ? 1 : 0);
    r.w[0] = static_cast<uint64_t>(changed);
    r.w[1] = static_cast<uint64_t>(changed >> 64);
  }
  // Decided where 2^167 <= numerator - R^2 square and numerator + 2^167 <= (R + 1)^2 square, less one.
  const Words<6> e = left(r);
  Words<3> twice = {{r.w[0] << 1 | 1, r.w[1] << 1 | r.w[0] >> 63, r.w[2] << 1 | r.w[1] >> 63}};
  Words<6> other = multiply<6>(twice, s);
  subtract(other, e);
  const auto is_large = [](const Words<6> &v) { // not below 2^168
    return !(v.w[5] >> 63) && (v.w[5] | v.w[4] | v.w[3] | v.w[2] >> 40);
  };
  *root = r;
  return is_large(e) && is_large(other);
}

} // namespace normal

// The deviates * 2^112 of elements index .. index + n - 1; `undecided` says where there is none.
inline void normal_deviates(const Stream &stream, const NormalTables &tables, uint64_t index,
                            int64_t n, i128 *out, uint8_t *undecided) {
  const int size = 256;
  uint64_t us[size], vs[size];
  for (int64_t at = 0; at < n; at += size) {
    const int m = static_cast<int>(n - at < size ? n - at : size);
    draw(stream, index + at, 0, m, us);
    draw(stream, index + at, 1, m, vs);
    for (int i = 0; i < m; i++) {
      uint64_t u = us[i], v = vs[i], a;
      u128 square;
      for (uint64_t k = 2;; k += 2) {
        // Magnitudes of the odd numbers 2 u + 1 - 2^64.
        a = u >> 63 ? 2 * u + 1 : ~(2 * u);
        const uint64_t b = v >> 63 ? 2 * v + 1 : ~(2 * v);
        square = static_cast<u128>(a) * a;
        const u128 sum = square + static_cast<u128>(b) * b;
        const bool inside = sum >= square;
        square = sum;
        if (inside) break;
        draw(stream, index + at + i, k, 1, &u);
        draw(stream, index + at + i, k + 1, 1, &v);
      }
      normal::Words<3> root;
      undecided[at + i] = !normal::radius(tables, square, &root);
      const normal::Words<4> p = normal::multiply<4>(root, normal::Words<1>{{a}});
      const u128 floor = static_cast<u128>(p.w[2]) << 64 | p.w[1];
      out[at + i] = static_cast<i128>(u >> 63 ? floor : p.w[0] ? ~floor : -floor);
    }
  }
}

} // namespace FX_VARIANT
