// The loop of every elementary function: load, evaluate, decide, round. What the first evaluation
// leaves open is settled one element at a time: by analysis, with more limbs, or by the caller's
// reference.
#pragma once

#include "elementary/check.hh"
#include "elementwise/load_store.hh"
#include "elementary/roots.hh"
#include "rounding/draws.hh"
#include "rounding/rounding.hh"

namespace FX_VARIANT {

// A function F has
//     F(const Elementary &)              what one call computes first
//     F::arguments                       1 or 2
//     F::prepare<N>()                    sees that its tables of N limbs are made
//     bool evaluate<N>(x, Approximation<N> *) const
//                                        false where N limbs, or the method, don't reach
//     Known analyse(x, Special *) const  what is known without evaluating
//     Tails tails                        where it has any
// with x an array of Argument<M>: M is uint64_t for N = 1, else u128.
template <int N> using Magnitude = typename std::conditional<N == 1, uint64_t, u128>::type;
template <int N> using Signed = typename std::conditional<N == 1, int64_t, i128>::type;
template <int N> using Level = typename std::conditional<N == 1, int64_t, i128>::type;

FX_INLINE Argument<u128> argument(i128 raw, bool has_no_sign) {
  const uint64_t sign = has_no_sign ? 0 : static_cast<uint64_t>(raw >> 127);
  return {sign ? -static_cast<u128>(raw) : static_cast<u128>(raw), sign};
}
FX_INLINE Argument<uint64_t> argument(int64_t raw) { // of less than 64 bits
  const uint64_t sign = static_cast<uint64_t>(raw >> 63);
  return {(static_cast<uint64_t>(raw) ^ sign) - sign, sign};
}

// Whether a magnitude to odd is 2^limit or more: out of the format's range.
template <int N> FX_INLINE bool is_beyond(const Limbs<N> &v, int limit) {
  if (limit >= 64 * N) return false;
  const int word = limit / 64;
  uint64_t above = 0;
  each<N>(FX_EACH(i) { above |= i > word ? v.w[i] : i == word ? v.w[i] >> limit % 64 : 0; });
  return above != 0;
}

// The same number with more limbs, and the level's types of a magnitude and a sign.
template <int N> FX_INLINE Limbs<5> low_limbs(const Limbs<N> &v) {
  Limbs<5> r = {};
  each<N>(FX_EACH(i) { r.w[i] = v.w[i]; });
  return r;
}
FX_INLINE int64_t level_value(const Limbs<1> &v, uint64_t sign, int64_t *) {
  return static_cast<int64_t>((v.w[0] ^ sign) - sign);
}
FX_INLINE i128 level_value(const Limbs<2> &v, uint64_t sign, i128 *) {
  const u128 m = words(v.w[1], v.w[0]), s = words(sign, sign);
  return static_cast<i128>((m ^ s) - s);
}
// What is out of range keeps its low bits, for FX_WRAP, and becomes 2^(limit + 1) and more: that
// fits the level's type and is out of range whatever it is rounded to.
template <int N> inline Limbs<N> folded(const Limbs<N> &v, int limit) {
  const Limbs<N> one = {{1}};
  return (v & ((one << limit) - one)) + (one << (limit + 1));
}

inline i320 level_value(const Limbs<5> &v, uint64_t sign) {
  const Limbs<5> z = negated_if(v, sign);
  i320 r;
  for (int i = 0; i < 5; i++) r.w[i] = z.w[i];
  return r;
}
FX_INLINE int64_t narrow(const i320 &v, int64_t *) { return static_cast<int64_t>(v.w[0]); }
FX_INLINE i320 narrow(const i320 &v, i320 *) { return v; }
FX_INLINE i128 narrow(const i320 &v, i128 *) { return static_cast<i128>(static_cast<u128>(v)); }

// Evaluates with N limbs, out of line; false where these don't reach.
template <class F, int N>
FX_NOINLINE bool approximate(const F &f, const Argument<u128> *x, Approximation<N> *a) {
  Argument<Magnitude<N>> of[F::arguments];
  for (int k = 0; k < F::arguments; k++)
    of[k] = {static_cast<Magnitude<N>>(x[k].magnitude), x[k].sign};
  return f.template evaluate<N>(of, a);
}

// Evaluates with N limbs, and rounds; false where that leaves it open.
template <class F, int N>
bool evaluate_once(const void *function, const Argument<u128> *x, int out_bits, Limbs<5> *odd,
                   uint64_t *sign) {
  Approximation<N> a;
  if (!approximate(*static_cast<const F *>(function), x, &a)) return false;
  Limbs<N> found;
  *sign = a.sign;
  if (to_odd(a, out_bits, &found)) {
    *odd = low_limbs(found);
    return true;
  }
  *odd = {{1}};
  return is_below_last_bits(a, out_bits);
}

template <class F> auto tails_of(const F &f, int) -> decltype(f.tails) { return f.tails; }
template <class F> Tails tails_of(const F &, long) { return {{~u128(0), ~u128(0)}}; }

// A function's methods, for what is done one element at a time.
struct Methods {
  int arguments;
  const void *function;
  Known (*analyse)(const void *, const Argument<u128> *, Special *);
  bool (*evaluate[3])(const void *, const Argument<u128> *, int out_bits, Limbs<5> *odd,
                      uint64_t *sign); // with two, three and four limbs
  void (*prepare[3])();
  Tails tails;
  // What `settle` has found beyond those: one result, to odd, that serves all.
  mutable struct {
    i320 odd;
    bool is_known;
  } found[2];
};

template <class F> Methods methods(const F &f) {
  const auto analyse = [](const void *function, const Argument<u128> *x, Special *v) {
    return static_cast<const F *>(function)->analyse(x, v);
  };
  return {F::arguments, &f, analyse,
          {evaluate_once<F, 2>, evaluate_once<F, 3>, evaluate_once<F, 4>},
          {F::template prepare<2>, F::template prepare<3>, F::template prepare<4>},
          tails_of(f, 0), {}};
}

// One element of a call: its raws, its index in C order of the call's result, and, where it is rounded
// stochastically, its draw.
struct Element {
  const i128 *raws;
  int64_t index;
  uint64_t draw;
};

// One element: to odd, in the words of level FX_I320; an infinity of a format that has no room for
// it is the caller's to report, and 0 here. `limbs`: of the evaluation to begin with.
i320 settle(const Methods &, const Task &, int limbs, const Element &);

// A stochastically rounded magnitude as what the target then rounds down: its two lowest bits say
// that something was lost. What was taken up to 0 has no sign any more.
template <int N> FX_INLINE Limbs<N> with_lost_bits(const Limbs<N> &rounded, uint64_t *sign) {
  if (is_zero(rounded)) *sign = 0;
  Limbs<N> r = rounded << 2;
  r.w[0] |= 1;
  return *sign ? r - Limbs<N>{{2}} : r; // -(4 m - 1) = 4 (-m) + 1
}

// The draws of a chunk, where the step rounds stochastically.
template <int SIZE> struct Draws {
  uint64_t of[SIZE];

  void draw_chunk(const Task &task, int64_t index, int m) {
    for (int at = 0; at < m; at += 256)
      draw(task.stream, static_cast<uint64_t>(index + at), 0, m - at < 256 ? m - at : 256, of + at,
           64);
  }
};

// Operands of a chunk, and which of its elements are evaluated.
template <class I, int ARGUMENTS, int SIZE> struct Operands {
  I raw[ARGUMENTS][SIZE];
  int8_t used[SIZE];

  void load_chunk(const Step &step, char *const *p, const ptrdiff_t *strides, int64_t at, int m,
                  int arguments = ARGUMENTS) {
    for (int k = 0; k < arguments; k++)
      load(raw[k], p[k] + at * strides[k], strides[k], m, step.storage[k], 0);
    const int k = step.operands - 1;
    if (step.elementary->is_masked)
      load(used, p[k] + at * strides[k], strides[k], m, FX_S8, 0);
  }
};

// To odd where the mode is stochastic, or where what is beyond the range isn't decided here.
template <int N>
FX_INLINE bool special_to_odd(const Task &task, Approximation<N> *a, uint64_t draw,
                                Limbs<N> *odd) {
  const Elementary &e = *task.step->elementary;
  if (e.is_stochastic) {
    if (!to_stochastic(*a, e.out_bits - 2, draw, task.counts->wanted != 0, odd)) return false;
    *odd = with_lost_bits(*odd, &a->sign);
  } else if (!to_odd(*a, e.out_bits, odd)) {
    return false;
  }
  return e.exact_beyond != FX_RAISE || !is_beyond(*odd, e.limit);
}

// A row of n elements, with one or two limbs.
template <class F, int N>
void function_row(const F &function, const Methods &methods, const Task &task, int64_t index,
                  int64_t n, char *const *p, const ptrdiff_t *strides) {
  typedef Level<N> I;
  const F f = function; // a copy, which nothing that is stored changes
  const Step &step = *task.step;
  const Elementary &e = *step.elementary;
  const Finish<I> finish(task);
  constexpr int size = Chunk<I>::size, K = F::arguments;
  Operands<Signed<N>, K, size> in;
  Draws<size> draws;
  I z[size];
  const int limit = e.limit, out_bits = e.out_bits;
  // Results beyond the range are shown in a message, or there is more to do.
  const bool is_special = e.is_masked || e.is_stochastic || e.exact_beyond == FX_RAISE;
  bool has_no_sign[K];
  for (int k = 0; k < K; k++) has_no_sign[k] = N > 1 && is_unsigned(step.storage[k]);
  for (int64_t at = 0; at < n; at += size) {
    const int m = static_cast<int>(n - at < size ? n - at : size);
    in.load_chunk(step, p, strides, at, m);
    if (e.is_stochastic) draws.draw_chunk(task, index + at, m);
    for (int i = 0; i < m; i++) {
      if (is_special && e.is_masked && !in.used[i]) {
        z[i] = I(0);
        continue;
      }
      Argument<Magnitude<N>> x[K];
      for (int k = 0; k < K; k++) {
        if constexpr (N == 1)
          x[k] = argument(in.raw[k][i]);
        else
          x[k] = argument(in.raw[k][i], has_no_sign[k]);
      }
      Approximation<N> a;
      Limbs<N> odd;
      bool decided = f.template evaluate<N>(x, &a);
      if (__builtin_expect(is_special, 0))
        decided = decided && special_to_odd(task, &a, draws.of[i], &odd);
      else
        decided = decided && to_odd(a, out_bits, &odd);
      if (__builtin_expect(decided, 1)) {
        if (is_beyond(odd, limit)) odd = folded(odd, limit);
        z[i] = level_value(odd, a.sign, static_cast<I *>(nullptr));
      } else {
        i128 raws[K];
        for (int k = 0; k < K; k++) raws[k] = in.raw[k][i];
        z[i] = narrow(settle(methods, task, 2, {raws, index + at + i, draws.of[i]}),
                      static_cast<I *>(nullptr));
      }
    }
    finish(z, m, index + at, 0);
    store(z, p[step.operands] + at * strides[step.operands], strides[step.operands], m,
          step.target.storage);
  }
}

// A row, with one limb, of a function that does chunks by itself: raws of 32 bits at most, not masked,
// not stochastic, no results beyond the limit.
template <class F>
void chunked_row(const F &f, const Methods &methods, const Task &task, int64_t index, int64_t n,
                 char *const *p, const ptrdiff_t *strides) {
  const Step &step = *task.step;
  const Finish<int64_t> finish(task);
  constexpr int size = Chunk<int64_t>::size;
  Operands<int64_t, 1, size> in;
  int64_t z[size], left[size];
  for (int64_t at = 0; at < n; at += size) {
    const int m = static_cast<int>(n - at < size ? n - at : size);
    in.load_chunk(step, p, strides, at, m);
    if (f.evaluate_chunk(in.raw[0], m, z, left))
      for (int i = 0; i < m; i++)
        if (left[i]) {
          const i128 raw = in.raw[0][i];
          z[i] = narrow(settle(methods, task, 2, {&raw, index + at + i, 0}), z);
        }
    finish(z, m, index + at, 0);
    store(z, p[1] + at * strides[1], strides[1], m, step.target.storage);
  }
}

// A row with three limbs or four.
void long_row(const Methods &, const Task &, int64_t index, int64_t n, char *const *p,
              const ptrdiff_t *strides);

} // namespace FX_VARIANT
