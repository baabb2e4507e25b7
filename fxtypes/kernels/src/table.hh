// What Cython sees: one table of functions for every kind of CPU. `draws` is null or the
// stream's two key words and its step.
#pragma once

#include <cstddef>
#include <cstdint>

#include "interrupts.hh"
#include "instructions.hh"

enum Family { FX_ELEMENTWISE, FX_COMPARISONS, FX_TO_DOUBLE };

struct Kernels {
  const char *name;
  bool tiles; // whether `product` knows other ways than loops
  // Everywhere `first` is the first output element's place in C order of the whole result, which
  // may be done in pieces.
  // shape: nd sizes. start, strides: one pointer and nd byte strides an operand, output last.
  void (*run)(int family, const Step *, Counts *, const uint64_t *draws, int64_t first, int nd,
              const int64_t *shape, int pointers, char *const *start,
              const ptrdiff_t *const *strides);
  // The axes that stay and those that go; step->operation is a Reduction.
  void (*reduce)(const Step *, Counts *, const uint64_t *draws, int64_t first, int kept,
                 const int64_t *kept_shape, const ptrdiff_t *kept_strides, int gone,
                 const int64_t *gone_shape, const ptrdiff_t *gone_strides, char *in, char *out,
                 const ptrdiff_t *out_strides);
  // cumsum (`rest` null), cumprod and prod along the middle axis; sizes outer, n, inner, and how
  // many steps of a prod were made before, which `out` holds; strides: three of the operand, three
  // of the result, whose middle one is 0 for prod. Returns an Outcome.
  int (*scan)(const Step *begin, const Step *rest, Counts *, const uint64_t *draws, int64_t first,
              const Pause *, const int64_t *sizes, const char *in, char *out,
              const ptrdiff_t *strides);
  // The bits that the largest magnitude needs: of v when v >= 0, else of -v - 1.
  int (*magnitude_bits)(int storage, int nd, const int64_t *shape, char *start,
                        const ptrdiff_t *strides);
  // a (m x k) times b (k x n): sizes m, k, n and from one row to the next in C order of the
  // whole result; pointers a, b, out; strides row and column of each. `way` says how; at most
  // 1024 columns but by loops. FX_PLANES: a are the sums. Returns an Outcome.
  int (*product)(const Step *, const Way *way, Counts *, const uint64_t *draws, int64_t first,
                 const Pause *, const int64_t *sizes, char *const *p, const ptrdiff_t *strides);
  // The same with an accumulator (`step`) and the conversion that ends its loop (`last`).
  int (*accumulate)(const Step *step, const Step *last, Counts *, Counts *last_counts,
                    const uint64_t *draws, int64_t first, const Pause *, const int64_t *sizes,
                    char *const *p, const ptrdiff_t *strides);
  // A matrix (sizes rows, columns) as `count` planes of float64: see schemes.hh.
  void (*slices)(int storage, int count, int width, const int64_t *sizes, const char *p,
                 const ptrdiff_t *strides, double *out);
  // The draws of elements index .. index + n - 1, rounding k.
  void (*draw)(const uint64_t *draws, uint64_t index, uint64_t k, int64_t n, uint64_t *out);
};

#ifdef FX_HAVE_PORTABLE
namespace fx_portable { extern const Kernels table; }
#endif
namespace fx_wide { extern const Kernels table; } // steps of level FX_I1024 only, on every CPU
#ifdef FX_HAVE_AVX2
namespace fx_avx2 { extern const Kernels table; }
#endif
#ifdef FX_HAVE_AVX512
namespace fx_avx512 { extern const Kernels table; }
#endif

// The table that `name` asks for ("portable", "avx2", "avx512"), or the best for this CPU when it is
// empty; null when the name is unknown or this CPU can't run it.
inline const Kernels *fx_kernels(const char *name) {
  [[maybe_unused]] const auto is = [name](const char *other) {
    const char *p = name;
    for (; *p && *p == *other; p++) other++;
    return *p == *other;
  };
#ifdef FX_HAVE_AVX512
  __builtin_cpu_init();
  const bool avx512 = __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("fma") &&
                      __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
  if (avx512 && (is("") || is("avx512"))) return &fx_avx512::table;
#endif
#ifdef FX_HAVE_AVX2
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") &&
                    __builtin_cpu_supports("fma");
  if (avx2 && (is("") || is("avx2"))) return &fx_avx2::table;
#endif
#ifdef FX_HAVE_PORTABLE
  if (is("") || is("portable")) return &fx_portable::table;
#endif
  return nullptr;
}
