// From the exact sums of a matrix product to the result's elements.
#pragma once

#include <type_traits>

#include "rounding/rounding.hh"
#include "elementwise/load_store.hh"
#include "integers/words.hh"

namespace FX_VARIANT {

// Clamp does what Finish (rounding.hh) does, faster, where nothing is counted, wrapped or set to
// zero, and at most 16 bits are drawn: whether a call is such a one.
inline bool saturates(const Target &t, const Counts *counts) {
  return !counts->wanted && (t.overflow <= FX_SATURATE_SYMMETRIC || t.overflow == FX_RAISE);
}
inline bool draws(const Target &t) { return t.shift != 0 && t.rounding == FX_STOCHASTIC; }

template <class I> struct Clamp {
  static bool can(const Target &, const Counts *) { return false; }
  explicit Clamp(const Target &) {}
  void operator()(I *, int) const {}
  void operator()(I *, int, const uint16_t *) const {}
};

template <> struct Clamp<int32_t> {
  static bool can(const Target &t, const Counts *counts) {
    return saturates(t, counts) && (!draws(t) || t.shift <= 16);
  }
  Rounder<int32_t> f;
  explicit Clamp(const Target &t) : f(t) {}

  void operator()(int32_t *z, int n) const {
    const Rounder<int32_t> r = f; // a copy that no store through z can alias
    for (int e = 0; e < n; e++) z[e] = r.clamp(r.rounded(z[e]));
  }
  // With the first 16 bits of draws, of which the shift is no longer.
  void operator()(int32_t *z, int n, const uint16_t *u) const {
    const Rounder<int32_t> r = f;
    const int unused = 16 - r.s;
    for (int e = 0; e < n; e++) z[e] = r.clamp((z[e] + (u[e] >> unused)) >> r.s);
  }
};

// In vectors. AVX2 has no arithmetic shift of 64 bits: with the sign bit flipped a logical one
// does.
template <> struct Clamp<int64_t> {
  static bool can(const Target &t, const Counts *counts) {
    return saturates(t, counts) && (!draws(t) || t.shift <= 16);
  }
  Rounder<int64_t> f;
  explicit Clamp(const Target &t) : f(t) {}

  void operator()(int64_t *z, int n) const {
    const Rounder<int64_t> r = f; // a copy that no store through z can alias
    const uint64_t top = uint64_t(1) << 63, back = top >> r.s;
    for (int e = 0; e < n; e++) {
      const uint64_t v = static_cast<uint64_t>(z[e]);
      const uint64_t sign = z[e] < 0 ? static_cast<uint64_t>(r.c1) : 0;
      const uint64_t odd = (uint64_t(0) - (v >> r.s & 1)) & static_cast<uint64_t>(r.c2);
      const uint64_t t = v + static_cast<uint64_t>(r.c0) + sign + odd;
      const int64_t rounded = static_cast<int64_t>(((t ^ top) >> r.s) - back);
      const int64_t low = rounded < r.lo ? r.lo : rounded;
      z[e] = low > r.hi ? r.hi : low;
    }
  }
  // With the first 16 bits of draws, of which the shift is no longer.
  void operator()(int64_t *z, int n, const uint16_t *u) const {
    const Rounder<int64_t> r = f;
    const uint64_t top = uint64_t(1) << 63, back = top >> r.s;
    const int unused = 16 - r.s;
    for (int e = 0; e < n; e++) {
      const uint64_t t = static_cast<uint64_t>(z[e]) + (uint64_t(u[e]) >> unused);
      const int64_t rounded = static_cast<int64_t>(((t ^ top) >> r.s) - back);
      const int64_t low = rounded < r.lo ? r.lo : rounded;
      z[e] = low > r.hi ? r.hi : low;
    }
  }
};

// In arrays of low and of high words, of which the compiler makes vectors.
template <> struct Clamp<i128> {
  static bool can(const Target &t, const Counts *counts) { // the limits are int128
    return saturates(t, counts) && !draws(t) && (t.width < 128 || t.is_signed);
  }
  explicit Clamp(const Target &t) : f(t) {}

  void operator()(i128 *z, int n) const {
    for (int at = 0; at < n; at += SOME) {
      const int m = n - at < SOME ? n - at : SOME;
      if (f.s < 64)
        some<0>(z + at, m);
      else
        some<1>(z + at, m);
    }
  }
  void operator()(i128 *, int, const uint16_t *) const {} // `can` says no

  static const int SOME = 128;
  // At most SOME values in arrays of words.
  void halves(uint64_t *low, int64_t *high, int n) const {
    if (f.s < 64)
      some_halves<0>(low, high, n);
    else
      some_halves<1>(low, high, n);
  }

private:
  const Rounder<i128> f;

  struct Words {
    uint64_t low;
    int64_t high;
    explicit Words(i128 v) : low(static_cast<uint64_t>(v)), high(static_cast<int64_t>(v >> 64)) {}
  };
  // All ones where x < y.
  static FX_INLINE uint64_t less(uint64_t x_low, int64_t x_high, uint64_t y_low, int64_t y_high) {
    const uint64_t below = x_low < y_low ? ~uint64_t(0) : 0;
    const uint64_t same = x_high == y_high ? ~uint64_t(0) : 0;
    return (x_high < y_high ? ~uint64_t(0) : 0) | (same & below);
  }

  // The result's lowest bit is in word Q.
  template <int Q> FX_NOINLINE void some(i128 *z, int n) const {
    uint64_t low[SOME];
    int64_t high[SOME];
    for (int e = 0; e < n; e++) {
      const Words v(z[e]);
      low[e] = v.low;
      high[e] = v.high;
    }
    some_halves<Q>(low, high, n);
    for (int e = 0; e < n; e++)
      z[e] = static_cast<i128>(static_cast<u128>(static_cast<uint64_t>(high[e])) << 64 | low[e]);
  }
  template <int Q>
  FX_NOINLINE void some_halves(uint64_t *__restrict low, int64_t *__restrict high, int n) const {
    // One of three constants is added, as no mode depends on both the sign and that bit.
    const Words plain(f.c0), negative((f.c0 + f.c1) ^ f.c0), odd((f.c0 + f.c2) ^ f.c0);
    const Words lo(f.lo), hi(f.hi);
    const int b = f.s - 64 * Q;
    for (int e = 0; e < n; e++) {
      const uint64_t sign = high[e] < 0 ? ~uint64_t(0) : 0;
      const uint64_t bit =
          uint64_t(0) - ((Q ? static_cast<uint64_t>(high[e]) : low[e]) >> b & 1);
      const uint64_t c0 = plain.low ^ (sign & negative.low) ^ (bit & odd.low);
      const uint64_t c1 = static_cast<uint64_t>(plain.high) ^
                          (sign & static_cast<uint64_t>(negative.high)) ^
                          (bit & static_cast<uint64_t>(odd.high));
      const uint64_t t0 = low[e] + c0;
      const uint64_t t1 = static_cast<uint64_t>(high[e]) + c1 + (t0 < c0 ? 1 : 0);
      const int64_t top = static_cast<int64_t>(t1);
      uint64_t r0 = Q ? static_cast<uint64_t>(top >> b) : t0 >> b | t1 << 1 << (63 - b);
      uint64_t r1 = static_cast<uint64_t>(Q ? top >> 63 : top >> b);
      const uint64_t under = less(r0, static_cast<int64_t>(r1), lo.low, lo.high);
      const uint64_t over = less(hi.low, hi.high, r0, static_cast<int64_t>(r1));
      r0 ^= (under & (r0 ^ lo.low)) ^ (over & (r0 ^ hi.low));
      r1 ^= (under & (r1 ^ static_cast<uint64_t>(lo.high))) ^
            (over & (r1 ^ static_cast<uint64_t>(hi.high)));
      low[e] = r0;
      high[e] = static_cast<int64_t>(r1);
    }
  }
};

// Only the two words of the shifted value that can be a result are made; of the others it matters
// whether they are its sign.
template <> struct Clamp<i320> {
  static bool can(const Target &t, const Counts *counts) { return Clamp<i128>::can(t, counts); }
  int q, b;
  i320 constant[4]; // c0 + (sign & c1) + (lsb & c2), by 2 * sign + lsb
  i128 lo, hi;

  explicit Clamp(const Target &t) : q(t.shift / 64), b(t.shift % 64) {
    const Rounder<i320> f(t);
    for (int i = 0; i < 4; i++)
      constant[i] = f.c0 + (i & 2 ? f.c1 : i320(0)) + (i & 1 ? f.c2 : i320(0));
    lo = static_cast<i128>(static_cast<u128>(f.lo));
    hi = static_cast<i128>(static_cast<u128>(f.hi));
  }

  void operator()(i320 *z, int n) const {
    switch (q) {
    case 0: return some<0>(z, n);
    case 1: return some<1>(z, n);
    case 2: return some<2>(z, n);
    case 3: return some<3>(z, n);
    default: return some<4>(z, n);
    }
  }
  void operator()(i320 *, int, const uint16_t *) const {}

  // At most MOST_HALVES values in arrays of words; the elements are left in the first two.
  void words(uint64_t (*z)[128], int n, const Target &t) const {
    switch (q) {
    case 0: return some_words<0>(z, n, t);
    case 1: return some_words<1>(z, n, t);
    case 2: return some_words<2>(z, n, t);
    case 3: return some_words<3>(z, n, t);
    default: return some_words<4>(z, n, t);
    }
  }

private:
  template <int Q> FX_NOINLINE void some_words(uint64_t (*__restrict z)[128], int n,
                                               const Target &t) const {
    const Rounder<i320> f(t); // one of three constants, as in Clamp<i128>
    const i320 negative = f.c0 + f.c1, odd = f.c0 + f.c2;
    const uint64_t lo0 = static_cast<uint64_t>(lo), hi0 = static_cast<uint64_t>(hi);
    const int64_t lo1 = static_cast<int64_t>(lo >> 64), hi1 = static_cast<int64_t>(hi >> 64);
    const int shift = b, back = 63 - b;
    for (int e = 0; e < n; e++) {
      const uint64_t minus = static_cast<int64_t>(z[4][e]) < 0 ? ~uint64_t(0) : 0;
      const uint64_t lsb = uint64_t(0) - (z[Q][e] >> shift & 1);
      uint64_t v[8], carry = 0;
#pragma GCC unroll 5
      for (int w = 0; w < 5; w++) {
        const uint64_t c = f.c0.w[w] ^ (minus & (negative.w[w] ^ f.c0.w[w])) ^
                           (lsb & (odd.w[w] ^ f.c0.w[w]));
        const uint64_t sum = z[w][e] + c;
        v[w] = sum + carry;
        carry = (sum < c ? 1 : 0) | (v[w] < carry ? 1 : 0);
      }
      const uint64_t sign = static_cast<int64_t>(v[4]) < 0 ? ~uint64_t(0) : 0;
      v[5] = v[6] = v[7] = sign;
      const auto word = [&](int w) {
        const uint64_t low = Q + w < 5 ? v[Q + w] : sign, high = Q + w < 4 ? v[Q + w + 1] : sign;
        return low >> shift | high << 1 << back;
      };
      const uint64_t r0 = word(0), r1 = word(1);
      const uint64_t fit = static_cast<int64_t>(r1) < 0 ? ~uint64_t(0) : 0;
      uint64_t beyond = sign ^ fit;
#pragma GCC unroll 5
      for (int w = 2; Q + w < 5; w++) beyond |= word(w) ^ fit;
      const uint64_t out = beyond ? ~uint64_t(0) : 0;
      const uint64_t under = (out & sign) | (~out & less(r0, r1, lo0, lo1));
      const uint64_t over = (out & ~sign) | (~out & less(hi0, static_cast<uint64_t>(hi1), r0,
                                                         static_cast<int64_t>(r1)));
      z[0][e] = r0 ^ (under & (r0 ^ lo0)) ^ (over & (r0 ^ hi0));
      z[1][e] = r1 ^ (under & (r1 ^ static_cast<uint64_t>(lo1))) ^
                (over & (r1 ^ static_cast<uint64_t>(hi1)));
    }
  }
  // All ones where x < y.
  static FX_INLINE uint64_t less(uint64_t x_low, uint64_t x_high, uint64_t y_low, int64_t y_high) {
    const uint64_t below = x_low < y_low ? ~uint64_t(0) : 0;
    const int64_t high = static_cast<int64_t>(x_high);
    return (high < y_high ? ~uint64_t(0) : 0) | ((high == y_high ? ~uint64_t(0) : 0) & below);
  }

  template <int Q> FX_NOINLINE void some(i320 *z, int n) const {
    for (int e = 0; e < n; e++) {
      const unsigned lsb = static_cast<unsigned>(z[e].w[Q] >> b & 1);
      const i320 t = z[e] + constant[2 * z[e].negative() + lsb];
      const uint64_t sign = static_cast<uint64_t>(static_cast<int64_t>(t.w[4]) >> 63);
      const auto word = [&](int i) { return Q + i < 5 ? t.w[Q + i] : sign; };
      const uint64_t r0 = funnel(word(0), word(1), b), r1 = funnel(word(1), word(2), b);
      const uint64_t fit = static_cast<uint64_t>(static_cast<int64_t>(r1) >> 63);
      uint64_t beyond = sign ^ fit;
      for (int i = 2; Q + i < 5; i++) beyond |= funnel(word(i), word(i + 1), b) ^ fit;
      const i128 r = static_cast<i128>(static_cast<u128>(r1) << 64 | r0);
      const i128 near = r < lo ? lo : r > hi ? hi : r;
      z[e] = i320(beyond ? (sign ? lo : hi) : near);
    }
  }
};

// As Clamp, and counts. `can` as there, but for `wanted`, and that nothing raises.
template <class I> struct CountedClamp {
  static bool can(const Target &t, const Counts *counts) {
    return sizeof(I) <= 8 && counts->wanted && t.overflow <= FX_SATURATE_SYMMETRIC &&
           (!draws(t) || t.shift <= 16);
  }
  Rounder<I> f;
  Counts *const counts;
  CountedClamp(const Target &t, Counts *counts) : f(t), counts(counts) {}

  void operator()(I *z, int n) const {
    const Rounder<I> r = f; // a copy that no store through z can alias
    count(z, n, [&r](const I &v, int) { return r.rounded(v); });
  }
  void operator()(I *z, int n, const uint16_t *u) const {
    const int s = f.s, unused = 16 - s;
    count(z, n, [=](const I &v, int e) { return (v + I(u[e] >> unused)) >> s; });
  }

private:
  template <class F> void count(I *z, int n, const F &rounded) const {
    typename std::conditional<sizeof(I) == 4, int32_t, int64_t>::type overflow = 0, underflow = 0,
                                                                      inexact = 0;
    const Rounder<I> r = f;
    for (int e = 0; e < n; e++) {
      const I v = z[e], q = rounded(v, e), made = r.clamp(q);
      overflow += q != made ? 1 : 0;
      underflow += (q == I(0) ? 1 : 0) & (v != I(0) ? 1 : 0); // && would be a branch
      inexact += (v & r.mask) != I(0) ? 1 : 0;
      z[e] = made;
    }
    counts->overflow += overflow;
    counts->underflow += underflow;
    counts->inexact += inexact;
  }
};

// z times 2^lift. To the right it is rounded to odd: a lost bit sets the last one.
template <class I> inline void scale(I *z, int n, int lift) {
  if (lift > 0) {
    for (int e = 0; e < n; e++) z[e] = z[e] << lift;
  } else if (lift < 0) {
    I lost;
    set_ones(lost, -lift);
    for (int e = 0; e < n; e++) z[e] = (z[e] >> -lift) | I((z[e] & lost) != I(0) ? 1 : 0);
  }
}

// The product of the transposed: the same sums, along the other axis. (Its pitch isn't, so that
// draws and counts by index are those of a single row or column only.)
inline Matrices transposed(const Matrices &x) {
  return {x.n,          x.k,     x.m,       x.b,        x.a,     x.out,
          x.b_column,   x.b_row, x.a_column, x.a_row,   x.out_column, x.out_row,
          x.pitch,      x.initial, x.initial_column, x.initial_row};
}

// Sums of type I, and their initial terms, into elements of `out`.
template <class I> class SumRounder {
public:
  SumRounder(const Task &task, const Matrices &x)
      : task(task), step(*task.step), x(x), finish(task), clamp(step.target),
        counted(step.target, task.counts), quick(Clamp<I>::can(step.target, task.counts)),
        counts(CountedClamp<I>::can(step.target, task.counts)), drawn(draws(step.target)) {}

  static const int MOST = 256; // columns of one call

  // Of a row, columns j .. j + n - 1; the columns of the rows that follow each other are the same.
  void operator()(int64_t row, int64_t j, int n, I *sum) {
    const int64_t i = place(row);
    scale(sum, n, step.lift[0]);
    if (x.initial) {
      if (x.initial_row || column != j) load_initial(i, j, n);
      for (int e = 0; e < n; e++) sum[e] = sum[e] + initial[e];
    }
    if ((quick || counts) && drawn) {
      uint16_t words[MOST + SLACK];
      const uint16_t *const u =
          draw_part(task.stream, FIRST_16, task.first + i * x.pitch + j, 0, n, words);
      if (quick)
        clamp(sum, n, u);
      else
        counted(sum, n, u);
    } else if (quick)
      clamp(sum, n);
    else if (counts)
      counted(sum, n);
    else
      finish(sum, n, task.first + i * x.pitch + j, 0);
    store(sum, x.out + i * x.out_row + j * x.out_column, x.out_column, n, step.target.storage);
  }

  // Whether `halves` does the same with sums in arrays of words, at most MOST_HALVES of them.
  static const int MOST_HALVES = 128;
  bool takes_halves() const {
    return std::is_same<I, i128>::value && quick && step.lift[0] == 0 &&
           storage_bytes(step.target.storage) <= 8;
  }
  void halves(int64_t row, int64_t j, int n, uint64_t *__restrict low, int64_t *__restrict high) {
    if constexpr (std::is_same<I, i128>::value) {
      const int64_t i = place(row);
      if (x.initial) {
        if (x.initial_row || column != j) load_initial(i, j, n);
        for (int e = 0; e < n; e++) {
          const uint64_t more = static_cast<uint64_t>(initial[e]), sum = low[e] + more;
          high[e] += static_cast<int64_t>(initial[e] >> 64) + (sum < more ? 1 : 0);
          low[e] = sum;
        }
      }
      clamp.halves(low, high, n);
      store(reinterpret_cast<const int64_t *>(low), x.out + i * x.out_row + j * x.out_column,
            x.out_column, n, step.target.storage);
    }
  }

  // The same of 320-bit sums.
  bool takes_words() const {
    return std::is_same<I, i320>::value && quick && step.lift[0] == 0 &&
           storage_bytes(step.target.storage) == 16;
  }
  void words(int64_t row, int64_t j, int n, uint64_t (*z)[MOST_HALVES]) {
    if constexpr (std::is_same<I, i320>::value) {
      const int64_t i = place(row);
      if (x.initial) {
        if (x.initial_row || column != j) load_initial(i, j, n);
        for (int e = 0; e < n; e++) {
          i320 sum;
          for (int w = 0; w < 5; w++) sum.w[w] = z[w][e];
          sum = sum + initial[e];
          for (int w = 0; w < 5; w++) z[w][e] = sum.w[w];
        }
      }
      clamp.words(z, n, step.target);
      char *const to = x.out + i * x.out_row + j * x.out_column;
      for (int e = 0; e < n; e++) {
        std::memcpy(to + e * x.out_column, &z[0][e], 8);
        std::memcpy(to + e * x.out_column + 8, &z[1][e], 8);
      }
    }
  }

private:
  const Task &task;
  const Step &step;
  const Matrices &x;
  const Finish<I> finish;
  const Clamp<I> clamp;
  const CountedClamp<I> counted;
  const bool quick, counts, drawn;

  int64_t place(int64_t row) const { return x.place ? x.place[row] : row; }

  int64_t column = -1; // that `initial` begins with
  I initial[MOST];

  FX_NOINLINE void load_initial(int64_t i, int64_t j, int n) {
    column = j;
    load_integers(initial, x.initial + i * x.initial_row + j * x.initial_column,
                  x.initial_column, n, step.storage[2], 0);
    scale(initial, n, step.lift[2]);
  }
};

} // namespace FX_VARIANT
