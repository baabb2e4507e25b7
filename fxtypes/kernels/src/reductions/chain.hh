// prod of single lines by the functions of the fused loops: each step waits for the one before, so
// that all of it stays in registers.
#pragma once

#include "elementwise/fused.hh"
#include "interrupts.hh"

namespace FX_VARIANT {

// z times n factors, one after the other.
template <Bounding B, class T, class F>
T chained(const F &f, const Bounds<typename F::R> &bounds, T z, const T *factors, int n) {
  for (int i = 0; i < n; i++)
    z = static_cast<T>(bounds.template operator()<B>(f(z, factors[i])));
  return z;
}

// `rest` makes every step but a line's first. False: interrupted.
template <class T, class F>
bool chain_lines(const F &f, const Task &task, const Step &rest, Interrupts &interrupts,
                 const Lines &x) {
  const Target &t = rest.target;
  const Bounds<typename F::R> bounds(t);
  const bool folds = t.overflow == FX_WRAP || t.overflow == FX_SATURATE_ZERO;
  T factors[CHUNK], z;
  for (int64_t o = 0; o < x.outer; o++)
    for (int64_t i = 0; i < x.inner; i++) {
      const char *const in = x.in + o * x.in_strides[0] + i * x.in_strides[2];
      char *const out = x.out + o * x.out_strides[0] + i * x.out_strides[2];
      const int64_t begin = x.done ? 0 : 1;
      if (begin) {
        char *const rows[] = {const_cast<char *>(in), out};
        const ptrdiff_t strides[] = {0, 0};
        general_row(task, task.first + o * x.inner + i, 1, rows, strides);
      }
      load_integers(&z, out, 0, 1, t.storage, 0);
      for (int64_t j = begin; j < x.n; j += CHUNK) {
        const int m = static_cast<int>(x.n - j < CHUNK ? x.n - j : CHUNK);
        load_integers(factors, in + j * x.in_strides[1], x.in_strides[1], m, rest.storage[1], 0);
        z = folds ? chained<FOLD>(f, bounds, z, factors, m)
                  : chained<CLAMP>(f, bounds, z, factors, m);
        if (interrupts.stop_after(m)) return false;
      }
      store(&z, out, 0, 1, t.storage);
    }
  return true;
}

// Lines whose events nobody counts, rounded without draws.
inline bool product_of_lines(const Task &task, const Step &rest, Interrupts &interrupts,
                             const Lines &x) {
  const Target &t = rest.target;
  return at_storage(rest.fused_storage, [&](auto type) {
    typedef decltype(type) T;
    if constexpr (std::is_same<T, i128>::value) {
      switch (t.shift / 64) {
      case 0: return chain_lines<T>(Product128<0>(t), task, rest, interrupts, x);
      case 1: return chain_lines<T>(Product128<1>(t), task, rest, interrupts, x);
      default: return chain_lines<T>(Product128<2>(t), task, rest, interrupts, x);
      }
    } else if constexpr (T(-1) < T(0) || std::is_same<T, uint8_t>::value) {
      return chain_lines<T>(Product<T>(t), task, rest, interrupts, x);
    } else {
      return true; // the plan fuses no products of other types
    }
  });
}

} // namespace FX_VARIANT
