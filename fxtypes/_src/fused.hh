// Fused loops for what is asked for most: + - * and a change of the binary point where operands
// and result have the same storage T. All happens in registers; the general loop
// (elementwise.hh) takes the rest, and is what these are tested against.
//
// A loop is a template over the choices that would be branches inside it: the operation, what
// overflow does, and whether events are counted.
#pragma once

#include "bounds.hh"
#include "doubles.hh"
#include "elementwise.hh"
#include "memory.hh"
#include "multiply32.hh"
#include "quotient.hh"

namespace FX_VARIANT {

// The exact sum or difference, where no bit is shifted out.
template <bool SUBTRACT, class T> struct Sum {
  typedef typename Wider<T>::type Wide;
  typedef typename std::conditional<sizeof(T) <= 2, Wide, T>::type R;
  explicit Sum(const Target &) {}

  FX_INLINE Rounded<R> operator()(T a, T b) const {
    if (sizeof(T) <= 2) {
      const R r = SUBTRACT ? R(a) - R(b) : R(a) + R(b);
      return {r, false, false, false, r == 0};
    }
    typedef Unsigned<T> U;
    const T r = static_cast<T>(SUBTRACT ? U(a) - U(b) : U(a) + U(b));
    const T left = SUBTRACT ? (a ^ b) & (a ^ r) : (a ^ r) & (b ^ r); // < 0: r has wrapped
    return {static_cast<R>(r), left < 0, a < 0, false, r == 0 && !(left < 0)};
  }
};

// The change of the binary point to the right: no wider type is needed when what is lost is
// rounded on its own, r = (x >> s) + ((lost + constant) >> s).
template <class T> struct Narrow {
  typedef T R;
  typedef Unsigned<T> U;
  int s;
  U mask, c0, c1, c2; // as in rounding.hh, modulo 2^bits

  explicit Narrow(const Target &t) : s(t.shift) {
    typedef typename std::conditional<sizeof(T) == 16, i320, i128>::type Big;
    const Rounder<Big> f(t);
    mask = low_bits<U>(f.mask);
    c0 = low_bits<U>(f.c0);
    c1 = low_bits<U>(f.c1);
    c2 = low_bits<U>(f.c2);
  }
  FX_INLINE Rounded<T> operator()(T x, T) const {
    const T floor = x >> s;
    const U lost = U(x) & mask;
    const U up = lost + c0 + (x < 0 ? c1 : U(0)) + ((floor & 1) ? c2 : U(0));
    return {static_cast<T>(U(floor) + (up >> s)), false, false, lost != 0, x == 0};
  }
};

// At 128 bits, where fewer than 63 bits go: the rounding happens within one word.
template <> struct Narrow<i128> {
  typedef i128 R;
  int s;
  uint64_t mask, constant[4]; // by 2 * sign + lsb
  Narrow<int64_t> word;

  explicit Narrow(const Target &t) : s(t.shift), word(t) {
    mask = word.mask;
    for (int i = 0; i < 4; i++)
      constant[i] = word.c0 + (i & 2 ? word.c1 : 0) + (i & 1 ? word.c2 : 0);
  }
  FX_INLINE Rounded<R> operator()(i128 x, i128) const {
    const uint64_t low = static_cast<uint64_t>(x), high = static_cast<uint64_t>(x >> 64);
    const uint64_t lost = low & mask;
    const uint64_t r0 = funnel(low, high, s);
    const int64_t r1 = static_cast<int64_t>(high) >> s;
    const u128 floor = static_cast<u128>(static_cast<uint64_t>(r1)) << 64 | r0;
    const uint64_t up = (lost + constant[(high >> 63) * 2 + (r0 & 1)]) >> s;
    return {static_cast<i128>(floor + up), false, false, lost != 0, x == 0};
  }
};

// ... and to the left.
template <class T> struct Widen {
  typedef T R;
  int lift;
  T lowest, highest; // of what stays within T

  explicit Widen(const Target &, int lift_) : lift(lift_) {
    typedef Unsigned<T> U;
    const int bits = 8 * sizeof(T);
    const T top = T(-1) < T(0) ? static_cast<T>((U(1) << (bits - 1)) - 1) : static_cast<T>(~U(0));
    highest = top >> lift;
    lowest = T(-1) < T(0) ? (-top - 1) >> lift : 0;
  }
  FX_INLINE Rounded<T> operator()(T x, T) const {
    const bool beyond = x < lowest || x > highest;
    return {static_cast<T>(Unsigned<T>(x) << lift), beyond, x < 0, false, x == 0};
  }
};

// The exact product of small elements, rounded in a type of twice the size.
template <class T> struct Product {
  typedef typename Wider<T>::type R;
  Rounder<R> f;
  explicit Product(const Target &t) : f(t) {}

  FX_INLINE Rounded<R> operator()(T a, T b) const {
    const R z = R(a) * R(b);
    return {f.affine(z), false, false, (z & f.mask) != 0, z == 0};
  }
};

// 64 by 64 bits: two words, shifted by fewer than 64 bits.
template <> struct Product<int64_t> {
  typedef int64_t R;
  int s;
  uint64_t mask;
  i128 constant[4]; // c0 + (sign & c1) + (lsb & c2), by 2 * sign + lsb

  explicit Product(const Target &t) : s(t.shift) {
    const Rounder<i128> f(t);
    mask = static_cast<uint64_t>(f.mask);
    for (int i = 0; i < 4; i++) constant[i] = f.c0 + (i & 2 ? f.c1 : 0) + (i & 1 ? f.c2 : 0);
  }
  FX_INLINE Rounded<R> operator()(int64_t a, int64_t b) const {
    const i128 z = static_cast<i128>(a) * b;
    const uint64_t low = static_cast<uint64_t>(z), high = static_cast<uint64_t>(z >> 64);
    const i128 t = z + constant[(high >> 63) * 2 + (low >> s & 1)];
    const int64_t top = static_cast<int64_t>(t >> 64);
    const int64_t r = static_cast<int64_t>(
        funnel(static_cast<uint64_t>(t), static_cast<uint64_t>(top), s));
    return {r, (top >> s) != (r >> 63), top < 0, (low & mask) != 0, z == 0};
  }
};

// 128 by 128 bits: four words, shifted by Q words and some bits.
template <int Q> struct Product128 {
  typedef i128 R;
  Round256<Q> round;
  explicit Product128(const Target &t) : round(t) {}

  FX_INLINE Rounded<R> operator()(i128 x, i128 y) const {
    uint64_t z[4];
    multiply_words(static_cast<uint64_t>(x), static_cast<uint64_t>(x >> 64),
                   static_cast<uint64_t>(y), static_cast<uint64_t>(y >> 64), z);
    return round(z);
  }
};

template <Bounding B, bool COUNT, class T, class F>
inline void fused_loop(const F &function, const Bounds<typename F::R> &limits, const T *x,
                       const T *y, int64_t n, T *out, Events *events) {
  const F f = function; // copies that no store through `out` can alias
  const Bounds<typename F::R> bounds = limits;
  if (!COUNT) {
    int64_t i = 0;
#ifdef __AVX2__
    if constexpr (B == CLAMP && std::is_same<F, Product<int32_t>>::value)
      i = multiply32(f.f, x, y, n, out);
#endif
    for (; i < n; i++)
      out[i] = static_cast<T>(bounds.template operator()<B>(f(x[i], y[i])));
    return;
  }
  typedef Flag<typename F::R> Count; // holds the counts of a block
  for (int64_t at = 0; at < n; at += 4096) {
    const int64_t end = n - at < 4096 ? n : at + 4096;
    Count overflow = 0, underflow = 0, inexact = 0;
    for (int64_t i = at; i < end; i++) {
      const Rounded<typename F::R> v = f(x[i], y[i]);
      const typename F::R bounded = bounds.template operator()<B>(v);
      overflow += v.beyond | (bounded != v.r ? Count(1) : Count(0));
      inexact += v.lost;
      underflow += (v.r == 0 ? Count(1) : Count(0)) & ~v.beyond & ~v.zero;
      out[i] = static_cast<T>(bounded);
    }
    events->overflow += overflow;
    events->underflow += underflow;
    events->inexact += inexact;
  }
}

// Elements side by side. Clamping is asked for most: it has a loop that doesn't count.
template <class T, class F>
void fused_stretch(const F &f, const Step &step, Events *events, const T *x, const T *y, int64_t n,
                   T *out) {
  const Bounds<typename F::R> bounds(step.target);
  Events unwanted = {0, 0, 0};
  if (step.target.overflow == FX_WRAP || step.target.overflow == FX_SATURATE_ZERO)
    fused_loop<FOLD, true>(f, bounds, x, y, n, out, events ? events : &unwanted);
  else if (events)
    fused_loop<CLAMP, true>(f, bounds, x, y, n, out, events);
  else
    fused_loop<CLAMP, false>(f, bounds, x, y, n, out, events);
}

template <class T, class F>
void fused_elements(const F &f, const Step &step, Events *events, int64_t n, char *const *p,
                    const ptrdiff_t *strides) {
  const int operands = step.operands;
  const ptrdiff_t size = sizeof(T), stride = strides[operands];
  const int second = operands - 1; // the first once more where there is but one
  if (strides[0] == size && strides[second] == size && stride == size) {
    fused_stretch(f, step, events, reinterpret_cast<const T *>(p[0]),
                  reinterpret_cast<const T *>(p[second]), n, reinterpret_cast<T *>(p[operands]));
    return;
  }
  T x[CHUNK], y[CHUNK], out[CHUNK];
  bool ready = false; // y holds its only element already
  for (int64_t at = 0; at < n; at += CHUNK) {
    const int m = static_cast<int>(n - at < CHUNK ? n - at : CHUNK);
    const T *a = contiguous(p[0] + at * strides[0], strides[0], m, x);
    const T *b = a;
    if (second) {
      b = ready ? y : contiguous(p[1] + at * strides[1], strides[1], m, y);
      ready = strides[1] == 0;
    }
    char *const target = p[operands] + at * stride;
    T *const made = stride == size ? reinterpret_cast<T *>(target) : out;
    fused_stretch(f, step, events, a, b, m, made);
    place(made, target, stride, m);
  }
}

template <class T>
inline void fused_product(const Step &step, Events *events, int64_t n, char *const *p,
                          const ptrdiff_t *strides) {
  if constexpr (sizeof(T) == 16) {
    switch (step.target.shift / 64) {
    case 0: fused_elements<T>(Product128<0>(step.target), step, events, n, p, strides); break;
    case 1: fused_elements<T>(Product128<1>(step.target), step, events, n, p, strides); break;
    default: fused_elements<T>(Product128<2>(step.target), step, events, n, p, strides);
    }
  } else {
    fused_elements<T>(Product<T>(step.target), step, events, n, p, strides);
  }
}

template <class T>
inline bool fused_quotient(const Step &step, Events *events, int64_t n, char *const *p,
                           const ptrdiff_t *strides) {
  if constexpr (sizeof(T) <= 4) {
    const double scale = std::ldexp(1.0, step.lift[0] - step.target.shift);
    T x[CHUNK], y[CHUNK];
    const auto values = [&](int64_t at, int m, double *t) {
      quotients(contiguous(p[0] + at * strides[0], strides[0], m, x),
                contiguous(p[1] + at * strides[1], strides[1], m, y), m, scale, t);
    };
    return from_doubles<T>(values, step, events, n, p[2], strides[2]);
  } else {
    fused_elements<T>(Quotient<T>(step), step, events, n, p, strides);
    return true;
  }
}

template <class T>
inline bool from_double_row(const Step &step, Events *events, int64_t n, char *const *p,
                            const ptrdiff_t *strides) {
  const double scale = std::ldexp(1.0, step.lift[0] - step.target.shift); // >= 1: exact
  double x[CHUNK];
  const auto values = [&](int64_t at, int m, double *t) {
    const double *v = contiguous(p[0] + at * strides[0], strides[0], m, x);
    for (int i = 0; i < m; i++) t[i] = v[i] * scale;
  };
  return from_doubles<T>(values, step, events, n, p[1], strides[1]);
}

// False: this row is for the general loop.
template <class T>
bool fused_row(const Step &step, Events *events, int64_t n, char *const *p,
               const ptrdiff_t *strides) {
  if (step.storage[0] == FX_DOUBLE) return from_double_row<T>(step, events, n, p, strides);
  switch (step.operation) {
  case FX_ADD: fused_elements<T>(Sum<false, T>(step.target), step, events, n, p, strides); break;
  case FX_SUBTRACT: fused_elements<T>(Sum<true, T>(step.target), step, events, n, p, strides); break;
  case FX_MULTIPLY:
    if constexpr (!std::is_same<T, uint16_t>::value) // its products leave 32 bits
      fused_product<T>(step, events, n, p, strides);
    break;
  case FX_DIVIDE:
    if constexpr (T(-1) < T(0)) {
      if (any_zero<T>(p[1], strides[1], n)) return false;
      return fused_quotient<T>(step, events, n, p, strides);
    }
    return false;
  default: // FX_COPY
    if (step.lift[0])
      fused_elements<T>(Widen<T>(step.target, step.lift[0]), step, events, n, p, strides);
    else
      fused_elements<T>(Narrow<T>(step.target), step, events, n, p, strides);
  }
  return true;
}

// The general loop's signature. Where an element overflows that the caller wants to see, the
// row is done once more, by the loop that notes it.
template <class T>
void fused_or_general(const Step &step, Counts *counts, const Stream *stream, int64_t index,
                      int64_t n, char *const *p, const ptrdiff_t *strides) {
  Events events = {0, 0, 0}; // dropped where the general loop counts anew
  const bool done = fused_row<T>(step, counts->wanted ? &events : nullptr, n, p, strides);
  if (!done || (events.overflow && step.target.overflow == FX_RAISE)) {
    general_row(step, counts, stream, index, n, p, strides);
    return;
  }
  counts->overflow += events.overflow;
  counts->underflow += events.underflow;
  counts->inexact += events.inexact;
}

} // namespace FX_VARIANT
