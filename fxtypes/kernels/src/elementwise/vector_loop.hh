// A function of contiguous elements, in the best loop that there is for it.
//
// A function is a class with a type R and an operator() that makes a Rounded<R> of elements. Loops
// are templates over what would be branches inside them: the function, what overflow does, and
// whether events are counted.
#pragma once

#include "elementwise/avx512/vector8.hh"
#include "elementwise/avx2/multiply32.hh"
#include "elementwise/add_multiply.hh"
#include "elementwise/binary_point.hh"

namespace FX_VARIANT {

template <Bounding B, bool COUNT, class T, class F, class... X>
inline bool fused_loop(const F &f, const Bounds<typename F::R> &bounds, int64_t n, T *out,
                       Events *events, const X *...x) {
  int64_t done = 0;
#ifdef __AVX512DQ__
  if constexpr (VectorForm<F>::exists)
    done = vector_loop<B, COUNT>(f, bounds, n, out, events, x...);
#elif defined(__AVX2__)
  if constexpr (B == CLAMP && !COUNT && std::is_same<F, Product<int32_t>>::value)
    done = multiply32(f.f, n, out, x...);
#endif
  return scalar_loop<B, COUNT>(f, bounds, done, n, out, events, x...);
}

// out[i] = f(x[i]...), bounded as the target says. events: null where they aren't counted. False: a
// draw was too short.
template <class T, class F, class... X>
bool contiguous_loop(const F &f, const Target &target, Events *events, int64_t n, T *out,
                     const X *...x) {
  const Overflow overflow = static_cast<Overflow>(target.overflow);
  const Bounds<typename F::R> bounds(target);
  const Bounding clamp = std::is_same<F, Narrow<i128>>::value ? CLAMP_RARELY : CLAMP;
  const bool folds = overflow == FX_WRAP || overflow == FX_SATURATE_ZERO;
#ifdef __AVX512DQ__
  if constexpr (VectorForm<F>::exists)
    if (bounds.fills_type() && !folds && !events)
      return fused_loop<SATURATE, false>(f, bounds, n, out, events, x...);
#endif
  if (folds && events) return fused_loop<FOLD, true>(f, bounds, n, out, events, x...);
  if (folds) return fused_loop<FOLD, false>(f, bounds, n, out, events, x...);
  if (events) return fused_loop<clamp, true>(f, bounds, n, out, events, x...);
  return fused_loop<clamp, false>(f, bounds, n, out, events, x...);
}

} // namespace FX_VARIANT
