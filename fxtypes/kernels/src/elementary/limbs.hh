// Fractions of N 64-bit limbs, unsigned: w / 2^(64 N), the lowest limb first. An ulp is one unit of
// the last limb. Sums wrap, so that they are modulo 1.
#pragma once

#include <utility>

#ifdef __x86_64__
#include <immintrin.h> // carries, in any build
#endif

#include "integers/intrinsics.hh"
#include "integers/wide.hh"

namespace FX_VARIANT {

template <int N> struct Limbs { uint64_t w[N]; };

// Calls f(0), ..., f(N - 1) without a loop: limbs that loops index stay in memory, as GCC unrolls them
// only after it has looked for what fits registers.
#define FX_EACH(i) [&](auto i) __attribute__((always_inline))
template <class F, int... I> FX_INLINE void each(const F &f, std::integer_sequence<int, I...>) {
  (f(std::integral_constant<int, I>()), ...);
}
template <int N, class F> FX_INLINE void each(const F &f) {
  each(f, std::make_integer_sequence<int, N>());
}

FX_INLINE uint64_t high_word(u128 v) { return static_cast<uint64_t>(v >> 64); }
FX_INLINE uint64_t low_word(u128 v) { return static_cast<uint64_t>(v); }
FX_INLINE u128 words(uint64_t high, uint64_t low) { return static_cast<u128>(high) << 64 | low; }
FX_INLINE u128 wide_product(uint64_t a, uint64_t b) { return static_cast<u128>(a) * b; }
FX_INLINE uint64_t high_product(uint64_t a, uint64_t b) { return high_word(wide_product(a, b)); }

// 2^-count as a fraction of N limbs, 1 <= count <= 64 N.
template <int N> FX_INLINE Limbs<N> power_of_half(int count) {
  Limbs<N> r = {};
  r.w[N - 1 - (count - 1) / 64] = uint64_t(1) << 63 >> (count - 1) % 64;
  return r;
}

// The highest M limbs, rounded down; or v with zeros below.
template <int M, int N> FX_INLINE Limbs<M> resized(const Limbs<N> &v) {
  Limbs<M> r;
  each<M>(FX_EACH(i) {
    if constexpr (i + N - M >= 0)
      r.w[i] = v.w[i + N - M];
    else
      r.w[i] = 0;
  });
  return r;
}

// a + b; the carry out is added to `carry`.
template <int N> FX_INLINE Limbs<N> add(const Limbs<N> &a, const Limbs<N> &b, uint64_t *carry) {
  Limbs<N> r;
  if constexpr (N == 1) {
    *carry += __builtin_add_overflow(a.w[0], b.w[0], &r.w[0]);
  } else if constexpr (N == 2) {
    const u128 x = words(a.w[1], a.w[0]);
    u128 s;
    *carry += __builtin_add_overflow(x, words(b.w[1], b.w[0]), &s);
    r.w[0] = low_word(s);
    r.w[1] = high_word(s);
  } else {
#ifdef __x86_64__
    unsigned char c = 0;
    each<N>(FX_EACH(i) {
      unsigned long long s;
      c = _addcarry_u64(c, a.w[i], b.w[i], &s);
      r.w[i] = s;
    });
    *carry += c;
#else
    u128 s = 0;
    each<N>(FX_EACH(i) {
      s = (s >> 64) + a.w[i] + b.w[i];
      r.w[i] = low_word(s);
    });
    *carry += high_word(s);
#endif
  }
  return r;
}
template <int N> FX_INLINE Limbs<N> operator+(const Limbs<N> &a, const Limbs<N> &b) {
  uint64_t unused = 0;
  return add(a, b, &unused);
}

// The same, at most all ones.
template <int N> FX_INLINE Limbs<N> bounded_sum(const Limbs<N> &a, const Limbs<N> &b) {
  uint64_t carry = 0;
  Limbs<N> r = add(a, b, &carry);
  each<N>(FX_EACH(i) { r.w[i] |= -carry; });
  return r;
}

// a - b; the borrow is added to `borrow`.
template <int N> FX_INLINE Limbs<N> subtract(const Limbs<N> &a, const Limbs<N> &b,
                                             uint64_t *borrow) {
  Limbs<N> r;
  if constexpr (N == 1) {
    *borrow += __builtin_sub_overflow(a.w[0], b.w[0], &r.w[0]);
  } else if constexpr (N == 2) {
    u128 s;
    *borrow +=
        __builtin_sub_overflow(words(a.w[1], a.w[0]), words(b.w[1], b.w[0]), &s);
    r.w[0] = low_word(s);
    r.w[1] = high_word(s);
  } else {
#ifdef __x86_64__
    unsigned char c = 0;
    each<N>(FX_EACH(i) {
      unsigned long long s;
      c = _subborrow_u64(c, a.w[i], b.w[i], &s);
      r.w[i] = s;
    });
    *borrow += c;
#else
    uint64_t c = 0;
    each<N>(FX_EACH(i) {
      const u128 s = static_cast<u128>(a.w[i]) - b.w[i] - c;
      r.w[i] = low_word(s);
      c = high_word(s) & 1;
    });
    *borrow += c;
#endif
  }
  return r;
}
template <int N> FX_INLINE Limbs<N> operator-(const Limbs<N> &a, const Limbs<N> &b) {
  uint64_t unused = 0;
  return subtract(a, b, &unused);
}
// The same, at least 0.
template <int N> FX_INLINE Limbs<N> bounded_difference(const Limbs<N> &a, const Limbs<N> &b) {
  uint64_t borrow = 0;
  Limbs<N> r = subtract(a, b, &borrow);
  each<N>(FX_EACH(i) { r.w[i] &= borrow - 1; });
  return r;
}
template <int N> FX_INLINE Limbs<N> operator-(const Limbs<N> &a) { return Limbs<N>{} - a; }

template <int N> FX_INLINE Limbs<N> operator&(const Limbs<N> &a, const Limbs<N> &b) {
  Limbs<N> r;
  each<N>(FX_EACH(i) { r.w[i] = a.w[i] & b.w[i]; });
  return r;
}

// `flip` all ones: -a, and 0: a.
template <int N> FX_INLINE Limbs<N> negated_if(const Limbs<N> &a, uint64_t flip) {
  Limbs<N> r, one = {};
  each<N>(FX_EACH(i) { r.w[i] = a.w[i] ^ flip; });
  one.w[0] = flip & 1;
  return r + one;
}

template <int N> FX_INLINE bool operator<(const Limbs<N> &a, const Limbs<N> &b) {
  uint64_t borrow = 0;
  subtract(a, b, &borrow);
  return borrow != 0;
}
template <int N> FX_INLINE bool is_zero(const Limbs<N> &a) {
  uint64_t some = 0;
  each<N>(FX_EACH(i) { some |= a.w[i]; });
  return some == 0;
}

template <int N> FX_INLINE int leading_zeros(const Limbs<N> &a) {
  for (int i = N - 1; i >= 0; i--)
    if (a.w[i]) return 64 * (N - 1 - i) + __builtin_clzll(a.w[i]);
  return 64 * N;
}

// Shifts by less than a limb, S from 1 to 63.
template <int S, int N> FX_INLINE Limbs<N> shift_left(const Limbs<N> &a) {
  Limbs<N> r;
  r.w[0] = a.w[0] << S;
  each<N - 1>(FX_EACH(i) { r.w[i + 1] = a.w[i + 1] << S | a.w[i] >> (64 - S); });
  return r;
}
template <int S, int N> FX_INLINE Limbs<N> shift_right(const Limbs<N> &a) {
  Limbs<N> r;
  each<N - 1>(FX_EACH(i) { r.w[i] = a.w[i] >> S | a.w[i + 1] << (64 - S); });
  r.w[N - 1] = a.w[N - 1] >> S;
  return r;
}

// Shifts by any count >= 0.
template <int N> FX_INLINE Limbs<N> operator<<(const Limbs<N> &a, int s) {
  Limbs<N> r = {};
  if constexpr (N == 1) {
    r.w[0] = s < 64 ? a.w[0] << s : 0;
  } else if constexpr (N == 2) {
    const u128 v = s < 128 ? words(a.w[1], a.w[0]) << s : 0;
    r = {{low_word(v), high_word(v)}};
  } else {
    const int q = s / 64, b = s % 64;
    for (int i = N - 1; i >= q; i--) {
      const uint64_t low = i > q ? a.w[i - q - 1] : 0;
      r.w[i] = a.w[i - q] << b | low >> 1 >> (63 - b);
    }
  }
  return r;
}
template <int N> FX_INLINE Limbs<N> operator>>(const Limbs<N> &a, int s) {
  Limbs<N> r = {};
  if constexpr (N == 1) {
    r.w[0] = s < 64 ? a.w[0] >> s : 0;
  } else if constexpr (N == 2) {
    const u128 v = s < 128 ? words(a.w[1], a.w[0]) >> s : 0;
    r = {{low_word(v), high_word(v)}};
  } else {
    const int q = s / 64, b = s % 64;
    for (int i = 0; i + q < N; i++) {
      const uint64_t high = i + q + 1 < N ? a.w[i + q + 1] : 0;
      r.w[i] = a.w[i + q] >> b | high << 1 << (63 - b);
    }
  }
  return r;
}

// Evaluations with N limbs needn't be right to the last bit: to PRECISION<N> bits or so. What counts
// 2^-shift is held in so many limbs; an operation on these is off by less than 2 M + 1 of their ulp,
// and so by less than 8 (2 M + 1) 2^-PRECISION.
template <int N>
constexpr int PRECISION = N == 1 ? 64 : N == 2 ? 88 : N == 3 ? 152 : N == 4 ? 248 : 312;
template <int N> constexpr int limbs_after(int shift) {
  const int limbs = (PRECISION<N> - shift - 3 + 63) / 64;
  return limbs < 1 ? 1 : limbs > N ? N : limbs;
}
// That many ulp of N limbs, times `factor`.
template <int N> constexpr uint64_t error_of(uint64_t factor) {
  return factor << (64 * N - PRECISION<N>);
}
// Whether x^k / k!, x < 2^-bits, can be left out (bits in tenths).
template <int N> constexpr bool is_last_term(int k, int bits) {
  double factorial = 1;
  int log2 = 0;
  for (int j = 2; j <= k; j++) factorial *= j;
  for (; factorial >= 2; factorial /= 2) log2++;
  return bits * k / 10 + log2 > PRECISION<N> + 1;
}

// The product a b of fractions, of as many limbs R as the longer one has; too small by less than
// 2 R ulp, never too large. (Dropped are the low halves of the R products at R - 1, the R - 1
// products at R - 2, less than an ulp each, and what is below those, less than an ulp in all.)
template <int A, int B>
FX_INLINE Limbs<(A > B ? A : B)> high_product(const Limbs<A> &a, const Limbs<B> &b) {
  constexpr int R = A > B ? A : B;
  Limbs<R> r;
  if constexpr (R == 1) {
    r.w[0] = high_product(a.w[0], b.w[0]);
  } else {
    u128 column = 0;
    each<R>(FX_EACH(c) { // the column of weight 2^(64 (R + c))
      each<A>(FX_EACH(i) {
        // Of a's limb i, counted from R - A, the partners whose low and high halves belong there.
        constexpr int low = A + c - i - (R - B), high = low - 1;
        if constexpr (low >= 0 && low < B) column += low_word(wide_product(a.w[i], b.w[low]));
        if constexpr (high >= 0 && high < B) column += high_word(wide_product(a.w[i], b.w[high]));
      });
      r.w[c] = low_word(column);
      column >>= 64;
    });
  }
  return r;
}
template <int N> FX_INLINE Limbs<N> square(const Limbs<N> &a) { return high_product(a, a); }

// a b for a whole number b: the fraction; what is 1 and more is added to *whole.
template <int N> FX_INLINE Limbs<N> times(const Limbs<N> &a, uint64_t b, uint64_t *whole) {
  Limbs<N> r;
  u128 sum = 0;
  each<N>(FX_EACH(i) {
    sum = (sum >> 64) + wide_product(a.w[i], b);
    r.w[i] = low_word(sum);
  });
  *whole += high_word(sum);
  return r;
}

// a / b for a whole number b, rounded down.
template <int N> inline Limbs<N> over(const Limbs<N> &a, uint64_t b) {
  Limbs<N> r;
  uint64_t rest = 0;
  for (int i = N - 1; i >= 0; i--) {
    const u128 t = words(rest, a.w[i]);
    r.w[i] = static_cast<uint64_t>(t / b);
    rest = static_cast<uint64_t>(t % b);
  }
  return r;
}

} // namespace FX_VARIANT
