// The elementary functions' loops. Compiled once for every kind of CPU, as ../table.cc is.
#include "elementary/exponential.hh"
#include "elementary/logarithm.hh"
#include "elementary/power.hh"
#include "elementary/roots.hh"
#include "elementary/trigonometric.hh"
#include "elementary/for_tests.hh"
#include "elementary/function_row.hh"
#include "elementary/table.hh"

namespace FX_VARIANT {

template <class F> struct Of { typedef F type; };

// Calls f with the function's type in an `Of`.
template <class Body> static bool at_function(int function, const Body &body) {
  switch (function) {
  case FX_EXP: return body(Of<Exp>());
  case FX_EXP2: return body(Of<Exp2>());
  case FX_EXPM1: return body(Of<Expm1>());
  case FX_LOG: return body(Of<Log>());
  case FX_LOG2: return body(Of<Log2>());
  case FX_LOG10: return body(Of<Log10>());
  case FX_LOG1P: return body(Of<Log1p>());
  case FX_SIN: return body(Of<Sin>());
  case FX_COS: return body(Of<Cos>());
  case FX_TAN: return body(Of<Tan>());
  case FX_ARCTAN: return body(Of<Arctan>());
  case FX_ARCTAN2: return body(Of<Arctan2>());
  case FX_SINH: return body(Of<Sinh>());
  case FX_COSH: return body(Of<Cosh>());
  case FX_TANH: return body(Of<Tanh>());
  case FX_SIGMOID: return body(Of<Sigmoid>());
  case FX_SOFTPLUS: return body(Of<Softplus>());
  case FX_SQRT: return body(Of<Sqrt>());
  case FX_RSQRT: return body(Of<Rsqrt>());
  case FX_HYPOT: return body(Of<Hypot>());
  case FX_POWER: return body(Of<Power>());
  }
  return false;
}

static void elementary_row(const Task &task, int64_t index, int64_t n, char *const *p,
                    const ptrdiff_t *strides) {
  at_function(task.step->elementary->function, [&](auto of) {
    function_row<typename decltype(of)::type>(task, index, n, p, strides);
    return true;
  });
}

static bool enclose(const Elementary *e, int limbs, const uint64_t *magnitudes, const uint64_t *signs,
             Enclosure *found) {
  return at_function(e->function, [&](auto of) {
    return enclosure<typename decltype(of)::type>(*e, limbs, magnitudes, signs, found);
  });
}

static LimbTable limb_table(int table, int limbs) {
  switch (limbs) {
  case 1: return table_of_limbs<1>(table);
  case 2: return table_of_limbs<2>(table);
  case 3: return table_of_limbs<3>(table);
  case 4: return table_of_limbs<4>(table);
  case 5: return table_of_limbs<5>(table);
  }
  return {};
}

extern const ElementaryKernels elementary = {elementary_row, elementary_rows, settled, enclose,
                                             limb_table};

} // namespace FX_VARIANT
