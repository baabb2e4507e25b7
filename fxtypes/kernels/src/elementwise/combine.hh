// Linear combinations, sums of coefficient * element: one loop makes the exact sums of a chunk,
// another rounds them. The plan has multiplied the coefficients by the powers of two that align
// operands.
#pragma once

#include <cstdlib>

#include "rounding/overflow.hh"
#include "elementwise/load_store.hh"

namespace FX_VARIANT {

template <class T> struct Sums; // of a chunk, of elements of type T
const int SUMS = 256;           // elements of a chunk

struct ThreeWords {
  uint64_t w[3];
};

// The function of a sum that rounds it. Q: words of 64 bits by which one of 128 bits is shifted.
template <class T, int Q = 0> struct RoundedSum;
template <class T, int Q> struct DrawsLittle<RoundedSum<T, Q>> { static const bool value = true; };

// sums.add of all terms, of up to four at a time.
template <class S, class T>
inline void in_fours(S &sums, const int64_t *c, const T *const *x, int terms, int n) {
  for (int k = 0; k < terms; k += 4)
    switch (terms - k) {
    case 1: sums.template add<1>(k == 0, c + k, x + k, n); break;
    case 2: sums.template add<2>(k == 0, c + k, x + k, n); break;
    case 3: sums.template add<3>(k == 0, c + k, x + k, n); break;
    default: sums.template add<4>(k == 0, c + k, x + k, n);
    }
}

// The bits that a shift by s < 64 loses, rounded on their own: sum >> s is what they add to the rest.
struct LostBits {
  int s;
  uint64_t mask, limit;
  uint64_t c0, c1, c2; // as in rounding.hh

  explicit LostBits(const Target &t) : s(t.shift) {
    const Rounder<i128> f(t);
    mask = static_cast<uint64_t>(f.mask);
    limit = s > 16 ? uint64_t(0xFFFF) << (s - 16) : mask;
    c0 = static_cast<uint64_t>(f.c0);
    c1 = static_cast<uint64_t>(f.c1);
    c2 = static_cast<uint64_t>(f.c2);
  }
  // A negative `sign` is the exact value's; `floor` is odd or even as the rest is.
  FX_INLINE uint64_t sum(uint64_t lost, int64_t sign, uint64_t floor) const {
    const uint64_t odd = (uint64_t(0) - (floor & 1)) & c2;
    return lost + c0 + (sign < 0 ? c1 : 0) + odd;
  }
  // Stochastic: s > 0.
  FX_INLINE uint64_t sum(uint64_t lost, uint64_t u) const { return lost + (u >> (64 - s)); }
  FX_INLINE uint64_t sum(uint64_t lost, uint16_t u) const {
    return sum(lost, static_cast<uint64_t>(u) << 48);
  }
  // Whether a sum with a draw's first 16 bits needs the others: all of its own first 16 are ones, and
  // not all below are zeros. (With s <= 16 none are below.)
  FX_INLINE bool unsure(uint64_t sum) const { return less(limit, sum & mask); }

