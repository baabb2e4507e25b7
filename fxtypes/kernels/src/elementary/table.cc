// The elementary functions' loops. Compiled once for every kind of CPU, as ../table.cc is.
#include "elementary/exponential.hh"
#include "elementary/logarithm.hh"
#include "elementary/power.hh"
#include "elementary/roots.hh"
#include "elementary/trigonometric.hh"
#include "elementary/evaluate.hh"
#include "elementary/table.hh"

namespace FX_VARIANT {

void elementary_row(const Task &task, int64_t index, int64_t n, char *const *p,
                    const ptrdiff_t *strides) {
  switch (task.step->elementary->function) {
  case FX_EXP: return function_row<Exp>(task, index, n, p, strides);
  case FX_EXP2: return function_row<Exp2>(task, index, n, p, strides);
  case FX_EXPM1: return function_row<Expm1>(task, index, n, p, strides);
  case FX_LOG: return function_row<Log>(task, index, n, p, strides);
  case FX_LOG2: return function_row<Log2>(task, index, n, p, strides);
  case FX_LOG10: return function_row<Log10>(task, index, n, p, strides);
  case FX_LOG1P: return function_row<Log1p>(task, index, n, p, strides);
  case FX_SIN: return function_row<Sin>(task, index, n, p, strides);
  case FX_COS: return function_row<Cos>(task, index, n, p, strides);
  case FX_TAN: return function_row<Tan>(task, index, n, p, strides);
  case FX_ARCTAN: return function_row<Arctan>(task, index, n, p, strides);
  case FX_ARCTAN2: return function_row<Arctan2>(task, index, n, p, strides);
  case FX_SINH: return function_row<Sinh>(task, index, n, p, strides);
  case FX_COSH: return function_row<Cosh>(task, index, n, p, strides);
  case FX_TANH: return function_row<Tanh>(task, index, n, p, strides);
  case FX_SIGMOID: return function_row<Sigmoid>(task, index, n, p, strides);
  case FX_SOFTPLUS: return function_row<Softplus>(task, index, n, p, strides);
  case FX_SQRT: return function_row<Sqrt>(task, index, n, p, strides);
  case FX_RSQRT: return function_row<Rsqrt>(task, index, n, p, strides);
  case FX_RECIPROCAL: return function_row<Reciprocal>(task, index, n, p, strides);
  case FX_HYPOT: return function_row<Hypot>(task, index, n, p, strides);
  case FX_POWER: return function_row<Power>(task, index, n, p, strides);
  }
}

} // namespace FX_VARIANT
