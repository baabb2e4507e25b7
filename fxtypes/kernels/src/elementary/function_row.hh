// A row of an elementary function, by the loop that serves it.
#pragma once

#include "elementary/avx512/row8.hh"
#include "elementary/evaluate.hh"

namespace FX_VARIANT {

template <class F>
void function_row(const Task &task, int64_t index, int64_t n, char *const *p,
                  const ptrdiff_t *strides) {
  const Elementary &e = *task.step->elementary;
  const F f(e);
  const Methods all = methods(f);
  if (is_row8<F>(all, task, index, n, p, strides)) return;
  if (e.limbs == 1) {
    F::template prepare<1>();
    if constexpr (std::is_same<F, Sqrt>::value)
      if (f.by_float64 && !e.is_stochastic && !e.is_masked && task.step->storage[0] < FX_S64)
        return chunked_row(f, all, task, index, n, p, strides);
    function_row<F, 1>(f, all, task, index, n, p, strides);
  } else if (e.limbs == 2) {
    F::template prepare<2>();
    function_row<F, 2>(f, all, task, index, n, p, strides);
  } else {
    long_row(all, task, index, n, p, strides);
  }
}

} // namespace FX_VARIANT
