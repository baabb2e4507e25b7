// Matrix products with an accumulator: acc = acc + a*b from 0 in index order, rounded and bounded
// into the accumulator's format at every step (`step`: lift[0] aligns the accumulator, lift[1]
// the product), and converted at the end (`last`). The k-th step is rounding k of its element,
// the conversion rounding K. With initial terms the loop begins from those, brought into the
// accumulator's format: that is rounding 0, and all others come one later.
//
// A block of accumulators stays in the first-level cache while k runs: with each k a column of a
// and a row of b are loaded, and every accumulator takes one step, in the general loop or in one
// of those for types, which do it in registers.
#pragma once

#include <type_traits>
#include <utility>

#include "rounding/overflow.hh"
#include "elementwise/avx512/add_multiply.hh"
#include "elementwise/general.hh"
#include "interrupts.hh"
#include "products/finish.hh"

namespace FX_VARIANT {

const int LANES = 8; // of a vector: rows of a block are filled up with zeros to a multiple
inline int64_t padded(int64_t n) { return (n + LANES - 1) / LANES * LANES; }

template <class A> struct Block { // its largest size
  static const int size = 16384 / sizeof(A), columns = size / 8 / LANES * LANES, rows = 64;
};

// One step of a block of m x n accumulators: column k of a, row k of b. Rows of accumulators are
// `pitch` elements apart; `index` is the first one's in C order of the call's result.
template <class E, class A> struct BlockStep {
  const E *a, *b;
  A *acc;
  int m, n, pitch;
  int64_t index;
  uint64_t k;
};

// The number of an element's first step.
inline uint64_t first_step(const Matrices &x) { return x.initial ? 1 : 0; }

// E: the type of the operands' elements once they are loaded; A: of the accumulators.
template <class E, class A, class Begin, class Loop, class Convert>
void in_blocks(const Task &task, Interrupts &interrupts, const Matrices &x, const Begin &begin,
               const Loop &loop, const Convert &convert) {
  const int32_t *const storage = task.step->storage;
  A acc[Block<A>::size];
  E a[Block<A>::rows], b[Block<A>::columns];
  const int64_t parts = (x.n + Block<A>::columns - 1) / Block<A>::columns;
  for (int64_t part = 0; part < parts; part++) {
    const int64_t j = x.n * part / parts;
    const int n = static_cast<int>(x.n * (part + 1) / parts - j);
    const int pitch = static_cast<int>(padded(n)), most = Block<A>::size / pitch;
    const int fit = most < Block<A>::rows ? most : Block<A>::rows;
    for (int e = n; e < pitch; e++) b[e] = E(0);
    for (int64_t i = 0; i < x.m; i += fit) {
      const int m = static_cast<int>(x.m - i < fit ? x.m - i : fit);
      const int64_t index = task.first + i * x.pitch + j;
      for (int e = 0; e < m * pitch; e++) acc[e] = A(0);
      if (x.initial)
        for (int r = 0; r < m; r++)
          begin(x.initial + (i + r) * x.initial_row + j * x.initial_column, n,
                index + r * x.pitch, acc + r * pitch);
      for (int64_t k = 0; k < x.k; k++) {
        load(a, x.a + i * x.a_row + k * x.a_column, x.a_row, m, storage[0], 0);
        load(b, x.b + k * x.b_row + j * x.b_column, x.b_column, n, storage[1], 0);
        const uint64_t number = first_step(x) + static_cast<uint64_t>(k);
        loop(BlockStep<E, A>{a, b, acc, m, n, pitch, index, number});
        if (interrupts.stop_after(int64_t(m) * n)) return;
      }
      for (int r = 0; r < m; r++)
        convert(acc + r * pitch, n, index + r * x.pitch,
                x.out + (i + r) * x.out_row + j * x.out_column);
    }
  }
}

// At the beginning: n initial terms into a row of accumulators, as type I; `index` is the first
// one's.
template <class I, class A>
void start_row(const Task &start, const Matrices &x, const char *from, int n, int64_t index,
               A *acc) {
  const Step &step = *start.step;
  const ptrdiff_t column = x.initial_column;
  const Finish<I> finish(start);
  const int size = Chunk<I>::size;
  I z[size];
  for (int at = 0; at < n; at += size) {
    const int m = n - at < size ? n - at : size;
    load_integers(z, from + at * column, column, m, step.storage[0], step.lift[0]);
    finish(z, m, index + at, 0);
    for (int e = 0; e < m; e++) {
      if constexpr (std::is_same<I, A>::value)
        acc[at + e] = z[e];
      else
        acc[at + e] = low_bits<A>(z[e]);
    }
  }
}

// At the end: n accumulators into a row of results, as type I; `index` is the first one's.
template <class I, class A>
void convert_row(const Task &conversion, const Matrices &x, const A *acc, int n, int64_t index,
                 char *out) {
  const Step &last = *conversion.step;
  const uint64_t k = first_step(x) + static_cast<uint64_t>(x.k);
  const ptrdiff_t column = x.out_column;
  const Finish<I> finish(conversion);
  const int size = Chunk<I>::size;
  I z[size];
  for (int at = 0; at < n; at += size) {
    const int m = n - at < size ? n - at : size;
    for (int e = 0; e < m; e++) z[e] = I(acc[at + e]) << last.lift[0];
    finish(z, m, index + at, k);
    store(z, out + at * column, column, m, last.target.storage);
  }
}

// The general loop, in a type I that holds the sum of the accumulator and the product, lifted so
// that they have the same fraction bits.
template <class I>
void accumulate(const Task &task, const Task *start, const Task &conversion,
                Interrupts &interrupts, const Matrices &x) {
  const Step &step = *task.step;
  const Finish<I> finish(task);
  const auto loop = [&](const BlockStep<I, I> &block) {
    const I *const a = block.a, *const b = block.b; // locals that no store through acc can alias
    const int m = block.m, n = block.n, pitch = block.pitch;
    I *acc = block.acc;
    int64_t index = block.index;
    for (int i = 0; i < m; i++, acc += pitch, index += x.pitch) {
      for (int e = 0; e < n; e++)
        acc[e] = (acc[e] << step.lift[0]) + (product(a[i], b[e]) << step.lift[1]);
      finish(acc, n, index, block.k);
    }
  };
  const auto begin = [&](const char *from, int n, int64_t index, I *acc) {
    start_row<I>(*start, x, from, n, index, acc);
  };
  const auto convert = [&](const I *acc, int n, int64_t index, char *out) {
    convert_row<I>(conversion, x, acc, n, index, out);
  };
  in_blocks<I, I>(task, interrupts, x, begin, loop, convert);
}

#ifndef FX_WIDE

inline bool unsigned_product(const Step &step) {
  return is_unsigned(step.storage[0]) && is_unsigned(step.storage[1]);
}

// The product has s more fraction bits than the accumulator: only they are rounded,
//     r = acc + (p >> s) + ((lost + constant) >> s),     lost = p mod 2^s,
// where the constant (rounding.hh) depends on the sign or the last bit of acc + (p >> s), and no
// mode asks for both; for stochastic rounding it is the top s <= FX_HALF_DRAW bits of the draw. The
// plan sees to it that p (without a sign, if both operands are) and r stay within I, and s below
// its bits, so that lost + constant < 2^(s + 1) does without a sign.
template <class I> class Lane {
public:
  explicit Lane(const Step &step)
      : s(step.target.shift), top(unsigned_product(step) ? 0 : U(1) << (BITS - 1)),
        back(top >> s) {
    const Rounder<i128> f(step.target);
    mask = static_cast<U>(f.mask);
    constant = static_cast<U>(f.c0);
    by_last_bit = f.c2 != 0 ? BITS - 1 : 0;
    chosen = static_cast<U>(f.c2 != 0 ? f.c2 : f.c1);
  }

  template <class E, class... D> FX_INLINE Rounded<I> operator()(I acc, E a, E b, D... draw) const {
    const U p = static_cast<U>(I(a) * I(b)), lost = p & mask;
    // AVX2 has no arithmetic shift of 64 bits: with 2^(BITS - 1) added a logical one does.
    const I floor = static_cast<I>(U(acc) + ((p + top) >> s) - back);
    const U up = lost + added(floor, draw...);
    return {static_cast<I>(U(floor) + (up >> s)), 0, 0, lost != 0 ? Flag<I>(1) : Flag<I>(0),
            (floor | static_cast<I>(lost)) == 0 ? Flag<I>(1) : Flag<I>(0)};
  }

private:
  typedef Unsigned<I> U;
  static const int BITS = 8 * sizeof(I);
  int s, by_last_bit;
  U top, back, mask, constant, chosen;

  FX_INLINE U added(I floor) const {
    return constant + (static_cast<I>(U(floor) << by_last_bit) < 0 ? chosen : U(0));
  }
  FX_INLINE U added(I, uint32_t draw) const { return U(draw) >> (32 - s); }
};

// Where the accumulator has more fraction bits than the product, which is then lifted by at most
// width + 1 bits. A product of `reach` and more overflows, whatever the accumulator is; one below,
// lifted, and the accumulator add up within int64.
static_assert(FX_LIFTED64_WIDTH + 1 < 63, "sums within int64");

class Lifted {
public:
  explicit Lifted(const Step &step)
      : lift(step.lift[1]), reach(int64_t(1) << (step.target.width + 1 - lift)) {}

