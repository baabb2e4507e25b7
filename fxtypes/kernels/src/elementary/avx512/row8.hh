// The loop of elementary functions for eight elements at a time: what `function_row` of ../evaluate.hh
// does, with rounding and bounding in the registers too. As all words are rounded, and looked at by
// what bounds them, nothing that is out of range is folded before.
#pragma once

#include "elementary/avx512/functions8.hh"
#include "elementary/settle.hh"

namespace FX_VARIANT {

#ifdef FX_EIGHT

// Words of a magnitude below 2^(64 W - 2), as what `to_odd` finds is, get their sign.
template <int W> FX_INLINE void apply_sign(__m512i (&w)[W], __mmask8 negative) {
  const __m512i zero = _mm512_setzero_si512();
  __mmask8 borrow = 0;
  each<W>(FX_EACH(i) {
    const __mmask8 some = _mm512_test_epi64_mask(w[i], w[i]);
    const __m512i from = _mm512_mask_mov_epi64(zero, borrow, integer8(-1));
    borrow |= some;
    w[i] = _mm512_mask_sub_epi64(w[i], negative, from, w[i]);
  });
}

// w + by, `by` unsigned.
template <int W> FX_INLINE void add_word(__m512i (&w)[W], __m512i by) {
  w[0] = _mm512_add_epi64(w[0], by);
  __mmask8 carry = _mm512_cmplt_epu64_mask(w[0], by);
  each<W - 1>(FX_EACH(i) {
    w[i + 1] = _mm512_mask_sub_epi64(w[i + 1], carry, w[i + 1], integer8(-1));
    carry &= _mm512_testn_epi64_mask(w[i + 1], w[i + 1]);
  });
}

// What the formats and modes of a call make of eight numbers to odd, which have two bits more than the
// result. T: what holds the result.
template <class T> struct Ending8 {
  __m512i c0, c1, c2; // see rounding.hh
  Vector8Bounds<T> limits;
  bool folds;

  explicit Ending8(const Target &t)
      : limits(Bounds<T>(t)), folds(t.overflow == FX_WRAP || t.overflow == FX_SATURATE_ZERO) {
    const Rounder<int32_t> two(two_bits_of(t));
    c0 = integer8(two.c0);
    c1 = integer8(two.c1);
    c2 = integer8(two.c2);
  }

  // The rounded value.
  template <int W> FX_INLINE RoundedVector8<T> round(__m512i (&w)[W]) const {
    RoundedVector8<T> v;
    v.sign = w[W - 1];
    v.lost = v.zero = 0; // not used
    __m512i c = _mm512_mask_add_epi64(c0, _mm512_movepi64_mask(v.sign), c0, c1);
    c = _mm512_mask_add_epi64(c, _mm512_test_epi64_mask(w[0], integer8(4)), c, c2);
    add_word(w, c); // c is 0 to 3
    each<W - 1>(FX_EACH(i) { w[i] = _mm512_shrdi_epi64(w[i], w[i + 1], 2); });
    w[W - 1] = _mm512_srai_epi64(w[W - 1], 2);
    if constexpr (sizeof(T) == 8)
      v.r = {w[0]};
    else
      v.r = {w[0], W > 1 ? w[W > 1] : _mm512_srai_epi64(w[0], 63)};
    v.beyond = 0;
    if constexpr (CAN_OVERFLOW<W>) {
      const __m512i fit = _mm512_srai_epi64(w[words - 1], 63);
      v.beyond = _mm512_cmpneq_epi64_mask(w[words], fit);
      if constexpr (W > words + 1) v.beyond |= _mm512_cmpneq_epi64_mask(w[words + 1], fit);
    }
    return v;
  }
  // An element, of W words before.
  template <int W> FX_INLINE Vector8<T> bound(const RoundedVector8<T> &v) const {
    return folds ? limits.template operator()<FOLD, CAN_OVERFLOW<W>>(v)
                 : limits.template operator()<CLAMP, CAN_OVERFLOW<W>>(v);
  }

private:
  static constexpr int words = sizeof(T) / 8;
  template <int W> static constexpr bool CAN_OVERFLOW = W > words;
};

// With more limbs than one out of line, once for all kinds of rows.
template <class Form, int L>
FX_NOINLINE void evaluate_there8(const Form &f, const Arguments8 &x, Approximation8<L> *a) {
  f.evaluate(x, true, a);
}
template <class Form, int L>
FX_INLINE void evaluate8(const Form &f, const Arguments8 &x, Approximation8<L> *a) {
  if constexpr (L == 1)
    f.evaluate(x, false, a);
  else
    evaluate_there8(f, x, a);
}

// A row by the form of F with L limbs: operands are loaded as In, results made as Out.
template <class F, int L, class In, class Out> class Row8 {
public:
  Row8(const Methods &methods, const Task &task)
      : methods(methods), task(task), step(*task.step), e(*step.elementary), f(e),
        ending(step.target), finish(task), has_no_sign(is_unsigned(step.storage[0])),
        counts(task.counts->wanted != 0) {}

  FX_NOINLINE void run(int64_t index, int64_t n, char *const *p, const ptrdiff_t *strides) {
    for (int64_t at = 0; at < n; at += SIZE) {
      const int m = static_cast<int>(n - at < SIZE ? n - at : SIZE);
      first = index + at;
      in.load_chunk(step, p, strides, at, m);
      for (int i = m; i % 8; i++) in.raw[0][i] = 0;
      if (e.is_stochastic) {
        draws.draw_chunk(task, first, m);
        chunk<true>(m);
      } else {
        chunk<false>(m);
      }
      const ptrdiff_t stride = strides[step.operands];
      store(out, p[step.operands] + at * stride, stride, m, step.target.storage);
    }
    task.counts->inexact += inexact;
    task.counts->underflow += underflow;
  }

private:
  typedef Form8<F, L> Form;
  static constexpr int SIZE = 512;
  // Float64 finds what one limb is for, to odd.
  static constexpr bool BY_FLOAT64 = L == 1 && std::is_same<F, Sqrt>::value;

  template <bool STOCHASTIC> FX_INLINE void chunk(int m) {
    const Form function = f; // copies, which nothing that is stored changes
    const Ending8<Out> end = ending;
    int lost = 0, vanished = 0;
    for (int i = 0; i < m; i += 8) {
      Arguments8 x;
      if constexpr (sizeof(In) == 16)
        x = arguments8(load8(in.raw[0] + i), has_no_sign);
      else
        x = arguments8(load8(in.raw[0] + i));
      Approximation8<L> a;
      __m512i odd[L];
      __mmask8 open;
      if constexpr (STOCHASTIC) {
        evaluate8(function, x, &a);
        const __m512i draw = load_halves(draws.of + i);
        open = ~to_stochastic(a, Form::ERROR, e.out_bits - 2, draw, counts, odd);
        with_lost_bits(odd, &a.negative);
      } else if constexpr (BY_FLOAT64) {
        a.negative = 0;
        if (function.by_float64) {
          open = ~function.to_odd_by_float64(x, odd);
        } else {
          function.evaluate(x, false, &a);
          open = ~to_odd(a, Form::ERROR, e.out_bits, odd);
        }
      } else {
        evaluate8(function, x, &a);
        open = ~to_odd(a, Form::ERROR, e.out_bits, odd);
      }
      apply_sign(odd, a.negative);
      __m512i rounded[L];
      each<L>(FX_EACH(k) { rounded[k] = odd[k]; });
      const RoundedVector8<Out> v = end.round(rounded);
      const Vector8<Out> made = end.template bound<L>(v);
      store8(made, out + i);
      __mmask8 over = 0;
      if (counts) over = static_cast<__mmask8>((v.beyond | made.differs(v.r)) & ~open);
      unsigned plain = 0xFF; // elements that are used, and neither settled nor counted one by one
      if (__builtin_expect(open | over | e.is_masked | (m - i < 8), 0))
        plain = remaining(odd, open, over, i, m);
      if (counts) { // none is an exact 0: those are settled
        lost += __builtin_popcount(_mm512_test_epi64_mask(odd[0], integer8(3)) & plain);
        vanished += __builtin_popcount(v.r.is_zero() & plain);
      }
    }
    inexact += lost;
    underflow += vanished;
  }

  // As `with_lost_bits` of ../evaluate.hh.
  static FX_INLINE void with_lost_bits(__m512i (&w)[L], __mmask8 *negative) {
    __m512i any = w[0];
    each<L>(FX_EACH(i) { any = _mm512_or_si512(any, w[i]); });
    *negative &= _mm512_test_epi64_mask(any, any);
    each<L>(FX_EACH(k) {
      constexpr int i = L - 1 - k;
      w[i] = _mm512_slli_epi64(w[i], 2);
      if constexpr (i > 0) w[i] = _mm512_or_si512(w[i], _mm512_srli_epi64(w[i - 1], 62));
    });
    // r + 1, or of negative ones r - 1
    w[0] = _mm512_mask_sub_epi64(_mm512_add_epi64(w[0], integer8(1)), *negative, w[0], integer8(1));
    __mmask8 borrow = *negative & _mm512_cmpeq_epi64_mask(w[0], integer8(-1));
    each<L - 1>(FX_EACH(i) {
      w[i + 1] = _mm512_mask_sub_epi64(w[i + 1], borrow, w[i + 1], integer8(1));
      borrow &= _mm512_cmpeq_epi64_mask(w[i + 1], integer8(-1));
    });
  }

  // Of eight elements from i on: those left open are settled, and with those that overflow counted;
  // masked ones are 0. Returns the others.
  FX_NOINLINE unsigned remaining(const __m512i (&odd)[L], unsigned open, unsigned over, int i,
                                 int m) {
    unsigned used = m - i < 8 ? (1u << (m - i)) - 1 : 0xFF;
    if (e.is_masked)
      for (int lane = 0; lane < 8 && i + lane < m; lane++)
        if (!in.used[i + lane]) {
          out[i + lane] = Out(0);
          used &= ~(1u << lane);
        }
    alignas(64) uint64_t words[L][8];
    if (over & used) each<L>(FX_EACH(k) { _mm512_store_si512(words[k], odd[k]); });
    for (unsigned left = (open | over) & used; left; left &= left - 1) {
      const int lane = __builtin_ctz(left), k = i + lane;
      i320 z;
      if (open >> lane & 1) {
        const i128 raw = in.raw[0][k];
        Tail *const far = tail_of(raw);
        if (far && far->is_known) {
          out[k] = far->element;
          count_settled(FX_BY_ANALYSIS);
          continue;
        }
        z = settle(methods, task, e.limbs < 2 ? 2 : e.limbs,
                   {&raw, first + k, e.is_stochastic ? draws.of[k] : 0});
      } else {
        for (int word = 0; word < 5; word++)
          z.w[word] = word < L
                          ? words[word < L ? word : 0][lane]
                          : static_cast<uint64_t>(static_cast<int64_t>(words[L - 1][lane]) >> 63);
      }
      finish(&z, 1, first + k, 0);
      out[k] = narrow(z, out);
      if (Tail *const far = open >> lane & 1 ? tail_of(in.raw[0][k]) : nullptr)
        *far = {out[k], methods.found[far - tail].is_known && !counts};
    }
    return used & ~open & ~over;
  }

  // An element that stands for all whose arguments are so far out: see `Methods`.
  struct Tail {
    Out element;
    bool is_known;
  };
  Tail *tail_of(i128 raw) {
    const Argument<u128> x = argument(raw, has_no_sign);
    const int side = x.sign & 1;
    return x.magnitude > methods.tails.from[side] ? tail + side : nullptr;
  }

  const Methods &methods;
  const Task &task;
  const Step &step;
  const Elementary &e;
  const Form f;
  const Ending8<Out> ending;
  const Finish<i320> finish;
  const bool has_no_sign, counts;
  int64_t first = 0, inexact = 0, underflow = 0;
  Tail tail[2] = {};
  alignas(64) Operands<In, 1, SIZE> in;
  alignas(64) Out out[SIZE];
  Draws<SIZE> draws;
};

// With so many limbs; false where results need another type.
template <class F, int L>
inline bool row8(const Methods &methods, const Task &task, int64_t index, int64_t n, char *const *p,
                 const ptrdiff_t *strides) {
  const Step &step = *task.step;
  const auto run = [&](auto in, auto out) {
    Form8<F, L>::prepare();
    Row8<F, L, decltype(in), decltype(out)>(methods, task).run(index, n, p, strides);
    return true;
  };
  const bool is_short = step.target.storage <= FX_S64;
  if (step.storage[0] <= FX_S64) {
    if (is_short) return run(int64_t(0), int64_t(0));
    if constexpr (L > 1)
      if (step.target.storage != FX_U128) return run(int64_t(0), i128(0));
  } else if constexpr (L > 1) {
    if (is_short) return run(i128(0), int64_t(0));
    if (step.target.storage != FX_U128) return run(i128(0), i128(0));
  }
  return false;
}

// Whether such a loop has done the row: with the fewest limbs that leave hardly any element open.
template <class F>
inline bool is_row8(const Methods &methods, const Task &task, int64_t index, int64_t n,
                    char *const *p, const ptrdiff_t *strides) {
  const Elementary &e = *task.step->elementary;
  if constexpr (Form8<F, 1>::exists) {
    // What is open is settled with two limbs of 64 bits and more.
    return (e.bits <= Form8<F, 1>::MOST_BITS && row8<F, 1>(methods, task, index, n, p, strides)) ||
           (e.bits <= Form8<F, 2>::MOST_BITS && row8<F, 2>(methods, task, index, n, p, strides)) ||
           (e.bits <= Form8<F, 3>::MOST_BITS && row8<F, 3>(methods, task, index, n, p, strides));
  }
  return false;
}
#else
template <class F>
inline bool is_row8(const Methods &, const Task &, int64_t, int64_t, char *const *,
                    const ptrdiff_t *) {
  return false;
}
#endif

} // namespace FX_VARIANT
