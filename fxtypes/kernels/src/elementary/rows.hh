// softmax, log_softmax and logsumexp of rows: with t a row's greatest element, d = t - x of each and
// S the sum of the e^-d, they are e^-d / S, -(d + log S) and t + log S.
//
// Rows are done in tiles, a few neighbouring ones at a time. What the first evaluation leaves open
// is settled one element at a time, see rows.cc.
#pragma once

#include <memory>
#include <new>

#include "elementary/avx512/decay8.hh"
#include "elementary/evaluate.hh"
#include "elementary/exp.hh"
#include "elementary/logarithm.hh"
#include "elementary/reciprocal.hh"
#include "elementwise/strided_rows.hh"
#include "interrupts.hh"

namespace FX_VARIANT {

// e^-d in halves, d = distance * 2^-frac_bits, off by less than 2 EXP_ERROR<N> e^-d + 1: the power
// in quarters is off by EXP_ERROR<N> where it is at least 1, before it is shifted, and rounded down.
template <int N, class M> FX_INLINE Limbs<N> decay(const ExpArgument &reducer, M distance) {
  if (!reducer.is_moderate(distance)) return {};
  const Reduced<N> reduced = reducer.reduce<N>(Argument<M>{distance, ~uint64_t(0)}); // k < 0
  return exp_fraction(reduced.r) >> (-reduced.k - 1);
}

// The sum S of a row's e^-d, in halves, and what its results share.
template <int N> struct RowSum {
  Limbs<N + 1> total;
  Limbs<N> factor; // softmax: e^-d / S = e^-d factor, counting 2^-point
  int point;
  Limbs<N + 1> log; // the others: log S
};

// How far powers in halves are off: by less than 2 error e^-d + unit.
struct PowerError {
  uint64_t error, unit;
};
template <int N> constexpr PowerError POWER_ERROR = {EXP_ERROR<N>, 1};

// Off by less than this, in ulp, for a row of n.
//
// S: the bounds of the powers add up to less than 2 error S + n unit, and 1 for rounding down the
// normalised sum; as S >= 1, in ulp of 2^-(64 N - 1), that is r = 2 error + n unit + 1 relative to
// S. Of 1 / S, and absolute of log S, it is less than r / (1 - r ulp): r + r / 2^20 and 1 more, as
// r is below 2^42 with one limb, of rows of less than 2^28, and below 2^62 with more.
// e^-d / S: 2 error + unit for e^-d, that of 1 / S, 1 for the product of both, RECIPROCAL_ERROR,
// 2 N for the product's limbs.
// log S: LOG_ERROR + 2 N + 4 and, these ulp being half as large, twice that of S; 1 more for what
// d's or t's fraction is rounded down.
FX_INLINE uint64_t relative_error(int64_t n, const PowerError &power) {
  const uint64_t r = 2 * power.error + static_cast<uint64_t>(n) * power.unit + 1;
  return r + (r >> 20) + 1;
}
template <int N> FX_INLINE uint64_t share_error(int64_t n, const PowerError &power) {
  return 2 * power.error + power.unit + relative_error(n, power) + 1 + RECIPROCAL_ERROR + 2 * N;
}
template <int N> FX_INLINE uint64_t log_sum_error(int64_t n, const PowerError &power) {
  return LOG_ERROR<N> + 2 * N + 4 + 2 * relative_error(n, power) + 1;
}

template <int N> FX_INLINE void finish_sum(int function, RowSum<N> *sum) {
  Limbs<N + 1> total = sum->total;
  if (!total.w[N] && !(total.w[N - 1] >> 63)) { // S >= 1
    total = {};
    total.w[N - 1] = uint64_t(1) << 63;
  }
  const int down = total.w[N] ? 64 - __builtin_clzll(total.w[N]) : 0;
  total = total >> down;
  Limbs<N> normalised;
  each<N>(FX_EACH(i) { normalised.w[i] = total.w[i]; });
  if (function == FX_SOFTMAX) {
    sum->factor = reciprocal(normalised);
    sum->point = 64 * N - 1 + down;
  } else {
    sum->log = log_of<NATURAL>(Normalised<N>{normalised, down});
  }
}

template <int N> inline void prepare_rows(int function) {
  prepare_exp<N>();
  if (function != FX_SOFTMAX) prepare_log<N>();
}

// `to_odd` of a number known to be above 0: 1 to odd where it is below 2.
template <int N>
FX_INLINE bool to_odd_above_0(const Approximation<N> &a, int out_bits, Limbs<N> *odd) {
  if (__builtin_expect(to_odd(a, out_bits, odd), 1)) return true;
  const int s = a.point - out_bits;
  uint64_t carry = 0;
  const Limbs<N> top = add(a.y, Limbs<N>{{a.error}}, &carry);
  *odd = {{1}};
  return s >= 64 * N + 1 || (s >= 2 && !carry && is_zero(top >> (s + 1)));
}

// Of a share of a sum of two powers and more, not all equal: it is also below 1, and 2^out_bits - 1 to
// odd where it is within 2 of that.
template <int N>
FX_INLINE bool share_to_odd(const Approximation<N> &a, int out_bits, Limbs<N> *odd) {
  if (__builtin_expect(to_odd_above_0(a, out_bits, odd), 1)) return true;
  const int s = a.point - out_bits;
  if (a.point != 64 * N - 1 || s < 2 || out_bits < 1) return false; // at most 1/2
  const Limbs<N> one = power_of_half<N>(1), error = {{a.error}};
  uint64_t borrow = 0;
  const Limbs<N> gap = subtract(one + error, a.y, &borrow);
  *odd = (one >> s) - Limbs<N>{{1}};
  return !borrow && is_zero(gap >> (s + 1));
}

template <class I, int N> FX_INLINE I as_level(const Limbs<N> &v) {
  if constexpr (Bits<I>::value == 64) {
    return static_cast<I>(v.w[0]);
  } else if constexpr (Bits<I>::value == 128) {
    return static_cast<I>(words(N > 1 ? v.w[N > 1] : 0, v.w[0]));
  } else {
    return level_value(low_limbs(v), 0);
  }
}

// value * 2^-frac_bits as high 2^-grid + low, 0 <= low < 2^-grid <= 1, low rounded down; false where
// the level's type hasn't the room.
template <int N, class I>
FX_INLINE bool split(const I &value, int frac_bits, int grid, I *high, Limbs<N> *low) {
  constexpr int bits = Bits<I>::value, most = bits - 8; // |high| < 2^most
  const int down = frac_bits - grid;
  if (down >= bits || down <= -most) return false;
  *low = {};
  if (down > 0) {
    I mask;
    set_ones(mask, down);
    if constexpr (bits == 320) {
      const I rest = value & mask;
      Limbs<5> all;
      for (int i = 0; i < 5; i++) all.w[i] = rest.w[i];
      const int up = 64 * N - frac_bits;
      all = up >= 0 ? all << up : all >> -up;
      each<N>(FX_EACH(i) { low->w[i] = all.w[i]; });
    } else {
      *low = fraction<N>(static_cast<Magnitude<N>>(value & mask), frac_bits);
    }
  }
  *high = down > 0 ? value >> down : value << -down;
  const I rest = value >> (down > 0 ? (most + down < bits ? most + down : bits - 1) : most + down);
  return rest == I(0) || rest == I(-1);
}

// The base, d or t, and log S: base + log S to odd, negated for log_softmax. Rows have more elements
// than one, so that log S is above 0. The base's grid counts twice the result's last bit: rounding
// to odd hides that bit of log S. out_bits > 0.
template <int N, class I>
FX_INLINE bool log_to_odd(int function, const Limbs<N + 1> &log, uint64_t error, const I &base,
                          int frac_bits, int out_bits, I *z) {
  I high;
  Limbs<N> low, odd;
  if (!split(base, frac_bits, out_bits - 1, &high, &low)) return false;
  const Approximation<N> a = approximation<6, N>(with_whole(low, 0) + log, error);
  if (!to_odd_above_0(a, out_bits, &odd)) return false;
  *z = (high << 1) + as_level<I>(odd);
  if (function == FX_LOG_SOFTMAX) *z = -*z;
  return true;
}

// The same rounded by a draw, with the bits that tell of a loss: no such result is exact.
template <int N, class I>
FX_INLINE bool log_to_stochastic(int function, const Limbs<N + 1> &log, uint64_t error,
                                 const I &base, int frac_bits, int result_bits, uint64_t draw,
                                 I *z) {
  I high;
  Limbs<N> low, rounded;
  if (!split(base, frac_bits, result_bits, &high, &low)) return false;
  Approximation<N> a = approximation<6, N>(with_whole(low, 0) + log, error);
  a.sign = function == FX_LOG_SOFTMAX ? ~uint64_t(0) : 0;
  if (!to_stochastic(a, result_bits, draw, false, &rounded)) return false;
  I sum = high + as_level<I>(rounded);
  if (function == FX_LOG_SOFTMAX) sum = -sum;
  *z = (sum << 2) | I(1);
  return true;
}

// Whether |z| is 2^limit or more; and as `folded` of evaluate.hh.
template <class I> FX_INLINE bool is_outside(const I &z, int limit) {
  const I magnitude = is_negative(z) ? -z : z;
  return limit < Bits<I>::value - 1 && (magnitude >> limit) != I(0);
}
template <class I> inline I bounded(const I &z, int limit) {
  I mask;
  set_ones(mask, limit);
  const I magnitude = ((is_negative(z) ? -z : z) & mask) | I(1) << (limit + 1);
  return is_negative(z) ? -magnitude : magnitude;
}

// A row whose elements are settled one by one; it remembers what the last row's share.
class OpenRow {
public:
  OpenRow(const Task &, const RowBatch &);
  // Element i of the row at p, to odd: `index` is its result's.
  i320 settle(const char *p, int64_t i, int64_t index, uint64_t draw);