  FX_INLINE Rounded<int64_t> operator()(int64_t acc, int64_t a, int64_t b) const {
    const int64_t p = a * b;
    const int64_t r = acc + static_cast<int64_t>(static_cast<uint64_t>(p) << lift);
    return {r, (p >= reach ? int64_t(1) : int64_t(0)) | (p <= -reach ? int64_t(1) : int64_t(0)),
            p < 0 ? int64_t(1) : int64_t(0), 0, r == 0 ? int64_t(1) : int64_t(0)};
  }

private:
  int lift;
  int64_t reach;
};

// For products of 128 bits; T is that of the operands and of the accumulator.
static_assert(FX_WORDS_SHIFT - 62 < 64 && FX_WORDS128_WIDTH + 1 < 127, "shifts within a word");

template <class T> class Words {
public:
  // A right shift of 64 bits and more is done in two: by 62, rounded to odd, and by the rest.
  explicit Words(const Step &step)
      : drop(step.target.shift < 64 ? 0 : 62), s(step.target.shift - drop), lift(step.lift[1]),
        top(unsigned_product(step) ? 0 : uint64_t(1) << 63), back(top >> s),
        reach(static_cast<i128>(1) << (step.target.width + 1 - lift)) {
    Target target = step.target;
    target.shift = s;
    const Rounder<i128> f(target);
    mask = static_cast<uint64_t>(f.mask);
    for (int i = 0; i < 4; i++)
      constant[i] = static_cast<uint64_t>(f.c0 + (i & 2 ? f.c1 : 0) + (i & 1 ? f.c2 : 0));
  }

  // Whether products are neither lifted nor shifted in two.
  bool in_vectors() const { return drop == 0 && lift == 0; }

  template <class... D> FX_INLINE Rounded<T> operator()(T acc, T a, T b, D... draw) const {
    i128 p = static_cast<i128>(a) * b;
    bool beyond = false;
    const bool negative = p < 0;
    if (drop) p = p >> drop | ((static_cast<uint64_t>(p) << (64 - drop)) != 0);
    if (lift) {
      beyond = static_cast<u128>(p + (reach - 1)) > static_cast<u128>(2 * (reach - 1));
      p = p << lift;
    }
    const uint64_t low = static_cast<uint64_t>(p), high = static_cast<uint64_t>(p >> 64);
    const uint64_t lost = low & mask;
    const i128 floor =
        static_cast<i128>(static_cast<u128>(((high + top) >> s) - back) << 64 |
                          funnel(low, high, s)) + acc;
    const uint64_t up = lost + added(floor, draw...);
    const i128 r = floor + (up >> s);
    return {static_cast<T>(r), beyond | (r != static_cast<T>(r)), beyond ? negative : r < 0,
            lost != 0, floor == 0 && lost == 0};
  }

private:
  int drop, s, lift;
  uint64_t top, back;
  i128 reach;
  uint64_t mask, constant[4];

  FX_INLINE uint64_t added(i128 floor) const {
    return constant[(floor < 0) * 2 + (static_cast<uint64_t>(floor) & 1)];
  }
  FX_INLINE uint64_t added(i128, uint32_t draw) const { return uint64_t(draw) >> (32 - s); }
};

// For products of 256 bits, shifted right by Q words and some bits: the accumulator, with as many
// fraction bits, is added before. The sum is at most 2^255 - 2^127 in magnitude.
static_assert(FX_WORDS256_SHIFT <= 127, "sums within four words");

template <int Q> class Words256 {
public:
  explicit Words256(const Step &step) : s(step.target.shift), round(step.target) {}
  bool in_vectors() const { return true; }

  FX_INLINE Rounded<i128> operator()(i128 acc, i128 a, i128 b) const {
    const uint64_t low = static_cast<uint64_t>(acc), high = static_cast<uint64_t>(acc >> 64);
    const uint64_t sign = static_cast<uint64_t>(static_cast<int64_t>(high) >> 63);
    const int down = 63 - s % 64; // and one more
    uint64_t z[4], lifted[4] = {};
    lifted[Q] = low << s % 64;
    lifted[Q + 1] = high << s % 64 | low >> 1 >> down;
    lifted[Q + 2] = sign << s % 64 | high >> 1 >> down;
    if (Q == 0) lifted[3] = sign;
    multiply_words(static_cast<uint64_t>(a), static_cast<uint64_t>(a >> 64),
                   static_cast<uint64_t>(b), static_cast<uint64_t>(b >> 64), z);
    add_words(z, lifted);
    return round.template rounded<4>(z);
  }

  int s;
  Round256<Q> round;
};

// Without branches: whether sums are in range is mostly random.
template <Bounding B, class A>
FX_INLINE A bounded_by(const Bounds<A> &bounds, const Rounded<A> &v) {
  if (B != CLAMP || sizeof(A) != 8) return bounds.template operator()<B>(v);
  const A r = v.r < bounds.lo ? bounds.lo : v.r > bounds.hi ? bounds.hi : v.r;
  return r ^ ((r ^ (v.negative ? bounds.lo : bounds.hi)) & -static_cast<A>(v.beyond));
}

#ifdef __AVX512DQ__
// Eight words, with those below moving in: shifted left by s, 0 <= s < 64.
FX_INLINE __m512i funnel_left(__m512i low, __m512i high, int s) {
  return _mm512_or_si512(_mm512_sll_epi64(high, _mm_cvtsi32_si128(s)),
                         _mm512_srl_epi64(low, _mm_cvtsi32_si128(64 - s)));
}

// The accumulator, with as many fraction bits as the product, is added before both are rounded:
// this stays within 128 bits.
template <> struct VectorForm<Words<int64_t>> : VectorTraits<true> {
  VectorForm<Product<int64_t>> product;
  int s;

  VectorForm(const Words<int64_t> &, const Target &t)
      : product(Product<int64_t>(t)), s(t.shift) {}

  FX_INLINE void operator()(RoundedVector8<int64_t> *v, const Vector8<int64_t> &acc,
                            const Vector8<int64_t> &a, const Vector8<int64_t> &b) const {
    const __m512i sign = _mm512_srai_epi64(acc.v, 63), zero = _mm512_setzero_si512();
    const Vector8<i128> lifted = {funnel_left(zero, acc.v, s), funnel_left(acc.v, sign, s)};
    product.rounded(v, product.multiply(a.v, b.v) + lifted);
  }
};

template <int Q> struct VectorForm<Words256<Q>> : VectorTraits<true> {
  const Round256<Q> round;
  int s;

  VectorForm(const Words256<Q> &f, const Target &t) : round(f.round), s(t.shift % 64) {}

  FX_INLINE void operator()(RoundedVector8<i128> *v, const Vector8<i128> &acc,
                            const Vector8<i128> &a, const Vector8<i128> &b) const {
    const __m512i zero = _mm512_setzero_si512(), sign = _mm512_srai_epi64(acc.high, 63);
    __m512i z[4], lifted[4] = {zero, sign, sign, sign};
    VectorForm<Product128<Q>>::multiply(a, b, z);
    lifted[Q] = funnel_left(zero, acc.low, s);
    lifted[Q + 1] = funnel_left(acc.low, acc.high, s);
    lifted[Q + 2] = funnel_left(acc.high, sign, s);
    add(z, lifted);
    VectorRound256<4, Q>{round, z}.rounded(v);
  }

private:
  // z += c
  static FX_INLINE void add(__m512i z[4], const __m512i c[4]) {
    __mmask8 carry = 0;
    for (int k = 0; k < 4; k++) {
      const __m512i sum = _mm512_add_epi64(z[k], c[k]);
      z[k] = _mm512_mask_sub_epi64(sum, carry, sum, broadcast64(-1));
      // Of sum, or by the carry before, which makes 0 of all ones.
      carry = _kor_mask8(_mm512_cmplt_epu64_mask(sum, c[k]),
                         _mm512_mask_cmplt_epu64_mask(carry, z[k], broadcast64(1)));
    }
  }
};

template <Bounding B, bool COUNT, class A, class F>
FX_NOINLINE void step_vectors(const F &f, const Target &target, const BlockStep<A, A> &block,
                              Events *events) {
  const VectorForm<F> function(f, target);
  const Vector8Bounds<A> limits{Bounds<A>(target)};
  const A *const b = block.b;
  const int n = block.pitch;
  A *acc = block.acc;
  int64_t overflow = 0, underflow = 0, inexact = 0;
  for (int i = 0; i < block.m; i++, acc += n) {
    const Vector8<A> factor = broadcast(block.a[i]);
    for (int j = 0; j < n; j += 8) {
      RoundedVector8<A> v;
      function(&v, Vector8<A>::load(acc + j), factor, Vector8<A>::load(b + j));
      const Vector8<A> made = limits.template operator()<B, true>(v);
      if (COUNT) {
        overflow += __builtin_popcount(v.beyond | made.differs(v.r));
        inexact += __builtin_popcount(v.lost);
        underflow += __builtin_popcount(mask8(v.r.is_zero() & ~v.beyond & ~v.zero));
      }
      made.store(acc + j);
    }
  }
  if (COUNT) {
    events->overflow += overflow;
    events->underflow += underflow;
    events->inexact += inexact;
  }
}
#endif

// All rows of a block up to `pitch`, a multiple of LANES; with a row's draws, only row `begin`.
template <Bounding B, bool COUNT, class E, class A, class F, class... D>
FX_NOINLINE void step_rows(const F &function, const Bounds<A> &limits,
                           const BlockStep<E, A> &block, int begin, int end, Events *events,
                           const D *...draws) {
  const F f = function; // copies that no store through `acc` can alias
  const Bounds<A> bounds = limits;
  const E *__restrict const b = block.b;
  const int n = block.pitch;
  A *__restrict acc = block.acc + begin * n;
  for (int i = begin; i < end; i++, acc += n) {
    const E factor = block.a[i];
    Flag<A> overflow = 0, underflow = 0, inexact = 0;
    for (int j = 0; j < n / LANES * LANES; j++) {
      const Rounded<A> v = f(acc[j], factor, b[j], draws[j]...);
      const A bounded = bounded_by<B>(bounds, v);
      if (COUNT) {
        overflow += v.beyond | (bounded != v.r ? Flag<A>(1) : Flag<A>(0));
        inexact += v.lost;
        underflow += (v.r == 0 ? Flag<A>(1) : Flag<A>(0)) & ~v.beyond & ~v.zero;
      }
      acc[j] = bounded;
    }
    if (COUNT) {
      events->overflow += overflow;
      events->underflow += underflow;
      events->inexact += inexact;
    }
  }
}

template <Bounding B, bool COUNT, class E, class A, class F>
void accumulate_lanes(const F &f, const Task &task, const Task *start, const Task &conversion,
                      Events *events, Interrupts &interrupts, const Matrices &x) {
  const Target &target = task.step->target;
  const Bounds<A> bounds(target);
  const bool dithers = target.shift && target.rounding == FX_STOCHASTIC;
  const auto loop = [&](const BlockStep<E, A> &block) {
    if constexpr (COUNT && std::is_invocable<F, A, E, E, uint32_t>::value) {
      if (dithers) {
        uint32_t high[Block<A>::columns] = {}; // 0 beyond a row
        for (int i = 0; i < block.m; i++) {
          draw_high(task.stream, block.index + i * x.pitch, block.k, block.n, high, target.shift);
          step_rows<B, COUNT>(f, bounds, block, i, i + 1, events, high);
        }
        return;
      }
    }
#ifdef __AVX512DQ__
    if constexpr (VectorForm<F>::exists)
      if (f.in_vectors()) return step_vectors<B, COUNT>(f, target, block, events);
#endif
    step_rows<B, COUNT>(f, bounds, block, 0, block.m, events);
  };
  const auto begin = [&](const char *from, int n, int64_t index, A *acc) {
    at_level<int64_t>(start->step->level, [&](auto i) {
      start_row<decltype(i)>(*start, x, from, n, index, acc);
    });
  };
  const auto convert = [&](const A *acc, int n, int64_t index, char *out) {
    i128 wide[Block<A>::columns];
    for (int e = 0; e < n; e++) wide[e] = acc[e];
    at_level<int64_t>(conversion.step->level, [&](auto i) {
      convert_row<decltype(i)>(conversion, x, wide, n, index, out);
    });
  };
  in_blocks<E, A>(task, interrupts, x, begin, loop, convert);
}

template <class E, class A, class F>
void accumulate_as(const Task &task, const Task *start, const Task &conversion, Events *events,
                   Interrupts &interrupts, const Matrices &x) {
  const Step &step = *task.step;
  const F f(step);
  const bool folds = step.target.overflow == FX_WRAP || step.target.overflow == FX_SATURATE_ZERO;
  const auto run = [&](auto accumulate_with) {
    accumulate_with(f, task, start, conversion, events, interrupts, x);
  };
  Events unwanted = {0, 0, 0};
  if (step.target.rounding == FX_STOCHASTIC && !events) events = &unwanted; // COUNT draws too
  if (folds && events)
    run(accumulate_lanes<FOLD, true, E, A, F>);
  else if (folds)
    run(accumulate_lanes<FOLD, false, E, A, F>);
  else if (events)
    run(accumulate_lanes<CLAMP, true, E, A, F>);
  else
    run(accumulate_lanes<CLAMP, false, E, A, F>);
}

// False: the general loop has to do it; or do it again, because there is an overflow that raises,
// of which it notes the first.
inline bool accumulate_fused(const Task &task, const Task *start, const Task &conversion,
                             Interrupts &interrupts, const Matrices &given) {
  const Step &step = *task.step, &last = *conversion.step;
  Counts *const counts = task.counts, *const last_counts = conversion.counts;
  const bool transposes = step.target.rounding != FX_STOCHASTIC &&
                    last.target.rounding != FX_STOCHASTIC &&
                    padded(given.m) * given.n < padded(given.n) * given.m;
  const Matrices x = transposes ? transposed(given) : given;
  Step turned = step;
  if (transposes) std::swap(turned.storage[0], turned.storage[1]);
  Events events = {0, 0, 0};
  Counts started = {}, converted = {};
  started.wanted = counts->wanted;
  converted.wanted = last_counts->wanted;
  const Task steps = {&turned, counts, task.stream, task.first};
  const Task begin = {start ? start->step : nullptr, &started, task.stream, task.first};
  const Task end = {&last, &converted, conversion.stream, conversion.first};
  const auto use = [&](auto accumulate_with) {
    accumulate_with(steps, &begin, end, counts->wanted ? &events : nullptr, interrupts, x);
  };
  switch (step.accumulation) {
  case FX_LANES32: use(accumulate_as<int32_t, int32_t, Lane<int32_t>>); break;
  case FX_LANES64_OF_32: use(accumulate_as<int32_t, int64_t, Lane<int64_t>>); break;
  case FX_LANES64: use(accumulate_as<int64_t, int64_t, Lane<int64_t>>); break;
  case FX_LIFTED64: use(accumulate_as<int64_t, int64_t, Lifted>); break;
  case FX_WORDS64: use(accumulate_as<int64_t, int64_t, Words<int64_t>>); break;
  case FX_WORDS128: use(accumulate_as<i128, i128, Words<i128>>); break;
  case FX_WORDS256:
    if (step.target.shift < 64)
      use(accumulate_as<i128, i128, Words256<0>>);
    else
      use(accumulate_as<i128, i128, Words256<1>>);
    break;
  default: return false;
  }
  if ((events.overflow + started.overflow && step.target.overflow == FX_RAISE) ||
      (converted.overflow && last.target.overflow == FX_RAISE))
    return false;
  counts->overflow += started.overflow + events.overflow;
  counts->underflow += started.underflow + events.underflow;
  counts->inexact += started.inexact + events.inexact;
  last_counts->overflow += converted.overflow;
  last_counts->underflow += converted.underflow;
  last_counts->inexact += converted.inexact;
  return true;
}

#endif

} // namespace FX_VARIANT
