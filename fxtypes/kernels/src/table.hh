// What Cython sees: one table of functions for every kind of CPU.
#pragma once

#include <cstddef>
#include <cstdint>

#include "instructions.hh"
#include "interrupts.hh"

struct Kernels {
  const char *name;
  bool has_tiles; // whether `product` knows other paths than loops
  // The random stream of a step: `seed` is two words of the seed and the step's number.
  Stream (*stream)(const uint64_t *seed);
  // An elementwise operation; `family` is a Family.
  void (*run)(int family, const Task *, const Arrays *);
  // A reduction over some axes of `in`; the kept ones are those of `out`, in order.
  void (*reduce)(const Task *, const Axes *kept, const Axes *reduced, const char *in, char *out,
                 const ptrdiff_t *out_strides);
  // cumsum (`rest` null), cumprod and prod: the task's step makes the first result of a line,
  // `rest` the others. Returns an Outcome.
  int (*scan)(const Task *, const Step *rest, const InterruptCheck *, const Lines *);
  // The bits that the largest magnitude needs: of v when v >= 0, else of -v - 1.
  int (*magnitude_bits)(int storage, const Axes *, const char *data);
  // The lowest and the highest of one element or more: two words each, the lower one first.
  void (*extremes)(int storage, const Axes *, const char *data, uint64_t *out);
  // Of before, after and step, the first two of one storage: how many elements have a step other
  // than 0, and how many of these differ.
  void (*count_moves)(int bytes, int step_bytes, const Arrays *, int64_t *out);
  // out = mask ? x : y, elements of `size` bytes, contiguous; `one`: of a single element.
  void (*select)(int size, int64_t n, const uint8_t *mask, const void *x, bool one_x,
                 const void *y, bool one_y, void *out);
  // A matrix product by the scheme's path; at most FX_BLOCK_COLUMNS columns but by FX_LOOPS.
  // FX_PLANES: a is the sums, b isn't used. Returns an Outcome.
  int (*product)(const Task *, const Scheme *, const InterruptCheck *, const Matrices *);
  // The same with an accumulator: the task makes one step of its loop, `start` the accumulator that
  // it begins from (null: 0), and `conversion`, whose counts are apart, ends it.
  int (*accumulate)(const Task *, const Task *start, const Task *conversion,
                    const InterruptCheck *, const Matrices *);
  // A matrix as `count` planes of float64: see schemes.hh.
  void (*slices)(const Matrix *, int count, int width, double *out);
  // The draws of elements index .. index + n - 1, rounding k.
  void (*draw)(const Stream *, uint64_t index, uint64_t k, int64_t n, uint64_t *out);
  // Normal deviates of 128 bits of elements index .. index + n - 1: see normal.hh.
  void (*normal)(const Stream *, const NormalTables *, uint64_t index, int64_t n, void *out,
                 uint8_t *undecided);
  // For tests: what rounding.hh adds before a right shift at a level, c0, c1 and c2, in
  // FX_COUNTED_WORDS words each.
  void (*rounding_constants)(int level, const Target *, uint64_t *out);
  const ElementaryKernels *elementary;
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
#ifdef FX_HAVE_AVX512IFMA // avx512's, but for the elementary functions
namespace fx_avx512ifma { extern const ElementaryKernels elementary; }
#endif

// The table that `name` asks for ("portable", "avx2", "avx512", "avx512ifma"), or the best for this
// CPU when it is empty; null when the name is unknown or this CPU can't run it.
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
#ifdef FX_HAVE_AVX512IFMA
  const bool ifma = avx512 && __builtin_cpu_supports("avx512ifma") &&
                    __builtin_cpu_supports("avx512vbmi2");
  if (ifma && (is("") || is("avx512ifma"))) {
    static const Kernels table = [] {
      Kernels kernels = fx_avx512::table;
      kernels.name = "avx512ifma";
      kernels.elementary = &fx_avx512ifma::elementary;
      return kernels;
    }();
    return &table;
  }
#endif
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
