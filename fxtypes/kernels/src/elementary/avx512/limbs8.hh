// Eight fractions at a time, of L limbs of 52 bits, which is what the CPU's IFMA instructions multiply:
// w / 2^(52 L), the lowest limb first. An ulp is one unit of the last limb. The highest limb may have
// more bits, a whole part or a sign, which `wrapped` takes away; factors have none.
#pragma once

#include "elementary/check.hh"
#include "elementwise/avx512/vector8.hh"

#if defined(__AVX512IFMA__) && defined(__AVX512VBMI2__)
#define FX_EIGHT // there are such forms

namespace FX_VARIANT {

template <int L> struct Limbs8 { __m512i w[L]; };

constexpr uint64_t LIMB_MASK = (uint64_t(1) << 52) - 1;
FX_INLINE __m512i low52(__m512i v) { return _mm512_and_si512(v, broadcast64(LIMB_MASK)); }

// Limbs of up to 64 bits, signed, to limbs of 52, but the highest.
template <int L> FX_INLINE Limbs8<L> carried(Limbs8<L> a) {
  each<L - 1>(FX_EACH(i) {
    a.w[i + 1] = _mm512_add_epi64(a.w[i + 1], _mm512_srai_epi64(a.w[i], 52));
    a.w[i] = low52(a.w[i]);
  });
  return a;
}
// Modulo 1.
template <int L> FX_INLINE Limbs8<L> wrapped(Limbs8<L> a) {
  a.w[L - 1] = low52(a.w[L - 1]);
  return a;
}

template <int L> FX_INLINE Limbs8<L> zeros8() {
  Limbs8<L> r;
  each<L>(FX_EACH(i) { r.w[i] = _mm512_setzero_si512(); });
  return r;
}
// Limb by limb, to be carried.
template <int L> FX_INLINE Limbs8<L> plain_sum(const Limbs8<L> &a, const Limbs8<L> &b) {
  Limbs8<L> r;
  each<L>(FX_EACH(i) { r.w[i] = _mm512_add_epi64(a.w[i], b.w[i]); });
  return r;
}
template <int L> FX_INLINE Limbs8<L> plain_difference(const Limbs8<L> &a, const Limbs8<L> &b) {
  Limbs8<L> r;
  each<L>(FX_EACH(i) { r.w[i] = _mm512_sub_epi64(a.w[i], b.w[i]); });
  return r;
}
template <int L> FX_INLINE Limbs8<L> operator+(const Limbs8<L> &a, const Limbs8<L> &b) {
  return carried(plain_sum(a, b));
}
template <int L> FX_INLINE Limbs8<L> operator-(const Limbs8<L> &a, const Limbs8<L> &b) {
  return carried(plain_difference(a, b));
}
// -a in the lanes of `which`; a may be still to be carried.
template <int L> FX_INLINE Limbs8<L> negated_if(const Limbs8<L> &a, __mmask8 which) {
  Limbs8<L> r;
  each<L>(FX_EACH(i) {
    r.w[i] = _mm512_mask_sub_epi64(a.w[i], which, _mm512_setzero_si512(), a.w[i]);
  });
  return carried(r);
}
// a + b, at most all ones.
template <int L> FX_INLINE Limbs8<L> bounded_sum(const Limbs8<L> &a, const Limbs8<L> &b) {
  Limbs8<L> r = a + b;
  const __mmask8 over = _mm512_cmpgt_epi64_mask(r.w[L - 1], broadcast64(LIMB_MASK));
  each<L>(FX_EACH(i) { r.w[i] = _mm512_mask_mov_epi64(r.w[i], over, broadcast64(LIMB_MASK)); });
  return r;
}

// The highest M limbs, rounded down; or a with zeros below.
template <int M, int L> FX_INLINE Limbs8<M> resized(const Limbs8<L> &a) {
  Limbs8<M> r;
  each<M>(FX_EACH(i) {
    if constexpr (i + L - M >= 0)
      r.w[i] = a.w[i + L - M];
    else
      r.w[i] = _mm512_setzero_si512();
  });
  return r;
}

// Shifts by S bits, S > 0 and no multiple of 52.
template <int S, int L> FX_INLINE Limbs8<L> shift_left(const Limbs8<L> &a) {
  constexpr int q = S / 52, b = S % 52;
  Limbs8<L> r;
  each<L>(FX_EACH(i) {
    r.w[i] = _mm512_setzero_si512();
    if constexpr (i >= q) r.w[i] = _mm512_slli_epi64(a.w[i - q], b);
    if constexpr (i >= q && i < L - 1) r.w[i] = low52(r.w[i]);
    if constexpr (i > q)
      r.w[i] = _mm512_or_si512(r.w[i], _mm512_srli_epi64(a.w[i - q - 1], 52 - b));
  });
  return r;
}
template <int S, int L> FX_INLINE Limbs8<L> shift_right(const Limbs8<L> &a) {
  constexpr int q = S / 52, b = S % 52;
  Limbs8<L> r;
  each<L>(FX_EACH(i) {
    r.w[i] = _mm512_setzero_si512();
    if constexpr (i + q < L) r.w[i] = _mm512_srli_epi64(a.w[i + q], b);
    if constexpr (i + q + 1 < L)
      r.w[i] = _mm512_or_si512(r.w[i], low52(_mm512_slli_epi64(a.w[i + q + 1], 52 - b)));
  });
  return r;
}
// By any counts >= 0, a lane's own each.
template <int L> FX_INLINE Limbs8<L> operator>>(Limbs8<L> a, __m512i counts) {
  if constexpr (L > 1) {
    each<L - 1>(FX_EACH(step) { // a whole limb
      (void)step;
      const __mmask8 far = _mm512_cmpge_epu64_mask(counts, broadcast64(52));
      each<L>(FX_EACH(i) {
        a.w[i] = _mm512_mask_mov_epi64(
            a.w[i], far, i + 1 < L ? a.w[i + 1 < L ? i + 1 : i] : _mm512_setzero_si512());
      });
      counts = _mm512_mask_sub_epi64(counts, far, counts, broadcast64(52));
    });
    const __m512i up = _mm512_sub_epi64(broadcast64(52), counts); // negative: gives 0
    each<L - 1>(FX_EACH(i) {
      a.w[i] = _mm512_or_si512(_mm512_srlv_epi64(a.w[i], counts),
                               low52(_mm512_sllv_epi64(a.w[i + 1], up)));
    });
  }
  a.w[L - 1] = _mm512_srlv_epi64(a.w[L - 1], counts);
  return a;
}

// start + a b, of as many limbs R as the longer factor has; too small by less than 2 R ulp, as in
// limbs.hh.
template <int A, int B>
FX_INLINE Limbs8<(A > B ? A : B)> add_product(const Limbs8<(A > B ? A : B)> &start,
                                              const Limbs8<A> &a, const Limbs8<B> &b) {
  constexpr int R = A > B ? A : B;
  Limbs8<R> r = start;
  each<R>(FX_EACH(c) {
    each<A>(FX_EACH(i) {
      constexpr int low = A + c - i - (R - B), high = low - 1; // b's limbs
      if constexpr (low >= 0 && low < B) r.w[c] = _mm512_madd52lo_epu64(r.w[c], a.w[i], b.w[low]);
      if constexpr (high >= 0 && high < B)
        r.w[c] = _mm512_madd52hi_epu64(r.w[c], a.w[i], b.w[high]);
    });
  });
  return carried(r);
}
template <int A, int B>
FX_INLINE Limbs8<(A > B ? A : B)> high_product(const Limbs8<A> &a, const Limbs8<B> &b) {
  return add_product(zeros8<(A > B ? A : B)>(), a, b);
}

// What counts 2^-shift is held in so many limbs; an operation on these is off by less than 2 M + 1 of
// their ulp, and so, where L > 1, by less than 8 (2 M + 1) ulp of L limbs.
template <int L> constexpr int limbs8_after(int shift) {
  const int limbs = (52 * L - shift - 3 + 51) / 52;
  return limbs < 1 ? 1 : limbs > L ? L : limbs;
}
// Whether x^k / k!, x < 2^-bits, can be left out (bits in tenths): it is below an ulp.
template <int L> constexpr bool is_last_term8(int k, int bits) {
  double factorial = 1;
  int log2 = 0;
  for (int j = 2; j <= k; j++) factorial *= j;
  for (; factorial >= 2; factorial /= 2) log2++;
  return bits * k / 10 + log2 > 52 * L;
}

// A constant, the same in all lanes: 64-bit limbs rounded down to L of 52 bits.
struct Bits52 {
  // Bits [at, at + 52) of v, whose bits below 0 are 0.
  template <int N> static uint64_t of(const Limbs<N> &v, int at) {
    const Limbs<N> moved = at >= 0 ? v >> at : v << -at;
    return moved.w[0] & LIMB_MASK;
  }
};
template <int L> struct Constant8 {
  uint64_t w[L];

  Constant8() = default;
  template <int N> explicit Constant8(const Limbs<N> &v) {
    for (int i = 0; i < L; i++) w[i] = Bits52::of(v, 64 * N - 52 * (L - i));
  }
  FX_INLINE Limbs8<L> lanes() const {
    Limbs8<L> r;
    each<L>(FX_EACH(i) { r.w[i] = broadcast64(w[i]); });
    return r;
  }
};

// Sixteen numbers of L limbs, looked up by four bits.
template <int L> struct Table16 {
  alignas(64) uint64_t w[L][16];

  template <int N> void set(int j, const Limbs<N> &v) {
    const Constant8<L> rounded(v);
    for (int i = 0; i < L; i++) w[i][j] = rounded.w[i];
  }
  // By the lowest four bits of `index`.
  FX_INLINE Limbs8<L> operator[](__m512i index) const {
    Limbs8<L> r;
    each<L>(FX_EACH(i) {
      r.w[i] =
          _mm512_permutex2var_epi64(_mm512_load_si512(w[i]), index, _mm512_load_si512(w[i] + 8));
    });
    return r;
  }
};

// Eight elements of 128 bits, in their order.
FX_INLINE Vector8<i128> load8(const i128 *from) {
  const __m512i a = load_halves(from), b = load_halves(from + 4);
  return {_mm512_permutex2var_epi64(a, _mm512_set_epi64(14, 12, 10, 8, 6, 4, 2, 0), b),
          _mm512_permutex2var_epi64(a, _mm512_set_epi64(15, 13, 11, 9, 7, 5, 3, 1), b)};
}
FX_INLINE Vector8<int64_t> load8(const int64_t *from) { return Vector8<int64_t>::load(from); }
FX_INLINE void store8(const Vector8<i128> &v, i128 *to) {
  _mm512_storeu_si512(
      to, _mm512_permutex2var_epi64(v.low, _mm512_set_epi64(11, 3, 10, 2, 9, 1, 8, 0), v.high));
  _mm512_storeu_si512(to + 4, _mm512_permutex2var_epi64(
                                  v.low, _mm512_set_epi64(15, 7, 14, 6, 13, 5, 12, 4), v.high));
}
FX_INLINE void store8(const Vector8<int64_t> &v, int64_t *to) { v.store(to); }

// Eight arguments: magnitudes of two words, and which are negative.
struct Arguments8 {
  __m512i low, high;
  __mmask8 negative;
};

FX_INLINE Arguments8 arguments8(const Vector8<int64_t> &raw) {
  return {_mm512_abs_epi64(raw.v), _mm512_setzero_si512(), raw.is_negative()};
}
FX_INLINE Arguments8 arguments8(const Vector8<i128> &raw, bool has_no_sign) {
  const __mmask8 negative = has_no_sign ? 0 : raw.is_negative();
  const __m512i zero = _mm512_setzero_si512();
  const Vector8<i128> magnitude = blend(raw, negative, Vector8<i128>{zero, zero} - raw);
  return {magnitude.low, magnitude.high, negative};
}
// As float64, off by less than 2^-52 of it.
FX_INLINE __m512d magnitude_as_double(const Arguments8 &x, bool is_long) {
  const __m512d low = _mm512_cvtepu64_pd(x.low);
  if (!is_long) return low;
  return _mm512_fmadd_pd(_mm512_cvtepu64_pd(x.high), _mm512_set1_pd(0x1p64), low);
}

// The fraction bits of magnitudes * 2^-frac_bits as L limbs, rounded down.
template <int L> struct Fraction8 {
  // Of each limb, what is shifted right and left; 64 and more give 0.
  __m128i right[L], left[L], far_right[L], far_left[L];

  explicit Fraction8(int frac_bits) {
    for (int i = 0; i < L; i++) {
      const int64_t at = 52 * i - (52 * L - frac_bits); // the limb's lowest bit in the magnitude
      right[i] = _mm_cvtsi64_si128(at);
      left[i] = _mm_cvtsi64_si128(-at);
      far_right[i] = _mm_cvtsi64_si128(at - 64);
      far_left[i] = _mm_cvtsi64_si128(64 - at);
    }
  }
  FX_INLINE Limbs8<L> operator()(const Arguments8 &x, bool is_long) const {
    Limbs8<L> r;
    each<L>(FX_EACH(i) {
      __m512i v =
          _mm512_or_si512(_mm512_srl_epi64(x.low, right[i]), _mm512_sll_epi64(x.low, left[i]));
      if (is_long) // at < 0: the first is 0, and bits of the high word are beyond the limb's, or not
        v = _mm512_or_si512(v, _mm512_or_si512(_mm512_srl_epi64(x.high, far_right[i]),
                                               _mm512_sll_epi64(x.high, far_left[i])));
      r.w[i] = low52(v);
    });
    return r;
  }
};

// Eight magnitudes: (y - error) 2^-point < |v| < (y + error) 2^-point, y of W words of 64 bits; in the
// lanes of `valid`.
template <int W> struct Approximation8 {
  __m512i y[W], point;
  __mmask8 negative, valid;
};

// L limbs and a whole part, below 2^(12 L), as L words.
template <int L> FX_INLINE void to_words(const Limbs8<L> &a, __m512i whole, __m512i (&y)[L]) {
  each<L>(FX_EACH(i) {
    const __m512i above = i + 1 < L ? a.w[i + 1 < L ? i + 1 : i] : whole;
    y[i] =
        _mm512_or_si512(_mm512_srli_epi64(a.w[i], 12 * i), _mm512_slli_epi64(above, 52 - 12 * i));
  });
}

// y, off by less than an error, moved right by s bits: W words, and `below` the 64 bits under them, of
// which further ones are cut off, off by less than `error`. In the lanes of `valid` s is large enough
// for that, doubled, to be below 2^64.
template <int W> struct Moved8 {
  __m512i word[W], below, error;
  __mmask8 valid;
};
template <int W> FX_INLINE Moved8<W> moved_right(const __m512i (&y)[W], uint64_t error, __m512i s) {
  const __m512i zero = _mm512_setzero_si512(), word = broadcast64(64);
  Moved8<W> r;
  const int bits = 64 - __builtin_clzll(error);
  r.valid = _mm512_cmpgt_epi64_mask(s, broadcast64(bits));
  if constexpr (W == 1) {
    // More than 63 bits are moved by in two steps, the first of which cuts off less than an ulp.
    const __m512i first = _mm512_max_epi64(_mm512_sub_epi64(s, broadcast64(63)), zero);
    const __m512i v = _mm512_srlv_epi64(y[0], first), left = _mm512_sub_epi64(s, first);
    const __m512i up = _mm512_sub_epi64(word, left);
    r.word[0] = _mm512_srlv_epi64(v, left);
    r.below = _mm512_sllv_epi64(v, up);
    r.error = _mm512_sllv_epi64(broadcast64(error + 1), up);
    return r;
  }
  const __mmask8 beyond = _mm512_cmpge_epi64_mask(s, word);
  r.error = _mm512_mask_mov_epi64(_mm512_sllv_epi64(broadcast64(error), _mm512_sub_epi64(word, s)),
                                  beyond, broadcast64(error + 2));
  r.valid &= _mm512_cmplt_epi64_mask(s, broadcast64(64 * (W + 1)));
  r.below = zero;
  each<W>(FX_EACH(i) { r.word[i] = y[i]; });
  each<W>(FX_EACH(step) {
    (void)step;
    const __mmask8 far = _mm512_cmpge_epu64_mask(s, broadcast64(64));
    r.below = _mm512_mask_mov_epi64(r.below, far, r.word[0]);
    each<W>(FX_EACH(i) {
      r.word[i] =
          _mm512_mask_mov_epi64(r.word[i], far, i + 1 < W ? r.word[i + 1 < W ? i + 1 : i] : zero);
    });
    s = _mm512_mask_sub_epi64(s, far, s, broadcast64(64));
  });
  r.below = _mm512_shrdv_epi64(r.below, r.word[0], s);
  each<W>(FX_EACH(i) {
    r.word[i] = _mm512_shrdv_epi64(r.word[i], i + 1 < W ? r.word[i + 1 < W ? i + 1 : i] : zero, s);
  });
  return r;
}

// Whether `below` is further than the error from any multiple of 2^64.
FX_INLINE __mmask8 is_between(__m512i below, __m512i error) {
  return _mm512_cmple_epu64_mask(
      _mm512_sub_epi64(below, error),
      _mm512_sub_epi64(_mm512_setzero_si512(), _mm512_add_epi64(error, error)));
}

// As in check.hh: rounded to odd, and by the draw; the lanes that are decided.
template <int W>
FX_INLINE __mmask8 to_odd(const Approximation8<W> &a, uint64_t error, int out_bits,
                          __m512i (&odd)[W]) {
  const __m512i s =
      _mm512_sub_epi64(a.point, broadcast64(static_cast<uint64_t>(int64_t(out_bits))));
  const Moved8<W> v = moved_right(a.y, error, s);
  each<W>(FX_EACH(i) { odd[i] = v.word[i]; });
  odd[0] = _mm512_or_si512(odd[0], broadcast64(1));
  return a.valid & v.valid & is_between(v.below, v.error);
}

template <int W>
FX_INLINE __mmask8 to_stochastic(const Approximation8<W> &a, uint64_t error, int frac_bits,
                                 __m512i draw, bool counted, __m512i (&rounded)[W]) {
  const __m512i s =
      _mm512_sub_epi64(a.point, broadcast64(static_cast<uint64_t>(int64_t(frac_bits))));
  const Moved8<W> v = moved_right(a.y, error, s);
  __mmask8 decided = a.valid & v.valid;
  if (counted) decided &= is_between(v.below, v.error);
  // Toward minus infinity: magnitudes of negative numbers up, from a negative difference to 0.
  const __m512i sum =
      _mm512_mask_sub_epi64(_mm512_add_epi64(v.below, draw), a.negative, v.below, draw);
  const __mmask8 carry = (_mm512_cmplt_epu64_mask(sum, draw) & ~a.negative) |
                         (_mm512_cmpge_epu64_mask(v.below, draw) & a.negative);
  __mmask8 up = carry;
  each<W>(FX_EACH(i) {
    rounded[i] = _mm512_mask_sub_epi64(v.word[i], up, v.word[i], broadcast64(~uint64_t(0)));
    up &= _mm512_testn_epi64_mask(rounded[i], rounded[i]);
  });
  return decided & is_between(sum, v.error);
}

} // namespace FX_VARIANT
#endif