  // Of numbers below 2^63; for signed ones AVX2 has an instruction.
  static FX_INLINE bool less(uint64_t a, uint64_t b) {
    return static_cast<int64_t>(a) < static_cast<int64_t>(b);
  }
};

// Elements of up to 32 bits: (high - HIGH_BIAS) * 2^28 + low - LOW_BIAS, each a sum of products of 32
// by 32 bits, for which there are vector instructions, and positive, as AVX2 has no arithmetic shift
// of 64 bits. A coefficient is c1 * 2^28 + c0 with -2^27 <= c0 < 2^27; often one of these is 0.
//
// For |c| < 2^58 and a sum of eight terms below 2^89, c1 is below 2^31, and the sums of products are
// below 2^61 (low) and 2^61 + 2^34 (high): both are positive and below 2^63 with their bias.
static_assert(FX_COMBINE_LOW == 28 && FX_COMBINE_FACTOR == 58 && FX_COMBINE_SUM[2] == 89, "");
const uint64_t LOW_BIAS = uint64_t(1) << 62;
// Together 2^62 of `high`'s units.
const uint64_t BIAS = uint64_t(1) << 62, HIGH_BIAS = BIAS - (LOW_BIAS >> FX_COMBINE_LOW);

template <> struct Sums<int32_t> {
  uint64_t high[SUMS], low[SUMS];

  // loop(words..., u...), what RoundedSum takes.
  template <class L, class... U> bool each(const L &loop, const U *...u) const {
    return loop(high, low, u...);
  }

  // z = c[0] * x[0] + ... of n elements.
  template <class T> void set(const int64_t *c, const T *const *x, int terms, int n) {
    Terms<T> highs, lows;
    for (int k = 0; k < terms; k++) {
      const int64_t top = (c[k] + (1 << (FX_COMBINE_LOW - 1))) >> FX_COMBINE_LOW;
      highs.add(top, x[k]);
      lows.add(c[k] - top * (1 << FX_COMBINE_LOW), x[k]);
    }
    highs.sum(HIGH_BIAS, n, high);
    lows.sum(LOW_BIAS, n, low);
  }

private:
  template <class T> struct Terms {
    int count = 0;
    int32_t c[FX_MAX_OPERANDS];
    const T *x[FX_MAX_OPERANDS];

    void add(int64_t by, const T *from) {
      if (by == 0) return;
      c[count] = static_cast<int32_t>(by);
      x[count++] = from;
    }
    void sum(uint64_t bias, int n, uint64_t *z) const {
      if (count == 0)
        for (int i = 0; i < n; i++) z[i] = bias;
      for (int k = 0; k < count; k += 4)
        switch (count - k) {
        case 1: sum_of<1>(k, bias, n, z); break;
        case 2: sum_of<2>(k, bias, n, z); break;
        case 3: sum_of<3>(k, bias, n, z); break;
        default: sum_of<4>(k, bias, n, z);
        }
    }
    // z = bias, or z where begin > 0, plus N terms from `begin` on.
    template <int N> FX_NOINLINE void sum_of(int begin, uint64_t bias, int n, uint64_t *z) const {
      int32_t by[N];
      const T *from[N];
      for (int k = 0; k < N; k++) {
        by[k] = c[begin + k];
        from[k] = x[begin + k];
      }
      const auto products = [&](int i) {
        uint64_t total = 0;
#pragma GCC unroll 4
        for (int k = 0; k < N; k++)
          total += static_cast<uint64_t>(static_cast<int64_t>(static_cast<int32_t>(from[k][i])) *
                                         by[k]);
        return total;
      };
      if (begin == 0)
        for (int i = 0; i < n; i++) z[i] = bias + products(i);
      else
        for (int i = 0; i < n; i++) z[i] += products(i);
    }
  };
};

// The sum is that times 2^lift where the shift would be less than 28 bits.
template <> struct RoundedSum<int32_t> {
  typedef int64_t R;
  LostBits bits;
  uint64_t back;

  static int lift(const Target &t) {
    return t.shift < FX_COMBINE_LOW ? FX_COMBINE_LOW - t.shift : 0;
  }
  explicit RoundedSum(const Target &t)
      : bits(lifted(t)), back(BIAS >> (bits.s - FX_COMBINE_LOW)) {}

  FX_INLINE Rounded<R> operator()(uint64_t high, uint64_t low) const {
    const Parts v(bits, high, low);
    return finish(v, bits.sum(v.lost, static_cast<int64_t>(v.high - BIAS), v.floor));
  }
  FX_INLINE Rounded<R> operator()(uint64_t high, uint64_t low, uint64_t u) const {
    const Parts v(bits, high, low);
    return finish(v, bits.sum(v.lost, u));
  }
  FX_INLINE Rounded<R> operator()(uint64_t high, uint64_t low, uint16_t u) const {
    const Parts v(bits, high, low);
    const uint64_t sum = bits.sum(v.lost, u);
    Rounded<R> r = finish(v, sum);
    r.unsure = bits.unsure(sum);
    return r;
  }

private:
  static Target lifted(Target t) {
    t.shift += lift(t);
    return t;
  }
  // (floor - back) * 2^s + lost; `high` has the carry of `low`. `back` is even.
  struct Parts {
    uint64_t high, floor, lost;

    FX_INLINE Parts(const LostBits &f, uint64_t high_, uint64_t low)
        : high(high_ + (low >> FX_COMBINE_LOW)), floor(high >> (f.s - FX_COMBINE_LOW)),
          lost((high << FX_COMBINE_LOW | (low & ((1 << FX_COMBINE_LOW) - 1))) & f.mask) {}
  };

  FX_INLINE Rounded<R> finish(const Parts &v, uint64_t sum) const {
    return {static_cast<R>(v.floor - back + (sum >> bits.s)), false, false, v.lost != 0,
            (v.lost | (v.floor ^ back)) == 0};
  }
};

// Elements of up to 32 bits whose sums, and these rounded, are within int64: whether the coefficients
// promise that.
template <class T> inline bool sums_fit_one_word(const int64_t *c, int terms, int shift) {
  const uint64_t most = uint64_t(1) << (62 - (8 * sizeof(T) - 1));
  uint64_t sum = 0;
  for (int k = 0; k < terms; k++) {
    const uint64_t factor = static_cast<uint64_t>(c[k] < 0 ? -c[k] : c[k]);
    if (factor > most) return false;
    sum += factor;
  }
  return shift <= 62 && sum <= most;
}
inline bool have_32_bits(const int64_t *c, int terms) {
  for (int k = 0; k < terms; k++)
    if (c[k] != static_cast<int32_t>(c[k])) return false;
  return true;
}

// C: holds the coefficients; products of 32 by 32 bits are quicker.
template <class C> struct OneWordSums {
  int64_t z[SUMS];

  // loop(words, u...), what RoundedWord takes.
  template <class L, class... U> bool each(const L &loop, const U *...u) const {
    return loop(z, u...);
  }
  template <class T> void set(const int64_t *c, const T *const *x, int terms, int n) {
    in_fours(*this, c, x, terms, n);
  }
  template <int N, class T>
  FX_NOINLINE void add(bool first, const int64_t *c, const T *const *x, int n) {
    C by[N];
    const T *from[N];
    for (int k = 0; k < N; k++) {
      by[k] = static_cast<C>(c[k]);
      from[k] = x[k];
    }
    const auto products = [&](int i) {
      int64_t total = 0;
#pragma GCC unroll 4
      for (int k = 0; k < N; k++) total += int64_t(static_cast<int32_t>(from[k][i])) * by[k];
      return total;
    };
    if (first)
      for (int i = 0; i < n; i++) z[i] = products(i);
    else
      for (int i = 0; i < n; i++) z[i] += products(i);
  }
};

// The function of such a sum that rounds it.
struct RoundedWord {
  typedef int64_t R;
  LostBits bits;
  explicit RoundedWord(const Target &t) : bits(t) {}

