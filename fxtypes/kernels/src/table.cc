// The kernels' table. This file is compiled once for every kind of CPU, each time with another
// FX_VARIANT and other flags; nothing of it may have a name that two variants share. The widest
// intermediate type, which few steps need, is compiled once for all of them (FX_WIDE).
#ifndef FX_WIDE
#include "elementary/table.hh"
#include "elementwise/fused.hh"
#include "elementwise/look_up.hh"
#include "reductions/chain.hh"
#endif
#include "elementwise/select.hh"
#include "products/accumulate.hh"
#include "table.hh"
#include "products/schemes.hh"
#include "reductions/extremes.hh"
#include "reductions/moves.hh"
#include "reductions/reduce.hh"
#include "reductions/running.hh"
#include "rounding/normal.hh"

namespace FX_VARIANT {

typedef ElementaryRow RowLoop;

static RowLoop comparison(const Step &step) {
#ifndef FX_WIDE
  if (step.same_storage)
    return at_storage(step.storage[0],
                      [](auto t) -> RowLoop { return compare_same<decltype(t)>; });
#endif
  return at_level(step.level, [](auto i) -> RowLoop { return compare_row<decltype(i)>; });
}

static RowLoop elementwise(const Step &step) {
#ifndef FX_WIDE
  switch (step.fused_storage) { // the plan fuses no others
  case FX_S8: return fused_or_general<int8_t>;
  case FX_U8: return fused_or_general<uint8_t>;
  case FX_S16: return fused_or_general<int16_t>;
  case FX_U16: return fused_or_general<uint16_t>;
  case FX_S32: return fused_or_general<int32_t>;
  case FX_S64: return fused_or_general<int64_t>;
  case FX_S128: return fused_or_general<i128>;
  default: break;
  }
#endif
  (void)step;
  return general_row;
}

static RowLoop choose(int family, const Step &step) {
#ifndef FX_WIDE
  if (step.elementary) return step.elementary->row;
  if (step.function_table) return look_up_row;
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

static void run(int family, const Task *task, const Arrays *arrays) {
  FX_PASS_WIDE(task->step->level, run(family, task, arrays));
  const RowLoop loop = choose(family, *task->step);
  const auto row = [&](int64_t index, int64_t n, char *const *p, const ptrdiff_t *s) {
    loop(*task, task->first + index, n, p, s);
  };
  each_row(row, *arrays);
}

static void reduce_axes(const Task *task, const Axes *kept, const Axes *reduced, const char *in,
                        char *out, const ptrdiff_t *out_strides) {
  FX_PASS_WIDE(task->step->level, reduce(task, kept, reduced, in, out, out_strides));
  at_level(task->step->level,
           [&](auto i) { reduce<decltype(i)>(*task, *kept, *reduced, in, out, out_strides); });
}

#ifndef FX_WIDE
// prod of lines that lie beside each other, a step of all of them at a time by the loop of a
// product. False: interrupted.
static bool products_beside(const Task &task, const Step &rest, Interrupts &interrupts,
                            const Lines &x) {
  Task step = task;
  const ptrdiff_t strides[] = {x.out_strides[2], x.in_strides[2], x.out_strides[2]};
  for (int64_t o = 0; o < x.outer; o++)
    for (int64_t j = 0; j < x.n; j++) {
      const bool first = x.done + j == 0;
      step.step = first ? task.step : &rest;
      char *const in = const_cast<char *>(x.in) + o * x.in_strides[0] + j * x.in_strides[1];
      char *const out = x.out + o * x.out_strides[0], *const rows[] = {out, in, out};
      elementwise(*step.step)(step, task.first + o * x.inner, x.inner, rows + first,
                              strides + first);
      if (interrupts.stop_after(x.inner)) return false;
    }
  return true;
}
#endif

static int scan(const Task *task, const Step *rest, const InterruptCheck *check,
                const Lines *lines) {
  FX_PASS_WIDE(task->step->level, scan(task, rest, check, lines));
  Interrupts interrupts(check);
#ifndef FX_WIDE
  if (rest && rest->fused_storage != FX_NO_STORAGE && !lines->keep && !task->counts->wanted &&
      rest->target.rounding != FX_STOCHASTIC) {
    const int few = 16; // lines: fewer don't pay for the calls
    const auto product = lines->inner < few ? product_of_lines : products_beside;
    return product(*task, *rest, interrupts, *lines) ? FX_DONE : FX_INTERRUPTED;
  }
#endif
  const bool done = at_level<int64_t>(task->step->level, [&](auto i) {
    if (rest) return products<decltype(i)>(*task, *rest, interrupts, *lines);
    return prefix_sums<decltype(i)>(*task, interrupts, *lines);
  });
  return done ? FX_DONE : FX_INTERRUPTED;
}

static int magnitude_bits(int storage, const Axes *axes, const char *data) {
  int bits = 0;
  const auto row = [&](int64_t, int64_t n, char *const *p, const ptrdiff_t *s) {
    const int b = needed_bits(storage, n, p[0], s[0]);
    bits = b > bits ? b : bits;
  };
  char *const read_only = const_cast<char *>(data);
  if (axes->nd == 2 && std::abs(axes->strides[0]) < std::abs(axes->strides[1])) {
    const int64_t shape[2] = {axes->shape[1], axes->shape[0]};
    const ptrdiff_t swapped[2] = {axes->strides[1], axes->strides[0]}, *const strides = swapped;
    each_row(row, {2, shape, 1, &read_only, &strides}); // in the order of memory
  } else {
    each_row(row, {axes->nd, axes->shape, 1, &read_only, &axes->strides});
  }
  return bits;
}

static void extremes(int storage, const Axes *axes, const char *data, uint64_t *out) {
  at_storage(storage, [&](auto t) { find_extremes<decltype(t)>(*axes, data, out); });
}

static void count_moves(int bytes, int step_bytes, const Arrays *arrays, int64_t *out) {
  at_bytes(bytes, [&](auto t) {
    at_bytes(step_bytes, [&](auto s) {
      const Moves found = find_moves<decltype(t), decltype(s)>(*arrays);
      out[0] = found.steps;
      out[1] = found.moved;
    });
  });
}

#ifndef FX_WIDE
static Outcome product_by_loops(const Task &task, int words, Interrupts &interrupts,
                                const Matrices &x) {
  if (task.step->level <= FX_I64)
    return words == 1 ? row_products<int32_t>(task, interrupts, x)
                      : row_products<int64_t>(task, interrupts, x);
  if (task.step->level == FX_I128)
    return words == 4 ? dot_products<i128, i128>(task, interrupts, x)
                      : dot_products<int64_t, i128>(task, interrupts, x);
  switch (words) {
  case 1:
  case 2: return dot_products<int64_t, i320>(task, interrupts, x);
  case 4: return dot_products<i128, i320>(task, interrupts, x);
  default: return dot_products<i320, i320>(task, interrupts, x); // unsigned 128 bits
  }
}
#endif

static int product_of(const Task *task, const Scheme *scheme, const InterruptCheck *check,
                      const Matrices *matrices) {
  FX_PASS_WIDE(task->step->level, product(task, scheme, check, matrices));
  const Matrices &x = *matrices;
  Interrupts interrupts(check);
  if (scheme->path == FX_PLANES) {
    return finish_planes(*task, *scheme, x);
  }
#ifdef FX_WIDE
  return dot_products<i320, i1024>(*task, interrupts, x);
#else
#ifdef FX_TILES
  switch (scheme->path) {
  case FX_LIMBS: return packed_product<Limbs>(*task, *scheme, interrupts, x);
  case FX_KARATSUBA:
    return scheme->limbs[0] == 2 ? packed_product<Karatsuba<2>>(*task, *scheme, interrupts, x)
                                 : packed_product<Karatsuba<3>>(*task, *scheme, interrupts, x);
  case FX_LOW64: return packed_product<Low64>(*task, *scheme, interrupts, x);
  case FX_RESIDUES: return packed_product<Residues>(*task, *scheme, interrupts, x);
  }
#endif
  const int words = scheme->words[0] > scheme->words[1] ? scheme->words[0] : scheme->words[1];
  if (x.m == 1 && !x.place && std::abs(x.b_row) < std::abs(x.b_column)) {
    // Columns of b lie in memory as one: the product of the transposed reads them so.
    Step turned = *task->step;
    std::swap(turned.storage[0], turned.storage[1]);
    Task part = *task;
    part.step = &turned;
    Matrices y = transposed(x);
    y.pitch = 1;
    return product_by_loops(part, words, interrupts, y);
  }
  return product_by_loops(*task, words, interrupts, x);
#endif
}

static int accumulate_of(const Task *task, const Task *start, const Task *conversion,
                         const InterruptCheck *check, const Matrices *matrices) {
  FX_PASS_WIDE(task->step->level, accumulate(task, start, conversion, check, matrices));
  Interrupts interrupts(check);
  bool done = false;
#ifndef FX_WIDE
  done = accumulate_fused(*task, start, *conversion, interrupts, *matrices);
#endif
  if (!done && !interrupts.stopped)
    at_level<int64_t>(task->step->level, [&](auto i) {
      accumulate<decltype(i)>(*task, start, *conversion, interrupts, *matrices);
    });
  return interrupts.stopped ? FX_INTERRUPTED : FX_DONE;
}

static void draw_many(const Stream *stream, uint64_t index, uint64_t k, int64_t n,
                      uint64_t *out) {
  for (int64_t at = 0; at < n; at += 1024)
    draw(*stream, index + at, k, static_cast<int>(n - at < 1024 ? n - at : 1024), out + at);
}

static void normal_many(const Stream *stream, const NormalTables *tables, uint64_t index,
                        int64_t n, void *out, uint8_t *undecided) {
  normal_deviates(*stream, *tables, index, n, static_cast<i128 *>(out), undecided);
}

static void rounding_constants(int level, const Target *target, uint64_t *out) {
#ifndef FX_WIDE
  if (level == FX_I1024) return fx_wide::table.rounding_constants(level, target, out);
#endif
  at_level(level, [&](auto i) {
    const Rounder<decltype(i)> f(*target);
    for (const auto &constant : {f.c0, f.c1, f.c2}) {
      words_of(constant, out);
      out += FX_COUNTED_WORDS;
    }
  });
}

#ifdef FX_WIDE
static void slices(const Matrix *, int, int, double *) {}
#endif
#ifdef FX_TILES
const bool has_tiles = true;
#else
const bool has_tiles = false;
#endif
#ifdef FX_WIDE
static const ElementaryKernels elementary = {};
#endif

extern const Kernels table = {FX_NAME,        has_tiles,  stream_of,     run,
                              reduce_axes,    scan,       magnitude_bits, extremes,
                              count_moves,    select,     product_of,    accumulate_of,
                              slices,         draw_many,  normal_many,   rounding_constants,
                              &elementary};

} // namespace FX_VARIANT
