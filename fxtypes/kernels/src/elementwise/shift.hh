// Shifts of elements, each by a count of its own.
//
// A plan bounds the counts and the kernels shift left only: by the bounded count less the lowest
// one, which is an element's amount. The result has as many more fraction bits.
#pragma once

#include <type_traits>

#include "elementwise/load_store.hh"
#include "rounding/overflow.hh"

namespace FX_VARIANT {

inline int64_t as_count(int64_t v) { return v; }
inline int64_t as_count(uint64_t v) { return v >> 63 ? INT64_MAX : static_cast<int64_t>(v); }
template <class C> inline int64_t as_count(C v) { return static_cast<int64_t>(v); }

// The amounts of n elements, 0 to coefficient[1] - coefficient[0], of which the left counts' bounds
// are.
template <class C>
inline void amounts_of(const Step &step, const char *p, ptrdiff_t stride, int n, int32_t *out) {
  const bool right = step.operation == FX_RIGHT_SHIFT;
  const int64_t low = right ? -step.coefficient[1] : step.coefficient[0];
  const int64_t high = right ? -step.coefficient[0] : step.coefficient[1];
  const int64_t zero = right ? high : low, flip = right ? -1 : 0; // flip: negates
  const auto amount = [=](C v) {
    const int64_t count = as_count(v), least = count < low ? low : count;
    return static_cast<int32_t>((((least > high ? high : least) - zero) ^ flip) - flip);
  };
  if (stride == static_cast<ptrdiff_t>(sizeof(C)))
    for (int i = 0; i < n; i++) out[i] = amount(fetch<C>(p + i * sizeof(C)));
  else
    for (int i = 0; i < n; i++) out[i] = amount(fetch<C>(p + i * stride));
}

inline FX_NOINLINE void shift_amounts(const Step &step, const char *p, ptrdiff_t stride, int n,
                                      int32_t *out) {
  switch (step.storage[1]) {
  case FX_S8: return amounts_of<int8_t>(step, p, stride, n, out);
  case FX_U8: return amounts_of<uint8_t>(step, p, stride, n, out);
  case FX_S16: return amounts_of<int16_t>(step, p, stride, n, out);
  case FX_U16: return amounts_of<uint16_t>(step, p, stride, n, out);
  case FX_S32: return amounts_of<int32_t>(step, p, stride, n, out);
  case FX_U32: return amounts_of<uint32_t>(step, p, stride, n, out);
  case FX_S64: return amounts_of<int64_t>(step, p, stride, n, out);
  default: return amounts_of<uint64_t>(step, p, stride, n, out);
  }
}

// In the general loop, whose type has room for all amounts.
template <class I>
FX_NOINLINE void shift_elements(const Step &step, const char *p, ptrdiff_t stride, int n, I *x) {
  int32_t amounts[Chunk<I>::size];
  shift_amounts(step, p, stride, n, amounts);
  for (int i = 0; i < n; i++) x[i] = x[i] << amounts[i];
}

// In a fused one, whose type T has room for the elements and the results: by an amount less `back`,
// to the left or, below 0, to the right. An element has no bits above its sign; what is lost below
// the result's last bit is rounded as in Round256.
template <class T> struct ShiftEach {
  typedef T R;
  typedef Unsigned<T> U;
  typedef typename std::conditional<sizeof(T) == 4, int32_t, int64_t>::type N; // as wide as T
  typedef typename std::conditional<sizeof(T) == 16, i128, int64_t>::type Wide;
  static const N bits = 8 * sizeof(T), last = bits - 1;
  N back, c0, c1, c2;

  explicit ShiftEach(const Step &step) : back(step.target.shift - step.lift[0]) {
    const Rounder<int32_t> two(two_bits_of(step.target, step.target.shift ? 2 : 0));
    c0 = two.c0;
    c1 = two.c1;
    c2 = two.c2;
  }

  FX_INLINE Rounded<R> operator()(T x, int32_t amount) const {
    const Parts v = parts(x, amount);
    // The lost bits as the highest ones: the first, and any others. Shifted by more than all bits,
    // the first one is a copy of the sign.
    const U lost = U(v.rest) << ((v.right < bits ? bits - v.right : N(0)) & last);
    const U others = lost << 1 | (lost & U(ones_if_negative(bits - v.right)));
    const N guard = N(lost >> last), sticky = others != 0 ? 1 : 0;
    const N c = c0 + (N(x >> last) & c1) + (-N(v.floor & 1) & c2);
    return rounded(x, v, (c + 2 * guard + sticky) >> 2, guard | sticky);
  }
  // Up where the 64 highest lost bits and the draw u, added, carry.
  FX_INLINE Rounded<R> operator()(T x, int32_t amount, uint64_t u) const {
    const Parts v = parts(x, amount);
    const Wide rest = v.rest;
    const N far = v.right - 64, most = 8 * sizeof(Wide) - 1;
    const uint64_t lost = far < 0 ? static_cast<uint64_t>(rest) << (-far & 63)
                                  : static_cast<uint64_t>(rest >> (far < most ? far : most));
    const U all = v.right < bits ? (U(1) << (v.right & last)) - 1 : ~U(0);
    return rounded(x, v, lost + u < u ? 1 : 0, (U(v.rest) & all) != 0 ? 1 : 0);
  }

private:
  struct Parts {
    T floor, rest; // of `rest` bits are lost: the element, or 0 where it isn't shifted right
    N right;       // by how many bits, 0 or more
    N beyond;
  };
  static FX_INLINE T ones_if_negative(N v) { return T(v >> (8 * sizeof(N) - 1)); }
  FX_INLINE Parts parts(T x, int32_t amount) const {
    const N by = N(amount) - back, left = by > 0 ? by : N(0), right = left - by;
    const T lifted = static_cast<T>(U(x) << (left & last)) & ones_if_negative(left - bits);
    const N beyond = (lifted >> (left & last)) != x ? 1 : 0;
    const T floor = lifted >> (right < bits ? right : last);
    return {floor, static_cast<T>(x & ones_if_negative(by)), right, beyond};
  }
  FX_INLINE Rounded<R> rounded(T x, const Parts &v, N up, N lost) const {
    typedef Flag<T> F;
    return {static_cast<T>(U(v.floor) + U(up)), static_cast<F>(v.beyond), x < 0 ? F(1) : F(0),
            static_cast<F>(lost), x == 0 ? F(1) : F(0)};
  }
};

} // namespace FX_VARIANT