  FX_INLINE Rounded<R> operator()(int64_t z) const {
    const uint64_t lost = static_cast<uint64_t>(z) & bits.mask;
    return finish(z, lost, bits.sum(lost, z, static_cast<uint64_t>(z) >> bits.s));
  }
  FX_INLINE Rounded<R> operator()(int64_t z, uint64_t u) const {
    const uint64_t lost = static_cast<uint64_t>(z) & bits.mask;
    return finish(z, lost, bits.sum(lost, u));
  }
  FX_INLINE Rounded<R> operator()(int64_t z, uint16_t u) const {
    const uint64_t lost = static_cast<uint64_t>(z) & bits.mask, sum = bits.sum(lost, u);
    Rounded<R> r = finish(z, lost, sum);
    r.unsure = bits.unsure(sum);
    return r;
  }

private:
  // AVX2 has no arithmetic shift of 64 bits: with the sign bit flipped a logical one does.
  FX_INLINE Rounded<R> finish(int64_t z, uint64_t lost, uint64_t sum) const {
    const uint64_t top = uint64_t(1) << 63;
    const uint64_t all = (static_cast<uint64_t>(z) ^ top) - lost + sum;
    return {static_cast<R>((all >> bits.s) - (top >> bits.s)), false, false, lost != 0, z == 0};
  }
};
template <> struct DrawsLittle<RoundedWord> { static const bool value = true; };

#ifdef __AVX512DQ__
// Of two or three operands of 16 bits: sums, rounded stochastically by the first 16 bits of draws and
// saturated, in one loop. Elements 0 .. n - 1, n a multiple of eight; false: a draw was too short.
// FAR: by more than 16 bits. C: as of OneWordSums. `events`: null if not COUNT.
template <class C, int N, bool FAR, bool COUNT>
inline bool drawn_words(const int64_t *c, const int16_t *const *x, int n, const uint16_t *u,
                        const Target &t, int32_t *out, Events *events) {
  const LostBits bits(t);
  const Bounds<int32_t> bounds(t);
  __m512i by[N];
  for (int k = 0; k < N; k++) by[k] = _mm512_set1_epi64(c[k]);
  const auto load = [](const void *p) { return _mm_loadu_si128(static_cast<const __m128i *>(p)); };
  const __m512i mask = _mm512_set1_epi64(static_cast<int64_t>(bits.mask));
  const __m512i limit = _mm512_set1_epi64(static_cast<int64_t>(bits.limit));
  const __m256i lo = _mm256_set1_epi32(bounds.lo), hi = _mm256_set1_epi32(bounds.hi);
  const __m128i s = _mm_cvtsi32_si128(bits.s), by_s = _mm_cvtsi32_si128(std::abs(bits.s - 16));
  unsigned unsure = 0;
  int64_t overflow = 0, underflow = 0, inexact = 0;
  for (int i = 0; i < n; i += 8) {
    const auto term = [&](int k) {
      const __m512i v = _mm512_cvtepi16_epi64(load(x[k] + i));
      return sizeof(C) == 4 ? _mm512_mul_epi32(v, by[k]) : _mm512_mullo_epi64(v, by[k]);
    };
    __m512i z = term(0);
#pragma GCC unroll 4
    for (int k = 1; k < N; k++) z = _mm512_add_epi64(z, term(k));
    const __m512i word = _mm512_cvtepu16_epi64(load(u + i));
    const __m512i drawn = FAR ? _mm512_sll_epi64(word, by_s) : _mm512_srl_epi64(word, by_s);
    const __m512i all = _mm512_add_epi64(z, drawn), r = _mm512_sra_epi64(all, s);
    unsure |= _mm512_cmpgt_epi64_mask(_mm512_and_si512(all, mask), limit);
    const __m256i made = _mm256_min_epi32(_mm256_max_epi32(_mm512_cvtsepi64_epi32(r), lo), hi);
    _mm256_storeu_si256(reinterpret_cast<__m256i *>(out + i), made);
    if (COUNT) {
      overflow += __builtin_popcount(_mm512_cmpneq_epi64_mask(_mm512_cvtepi32_epi64(made), r));
      underflow += __builtin_popcount(_mm512_test_epi64_mask(z, z) & _mm512_testn_epi64_mask(r, r));
      inexact += __builtin_popcount(_mm512_test_epi64_mask(z, mask));
    }
  }
  if (unsure) return false;
  if (COUNT) {
    events->overflow += overflow;
    events->underflow += underflow;
    events->inexact += inexact;
  }
  return true;
}
#endif

// 64 bits by coefficients of 64: two words, in arrays of their own, of which the compiler makes
// vectors.
template <> struct Sums<int64_t> {
  uint64_t low[SUMS];
  int64_t high[SUMS];

  // loop(words..., u...), what RoundedSum takes.
  template <class L, class... U> bool each(const L &loop, const U *...u) const {
    return loop(low, high, u...);
  }
  // Sums that aren't negative.
  void in_three_words(int n, ThreeWords *out) const {
    for (int i = 0; i < n; i++) out[i] = {{low[i], static_cast<uint64_t>(high[i]), 0}};
  }

  void set(const int64_t *c, const int64_t *const *x, int terms, int n) {
    in_fours(*this, c, x, terms, n);
  }
  template <int N> FX_NOINLINE void add(bool first, const int64_t *c, const int64_t *const *x, int n) {
    int64_t by[N];
    const int64_t *from[N];
    for (int k = 0; k < N; k++) {
      by[k] = c[k];
      from[k] = x[k];
    }
    if (first && add_short<N>(by, from, n)) return;
    for (int i = 0; i < n; i++) {
      u128 sum = first ? 0 : static_cast<u128>(static_cast<uint64_t>(high[i])) << 64 | low[i];
      for (int k = 0; k < N; k++) sum += static_cast<u128>(static_cast<i128>(from[k][i]) * by[k]);
      low[i] = static_cast<uint64_t>(sum);
      high[i] = static_cast<int64_t>(sum >> 64);
    }
  }

private:
  // The first terms with coefficients whose magnitudes' sum is below 2^31, in vectors: each half of
  // an element times a coefficient, and their sums, are within int64. False: others.
  template <int N> bool add_short(const int64_t *c, const int64_t *const *x, int n) {
    uint64_t sum = 0;
    for (int k = 0; k < N; k++) {
      const uint64_t factor = static_cast<uint64_t>(c[k] < 0 ? -c[k] : c[k]);
      if (factor >> 31) return false;
      sum += factor;
    }
    if (sum >> 31) return false;
    int32_t by[N];
    uint32_t factor[N];
    int64_t negative[N]; // all ones, or 0
    const int64_t *from[N];
    for (int k = 0; k < N; k++) {
      by[k] = static_cast<int32_t>(c[k]);
      negative[k] = c[k] >> 63;
      factor[k] = static_cast<uint32_t>(c[k] < 0 ? -c[k] : c[k]);
      from[k] = x[k];
    }
    const uint64_t top = uint64_t(1) << 63;
    for (int i = 0; i < n; i++) {
      int64_t upper = 0, lower = 0;
#pragma GCC unroll 4
      for (int k = 0; k < N; k++) {
        const uint64_t v = static_cast<uint64_t>(from[k][i]);
        upper += times(static_cast<int32_t>(v >> 32), by[k]);
        lower += (static_cast<int64_t>((v & 0xffffffffu) * factor[k]) ^ negative[k]) - negative[k];
      }
      // upper * 2^32 + lower, whose upper words are shifted as unsigned ones with the sign flipped.
      const uint64_t w = static_cast<uint64_t>(upper) << 32, sum = w + static_cast<uint64_t>(lower);
      const uint64_t rest = ((static_cast<uint64_t>(upper) ^ top) >> 32) - (top >> 32);
      low[i] = sum;
      high[i] = static_cast<int64_t>(rest - (lower < 0 ? 1 : 0) + (sum < w ? 1 : 0));
    }
    return true;
  }
  static FX_INLINE int64_t times(int32_t x, int32_t y) { return static_cast<int64_t>(x) * y; }
};

template <> struct RoundedSum<int64_t> {
  typedef int64_t R;
  LostBits bits;
  explicit RoundedSum(const Target &t) : bits(t) {}

  FX_INLINE Rounded<R> operator()(uint64_t low, int64_t high) const {
    return finish(low, high, bits.sum(low & bits.mask, high, low >> bits.s));
  }
  FX_INLINE Rounded<R> operator()(uint64_t low, int64_t high, uint64_t u) const {
    return finish(low, high, bits.sum(low & bits.mask, u));
  }
  FX_INLINE Rounded<R> operator()(uint64_t low, int64_t high, uint16_t u) const {
    const uint64_t sum = bits.sum(low & bits.mask, u);
    Rounded<R> r = finish(low, high, sum);
    r.unsure = bits.unsure(sum);
    return r;
  }

private:
  FX_INLINE Rounded<R> finish(uint64_t low, int64_t high, uint64_t sum) const {
    const uint64_t up = sum >> bits.s, upper = static_cast<uint64_t>(high);
    const uint64_t r = (low >> bits.s | upper << 1 << (63 - bits.s)) + up;
    // AVX2 has no arithmetic shift of 64 bits: with the sign bit flipped a logical one does.
    const uint64_t top = uint64_t(1) << 63;
    const int64_t rest = static_cast<int64_t>(((upper ^ top) >> bits.s) - (top >> bits.s) +
                                              (r == 0 ? up : 0));
    const int64_t sign = static_cast<int64_t>(r) < 0 ? -1 : 0;
    return {static_cast<R>(r), rest != sign, rest < 0, (low & bits.mask) != 0, (low | upper) == 0};
  }
};

// 128 bits by coefficients of 64: three words.

template <> struct Sums<i128> {
  ThreeWords z[SUMS];

  // loop(words..., u...), what RoundedSum takes.
  template <class L, class... U> bool each(const L &loop, const U *...u) const {
    return loop(z, u...);
  }
  void in_three_words(int n, ThreeWords *out) const { std::memcpy(out, z, n * sizeof *z); }

  void set(const int64_t *c, const i128 *const *x, int terms, int n) {
    in_fours(*this, c, x, terms, n);
  }
  template <int N> FX_NOINLINE void add(bool first, const int64_t *c, const i128 *const *x, int n) {
    int64_t by[N];
    uint64_t negative[N];
    const i128 *from[N];
    for (int k = 0; k < N; k++) {
      by[k] = c[k];
      negative[k] = static_cast<uint64_t>(c[k] >> 63);
      from[k] = x[k];
    }
    for (int i = 0; i < n; i++) {
      ThreeWords sum = first ? ThreeWords{} : z[i];
#pragma GCC unroll 4
      for (int k = 0; k < N; k++) {
        const u128 v = static_cast<u128>(from[k][i]);
        add_product(sum.w, static_cast<uint64_t>(v), static_cast<uint64_t>(v >> 64), by[k],
                    negative[k]);
      }
      z[i] = sum;
    }
  }
};

// Shifted by 64 bits and more.
template <int Q> struct RoundedSum<i128, Q> {
  typedef i128 R;
  Round256<Q> round;
  explicit RoundedSum(const Target &t) : round(t) {}

  FX_INLINE Rounded<R> operator()(const ThreeWords &z) const {
    return round.template rounded<3>(z.w);
  }
  template <class U> FX_INLINE Rounded<R> operator()(const ThreeWords &z, U u) const {
    return round.template dithered<3>(z.w, u);
  }
};

// By fewer: what is lost is in one word. Without branches, as signs are random.
template <> struct RoundedSum<i128, 0> {
  typedef i128 R;
  LostBits bits;
  explicit RoundedSum(const Target &t) : bits(t) {}

  FX_INLINE Rounded<R> operator()(const ThreeWords &z) const {
    const uint64_t sign = static_cast<uint64_t>(static_cast<int64_t>(z.w[2]) >> 63);
    const uint64_t odd = -(z.w[0] >> bits.s & 1);
    return finish(z.w, (z.w[0] & bits.mask) + bits.c0 + (sign & bits.c1) + (odd & bits.c2));
  }
  FX_INLINE Rounded<R> operator()(const ThreeWords &z, uint64_t u) const {
    return finish(z.w, bits.sum(z.w[0] & bits.mask, u));
  }
  FX_INLINE Rounded<R> operator()(const ThreeWords &z, uint16_t u) const {
    const uint64_t sum = bits.sum(z.w[0] & bits.mask, u);
    Rounded<R> r = finish(z.w, sum);
    r.unsure = bits.unsure(sum);
    return r;
  }

private:
  FX_INLINE Rounded<R> finish(const uint64_t w[3], uint64_t sum) const {
    const int s = bits.s;
    uint64_t r[3] = {funnel(w[0], w[1], s), funnel(w[1], w[2], s),
                     static_cast<uint64_t>(static_cast<int64_t>(w[2]) >> s)};
    add_three(r, sum >> s, 0);
    const uint64_t fit = static_cast<uint64_t>(static_cast<int64_t>(r[1]) >> 63);
    return {static_cast<i128>(static_cast<u128>(r[1]) << 64 | r[0]), r[2] != fit,
            static_cast<int64_t>(r[2]) < 0, (w[0] & bits.mask) != 0, (w[0] | w[1] | w[2]) == 0};
  }
};

} // namespace FX_VARIANT
