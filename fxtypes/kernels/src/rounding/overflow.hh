// A rounded value of the fused loops, and what the overflow mode makes of it.
#pragma once

#include <type_traits>

#include "rounding/rounding.hh"
#include "integers/words.hh"

namespace FX_VARIANT {

enum Bounding {
  CLAMP,        // to the nearer end of the range
  CLAMP_RARELY, // the same, faster where hardly any value is out of range
  SATURATE,     // the same where the range is all of the type
  FOLD,         // what is out of range keeps its low bits (wrap) or becomes 0 (saturate_zero)
};

// A flag, 0 or 1, as wide as R, so that compilers make vectors of loops that count; but wide enough
// for the counts of 4096 elements.
template <class R>
using Flag = typename std::conditional<
    sizeof(R) <= 2, int16_t,
    typename std::conditional<sizeof(R) == 4, int32_t, int64_t>::type>::type;

// A rounded value before overflow.
template <class R> struct Rounded {
  R r;
  Flag<R> beyond;   // R doesn't hold the value: r is its low bits
  Flag<R> negative; // the value is; used where it is beyond R
  Flag<R> lost;     // rounding lost something
  Flag<R> zero;     // the exact value is 0
  Flag<R> unsure = 0; // the draw was too short to decide, see DrawsLittle
};

// Of a function F of the fused loops: whether an operator() of it takes the first 16 bits of a draw,
// as uint16_t, and says in `unsure` where those don't decide.
//
// A fraction's first 16 bits and a draw's, added, are all ones in one case of 2^16. Only then, and
// if the fraction has more bits, does the carry depend on the draw's others.
template <class F> struct DrawsLittle { static const bool value = false; };

// The sum of a fraction, in all 64 bits, and a draw of 16: whether it is such a case.
FX_INLINE bool is_unsure(uint64_t sum) { return sum > uint64_t(0xFFFF) << 48; }

struct Events {
  int64_t overflow, underflow, inexact;
  // Of functions that the general loop doesn't know, where overflow raises: the first one.
  int64_t first = -1;
  i128 first_value = 0;
};

template <class T> using Unsigned = typename std::conditional<
    std::is_same<T, i128>::value || std::is_same<T, u128>::value, u128,
    typename std::make_unsigned<typename std::conditional<
        std::is_same<T, i128>::value || std::is_same<T, u128>::value, int, T>::type>::type>::type;

template <class T> struct Wider { typedef T type; };
template <> struct Wider<int8_t> { typedef int32_t type; };
template <> struct Wider<uint8_t> { typedef int32_t type; };
template <> struct Wider<int16_t> { typedef int32_t type; };
template <> struct Wider<uint16_t> { typedef int32_t type; };
template <> struct Wider<int32_t> { typedef int64_t type; };

// All ones for 1, 0 for 0. The compiler can't see that a bit has only these values, and so makes no
// branch of it.
inline uint64_t mask(uint64_t bit) {
  asm("" : "+r"(bit));
  return -bit;
}

// The range of a format, and values of type R brought into it.
template <class R> struct Bounds {
  typedef Unsigned<R> U;
  R lo, hi, span;
  U extent, lo_xor_hi; // hi - lo
  R kept_bits;         // of a folded value out of range: all ones or 0

  explicit Bounds(const Target &t) : kept_bits(t.overflow == FX_SATURATE_ZERO ? 0 : -1) {
    const int bits = 8 * sizeof(R);
    span = static_cast<R>(t.width < bits ? (U(1) << t.width) - 1 : ~U(0));
    hi = t.is_signed ? static_cast<R>((U(1) << (t.width - 1)) - 1) : span;
    lo = t.is_signed ? (t.overflow == FX_SATURATE_SYMMETRIC ? -hi : -hi - 1) : 0;
    extent = static_cast<U>(hi) - static_cast<U>(lo);
    lo_xor_hi = static_cast<U>(hi) ^ static_cast<U>(lo);
  }

  // Whether the range is all of R.
  bool fills_type() const { return extent == static_cast<U>(~U(0)); }

  template <Bounding B> FX_INLINE R operator()(const Rounded<R> &v) const {
    if (B != FOLD) {
      if (sizeof(R) == 16 && B == CLAMP_RARELY)
        if (__builtin_expect(!(v.beyond | (static_cast<U>(v.r) - static_cast<U>(lo) > extent)), 1))
          return v.r;
      if constexpr (sizeof(R) == 16) { // by masks of words: GCC makes a branch of ?:
        const uint64_t out =
            mask(v.beyond | (static_cast<U>(v.r) - static_cast<U>(lo) > extent ? 1 : 0));
        const uint64_t low = mask((v.beyond & v.negative) | (~v.beyond & (v.r < 0 ? 1 : 0)));
        const auto word = [&](int shift) {
          const uint64_t r = static_cast<uint64_t>(static_cast<U>(v.r) >> shift);
          const uint64_t h = static_cast<uint64_t>(static_cast<U>(hi) >> shift);
          const uint64_t t = static_cast<uint64_t>(lo_xor_hi >> shift);
          return r ^ ((r ^ h ^ (t & low)) & out);
        };
        return static_cast<R>(static_cast<U>(word(64)) << 64 | word(0));
      }
      const R r = v.r < lo ? lo : v.r > hi ? hi : v.r;
      return v.beyond ? (v.negative ? lo : hi) : r;
    }
    const R w = static_cast<R>(((Unsigned<R>(v.r) - Unsigned<R>(lo)) & Unsigned<R>(span)) +
                               Unsigned<R>(lo));
    const Flag<R> out = v.beyond | (w != v.r ? Flag<R>(1) : Flag<R>(0));
    return out ? w & kept_bits : w;
  }
};

// The target with a shift of two bits, or none, for an int32_t Rounder: its range isn't used.
inline Target two_bits_of(Target t, int shift = 2) {
  t.shift = shift;
  t.width = 16;
  return t;
}

// A number of up to 256 bits, shifted right by Q words and some bits: rounded down, and one more
// where (c + 2 guard + sticky) / 4 >= 1. The guard bit is the highest lost one, the sticky bit
// tells whether any other is set. c is what rounding.hh adds for a shift by two bits: it depends on
// the mode, the sign and the result's last bit. The number is less than 2^255 in magnitude.
static_assert(FX_MULTIPLY_SHIFT[4] < 190, "Q <= 2");

template <int Q> struct Round256 {
  int b;
  uint64_t guard[Q + 1], sticky[Q + 1]; // those bits in the low words
  int32_t c0, c1, c2;

  explicit Round256(const Target &t) : b(t.shift % 64), guard(), sticky() {
    const Rounder<int32_t> two(two_bits_of(t, t.shift ? 2 : 0));
    c0 = two.c0;
    c1 = two.c1;
    c2 = two.c2;
    if (t.shift == 0) return;
    const int last = (t.shift - 1) / 64, bit = (t.shift - 1) % 64;
    for (int k = 0; k < last; k++) sticky[k] = ~uint64_t(0);
    guard[last] = uint64_t(1) << bit;
    sticky[last] = guard[last] - 1;
  }

  // z has so many words.
  template <int WORDS> FX_INLINE Rounded<i128> rounded(const uint64_t z[WORDS]) const {
    const int32_t sign = static_cast<int32_t>(static_cast<int64_t>(z[WORDS - 1]) >> 63);
    const int32_t c = c0 + (sign & c1) + (-static_cast<int32_t>(from<WORDS>(z, Q) & 1) & c2);
    const int32_t up = c + any(z, guard) * 2 + any(z, sticky);
    return finish<WORDS>(z, static_cast<uint64_t>(up >> 2));
  }
  // Stochastic: up where the 64 highest lost bits and u, added, carry.
  template <int WORDS> FX_INLINE Rounded<i128> dithered(const uint64_t z[WORDS], uint64_t u) const {
    return finish<WORDS>(z, from<WORDS>(z, Q - 1) + u < u);
  }
  template <int WORDS> FX_INLINE Rounded<i128> dithered(const uint64_t z[WORDS], uint16_t u) const {
    const uint64_t first = static_cast<uint64_t>(u) << 48, sum = from<WORDS>(z, Q - 1) + first;
    Rounded<i128> v = finish<WORDS>(z, sum < first);
    v.unsure = is_unsure(sum);
    return v;
  }

private:
  // The word whose lowest bit is bit 64 k + b of z, -1 <= k.
  template <int WORDS> FX_INLINE uint64_t from(const uint64_t z[WORDS], int k) const {
    const int64_t top = static_cast<int64_t>(z[WORDS - 1]);
    return k >= WORDS       ? static_cast<uint64_t>(top >> 63)
           : k == WORDS - 1 ? static_cast<uint64_t>(top >> b)
                            : funnel(k < 0 ? 0 : z[k], z[k + 1], b);
  }
  FX_INLINE bool any(const uint64_t *z, const uint64_t which[Q + 1]) const {
    uint64_t found = 0;
    for (int k = 0; k <= Q; k++) found |= z[k] & which[k];
    return found != 0;
  }
  template <int WORDS>
  FX_INLINE Rounded<i128> finish(const uint64_t z[WORDS], uint64_t carry) const {
    uint64_t r[4], some = 0;
    for (int k = 0; k < WORDS; k++) some |= z[k];
    for (int k = 0; k < 4; k++) r[k] = from<WORDS>(z, k + Q);
    add_word(r, carry);
    const uint64_t fit = static_cast<uint64_t>(static_cast<int64_t>(r[1]) >> 63);
    return {static_cast<i128>(static_cast<u128>(r[1]) << 64 | r[0]),
            ((r[2] ^ fit) | (r[3] ^ fit)) != 0, static_cast<int64_t>(r[3]) < 0,
            any(z, guard) || any(z, sticky), some == 0};
  }
};

} // namespace FX_VARIANT
