// Eight elements of 64 or 128 bits at a time, in AVX-512 registers.
//
// A function of the fused loops that has such a form has a specialisation of InEights: the same
// values, eight at once. All else is done here for every one of them.
#pragma once

#include "elementwise/load_store.hh"
#include "elementwise/scalar_loop.hh"

#ifdef __AVX512DQ__

namespace FX_VARIANT {

template <class F> struct InEights { static const bool known = false; };
// What such a specialisation has. LEAVES: whether a result may be beyond T.
template <bool LEAVES> struct EightsOf { static const bool known = true, leaves = LEAVES; };

FX_INLINE __m512i all(uint64_t v) { return _mm512_set1_epi64(static_cast<int64_t>(v)); }
FX_INLINE __mmask8 mask8(unsigned bits) { return static_cast<__mmask8>(bits); }

template <class T> struct Eight;

template <> struct Eight<int64_t> {
  __m512i v;

  static FX_INLINE Eight load(const int64_t *from) { return {load_halves(from)}; }
  // Draws, or float64's patterns.
  static FX_INLINE __m512i load(const uint64_t *from) { return load_halves(from); }
  static FX_INLINE __m512i load(const double *from) { return load_halves(from); }
  FX_INLINE void store(int64_t *to) const { _mm512_storeu_si512(to, v); }
  static unsigned lanes(unsigned which) { return which; }
  FX_INLINE __mmask8 is_zero() const { return _mm512_testn_epi64_mask(v, v); }
  FX_INLINE __mmask8 is_negative() const { return _mm512_movepi64_mask(v); }
  FX_INLINE __mmask8 differs(const Eight &o) const { return _mm512_cmpneq_epi64_mask(v, o.v); }
};

// In each vector the words of elements 0, 4, 1, 5, 2, 6, 3, 7.
template <> struct Eight<i128> {
  __m512i low, high;

  static FX_INLINE Eight load(const i128 *from) {
    const __m512i a = load_halves(from), b = load_halves(from + 4);
    return {_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b)};
  }
  static FX_INLINE __m512i load(const uint64_t *from) { return in_order(load_halves(from)); }
  static FX_INLINE __m512i load(const double *from) { return in_order(load_halves(from)); }
  FX_INLINE void store(i128 *to) const {
    _mm512_storeu_si512(to, _mm512_unpacklo_epi64(low, high));
    _mm512_storeu_si512(to + 4, _mm512_unpackhi_epi64(low, high));
  }
  static unsigned lanes(unsigned which) {
    return _pdep_u32(which, 0x55) | _pdep_u32(which >> 4, 0xAA);
  }
  FX_INLINE __mmask8 is_zero() const {
    const __m512i any = _mm512_or_si512(low, high);
    return _mm512_testn_epi64_mask(any, any);
  }
  FX_INLINE __mmask8 is_negative() const { return _mm512_movepi64_mask(high); }
  FX_INLINE __mmask8 differs(const Eight &o) const {
    const __m512i bits = _mm512_or_si512(_mm512_xor_si512(low, o.low), _mm512_xor_si512(high, o.high));
    return _mm512_test_epi64_mask(bits, bits);
  }

private:
  static FX_INLINE __m512i in_order(__m512i v) {
    return _mm512_permutexvar_epi64(_mm512_set_epi64(7, 3, 6, 2, 5, 1, 4, 0), v);
  }
};

