// Eight elements of 64 or 128 bits at a time, in AVX-512 registers.
//
// A function of the fused loops that can be computed so has a specialisation of VectorForm, which
// makes a RoundedVector8 of Vector8s, the same values as the function's. Loading, bounding,
// counting and storing is done here for all of them.
#pragma once

#include "elementwise/load_store.hh"
#include "elementwise/scalar_loop.hh"

#ifdef __AVX512DQ__

namespace FX_VARIANT {

template <class F> struct VectorForm { static const bool exists = false; };
// The base of such a specialisation. CAN_OVERFLOW: whether a result may be beyond T.
template <bool CAN_OVERFLOW> struct VectorTraits {
  static const bool exists = true, can_overflow = CAN_OVERFLOW;
};

FX_INLINE __m512i broadcast64(uint64_t v) { return _mm512_set1_epi64(static_cast<int64_t>(v)); }
FX_INLINE __mmask8 mask8(unsigned bits) { return static_cast<__mmask8>(bits); }

template <class T> struct Vector8;

template <> struct Vector8<int64_t> {
  __m512i v;

  static FX_INLINE Vector8 load(const int64_t *from) { return {load_halves(from)}; }
  // Draws, or float64 as bit patterns.
  static FX_INLINE __m512i load(const uint64_t *from) { return load_halves(from); }
  static FX_INLINE __m512i load(const double *from) { return load_halves(from); }
  FX_INLINE void store(int64_t *to) const { _mm512_storeu_si512(to, v); }
  static unsigned lanes(unsigned which) { return which; }
  FX_INLINE __mmask8 is_zero() const { return _mm512_testn_epi64_mask(v, v); }
  FX_INLINE __mmask8 is_negative() const { return _mm512_movepi64_mask(v); }
  FX_INLINE __mmask8 differs(const Vector8 &o) const { return _mm512_cmpneq_epi64_mask(v, o.v); }
};

// The low and the high words, each vector in the order of elements 0, 4, 1, 5, 2, 6, 3, 7.
template <> struct Vector8<i128> {
  __m512i low, high;

  static FX_INLINE Vector8 load(const i128 *from) {
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
  FX_INLINE __mmask8 differs(const Vector8 &o) const {
    const __m512i bits =
        _mm512_or_si512(_mm512_xor_si512(low, o.low), _mm512_xor_si512(high, o.high));
    return _mm512_test_epi64_mask(bits, bits);
  }

private:
  static FX_INLINE __m512i in_order(__m512i v) {
    return _mm512_permutexvar_epi64(_mm512_set_epi64(7, 3, 6, 2, 5, 1, 4, 0), v);
  }
};

FX_INLINE Vector8<int64_t> broadcast(int64_t v) { return {_mm512_set1_epi64(v)}; }
FX_INLINE Vector8<i128> broadcast(i128 v) {
  return {broadcast64(static_cast<uint64_t>(v)), broadcast64(static_cast<uint64_t>(v >> 64))};
}
FX_INLINE Vector8<int64_t> operator+(const Vector8<int64_t> &a, const Vector8<int64_t> &b) {
  return {_mm512_add_epi64(a.v, b.v)};
}
FX_INLINE Vector8<int64_t> operator-(const Vector8<int64_t> &a, const Vector8<int64_t> &b) {
  return {_mm512_sub_epi64(a.v, b.v)};
}
FX_INLINE Vector8<int64_t> operator&(const Vector8<int64_t> &a, const Vector8<int64_t> &b) {
  return {_mm512_and_si512(a.v, b.v)};
}
FX_INLINE Vector8<i128> operator+(const Vector8<i128> &a, const Vector8<i128> &b) {
  const __m512i low = _mm512_add_epi64(a.low, b.low), high = _mm512_add_epi64(a.high, b.high);
  const __mmask8 carry = _mm512_cmplt_epu64_mask(low, a.low);
  return {low, _mm512_mask_sub_epi64(high, carry, high, broadcast64(-1))};
}
FX_INLINE Vector8<i128> operator-(const Vector8<i128> &a, const Vector8<i128> &b) {
  const __m512i low = _mm512_sub_epi64(a.low, b.low), high = _mm512_sub_epi64(a.high, b.high);
  const __mmask8 borrow = _mm512_cmplt_epu64_mask(a.low, b.low);
  return {low, _mm512_mask_add_epi64(high, borrow, high, broadcast64(-1))};
}
FX_INLINE Vector8<i128> operator&(const Vector8<i128> &a, const Vector8<i128> &b) {
  return {_mm512_and_si512(a.low, b.low), _mm512_and_si512(a.high, b.high)};
}
FX_INLINE __mmask8 less(const Vector8<i128> &a, const Vector8<i128> &b) {
  const __mmask8 same = _mm512_cmpeq_epi64_mask(a.high, b.high);
  return _kor_mask8(_mm512_cmplt_epi64_mask(a.high, b.high),
                    _mm512_mask_cmplt_epu64_mask(same, a.low, b.low));
}

// v in the lanes of `which`, else r.
FX_INLINE Vector8<int64_t> blend(const Vector8<int64_t> &r, __mmask8 which,
                                 const Vector8<int64_t> &v) {
  return {_mm512_mask_mov_epi64(r.v, which, v.v)};
}
FX_INLINE Vector8<i128> blend(const Vector8<i128> &r, __mmask8 which, const Vector8<i128> &v) {
  return {_mm512_mask_mov_epi64(r.low, which, v.low), _mm512_mask_mov_epi64(r.high, which, v.high)};
}

// Eight of Rounded, with a bit a lane for each flag.
template <class T> struct RoundedVector8 {
  Vector8<T> r;
  __mmask8 beyond, lost, zero;
  __m512i sign; // of the exact value, in its highest bit; needed where that is beyond T
};

// Bounds, for eight.
template <class T> struct Vector8Bounds {
  Vector8<T> lo, hi, span, kept_bits;

  explicit Vector8Bounds(const Bounds<T> &b)
      : lo(broadcast(b.lo)), hi(broadcast(b.hi)), span(broadcast(b.span)),
        kept_bits(broadcast(b.kept_bits)) {}

  // CAN_OVERFLOW: whether a value may be beyond T.
  template <Bounding B, bool CAN_OVERFLOW>
  FX_INLINE Vector8<T> operator()(const RoundedVector8<T> &v) const {
    if (B == FOLD) {
      const Vector8<T> w = ((v.r - lo) & span) + lo;
      const __mmask8 changed = w.differs(v.r);
      return blend(w, CAN_OVERFLOW ? _kor_mask8(v.beyond, changed) : changed, w & kept_bits);
    }
    const Vector8<T> r = CAN_OVERFLOW ? saturated(v) : v.r;
    return B == SATURATE ? r : clamped(r);
  }

private:
  // What is beyond T becomes T's lowest or highest value.
  static FX_INLINE Vector8<int64_t> saturated(const RoundedVector8<int64_t> &v) {
    const __m512i sign = _mm512_srai_epi64(v.sign, 63);
    return {_mm512_mask_xor_epi64(v.r.v, v.beyond, sign, broadcast64(INT64_MAX))};
  }
  static FX_INLINE Vector8<i128> saturated(const RoundedVector8<i128> &v) {
    const __m512i sign = _mm512_srai_epi64(v.sign, 63);
    return {_mm512_mask_xor_epi64(v.r.low, v.beyond, sign, broadcast64(-1)),
            _mm512_mask_xor_epi64(v.r.high, v.beyond, sign, broadcast64(INT64_MAX))};
  }
  FX_INLINE Vector8<int64_t> clamped(const Vector8<int64_t> &r) const {
    return {_mm512_min_epi64(_mm512_max_epi64(r.v, lo.v), hi.v)};
  }
  FX_INLINE Vector8<i128> clamped(const Vector8<i128> &r) const {
    return blend(blend(r, less(r, lo), lo), less(hi, r), hi);
  }
};

// Lanes begin to end - 1 of a vector.
struct LaneRange {
  int begin, end;
};

// n elements, a multiple of eight; events are counted in the lanes of `counted` only.
template <Bounding B, bool COUNT, class T, class F, class... X>
FX_NOINLINE void each_vector(const F &f, const Bounds<T> &bounds, int64_t n, LaneRange counted,
                             T *out, Events *events, const X *...x) {
  const VectorForm<F> function(f);
  const Vector8Bounds<T> limits(bounds);
  const unsigned lanes = Vector8<T>::lanes((0xFF << counted.begin) & (0xFF >> (8 - counted.end)));
  int64_t overflow = 0, underflow = 0, inexact = 0;
  for (int64_t i = 0; i < n; i += 8) {
    RoundedVector8<T> v;
    if (!function(&v, Vector8<T>::load(x + i)...)) {
      scalar_loop<B, COUNT>(f, bounds, i + counted.begin, i + counted.end, out, events, x...);
      continue;
    }
    const Vector8<T> made = limits.template operator()<B, VectorForm<F>::can_overflow>(v);
    if (COUNT) {
      const unsigned beyond = VectorForm<F>::can_overflow ? v.beyond : 0;
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

// Eight elements of which only some are in memory, to be loaded or stored; the others are loaded
// as ones, which no function divides or overflows by.
template <class T> struct PartialVector8 {
  static const int VECTORS = sizeof(T) / 8, IN_VECTOR = 8 / VECTORS;
  alignas(64) T x[8];

  PartialVector8() = default;
  PartialVector8(const T *from, unsigned which) {
    for (int k = 0; k < VECTORS; k++)
      _mm512_store_si512(x + IN_VECTOR * k, _mm512_mask_loadu_epi64(broadcast64(1), words(which, k),
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

// So many elements take less time in a scalar loop.
const int FEW = 2;

// Returns the number of elements done, from the first on: at most FEW are left.
template <Bounding B, bool COUNT, class T, class F, class... X>
inline int64_t vector_loop(const F &f, const Bounds<T> &bounds, int64_t n, T *out, Events *events,
                           const X *...x) {
  const int64_t full = n & -8; // vectors of eight
  const int rest = static_cast<int>(n - full);
  if (rest > FEW) {
    PartialVector8<T> made;
    if (full) {
      // The last eight, of which some belong to the vector before: only the others are stored. This
      // comes first, as `out` may be an operand too.
      const int64_t at = n - 8;
      each_vector<B, COUNT>(f, bounds, 8, {8 - rest, 8}, made.x, events, (x + at)...);
      made.save(out + at, 0xFFu << (8 - rest) & 0xFF);
    } else {
      const unsigned which = (1u << rest) - 1;
      each_vector<B, COUNT>(f, bounds, 8, {0, rest}, made.x, events,
                            PartialVector8<X>(x, which).x...);
      made.save(out, which);
    }
  }
  if (full) each_vector<B, COUNT>(f, bounds, full, {0, 8}, out, events, x...);
  return rest > FEW ? n : full;
}

} // namespace FX_VARIANT
#endif
