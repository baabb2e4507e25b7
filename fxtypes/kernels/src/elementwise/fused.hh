// Fused loops, for the commonest operations (+ - * /, minimum, maximum, conversions) where one type
// T holds the operands, aligned, and the result. All happens in registers. plan_fused.py decides
// what they are used for, within the bounds of limits.hh; the rest is for the general loop
// (general.hh), which they are tested against.
#pragma once

#include "elementwise/combine.hh"
#include "elementwise/float64.hh"
#include "elementwise/roots_and_quotients.hh"
#include "elementwise/general.hh"
#include "elementwise/avx512/add_multiply.hh"
#include "elementwise/avx512/divide.hh"

namespace FX_VARIANT {

// A row of a call.
struct Row {
  const Step &step;
  Events *events; // null: nobody counts
  const Stream *stream;
  int64_t index, n;
  char *const *p;
  const ptrdiff_t *strides;
  const Task &task;

  // Operands of sums and extremes are loaded lifted; other functions lift by themselves, if at all.
  int lift(int k) const {
    switch (step.operation) {
    case FX_ADD: case FX_SUBTRACT: case FX_MINIMUM: case FX_MAXIMUM: return step.lift[k];
    default: return 0;
    }
  }
  bool dithers() const { return step.target.shift && step.target.rounding == FX_STOCHASTIC; }
};

// How elements of type T are stored.
template <class T> struct StorageOf {
  static const int value = 2 * (__builtin_ctz(sizeof(T))) + (T(-1) < T(0) ? 0 : 1);
  static_assert(storage_bytes(value) == sizeof(T) && is_unsigned(value) == (T(-1) > T(0)), "");
};

// Operand k's elements from `at` on, contiguous and lifted: in place if they are so there, else in
// `buffer`.
template <class T>
inline const T *operand(const Row &row, int k, int64_t at, int m, T *buffer) {
  const char *const p = row.p[k] + at * row.strides[k];
  if (row.step.storage[k] == StorageOf<T>::value && row.lift(k) == 0)
    return contiguous(p, row.strides[k], m, buffer);
  load_integers(buffer, p, row.strides[k], m, row.step.storage[k], row.lift(k));
  return buffer;
}

// Calls loop(at, m, out, x, y) for contiguous chunks of at most CHUNK elements; y is x where there
// is one operand only, or only one is loaded here.
template <class T, class L>
inline void each_chunk(const Row &row, const L &loop, bool load_second = true) {
  const int operands = row.step.operands;
  const ptrdiff_t size = sizeof(T), *strides = row.strides, stride = strides[operands];
  const int storage = row.step.target.storage;
  const bool direct = storage == StorageOf<T>::value;
  T x[CHUNK], y[CHUNK], out[CHUNK];
  bool ready = false; // y holds a broadcast element already
  for (int64_t at = 0; at < row.n; at += CHUNK) {
    const int m = static_cast<int>(row.n - at < CHUNK ? row.n - at : CHUNK);
    const T *a = operand(row, 0, at, m, x);
    const T *b = a;
    if (operands > 1 && load_second) {
      b = ready ? y : operand(row, 1, at, m, y);
      ready = strides[1] == 0;
    }
    char *const target = row.p[operands] + at * stride;
    T *const made = direct && stride == size ? reinterpret_cast<T *>(target) : out;
    loop(at, m, made, a, b);
    if (direct)
      copy_out(made, target, stride, m);
    else
      store(made, target, stride, m, storage);
  }
}

template <class T, class F> void fused_elements(const F &f, const Row &row) {
  const int operands = row.step.operands;
  const int second = operands - 1; // the first again where there is one only
  const ptrdiff_t size = sizeof(T), *s = row.strides;
  const int own = StorageOf<T>::value;
  const auto in_place = [&](int k) {
    return s[k] == size && row.step.storage[k] == own && row.lift(k) == 0;
  };
  if (in_place(0) && in_place(second) && s[operands] == size && row.step.target.storage == own)
    contiguous_loop(f, row.step.target, row.events, row.n, reinterpret_cast<T *>(row.p[operands]),
                    reinterpret_cast<const T *>(row.p[0]),
                    reinterpret_cast<const T *>(row.p[second]));
  else
    each_chunk<T>(row, [&](int64_t, int m, T *out, const T *x, const T *y) {
      contiguous_loop(f, row.step.target, row.events, m, out, x, y);
    });
}

// The top bits of the draws of n elements.
inline const uint32_t *draws(const Row &row, int64_t at, int n, uint32_t *buffer) {
  draw_high(*row.stream, row.index + at, 0, n, buffer, row.step.target.shift);
  return buffer;
}
inline const uint64_t *draws(const Row &row, int64_t at, int n, uint64_t *buffer) {
  draw(*row.stream, row.index + at, 0, n, buffer, row.step.target.shift);
  return buffer;
}

// Stochastic rounding: f(x, y, draw), or f(x, draw), with the top bits of an element's draw.
template <class T, class D, class F> void dithered_elements(const F &f, const Row &row) {
  D buffer[CHUNK];
  each_chunk<T>(row, [&](int64_t at, int m, T *out, const T *x, const T *y) {
    const D *u = draws(row, at, m, buffer);
    if constexpr (std::is_invocable<F, T, T, D>::value)
      contiguous_loop(f, row.step.target, row.events, m, out, x, y, u);
    else
      contiguous_loop(f, row.step.target, row.events, m, out, x, u);
  });
}

// f(x, y), or f(x), or the same with draws.
template <class T, class F> inline void rounded_elements(const F &f, const Row &row) {
  typedef typename std::conditional<sizeof(T) <= 4, uint32_t, uint64_t>::type Draw;
  if (row.dithers())
    dithered_elements<T, Draw>(f, row);
  else
    fused_elements<T>(f, row);
}

template <class T> inline void fused_product(const Row &row) {
  const Target &t = row.step.target;
  if constexpr (sizeof(T) == 16) {
    switch (t.shift / 64) {
    case 0: rounded_elements<T>(Product128<0>(t), row); break;
    case 1: rounded_elements<T>(Product128<1>(t), row); break;
    default: rounded_elements<T>(Product128<2>(t), row);
    }
  } else {
    rounded_elements<T>(Product<T>(t), row);
  }
}

template <class T> inline void fused_shift(const Row &row) {
  const Step &step = row.step;
  const ShiftEach<T> f(step);
  const bool dithers = row.dithers();
  int32_t amounts[CHUNK];
  uint64_t buffer[CHUNK];
  const auto loop = [&](int64_t at, int m, T *out, const T *x, const T *) {
    const int32_t *const by = amounts;
    shift_amounts(step, row.p[1] + at * row.strides[1], row.strides[1], m, amounts);
    if (dithers)
      contiguous_loop(f, step.target, row.events, m, out, x, by, draws(row, at, m, buffer));
    else
      contiguous_loop(f, step.target, row.events, m, out, x, by);
  };
  each_chunk<T>(row, loop, false);
}

template <class T> inline void fused_narrowing(const Row &row) {
  const Target &t = row.step.target;
  if constexpr (sizeof(T) == 16) {
    if (t.shift >= 64) return rounded_elements<T>(NarrowFar<1>(t), row);
    if (t.shift == 63) return rounded_elements<T>(NarrowFar<0>(t), row);
  }
  if (row.dithers())
    dithered_elements<T, typename Dithered<T>::Draw>(Dithered<T>(t), row);
  else
    fused_elements<T>(Narrow<T>(t), row);
}

// A chunk's elements of all operands, of type T: in place or loaded.
template <class T> struct ChunkOperands {
  const T *x[FX_MAX_OPERANDS];
  T buffer[FX_MAX_OPERANDS][SUMS];

  ChunkOperands(const Row &row, int64_t at, int m) {
    for (int k = 0; k < row.step.operands; k++) x[k] = operand(row, k, at, m, buffer[k]);
  }
};

// Whether int16 holds all operands.
inline bool have_16_bits(const Step &step) {
  for (int k = 0; k < step.operands; k++)
    if (step.storage[k] > FX_S16) return false;
  return true;
}

// The exact sums of a chunk.
template <class T, class S> inline void make_sums(const Row &row, int64_t at, int m, S *sums) {
  const Step &step = row.step;
  if constexpr (sizeof(T) > 4) {
    sums->set(step.coefficient, ChunkOperands<T>(row, at, m).x, step.operands, m);
  } else {
    int64_t c[FX_MAX_OPERANDS];
    const bool lifts = std::is_same<S, Sums<T>>::value;
    const int lift = lifts ? RoundedSum<T>::lift(step.target) : 0;
    for (int k = 0; k < step.operands; k++) c[k] = step.coefficient[k] * (int64_t(1) << lift);
    if (have_16_bits(step))
      sums->set(c, ChunkOperands<int16_t>(row, at, m).x, step.operands, m);
    else
      sums->set(c, ChunkOperands<int32_t>(row, at, m).x, step.operands, m);
  }
}

// loop(u) with the first 16 bits of draws, or again with all of them where those don't decide.
template <class L> inline void with_draws(const Row &row, int64_t at, int m, const L &loop) {
  uint16_t buffer[SUMS + SLACK];
  const uint64_t index = static_cast<uint64_t>(row.index + at);
  const Events before = row.events ? *row.events : Events();
  if (loop(draw_part(*row.stream, FIRST_16, index, 0, m, buffer))) return;
  uint64_t u[SUMS];
  draw(*row.stream, index, 0, m, u);
  if (row.events) *row.events = before;
  loop(static_cast<const uint64_t *>(u));
}

#ifdef __AVX512DQ__
inline bool draws_at_once(const Row &row) {
  const Step &step = row.step;
  return row.dithers() && (step.operands == 2 || step.operands == 3) &&
         have_16_bits(step) && step.target.overflow <= FX_SATURATE_SYMMETRIC;
}
template <class C, bool COUNT> inline auto drawn_words_loop(const Step &step) {
  const bool far = step.target.shift > 16;
  const auto two = far ? drawn_words<C, 2, true, COUNT> : drawn_words<C, 2, false, COUNT>;
  const auto three = far ? drawn_words<C, 3, true, COUNT> : drawn_words<C, 3, false, COUNT>;
  return step.operands == 2 ? two : three;
}
// A chunk of such a row; false: it is to be done otherwise.
template <class S, class T> inline bool drawn_at_once(const S &, const Row &, int64_t, int, T *) {
  return false;
}
template <class C>
inline bool drawn_at_once(const OneWordSums<C> &, const Row &row, int64_t at, int m, int32_t *out) {
  const Step &step = row.step;
  if (m % 8) return false;
  uint16_t buffer[SUMS + SLACK];
  const uint16_t *const u =
      draw_part(*row.stream, FIRST_16, static_cast<uint64_t>(row.index + at), 0, m, buffer);
  const ChunkOperands<int16_t> operands(row, at, m);
  const auto loop = row.events ? drawn_words_loop<C, true>(step) : drawn_words_loop<C, false>(step);
  return loop(step.coefficient, operands.x, m, u, step.target, out, row.events);
}
#endif

inline bool all_zero(const char *p, int64_t bytes) {
  uint64_t words[8];
  for (; bytes >= 64; p += 64, bytes -= 64) { // most that aren't are found out by the first of these
    std::memcpy(words, p, 64);
    uint64_t bits = 0;
    for (int k = 0; k < 8; k++) bits |= words[k];
    if (bits) return false;
  }
  char bits = 0;
  for (int64_t i = 0; i < bytes; i++) bits = static_cast<char>(bits | p[i]);
  return bits == 0;
}

// Whether a chunk of sums is its first operand's elements, as the others are 0, and was made so:
// weights whose gradient is 0 stay as they are. Nothing is rounded then, nor drawn, nor counted.
template <class T> inline bool first_alone(const Row &row, int64_t at, int m, T *out) {
  const Step &step = row.step;
  const Target &t = step.target;
  if (t.shift > 62 || step.coefficient[0] != int64_t(1) << t.shift) return false;
  for (int k = 1; k < step.operands; k++) {
    const ptrdiff_t size = storage_bytes(step.storage[k]);
    if (row.strides[k] != size || !all_zero(row.p[k] + at * size, m * size)) return false;
  }
  T buffer[SUMS];
  const T *const x = operand(row, 0, at, m, buffer);
  T low = x[0], high = x[0];
  for (int i = 1; i < m; i++) {
    low = x[i] < low ? x[i] : low;
    high = x[i] > high ? x[i] : high;
  }
  const Rounder<T> range(t); // for its limits
  if (low < range.lo || high > range.hi) return false;
  std::memcpy(out, x, m * sizeof(T));
  return true;
}

template <class T, class S = Sums<T>, class F> void rounded_sums(const F &f, const Row &row) {
  const Target &t = row.step.target;
  const int operands = row.step.operands, storage = t.storage;
  const ptrdiff_t size = sizeof(T), stride = row.strides[operands];
  const bool in_place = storage == StorageOf<T>::value && stride == size;
  S sums;
  T out[SUMS];
  for (int64_t at = 0; at < row.n; at += SUMS) {
    const int m = static_cast<int>(row.n - at < SUMS ? row.n - at : SUMS);
    char *const target = row.p[operands] + at * stride;
    T *const made = in_place ? reinterpret_cast<T *>(target) : out;
    if (first_alone(row, at, m, made)) {
      if (!in_place) store(made, target, stride, m, storage);
      continue;
    }
#ifdef __AVX512DQ__
    if (draws_at_once(row) && drawn_at_once(sums, row, at, m, made)) {
      if (!in_place) store(made, target, stride, m, storage);
      continue;
    }
#endif
    make_sums<T>(row, at, m, &sums);
    const auto loop = [&](const auto *...x) {
      return contiguous_loop(f, t, row.events, m, made, x...);
    };
    if (row.dithers())
      with_draws(row, at, m, [&](const auto *u) { return sums.each(loop, u); });
    else
      sums.each(loop);
    if (!in_place) store(made, target, stride, m, storage);
  }
}

// The plan fuses combinations of elements of 32 bits and more.
template <class T> inline void fused_combination(const Row &row) {
  const Target &t = row.step.target;
  if constexpr (sizeof(T) == 16) {
    switch (t.shift / 64) {
    case 0: rounded_sums<T>(RoundedSum<T, 0>(t), row); break;
    case 1: rounded_sums<T>(RoundedSum<T, 1>(t), row); break;
    default: rounded_sums<T>(RoundedSum<T, 2>(t), row);
    }
  } else if constexpr (sizeof(T) == 8) {
    rounded_sums<T>(RoundedSum<T>(t), row);
  } else if constexpr (sizeof(T) == 4) {
    const Step &step = row.step;
    const auto fits = have_16_bits(step) ? sums_fit_one_word<int16_t> : sums_fit_one_word<int32_t>;
    if (!fits(step.coefficient, step.operands, t.shift))
      rounded_sums<T>(RoundedSum<T>(t), row);
    else if (have_32_bits(step.coefficient, step.operands))
      rounded_sums<T, OneWordSums<int32_t>>(RoundedWord(t), row);
    else
      rounded_sums<T, OneWordSums<int64_t>>(RoundedWord(t), row);
  }
}

// The last step of a root or quotient: out[i] = f(x[i]...), and the first that overflows is noted.
template <class F, class... X>
inline void finish_values(const F &f, const Row &row, int64_t at, int m, int64_t *out,
                          const X *...x) {
  const Target &t = row.step.target;
  contiguous_loop(f, t, row.events, m, out, x...);
  if (t.overflow != FX_RAISE || !row.events->overflow || row.events->first >= 0) return;
  const Rounder<i128> range(t); // for its limits
  for (int i = 0; i < m; i++) {
    const i128 v = f.value(x[i]...).v;
    if (v >= range.lo && v <= range.hi) continue;
    row.events->first = row.index + at + i;
    row.events->first_value = v;
    return;
  }
}

// Chunk by chunk: values(at, m, out, u...) makes elements, with draws where it rounds
// stochastically.
template <class V> inline void each_value(const Row &row, const V &values) {
  const int operands = row.step.operands, storage = row.step.target.storage;
  const ptrdiff_t size = sizeof(int64_t), stride = row.strides[operands];
  const bool in_place = storage == FX_S64 && stride == size;
  const bool dithers = row.step.target.rounding == FX_STOCHASTIC;
  int64_t out[SUMS];
  uint64_t u[SUMS];
  for (int64_t at = 0; at < row.n; at += SUMS) {
    const int m = static_cast<int>(row.n - at < SUMS ? row.n - at : SUMS);
    char *const target = row.p[operands] + at * stride;
    int64_t *const made = in_place ? reinterpret_cast<int64_t *>(target) : out;
    if (dithers) {
      draw(*row.stream, static_cast<uint64_t>(row.index + at), 0, m, u);
      values(at, m, made, static_cast<const uint64_t *>(u));
    } else {
      values(at, m, made);
    }
    if (!in_place) store(made, target, stride, m, storage);
  }
}

// Of elements of type T.
template <class T> inline void fused_root(const Row &row) {
  typedef typename std::conditional<sizeof(T) == 4, int64_t, i128>::type Square;
  const Step &step = row.step;
  const SumRoot f(step.target);
  Square squares[FX_MAX_OPERANDS][SUMS];
  const Square *x[FX_MAX_OPERANDS];
  Sums<Square> sums;
  ThreeWords z[SUMS];
  each_value(row, [&](int64_t at, int m, int64_t *out, const auto *...u) {
    const ChunkOperands<T> operands(row, at, m);
    for (int k = 0; k < step.operands; k++) {
      const T *const from = operands.x[k];
      for (int i = 0; i < m; i++) squares[k][i] = static_cast<Square>(from[i]) * from[i];
      x[k] = squares[k];
    }
    sums.set(step.coefficient, x, step.operands, m);
    sums.in_three_words(m, z);
    finish_values(f, row, at, m, out, static_cast<const ThreeWords *>(z), u...);
  });
}

// Divisors of 64 bits, or wider ones.
template <class Division> inline void fused_quotient_and_sum(const Row &row) {
  const Step &step = row.step;
  const int terms = step.operands - 2;
  const SumAndQuotient<Division> f(step);
  Sums<int64_t> sums;
  each_value(row, [&](int64_t at, int m, int64_t *out, const auto *...u) {
    const ChunkOperands<int64_t> operands(row, at, m);
    sums.set(step.coefficient, operands.x, terms, m);
    sums.each(
        [&](const auto *...x) {
          finish_values(f, row, at, m, out, x...);
          return true;
        },
        operands.x[terms], operands.x[terms + 1], u...);
  });
}

// False: a divisor is 0, or a quotient is too large.
template <class T> inline bool fused_quotient(const Row &row) {
  const Step &step = row.step;
  if constexpr (sizeof(T) <= 4) {
    const double scale = power_of_two(step.lift[0] - step.target.shift);
    const bool dithers = row.dithers();
    T x[CHUNK], y[CHUNK];
    Halves u;
    const auto values = [&](int64_t at, int m, double *t) {
      const T *const a = contiguous(row.p[0] + at * row.strides[0], row.strides[0], m, x);
      const T *const b = contiguous(row.p[1] + at * row.strides[1], row.strides[1], m, y);
      if (!dithers) return quotients(a, b, m, scale, t);
      if (any_zero<T>(reinterpret_cast<const char *>(b), sizeof(T), m)) return false;
      u.draw(*row.stream, row.index + at, m);
      dithered_quotients(a, b, m, scale, u, t, row.events);
      return true;
    };
    return from_doubles<T>(values, step, row.events, row.n, row.p[2], row.strides[2]);
  } else {
    if (any_zero<T>(row.p[1], row.strides[1], row.n)) return false;
    if constexpr (sizeof(T) == 8) {
      if (row.dithers()) {
        dithered_elements<T, uint64_t>(DitheredQuotient(step), row);
        return true;
      }
    }
    fused_elements<T>(Quotient<T>(step), row);
    return true;
  }
}

template <class T> inline bool from_double_row(const Row &row) {
  const double scale = power_of_two(row.step.lift[0] - row.step.target.shift); // >= 1: exact
  const bool dithers = row.dithers();
  double x[CHUNK];
  Halves u;
  const auto values = [&](int64_t at, int m, double *t) {
    const double *v = contiguous(row.p[0] + at * row.strides[0], row.strides[0], m, x);
    for (int i = 0; i < m; i++) t[i] = v[i] * scale;
    if (!dithers) return true;
    u.draw(*row.stream, row.index + at, m);
    dither_doubles(t, m, u, row.events);
    return true;
  };
  return from_doubles<T>(values, row.step, row.events, row.n, row.p[1], row.strides[1]);
}

// loop(row) in blocks of so many elements, until the first false.
template <class L> inline bool in_blocks(int64_t size, const Row &row, const L &loop) {
  if (row.n <= size) return loop(row);
  for (int64_t at = 0; at < row.n; at += size) {
    char *p[3];
    for (int k = 0; k < 3; k++) p[k] = row.p[k] + at * row.strides[k];
    const int64_t n = row.n - at < size ? row.n - at : size;
    if (!loop({row.step, row.events, row.stream, row.index + at, n, p, row.strides, row.task}))
      return false;
  }
  return true;
}

// Quotients in blocks that stay in cache, as divisors are read twice. In one with a divisor that is
// 0 only few elements around it are left to the general loop; where events are counted all are, as
// the block's would count twice. False: the general loop has to do the row.
template <class T> inline bool fused_quotients(const Row &row) {
  return in_blocks(8192, row, [](const Row &block) {
    if (fused_quotient<T>(block)) return true;
    return !block.events && in_blocks(128, block, [](const Row &part) {
      if (!fused_quotient<T>(part))
        general_row(part.task, part.index, part.n, part.p, part.strides);
      return true;
    });
  });
}

// False: the general loop has to do the row.
template <class T> bool fused_row(const Row &row) {
  const Step &step = row.step;
  if (step.storage[0] == FX_DOUBLE) return from_double_row<T>(row);
  switch (step.operation) {
  case FX_ADD: fused_elements<T>(Sum<false, T>(step.target), row); break;
  case FX_SUBTRACT: fused_elements<T>(Sum<true, T>(step.target), row); break;
  case FX_MINIMUM: fused_elements<T>(Extreme<false, T>(step.target), row); break;
  case FX_MAXIMUM: fused_elements<T>(Extreme<true, T>(step.target), row); break;
  case FX_MULTIPLY:
    if constexpr (!std::is_same<T, uint16_t>::value) // its products leave 32 bits
      fused_product<T>(row);
    break;
  case FX_COMBINE: fused_combination<T>(row); break;
  case FX_LEFT_SHIFT:
  case FX_RIGHT_SHIFT:
    if constexpr (sizeof(T) >= 4) fused_shift<T>(row);
    break;
  case FX_ROOT:
    if constexpr (std::is_same<T, int32_t>::value || std::is_same<T, int64_t>::value)
      fused_root<T>(row);
    break;
  case FX_QUOTIENT:
    if constexpr (std::is_same<T, int64_t>::value) {
      if (step.level == FX_I128)
        fused_quotient_and_sum<NarrowDivision>(row);
      else
        fused_quotient_and_sum<WideDivision>(row);
    }
    break;
  case FX_DIVIDE:
    if constexpr (T(-1) < T(0)) return fused_quotients<T>(row);
    return false;
  case FX_NEGATE:
  case FX_ABS:
    if constexpr (sizeof(T) >= 8) { // below, the general loop is as fast
      if (step.operation == FX_ABS)
        fused_elements<T>(Negation<true, T>(step.target), row);
      else
        fused_elements<T>(Negation<false, T>(step.target), row);
      break;
    }
    return false;
  default: // FX_COPY
    if (step.lift[0])
      fused_elements<T>(Widen<T>(step.target, step.lift[0]), row);
    else
      fused_narrowing<T>(row);
  }
  return true;
}

// As general_row. Where an element overflows and that raises, the row is done again by the general
// loop, which notes the first such element.
template <class T>
void fused_or_general(const Task &task, int64_t index, int64_t n, char *const *p,
                      const ptrdiff_t *strides) {
  const Step &step = *task.step;
  Counts *const counts = task.counts;
  Events events = {0, 0, 0}; // not used where the general loop counts again
  const Row row = {step, counts->wanted ? &events : nullptr, &task.stream, index, n, p, strides,
                   task};
  const bool done = fused_row<T>(row);
  if (events.first >= 0) {
    if (counts->overflow == 0 || events.first < counts->first) {
      counts->first = events.first;
      words_of(events.first_value, counts->first_value);
    }
  } else if (!done || (events.overflow && step.target.overflow == FX_RAISE)) {
    general_row(task, index, n, p, strides);
    return;
  }
  counts->overflow += events.overflow;
  counts->underflow += events.underflow;
  counts->inexact += events.inexact;
}

} // namespace FX_VARIANT