FX_INLINE Eight<int64_t> all_of(int64_t v) { return {_mm512_set1_epi64(v)}; }
FX_INLINE Eight<i128> all_of(i128 v) {
  return {all(static_cast<uint64_t>(v)), all(static_cast<uint64_t>(v >> 64))};
}
FX_INLINE Eight<int64_t> operator+(const Eight<int64_t> &a, const Eight<int64_t> &b) {
  return {_mm512_add_epi64(a.v, b.v)};
}
FX_INLINE Eight<int64_t> operator-(const Eight<int64_t> &a, const Eight<int64_t> &b) {
  return {_mm512_sub_epi64(a.v, b.v)};
}
FX_INLINE Eight<int64_t> operator&(const Eight<int64_t> &a, const Eight<int64_t> &b) {
  return {_mm512_and_si512(a.v, b.v)};
}
FX_INLINE Eight<i128> operator+(const Eight<i128> &a, const Eight<i128> &b) {
  const __m512i low = _mm512_add_epi64(a.low, b.low), high = _mm512_add_epi64(a.high, b.high);
  const __mmask8 carry = _mm512_cmplt_epu64_mask(low, a.low);
  return {low, _mm512_mask_sub_epi64(high, carry, high, all(-1))};
}
FX_INLINE Eight<i128> operator-(const Eight<i128> &a, const Eight<i128> &b) {
  const __m512i low = _mm512_sub_epi64(a.low, b.low), high = _mm512_sub_epi64(a.high, b.high);
  const __mmask8 borrow = _mm512_cmplt_epu64_mask(a.low, b.low);
  return {low, _mm512_mask_add_epi64(high, borrow, high, all(-1))};
}
FX_INLINE Eight<i128> operator&(const Eight<i128> &a, const Eight<i128> &b) {
  return {_mm512_and_si512(a.low, b.low), _mm512_and_si512(a.high, b.high)};
}
FX_INLINE __mmask8 less(const Eight<i128> &a, const Eight<i128> &b) {
  const __mmask8 same = _mm512_cmpeq_epi64_mask(a.high, b.high);
  return _kor_mask8(_mm512_cmplt_epi64_mask(a.high, b.high),
                    _mm512_mask_cmplt_epu64_mask(same, a.low, b.low));
}

// The words of v where `which` says so.
FX_INLINE Eight<int64_t> chosen(const Eight<int64_t> &r, __mmask8 which, const Eight<int64_t> &v) {
  return {_mm512_mask_mov_epi64(r.v, which, v.v)};
}
FX_INLINE Eight<i128> chosen(const Eight<i128> &r, __mmask8 which, const Eight<i128> &v) {
  return {_mm512_mask_mov_epi64(r.low, which, v.low), _mm512_mask_mov_epi64(r.high, which, v.high)};
}

// Eight of Rounded.
template <class T> struct RoundedEight {
  Eight<T> r;
  __mmask8 beyond, lost, zero;
  __m512i sign; // negative where what is beyond T is
};

// What may be: Bounds.
template <class T> struct EightBounds {
  Eight<T> lo, hi, span, keep;

  explicit EightBounds(const Bounds<T> &b)
      : lo(all_of(b.lo)), hi(all_of(b.hi)), span(all_of(b.span)), keep(all_of(b.keep)) {}

  // LEAVES: whether something may be beyond T.
  template <Bounding B, bool LEAVES> FX_INLINE Eight<T> operator()(const RoundedEight<T> &v) const {
    if (B == FOLD) {
      const Eight<T> w = ((v.r - lo) & span) + lo;
      const __mmask8 changed = w.differs(v.r);
      return chosen(w, LEAVES ? _kor_mask8(v.beyond, changed) : changed, w & keep);
    }
    const Eight<T> r = LEAVES ? saturated(v) : v.r;
    return B == SATURATE ? r : clamped(r);
  }

private:
  // To what of T is nearest.
  static FX_INLINE Eight<int64_t> saturated(const RoundedEight<int64_t> &v) {
    const __m512i sign = _mm512_srai_epi64(v.sign, 63);
    return {_mm512_mask_xor_epi64(v.r.v, v.beyond, sign, all(INT64_MAX))};
  }
  static FX_INLINE Eight<i128> saturated(const RoundedEight<i128> &v) {
    const __m512i sign = _mm512_srai_epi64(v.sign, 63);
    return {_mm512_mask_xor_epi64(v.r.low, v.beyond, sign, all(-1)),
            _mm512_mask_xor_epi64(v.r.high, v.beyond, sign, all(INT64_MAX))};
  }
  FX_INLINE Eight<int64_t> clamped(const Eight<int64_t> &r) const {
    return {_mm512_min_epi64(_mm512_max_epi64(r.v, lo.v), hi.v)};
  }
  FX_INLINE Eight<i128> clamped(const Eight<i128> &r) const {
    return chosen(chosen(r, less(r, lo), lo), less(hi, r), hi);
  }
};

