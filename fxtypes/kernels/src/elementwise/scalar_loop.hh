// A function of contiguous elements, in a loop of scalars.
#pragma once

#include "rounding/overflow.hh"

namespace FX_VARIANT {

// Elements begin to end - 1; the compiler may make vectors of them. False: a draw was too short.
template <Bounding B, bool COUNT, class T, class F, class... X>
bool scalar_loop(const F &function, const Bounds<typename F::R> &limits, int64_t begin, int64_t end,
                 T *out, Events *events, const X *...x) {
  const F f = function; // copies that no store through `out` can alias
  const Bounds<typename F::R> bounds = limits;
  typedef Flag<typename F::R> Count; // counts up to 4096
  Count unsure = 0;
  if (!COUNT) {
    for (int64_t i = begin; i < end; i++) {
      const Rounded<typename F::R> v = f(x[i]...);
      unsure |= v.unsure;
      out[i] = static_cast<T>(bounds.template operator()<B>(v));
    }
    return !unsure;
  }
  for (int64_t at = begin; at < end; at += 4096) {
    const int64_t stop = end - at < 4096 ? end : at + 4096;
    Count overflow = 0, underflow = 0, inexact = 0;
    for (int64_t i = at; i < stop; i++) {
      const Rounded<typename F::R> v = f(x[i]...);
      const typename F::R bounded = bounds.template operator()<B>(v);
      unsure |= v.unsure;
      overflow += v.beyond | (bounded != v.r ? Count(1) : Count(0));
      inexact += v.lost;
      underflow += (v.r == 0 ? Count(1) : Count(0)) & ~v.beyond & ~v.zero;
      out[i] = static_cast<T>(bounded);
    }
    events->overflow += overflow;
    events->underflow += underflow;
    events->inexact += inexact;
  }
  return !unsure;
}

} // namespace FX_VARIANT
