// Loading elements into the intermediate type and storing them, one chunk at a time.
#pragma once

#include <cmath>
#include <cstring>

#include "integers/intrinsics.hh"
#include "instructions.hh"
#include "integers/wide.hh"

namespace FX_VARIANT {

// Calls f with a value of the level's type. FX_I32's is `Lowest`: with int64_t there is one copy
// less of code that gains nothing from the narrower type.
template <class Lowest = int32_t, class F> inline auto at_level(int level, const F &f) {
#ifdef FX_WIDE
  (void)level;
  return f(i1024(0));
#else
  switch (level) {
  case FX_I32: return f(Lowest(0));
  case FX_I64: return f(int64_t(0));
  case FX_I128: return f(i128(0));
  default: return f(i320(0));
  }
#endif
}

// Calls f with a value of the type that elements are stored as.
template <class F> inline auto at_storage(int storage, const F &f) {
  switch (storage) {
  case FX_S8: return f(int8_t(0));
  case FX_U8: return f(uint8_t(0));
  case FX_S16: return f(int16_t(0));
  case FX_U16: return f(uint16_t(0));
  case FX_S32: return f(int32_t(0));
  case FX_U32: return f(uint32_t(0));
  case FX_S64: return f(int64_t(0));
  case FX_U64: return f(uint64_t(0));
  case FX_S128: return f(i128(0));
  default: return f(u128(0));
  }
}

// Elements of a chunk: a few chunks of the intermediate type fit the first-level cache.
template <class I> struct Chunk { static const int size = 8192 / sizeof(I); };

#ifdef __AVX512DQ__
// Two loads of 32 bytes: one of 64 that touches two cache lines takes nearly twice as long on
// AMD's Zen 5 where these aren't in the first level.
FX_INLINE __m512i load_halves(const void *from) {
  const __m256i *const half = static_cast<const __m256i *>(from);
  return _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_loadu_si256(half)),
                            _mm256_loadu_si256(half + 1), 1);
}
#endif

template <class T> inline T fetch(const char *p) {
  T v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

template <class I, class T>
inline void load_as(I *out, const char *p, ptrdiff_t stride, int n, int lift) {
  if (stride == static_cast<ptrdiff_t>(sizeof(T))) {
    for (int i = 0; i < n; i++) out[i] = I(fetch<T>(p + i * sizeof(T)));
  } else if (stride == 0) {
    const I v = I(fetch<T>(p));
    for (int i = 0; i < n; i++) out[i] = v;
  } else {
    for (int i = 0; i < n; i++) out[i] = I(fetch<T>(p + i * stride));
  }
  if (lift)
    for (int i = 0; i < n; i++) out[i] = out[i] << lift;
}

// value * 2^lift, rounded to odd. Infinities, and values that I can't hold, become +-2^(bits - 3):
// the plan's I is so wide that this is out of the format's range, and 0 in all bits that
// FX_WRAP keeps.
template <class I> inline I from_double(double v, int lift) {
  if (v == 0) return I(0);
  uint64_t pattern;
  std::memcpy(&pattern, &v, sizeof v);
  const int exponent = static_cast<int>(pattern >> 52 & 0x7ff);
  const uint64_t fraction = pattern & ((uint64_t(1) << 52) - 1);
  // v = +-m * 2^(exponent - 1075); subnormal numbers have no leading bit, and exponent 1.
  const int64_t m = static_cast<int64_t>(exponent ? fraction | uint64_t(1) << 52 : fraction);
  int shift = (exponent ? exponent : 1) - 1075 + lift;
  if (shift + 53 > Bits<I>::value - 3) { // infinities among them
    const I limit = I(1) << (Bits<I>::value - 3);
    return v < 0 ? -limit : limit;
  }
  const int64_t signed_m = v < 0 ? -m : m;
  if (shift >= 0) return I(signed_m) << shift;
  shift = shift < -62 ? 62 : -shift;
  const int64_t lost = signed_m & ((int64_t(1) << shift) - 1);
  return I((signed_m >> shift) | (lost != 0));
}
template <> inline int32_t from_double(double, int) { return 0; } // the plan takes a wider I

template <class I>
inline void load_doubles(I *out, const char *p, ptrdiff_t stride, int n, int lift) {
  for (int i = 0; i < n; i++) out[i] = from_double<I>(fetch<double>(p + i * stride), lift);
}
template <class I>
FX_NOINLINE void load_integers(I *out, const char *p, ptrdiff_t stride, int n, int storage,
                               int lift) {
  at_storage(storage, [=](auto t) { load_as<I, decltype(t)>(out, p, stride, n, lift); });
}

template <class I>
inline void load(I *out, const char *p, ptrdiff_t stride, int n, int storage, int lift) {
  if (storage == FX_DOUBLE)
    load_doubles(out, p, stride, n, lift);
  else
    load_integers(out, p, stride, n, storage, lift);
}

// n elements, contiguous: where they are, or else copied into `buffer`.
template <class T> inline const T *contiguous(const char *p, ptrdiff_t stride, int n, T *buffer) {
  if (stride == static_cast<ptrdiff_t>(sizeof(T))) return reinterpret_cast<const T *>(p);
  for (int i = 0; i < n; i++) std::memcpy(buffer + i, p + i * stride, sizeof(T));
  return buffer;
}

// Copies contiguous results to their memory, unless they were made there.
template <class T> inline void copy_out(const T *from, char *to, ptrdiff_t stride, int n) {
  if (reinterpret_cast<const char *>(from) == to) return;
  if (stride == static_cast<ptrdiff_t>(sizeof(T)))
    std::memcpy(to, from, n * sizeof(T));
  else
    for (int i = 0; i < n; i++) std::memcpy(to + i * stride, from + i, sizeof(T));
}

template <class T, class I> inline T low_bits(const I &v) { return static_cast<T>(v); }
template <class T, int N> inline T low_bits(const Int<N> &v) {
  return static_cast<T>(static_cast<u128>(v));
}

template <class I, class T> inline void store_as(const I *in, char *p, ptrdiff_t stride, int n) {
  if (stride == static_cast<ptrdiff_t>(sizeof(T))) {
    for (int i = 0; i < n; i++) {
      const T v = low_bits<T>(in[i]);
      std::memcpy(p + i * sizeof(T), &v, sizeof v);
    }
  } else {
    for (int i = 0; i < n; i++) {
      const T v = low_bits<T>(in[i]);
      std::memcpy(p + i * stride, &v, sizeof v);
    }
  }
}

// The low bits of a value are the element's, signed or not.
template <class I>
FX_NOINLINE void store(const I *in, char *p, ptrdiff_t stride, int n, int storage) {
  switch (storage) {
  case FX_S8: case FX_U8: store_as<I, uint8_t>(in, p, stride, n); break;
  case FX_S16: case FX_U16: store_as<I, uint16_t>(in, p, stride, n); break;
  case FX_S32: case FX_U32: store_as<I, uint32_t>(in, p, stride, n); break;
  case FX_S64: case FX_U64: store_as<I, uint64_t>(in, p, stride, n); break;
  case FX_S128: case FX_U128: store_as<I, u128>(in, p, stride, n); break;
  }
}

} // namespace FX_VARIANT