// Lanes begin to end - 1 of a vector.
struct LaneRange {
  int begin, end;
};

// n elements, a multiple of eight; events are counted in the lanes of `counted` only.
template <Bounding B, bool COUNT, class T, class F, class... X>
FX_NOINLINE void each_eight(const F &f, const Bounds<T> &bounds, int64_t n, LaneRange counted,
                            T *out, Events *events, const X *...x) {
  const InEights<F> function(f);
  const EightBounds<T> limits(bounds);
  const unsigned lanes = Eight<T>::lanes((0xFF << counted.begin) & (0xFF >> (8 - counted.end)));
  int64_t overflow = 0, underflow = 0, inexact = 0;
  for (int64_t i = 0; i < n; i += 8) {
    RoundedEight<T> v;
    if (!function(&v, Eight<T>::load(x + i)...)) {
      each_one<B, COUNT>(f, bounds, i + counted.begin, i + counted.end, out, events, x...);
      continue;
    }
    const Eight<T> made = limits.template operator()<B, InEights<F>::leaves>(v);
    if (COUNT) {
      const unsigned beyond = InEights<F>::leaves ? v.beyond : 0;
      overflow += __builtin_popcount((beyond | made.differs(v.r)) & lanes);
      inexact += __builtin_popcount(v.lost & lanes);
      underflow += __builtin_popcount(v.r.is_zero() & ~beyond & ~v.zero & lanes);
    }
    made.store(out + i);
  }
  if (COUNT) {
    events->overflow += overflow;
    events->underflow += underflow;
    events->inexact += inexact;
  }
}

// Of eight elements some are read from memory, or stored there; the others are 1 in every word.
template <class T> struct SomeOfEight {
  static const int VECTORS = sizeof(T) / 8, IN_VECTOR = 8 / VECTORS;
  alignas(64) T x[8];

  SomeOfEight() = default;
  SomeOfEight(const T *from, unsigned which) {
    for (int k = 0; k < VECTORS; k++)
      _mm512_store_si512(x + IN_VECTOR * k, _mm512_mask_loadu_epi64(all(1), words(which, k),
                                                                    from + IN_VECTOR * k));
  }
  void save(T *to, unsigned which) const {
    for (int k = 0; k < VECTORS; k++)
      _mm512_mask_storeu_epi64(to + IN_VECTOR * k, words(which, k),
                               _mm512_load_si512(x + IN_VECTOR * k));
  }

private:
  // Those of vector k.
  static __mmask8 words(unsigned which, int k) {
    return mask8(VECTORS == 1 ? which : 3 * _pdep_u32(which >> IN_VECTOR * k, 0x55));
  }
};

// As many elements take less time one by one.
const int FEW = 2;

// Returns from where on elements are left to do: all but a few are done.
template <Bounding B, bool COUNT, class T, class F, class... X>
inline int64_t in_eights(const F &f, const Bounds<T> &bounds, int64_t n, T *out, Events *events,
                         const X *...x) {
  const int64_t whole = n & -8;
  const int rest = static_cast<int>(n - whole);
  if (rest > FEW) {
    SomeOfEight<T> made;
    if (whole) { // with some before them, whose results are dropped; first, as `out` may be an operand
      const int64_t at = n - 8;
      each_eight<B, COUNT>(f, bounds, 8, {8 - rest, 8}, made.x, events, (x + at)...);
      made.save(out + at, 0xFFu << (8 - rest) & 0xFF);
    } else {
      const unsigned which = (1u << rest) - 1;
      each_eight<B, COUNT>(f, bounds, 8, {0, rest}, made.x, events, SomeOfEight<X>(x, which).x...);
      made.save(out, which);
    }
  }
  if (whole) each_eight<B, COUNT>(f, bounds, whole, {0, 8}, out, events, x...);
  return rest > FEW ? n : whole;
}

} // namespace FX_VARIANT
#endif
