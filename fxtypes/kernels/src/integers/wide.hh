// Wide integers: two's complement numbers of N 64-bit words, least significant first.
//
// The kernels are templates over the level's type I, one of
//     int32_t, int64_t, __int128, Int<5>, Int<16>,
// so that Int<N> has the operators of the built-in types. It wraps, as they do under -fwrapv. Shift
// counts are 0 <= s < bits.
#pragma once

#include <cstddef>
#include <cstdint>

#include "limits.hh"

#ifndef __SIZEOF_INT128__
#error "fxtypes needs a compiler with 128-bit integers: GCC or Clang on a 64-bit machine"
#endif

// For what is called once a chunk: inlining it takes minutes of compiling and gains nothing.
#define FX_NOINLINE __attribute__((noinline))
// For what is called once an element, and which GCC may think too large to inline.
#define FX_INLINE inline __attribute__((always_inline))

namespace FX_VARIANT {

typedef __int128 i128;
typedef unsigned __int128 u128;

template <int N> struct Int {
  uint64_t w[N];

  Int() = default;
  Int(int v) : Int(static_cast<int64_t>(v)) {}
  Int(int64_t v) {
    w[0] = static_cast<uint64_t>(v);
    fill(1, v < 0);
  }
  Int(unsigned v) : Int(static_cast<uint64_t>(v)) {}
  Int(uint64_t v) {
    w[0] = v;
    fill(1, false);
  }
  Int(i128 v) {
    w[0] = static_cast<uint64_t>(v);
    w[1] = static_cast<uint64_t>(v >> 64);
    fill(2, v < 0);
  }
  Int(u128 v) {
    w[0] = static_cast<uint64_t>(v);
    w[1] = static_cast<uint64_t>(v >> 64);
    fill(2, false);
  }
  template <int M> explicit Int(const Int<M> &v) {
    static_assert(M < N, "only widening");
    for (int i = 0; i < M; i++) w[i] = v.w[i];
    fill(M, v.negative());
  }

  bool negative() const { return static_cast<int64_t>(w[N - 1]) < 0; }
  explicit operator u128() const { return static_cast<u128>(w[1]) << 64 | w[0]; }
  explicit operator uint64_t() const { return w[0]; }

  Int operator~() const {
    Int r;
    for (int i = 0; i < N; i++) r.w[i] = ~w[i];
    return r;
  }
  Int operator+(const Int &o) const {
    Int r;
#ifdef __x86_64__ // GCC makes no chain of adc of the loop below
    if constexpr (N == 5) {
      r = *this;
      __asm__("addq %5, %0\n\tadcq %6, %1\n\tadcq %7, %2\n\tadcq %8, %3\n\tadcq %9, %4"
              : "+&r"(r.w[0]), "+&r"(r.w[1]), "+&r"(r.w[2]), "+&r"(r.w[3]), "+r"(r.w[4])
              : "rm"(o.w[0]), "rm"(o.w[1]), "rm"(o.w[2]), "rm"(o.w[3]), "rm"(o.w[4])
              : "cc");
      return r;
    }
#endif
    unsigned char carry = 0;
    for (int i = 0; i < N; i++) {
      u128 t = static_cast<u128>(w[i]) + o.w[i] + carry;
      r.w[i] = static_cast<uint64_t>(t);
      carry = static_cast<unsigned char>(t >> 64);
    }
    return r;
  }
  Int operator-(const Int &o) const {
    Int r;
    unsigned char borrow = 0;
    for (int i = 0; i < N; i++) {
      u128 t = static_cast<u128>(w[i]) - o.w[i] - borrow;
      r.w[i] = static_cast<uint64_t>(t);
      borrow = static_cast<unsigned char>((t >> 64) & 1);
    }
    return r;
  }
  Int operator-() const { return Int(0) - *this; }
  Int operator&(const Int &o) const {
    Int r;
    for (int i = 0; i < N; i++) r.w[i] = w[i] & o.w[i];
    return r;
  }
  Int operator|(const Int &o) const {
    Int r;
    for (int i = 0; i < N; i++) r.w[i] = w[i] | o.w[i];
    return r;
  }
  Int operator^(const Int &o) const {
    Int r;
    for (int i = 0; i < N; i++) r.w[i] = w[i] ^ o.w[i];
    return r;
  }
  Int operator<<(int s) const {
    Int r;
    const int q = s / 64, b = s % 64;
    for (int i = N - 1; i >= 0; i--) {
      uint64_t high = i >= q ? w[i - q] : 0, low = i > q ? w[i - q - 1] : 0;
      r.w[i] = b ? high << b | low >> (64 - b) : high;
    }
    return r;
  }
  Int operator>>(int s) const { // arithmetic
    Int r;
    const int q = s / 64, b = s % 64;
    const uint64_t sign = negative() ? ~uint64_t(0) : 0;
    for (int i = 0; i < N; i++) {
      uint64_t low = i + q < N ? w[i + q] : sign, high = i + q + 1 < N ? w[i + q + 1] : sign;
      r.w[i] = b ? low >> b | high << (64 - b) : low;
    }
    return r;
  }
  bool operator==(const Int &o) const {
    uint64_t d = 0;
    for (int i = 0; i < N; i++) d |= w[i] ^ o.w[i];
    return d == 0;
  }
  bool operator!=(const Int &o) const { return !(*this == o); }
  bool operator<(const Int &o) const {
    if (negative() != o.negative()) return negative();
    for (int i = N - 1; i >= 0; i--)
      if (w[i] != o.w[i]) return w[i] < o.w[i];
    return false;
  }
  bool operator>(const Int &o) const { return o < *this; }

private:
  void fill(int from, bool ones) {
    for (int i = from; i < N; i++) w[i] = ones ? ~uint64_t(0) : 0;
  }
};

typedef Int<5> i320;
typedef Int<16> i1024;

template <class I> struct Bits { static const int value = 8 * sizeof(I); };
static_assert(Bits<i128>::value == FX_LEVEL_BITS[FX_I128] &&
                  Bits<i320>::value == FX_LEVEL_BITS[FX_I320] &&
                  Bits<i1024>::value == FX_LEVEL_BITS[FX_I1024] &&
                  Bits<i1024>::value == 64 * FX_COUNTED_WORDS,
              "the levels' types");

template <class I> inline bool is_negative(const I &v) { return v < I(0); }
template <int N> inline bool is_negative(const Int<N> &v) { return v.negative(); }

// All ones where v < 0, else zero.
template <class I> inline I sign_mask(const I &v) { return v >> (Bits<I>::value - 1); }
template <int N> inline Int<N> sign_mask(const Int<N> &v) { return Int<N>(v.negative() ? -1 : 0); }

// v = 2^s - 1, up to all ones.
template <class I> inline void set_ones(I &v, int s) {
  v = s < Bits<I>::value ? (I(1) << s) - I(1) : I(-1);
}
template <int N> inline void set_ones(Int<N> &v, int s) {
  for (int i = 0; i < N; i++, s -= 64)
    v.w[i] = s >= 64 ? ~uint64_t(0) : s > 0 ? ~uint64_t(0) >> (64 - s) : 0;
}

// All ones where bit s of v is set, else zero.
template <class I> inline I bit_mask(const I &v, int s) { return -((v >> s) & I(1)); }
template <int N> inline Int<N> bit_mask(const Int<N> &v, int s) {
  return Int<N>(v.w[s / 64] >> (s % 64) & 1 ? -1 : 0);
}

// The product of two elements, magnitudes of at most 128 bits; the plan has made sure that I
// holds it.
template <class I> inline I product(const I &a, const I &b) { return a * b; }
template <int N> inline Int<N> product(const Int<N> &a, const Int<N> &b) {
  const bool flip = a.negative() != b.negative();
  const Int<N> p = a.negative() ? -a : a, q = b.negative() ? -b : b;
  const u128 p0 = static_cast<u128>(p.w[0]) * q.w[0], p1 = static_cast<u128>(p.w[0]) * q.w[1],
             p2 = static_cast<u128>(p.w[1]) * q.w[0], p3 = static_cast<u128>(p.w[1]) * q.w[1];
  const u128 middle = (p0 >> 64) + static_cast<uint64_t>(p1) + static_cast<uint64_t>(p2);
  const u128 high = p3 + (p1 >> 64) + (p2 >> 64) + (middle >> 64);
  Int<N> r(high);
  for (int i = N - 1; i >= 2; i--) r.w[i] = r.w[i - 2];
  r.w[0] = static_cast<uint64_t>(p0);
  r.w[1] = static_cast<uint64_t>(middle);
  return flip ? -r : r;
}

// floor(a / b) of magnitudes, b > 0, and whether a remainder was left.
template <class I, class U> inline I divide_builtin(const I &a, const I &b, bool *rest) {
  const U p = static_cast<U>(a), q = static_cast<U>(b);
  *rest = p % q != 0;
  return static_cast<I>(p / q);
}
inline int32_t divide(int32_t a, int32_t b, bool *rest) {
  return divide_builtin<int32_t, uint32_t>(a, b, rest);
}
inline int64_t divide(int64_t a, int64_t b, bool *rest) {
  return divide_builtin<int64_t, uint64_t>(a, b, rest);
}
inline i128 divide(i128 a, i128 b, bool *rest) { return divide_builtin<i128, u128>(a, b, rest); }

// Knuth's algorithm D for a divisor of one or two words.
template <int N> inline Int<N> divide(const Int<N> &a, const Int<N> &b, bool *rest) {
  Int<N> q(0);
  if (b.w[1] == 0) {
    const uint64_t d = b.w[0];
    uint64_t r = 0;
    for (int i = N - 1; i >= 0; i--) {
      const u128 t = static_cast<u128>(r) << 64 | a.w[i];
      q.w[i] = r == 0 && a.w[i] < d ? 0 : static_cast<uint64_t>(t / d);
      r = static_cast<uint64_t>(t - static_cast<u128>(q.w[i]) * d);
    }
    *rest = r != 0;
    return q;
  }
  const int shift = __builtin_clzll(b.w[1]);
  const u128 d = (static_cast<u128>(b.w[1]) << 64 | b.w[0]) << shift;
  const uint64_t d1 = static_cast<uint64_t>(d >> 64), d0 = static_cast<uint64_t>(d);
  // a, shifted likewise, has its top word in `r` (0 before the first step: a < 2^(64 N - 1)).
  const uint64_t top = shift ? a.w[N - 1] >> (64 - shift) : 0;
  u128 r = top;
  for (int i = N - 1; i >= 0; i--) {
    const uint64_t next =
        shift ? a.w[i] << shift | (i ? a.w[i - 1] >> (64 - shift) : 0) : a.w[i];
    // r < d is the running remainder; divide (r, next) by (d1, d0).
    const uint64_t r1 = static_cast<uint64_t>(r >> 64);
    u128 guess, left;
    if (r1 >= d1) {
      guess = ~uint64_t(0);
    } else {
      guess = r / d1;
    }
    left = r - guess * d1;
    // At most two corrections; none is needed once `left` is 2^64 or more.
    while ((left >> 64) == 0 && guess * d0 > (left << 64 | next)) {
      guess -= 1;
      left += d1;
    }
    q.w[i] = static_cast<uint64_t>(guess);
    r = (r << 64 | next) - guess * d; // modulo 2^128: the true remainder is below d
  }
  *rest = r != 0;
  return q;
}

} // namespace FX_VARIANT
