// The kernels' table. This file is compiled once for every kind of CPU, each time with another
// FX_VARIANT and other flags; nothing of it may have a name that two variants share. The widest
// intermediate type, which few steps need, is compiled once for all of them (FX_WIDE).
#ifndef FX_WIDE
#include "elementwise/fused.hh"
#endif
#include "products/accumulate.hh"
#include "table.hh"
#include "products/schemes.hh"
#include "reductions/reduce.hh"
#include "reductions/running.hh"

namespace FX_VARIANT {

typedef void (*RowLoop)(const Step &, Counts *, const Stream *, int64_t, int64_t, char *const *,
                        const ptrdiff_t *);

static RowLoop comparison(const Step &step) {
#ifndef FX_WIDE
  if (step.fused)
    return at_storage(step.storage[0],
                      [](auto t) -> RowLoop { return compare_same<decltype(t)>; });
#endif
  return at_level(step.level, [](auto i) -> RowLoop { return compare_row<decltype(i)>; });
}

static RowLoop elementwise(const Step &step) {
#ifndef FX_WIDE
  if (step.fused) {
    switch (step.fused - 1) { // the plan fuses no others
    case FX_S8: return fused_or_general<int8_t>;
    case FX_U8: return fused_or_general<uint8_t>;
    case FX_S16: return fused_or_general<int16_t>;
    case FX_U16: return fused_or_general<uint16_t>;
    case FX_S32: return fused_or_general<int32_t>;
    case FX_S64: return fused_or_general<int64_t>;
    case FX_S128: return fused_or_general<i128>;
    }
  }
#endif
  return general_row;
}

static RowLoop choose(int family, const Step &step) {
#ifndef FX_WIDE
  if (family == FX_TO_DOUBLE) return to_double_row;
#endif
  return family == FX_COMPARISONS ? comparison(step) : elementwise(step);
}

#ifdef FX_WIDE
#define FX_PASS_WIDE(level, call)
#else
#define FX_PASS_WIDE(level, call) \
  if (level == FX_I1024) return fx_wide::table.call
#endif

static void run(int family, const Step *step, Counts *counts, const uint64_t *draws, int64_t first,
                int nd, const int64_t *shape, int pointers, char *const *start,
                const ptrdiff_t *const *strides) {
  FX_PASS_WIDE(step->level, run(family, step, counts, draws, first, nd, shape, pointers, start, strides));
  const Stream stream = stream_of(draws);
  const RowLoop loop = choose(family, *step);
  const auto row = [&](int64_t index, int64_t n, char *const *p, const ptrdiff_t *s) {
    loop(*step, counts, &stream, first + index, n, p, s);
  };
  each_row(row, nd, shape, pointers, start, strides);
}

static void reduce_axes(const Step *step, Counts *counts, const uint64_t *draws, int64_t first,
                        int kept,
                        const int64_t *kept_shape, const ptrdiff_t *kept_strides, int gone,
                        const int64_t *gone_shape, const ptrdiff_t *gone_strides, char *in,
                        char *out, const ptrdiff_t *out_strides) {
  FX_PASS_WIDE(step->level,
               reduce(step, counts, draws, first, kept, kept_shape, kept_strides, gone, gone_shape,
                      gone_strides, in, out, out_strides));
  const Stream stream = stream_of(draws);
  const Axes stay = {kept, kept_shape, kept_strides}, go = {gone, gone_shape, gone_strides};
  at_level(step->level, [&](auto i) {
    reduce<decltype(i)>(*step, counts, &stream, first, stay, go, in, out, out_strides);
  });
}

static int scan(const Step *begin, const Step *rest, Counts *counts, const uint64_t *draws,
                int64_t first, const Pause *pause, const int64_t *sizes, const char *in, char *out,
                const ptrdiff_t *s) {
  FX_PASS_WIDE(begin->level, scan(begin, rest, counts, draws, first, pause, sizes, in, out, s));
  const Stream stream = stream_of(draws);
  const Lines x = {first, sizes[0], sizes[1], sizes[2], {s[0], s[1], s[2]}, {s[3], s[4], s[5]},
                   s[4] != 0, sizes[3]};
  Pauses pauses(pause);
  const bool whole = at_level<int64_t>(begin->level, [&](auto i) {
    if (rest)
      return products<decltype(i)>(*begin, *rest, counts, &stream, pauses, x, in, out);
    return prefix_sums<decltype(i)>(*begin, counts, &stream, pauses, x, in, out);
  });
  return whole ? FX_DONE : FX_INTERRUPTED;
}

static int magnitude_bits(int storage, int nd, const int64_t *shape, char *start,
                          const ptrdiff_t *strides) {
  int bits = 0;
  const auto row = [&](int64_t, int64_t n, char *const *p, const ptrdiff_t *s) {
    const int b = needed_bits(storage, n, p[0], s[0]);
    bits = b > bits ? b : bits;
  };
  each_row(row, nd, shape, 1, &start, &strides);
  return bits;
}

static Matrices matrices(const Step &step, int64_t first, const int64_t *sizes, char *const *p,
                         const ptrdiff_t *s) {
  return {first, sizes[3], sizes[0], sizes[1], sizes[2], p[0], p[1], p[2], s[0],
          s[1],  s[2],     s[3],     s[4],     s[5],     step.storage[0],   step.storage[1]};
}

static int product_of(const Step *step, const Way *way, Counts *counts, const uint64_t *draws,
                      int64_t first, const Pause *pause, const int64_t *sizes, char *const *p,
                      const ptrdiff_t *s) {
  FX_PASS_WIDE(step->level, product(step, way, counts, draws, first, pause, sizes, p, s));
  Pauses pauses(pause);
  const Stream stream = stream_of(draws);
  const Matrices x = matrices(*step, first, sizes, p, s);
  if (way->path == FX_PLANES) {
    finish_sums(Planes(*way, x), *step, counts, &stream, x);
    return FX_DONE;
  }
#ifdef FX_WIDE
  return dot_products<i320, i1024>(*step, counts, &stream, pauses, x);
#else
#ifdef FX_TILES
  switch (way->path) {
  case FX_LIMBS: return packed_product<Limbs>(*step, counts, &stream, pauses, x, *way);
  case FX_KARATSUBA:
    return way->limbs[0] == 2
               ? packed_product<Karatsuba<2>>(*step, counts, &stream, pauses, x, *way)
               : packed_product<Karatsuba<3>>(*step, counts, &stream, pauses, x, *way);
  case FX_LOW64: return packed_product<Low64>(*step, counts, &stream, pauses, x, *way);
  case FX_RESIDUES: return packed_product<Residues>(*step, counts, &stream, pauses, x, *way);
  }
#endif
  // Operands of one, two or four words of 32 bits; of 128 without a sign, none of these.
  const int words = way->words[0] > way->words[1] ? way->words[0] : way->words[1];
  if (step->level <= FX_I64)
    return words == 1 ? row_products<int32_t>(*step, counts, &stream, pauses, x)
                      : row_products<int64_t>(*step, counts, &stream, pauses, x);
  if (step->level == FX_I128)
    return words == 4 ? dot_products<i128, i128>(*step, counts, &stream, pauses, x)
                      : dot_products<int64_t, i128>(*step, counts, &stream, pauses, x);
  switch (words) {
  case 1:
  case 2: return dot_products<int64_t, i320>(*step, counts, &stream, pauses, x);
  case 4: return dot_products<i128, i320>(*step, counts, &stream, pauses, x);
  default: return dot_products<i320, i320>(*step, counts, &stream, pauses, x);
  }
#endif
}

static int accumulate_of(const Step *step, const Step *last, Counts *counts, Counts *last_counts,
                         const uint64_t *draws, int64_t first, const Pause *pause,
                         const int64_t *sizes, char *const *p, const ptrdiff_t *s) {
  FX_PASS_WIDE(step->level,
               accumulate(step, last, counts, last_counts, draws, first, pause, sizes, p, s));
  Pauses pauses(pause);
  const Stream stream = stream_of(draws);
  const Matrices x = matrices(*step, first, sizes, p, s);
  bool done = false;
#ifndef FX_WIDE
  done = accumulate_fused(*step, *last, counts, last_counts, &stream, pauses, x);
#endif
  if (!done && !pauses.stopped)
    at_level<int64_t>(step->level, [&](auto i) {
      accumulate<decltype(i)>(*step, *last, counts, last_counts, &stream, pauses, x);
    });
  return pauses.stopped ? FX_INTERRUPTED : FX_DONE;
}

static void draw_many(const uint64_t *draws, uint64_t index, uint64_t k, int64_t n,
                      uint64_t *out) {
  const Stream stream = stream_of(draws);
  for (int64_t at = 0; at < n; at += 1024)
    draw(stream, index + at, k, static_cast<int>(n - at < 1024 ? n - at : 1024), out + at);
}

#ifdef FX_WIDE
static void slices(int, int, int, const int64_t *, const char *, const ptrdiff_t *, double *) {}
#endif
#ifdef FX_TILES
const bool tiles = true;
#else
const bool tiles = false;
#endif

extern const Kernels table = {FX_NAME,        tiles,      run,           reduce_axes, scan,
                              magnitude_bits, product_of, accumulate_of, slices,  draw_many};

} // namespace FX_VARIANT