  const int64_t pitch; // of the results of a row, in C order
  bool has_no_memory = false;

private:
  i128 at(int64_t i) const;
  template <class F> void each_element(const F &) const;
  u128 distance(int64_t i) const { return static_cast<u128>(top) - static_cast<u128>(at(i)); }
  void look_at(const char *p);
  i320 base(int64_t i) const;
  bool is_below(u128 distance, int bits) const;
  bool analyse(int64_t i, int out_bits, bool *known, i320 *z) const;
  bool evaluate(int limbs, int64_t i, int out_bits, i320 *z);
  template <int N> bool evaluate(RowSum<N> &, bool *made, int64_t i, int out_bits, i320 *z);
  i320 by_reference(int64_t i, int64_t index);

  const Task &task;
  const RowBatch &batch;
  const Elementary &e;
  const ExpArgument reducer;
  const bool has_no_sign; // of 128 bits: the highest is flipped, so that signed numbers compare alike
  const char *row = nullptr;
  i128 top = 0;
  int64_t greatest = 0; // how many elements are the greatest
  u128 nearest = 0;     // the least distance of the others
  bool made[3] = {}, is_resolved = false;
  RowSum<2> two;
  RowSum<3> three;
  RowSum<4> four;
  std::unique_ptr<uint64_t[]> resolved; // a row's raws, of two words, and results, of five
  int64_t noted = INT64_MAX;            // the first index whose value the reference told
};

// All rows of a batch, the first evaluation with N limbs. Results at the level's type I come from
// values of the type `Value`; what is too large for that is left open.
template <int N, class I> class RowLoop {
public:
  RowLoop(const Task &task, const RowBatch &batch, Interrupts &interrupts)
      : task(task), batch(batch), interrupts(interrupts), e(*task.step->elementary),
        storage(task.step->storage[0]), n(batch.n), function(e.function), finish(task),
        reducer(e.frac_bits[0]), open(task, batch),
        out_bytes(storage_bytes(task.step->target.storage)),
        by_eight(serves_eight(n, e.out_bits)),
        share(share_error<N>(n, power_error())), log_sum(log_sum_error<N>(n, power_error())),
        is_power((n & (n - 1)) == 0),
        log2_n(63 - __builtin_clzll(static_cast<uint64_t>(n))),
        capacity(static_cast<int>(n < 64 ? 1024 : n < 512 ? 16 * n : 8192)) {
    prepare_rows<N>(function);
  }

  int run() {
    // These two, for whole vectors, have some elements more.
    raws.reset(new (std::nothrow) Raw[capacity + 8]());
    powers.reset(new (std::nothrow) Limbs<N>[capacity + 8]);
    values.reset(new (std::nothrow) I[capacity]);
    draws.reset(new (std::nothrow) uint64_t[capacity]);
    rows.reset(new (std::nothrow) Row[capacity / n < 8 ? 8 : capacity / n]);
    if (!raws || !powers || !values || !draws || !rows) return FX_NO_MEMORY;
    if (batch.inner.nd == 0) {
      each_run(batch.outer, batch.in, [&](int64_t index, int64_t count, const char *p,
                                          ptrdiff_t stride) {
        const bool one_each = function == FX_LOGSUMEXP;
        // Where the order of results doesn't ask for rows, that of memory may for columns.
        const ptrdiff_t near = stride < 0 ? -stride : stride;
        columns = one_each && count > 1 && near < (batch.stride < 0 ? -batch.stride : batch.stride);
        width = 1;
        tiles(p, stride, count, one_each ? index : index * n, one_each ? 1 : n);
      });
    } else {
      columns = true;
      width = 1;
      for (int a = 0; a < batch.inner.nd; a++) width *= batch.inner.shape[a];
      each_run(batch.outer, batch.in, [&](int64_t index, int64_t count, const char *p,
                                          ptrdiff_t stride) {
        for (int64_t i = 0; i < count && !is_over(); i++)
          each_run(batch.inner, p + i * stride,
                   [&](int64_t column, int64_t some, const char *q, ptrdiff_t by) {
                     tiles(q, by, some, (index + i) * n * width + column, 1);
                   });
      });
    }
    return open.has_no_memory ? FX_NO_MEMORY : interrupts.stopped ? FX_INTERRUPTED : FX_DONE;
  }

private:
  typedef Signed<N> Raw;
  typedef Magnitude<N> M;
  typedef typename std::conditional<N <= 2, Raw, i320>::type Value;

  struct Row {
    Raw top;
    bool equal; // all elements
    RowSum<N> sum;
  };

  // Calls f(index, count, p, stride) for the rows that lie one constant stride apart.
  template <class F> void each_run(const Axes &axes, const char *p, const F &f) {
    char *const read_only = const_cast<char *>(p);
    each_row(
        [&](int64_t index, int64_t count, char *const *q, const ptrdiff_t *s) {
          if (!is_over()) f(index, count, q[0], s[0]);
        },
        {axes.nd, axes.shape, 1, &read_only, &axes.strides});
  }
  bool is_over() const { return interrupts.stopped || open.has_no_memory || task.counts->error; }

  // `count` rows; `index` is the first one's first result's, `by` the distance of two rows'.
  void tiles(const char *p, ptrdiff_t stride, int64_t count, int64_t index, int64_t by) {
    const int64_t fitting = capacity / n, most = columns && fitting < 8 ? 8 : fitting;
    at_once = static_cast<int>(most < 1 ? 1 : most < count ? most : count);
    row_stride = stride;
    for (int64_t r = 0; r < count && !is_over(); r += at_once) {
      at_once = static_cast<int>(at_once < count - r ? at_once : count - r);
      tile(p + r * stride, index + r * by);
    }
  }

  // The buffers hold elements from..from + m - 1 of the tile's rows: by columns element i of row r
  // at i * at_once + r, else at r * m + i.
  void tile(const char *p, int64_t index) {
    const int64_t part = capacity / at_once;
    const bool whole = n <= part;
    const auto in_parts = [&](auto f) {
      for (int64_t at = 0; at < n && !is_over(); at += part) {
        from = at;
        m = static_cast<int>(n - at < part ? n - at : part);
        f();
        if (!whole) interrupts.stop_after(int64_t(m) * at_once);
      }
    };
    first = true;
    in_parts([&] {
      load_rows(p);
      find_greatest();
      first = false;
    });
    for (int r = 0; r < at_once; r++) {
      rows[r].sum.total = {};
      rows[r].equal = true;
    }
    in_parts([&] {
      if (!whole) load_rows(p);
      find_distances();
      add_powers();
    });
    for (int r = 0; r < at_once; r++) finish_sum(function, &rows[r].sum);
    if (function == FX_LOGSUMEXP) {
      from = 0;
      m = 1;
      columns_of_results = false;
      evaluate_and_store(p, index);
    } else {
      columns_of_results = columns;
      in_parts([&] {
        if (!whole) {
          load_rows(p);
          find_distances();
          if (function == FX_SOFTMAX) add_powers(); // anew: the sums are finished
        }
        evaluate_and_store(p, index);
      });
    }
    if (whole) interrupts.stop_after(n * at_once);
  }

  FX_NOINLINE void load_rows(const char *p) {
    const ptrdiff_t stride = batch.stride;
    p += from * stride;
    if (columns) {
      for (int i = 0; i < m; i++)
        load(raws.get() + i * at_once, p + i * stride, row_stride, at_once, storage, 0);
    } else if (m == n && row_stride == m * stride) {
      load(raws.get(), p, stride, m * at_once, storage, 0);
    } else {
      for (int r = 0; r < at_once; r++)
        load(raws.get() + r * m, p + r * row_stride, stride, m, storage, 0);
    }
    if (has_no_sign()) { // in the order of signed numbers
      const Raw flip = Raw(1) << (Bits<Raw>::value - 1);
      for (int k = 0; k < m * at_once; k++) raws[k] ^= flip;
    }
  }

  FX_NOINLINE void find_greatest() {
    const int step = columns ? at_once : 1;
    for (int r = 0; r < at_once; r++) {
      const Raw *x = raws.get() + (columns ? r : r * m);
      Raw top = first ? x[0] : rows[r].top;
      for (int i = 0; i < m; i++) top = x[i * step] > top ? x[i * step] : top;
      rows[r].top = top;
    }
  }

  // From the greatest: in the elements' place.
  FX_NOINLINE void find_distances() {
    const int step = columns ? at_once : 1;
    for (int r = 0; r < at_once; r++) {
      Raw *const x = raws.get() + (columns ? r : r * m);
      const M top = static_cast<M>(rows[r].top);
      M some = 0;
      for (int i = 0; i < m; i++) {
        const M distance = top - static_cast<M>(x[i * step]);
        some |= distance;
        x[i * step] = static_cast<Raw>(distance);
      }
      rows[r].equal = rows[r].equal && some == 0;
    }
  }

  FX_NOINLINE void add_powers() {
    const M *const distances = reinterpret_cast<const M *>(raws.get());
    const int count = m * at_once;
    if (by_eight) {
      decays8<N>(e.frac_bits[0], distances, count, powers.get());
    } else {
      const ExpArgument by = reducer;
      Limbs<N> *const out = powers.get();
      for (int k = 0; k < count; k++) out[k] = decay<N>(by, distances[k]);
    }
    const int step = columns ? at_once : 1;
    for (int r = 0; r < at_once; r++) {
      const Limbs<N> *const power = powers.get() + (columns ? r : r * m);
      Limbs<N> total;
      each<N>(FX_EACH(i) { total.w[i] = rows[r].sum.total.w[i]; });
      uint64_t carry = rows[r].sum.total.w[N];
      for (int i = 0; i < m; i++) total = add(total, power[i * step], &carry);
      rows[r].sum.total = with_whole(total, carry);
    }
  }

  // The results of the buffered elements, or of the rows.
  FX_NOINLINE void evaluate_and_store(const char *p, int64_t index) {
    const int count = m * at_once;
    // Results next to each other in C order.
    const int run = columns_of_results && at_once != width ? at_once : count;
    const auto index_of = [&](int k) {
      return index + (columns_of_results ? (from + k / at_once) * width + k % at_once : from + k);
    };
    if (e.is_stochastic)
      for (int k = 0; k < count; k += run)
        draw(task.stream, static_cast<uint64_t>(task.first + index_of(k)), 0, run, draws.get() + k);
    const int all = at_once, length = m;
    for (int r = 0; r < all; r++) {
      const Row &row = rows[r];
      if (!columns_of_results && usual_shares(row, r * length, length)) continue;
      for (int i = 0; i < length; i++) {
        const int k = columns_of_results ? i * all + r : r * length + i;
        Value z;
        bool decided = evaluate(row, k, &z);
        if (__builtin_expect(decided && is_outside(z, e.limit), 0)) {
          decided = e.exact_beyond != FX_RAISE; // its message shows the first value
          values[k] = bounded(I(z), e.limit);
        } else if (__builtin_expect(decided, 1)) {
          values[k] = I(z);
        }
        if (!decided)
          values[k] = narrow_to(open.settle(p + r * row_stride, from + i, task.first + index_of(k),
                                            e.is_stochastic ? draws[k] : 0));
      }
    }
    for (int k = 0; k < count; k += run) {
      const int64_t at = index_of(k);
      finish(values.get() + k, run, task.first + at, 0);
      store(values.get() + k, batch.out + at * out_bytes, out_bytes, run,
            task.step->target.storage);
    }
  }

  // Shares of one limb that one test decides, as `to_odd` does: all `count` from k on, or false.
  // They are below 2^(64 - s), so that one out of range needs nothing but its bounding.
  FX_INLINE bool usual_shares(const Row &row, int k, int count) const {
    if constexpr (N > 1 || Bits<I>::value > 64) return false;
    const int s = row.sum.point - e.out_bits, least = 64 - __builtin_clzll(share | 2);
    if (function != FX_SOFTMAX || e.is_stochastic || s < least || s >= 63) return false;
    const uint64_t factor = row.sum.factor.w[0], error = share << (63 - s);
    const Limbs<N> *const power = powers.get() + k;
    I *const out = values.get() + k;
    bool decided = true;
    for (int i = 0; i < count; i++) {
      const uint64_t y = high_word(u128(power[i].w[0]) * factor);
      decided &= (y << (63 - s)) - error <= -(2 * error);
      out[i] = static_cast<I>(y >> s | 1);
    }
    return decided;
  }

  FX_INLINE bool evaluate(const Row &row, int k, Value *z) const {
    const int result_bits = e.out_bits - 2;
    if (function == FX_SOFTMAX) {
      if (row.equal && is_power) {
        const int bits = (e.is_stochastic ? result_bits : e.out_bits) - log2_n;
        if (bits < 0 || bits > Bits<Value>::value - 8) return false;
        *z = Value(1) << (e.out_bits - log2_n);
        return true;
      }
      const Approximation<N> a = {high_product(powers[k], row.sum.factor), row.sum.point, share, 0};
      Limbs<N> odd;
      if (!e.is_stochastic) {
        if (!share_to_odd(a, e.out_bits, &odd)) return false;
      } else {
        if (!to_stochastic(a, result_bits, draws[k], false, &odd)) return false;
        uint64_t sign = 0;
        odd = with_lost_bits(odd, &sign);
      }
      *z = as_level<Value>(odd);
      return true;
    }
    if (n == 1 || result_bits < 0) return false;
    Value base;
    if (function == FX_LOGSUMEXP && !has_no_sign()) {
      base = Value(row.top);
    } else {
      const M flipped = M(1) << (8 * sizeof(M) - 1), top = static_cast<M>(row.top);
      const M magnitude = function == FX_LOGSUMEXP ? top ^ flipped : static_cast<M>(raws[k]);
      base = Value(magnitude);
      if (is_negative(base)) return false;
    }
    return e.is_stochastic
               ? log_to_stochastic<N>(function, row.sum.log, log_sum, base, e.frac_bits[0],
                                      result_bits, draws[k], z)
               : log_to_odd<N>(function, row.sum.log, log_sum, base, e.frac_bits[0], e.out_bits, z);
  }

  // Powers of 52 bits are enough for results of few. Errors have to stay below 2^62.
  static bool serves_eight(int64_t n, int out_bits) {
    const int long_row = 64 - __builtin_clzll(static_cast<uint64_t>(n)) - 7;
    return HAS_DECAY8 && n >> (60 - 12 * N) == 0 &&
           (N > 1 || out_bits + (long_row > 0 ? long_row : 0) <= 35);
  }
  PowerError power_error() const {
    return by_eight ? PowerError{DECAY8_ERROR<N>, DECAY8_UNIT<N>} : POWER_ERROR<N>;
  }

  bool has_no_sign() const { return storage == (N == 1 ? FX_U64 : FX_U128); }

  static I narrow_to(const i320 &v) {
    if constexpr (Bits<I>::value == 320)
      return v;
    else
      return narrow(v, static_cast<I *>(nullptr));
  }

  const Task &task;
  const RowBatch &batch;
  Interrupts &interrupts;
  const Elementary &e;
  const int storage;
  const int64_t n;
  const int function;
  const Finish<I> finish;
  const ExpArgument reducer;
  OpenRow open;
  const int out_bytes;
  const bool by_eight;           // powers
  const uint64_t share, log_sum; // errors
  const bool is_power; // n: equal elements' shares are 2^-log2_n
  const int log2_n;
  const int capacity; // of the buffers, elements
  std::unique_ptr<Raw[]> raws;
  std::unique_ptr<Limbs<N>[]> powers;
  std::unique_ptr<I[]> values;
  std::unique_ptr<uint64_t[]> draws;
  std::unique_ptr<Row[]> rows;
  // Of the tiles under way.
  bool columns = false, columns_of_results = false, first = true;
  int64_t width = 1, from = 0; // width: how many results lie between two of a row
  ptrdiff_t row_stride = 0;
  int at_once = 1, m = 1;
};

} // namespace FX_VARIANT
