// What elements take one by one: analysis, more limbs, the reference; and rows of long numbers.
#include "elementary/long_ending.hh"
#include "elementary/settle.hh"

namespace FX_VARIANT {

uint64_t settled[FX_SETTLED];

static i320 infinity(Counts &counts, int64_t index, bool negative) {
  if (counts.infinities++ == 0 || index < counts.first_infinity) {
    counts.first_infinity = index;
    counts.infinity_sign = negative ? -1 : 1;
  }
  return i320(0);
}

static i320 by_reference(const Methods &f, const Task &task, const Element &element) {
  uint64_t words_of_raws[4];
  for (int k = 0; k < f.arguments; k++) {
    words_of_raws[2 * k] = low_word(static_cast<u128>(element.raws[k]));
    words_of_raws[2 * k + 1] = high_word(static_cast<u128>(element.raws[k]));
  }
  i320 odd(0);
  const Elementary &e = *task.step->elementary;
  const int sign = e.resolve(&task, element.index, words_of_raws, odd.w);
  return sign ? infinity(*task.counts, element.index, sign < 0) : drawn(e, odd, element.draw);
}

i320 settle(const Methods &f, const Task &task, int limbs, const Element &element) {
  const Elementary &e = *task.step->elementary;
  const int out_bits = e.settled_bits, limit = e.limit + out_bits - e.out_bits;
  Argument<u128> x[2];
  for (int k = 0; k < f.arguments; k++)
    x[k] = argument(element.raws[k], is_unsigned(task.step->storage[k]));
  const int side = x[0].sign & 1;
  const bool is_tail = x[0].magnitude > f.tails.from[side];
  if (is_tail && f.found[side].is_known) {
    count_settled(FX_BY_ANALYSIS);
    return f.found[side].odd;
  }
  Limbs<5> odd = {};
  Special special = {};
  uint64_t sign = 0;
  int step = FX_BY_ANALYSIS;
  Known known = f.analyse(f.function, x, &special);
  if (known == TOO_LARGE && e.exact_beyond) known = UNKNOWN; // all its bits are wanted
  switch (known) {
  case INFINITE:
    sign = special.sign;
    if (e.exact_beyond) {
      count_settled(step);
      return infinity(*task.counts, element.index, sign != 0);
    }
    odd = folded(Limbs<5>{}, limit); // even: an infinity is no inexact result
    break;
  case TOO_LARGE:
    sign = special.sign;
    odd = folded(Limbs<5>{{1}}, limit);
    break;
  case DYADIC:
    sign = special.sign;
    if (!to_odd(special, out_bits, &odd)) { // out of every range
      odd = folded(Limbs<5>{{special.lean != 0}}, limit);
      if (e.exact_beyond) step = FX_BY_REFERENCE;
    }
    break;
  case UNKNOWN:
    for (step = FX_BY_TWO_LIMBS + limbs - 2; step < FX_BY_REFERENCE; step++) {
      const int i = step - FX_BY_TWO_LIMBS;
      f.prepare[i]();
      if (f.evaluate[i](f.function, x, out_bits, &odd, &sign)) break;
    }
  }
  // The message of an error shows the first value, which is folded otherwise.
  const bool beyond = step != FX_BY_REFERENCE && is_beyond(odd, limit);
  if (beyond && e.exact_beyond == FX_RAISE && !task.counts->beyond) step = FX_BY_REFERENCE;
  count_settled(step);
  if (step == FX_BY_REFERENCE) return by_reference(f, task, element);
  const i320 z = drawn(e, level_value(beyond ? folded(odd, limit) : odd, sign), element.draw);
  const bool is_told = beyond && (e.exact_beyond || task.counts->wanted); // what each of them is
  if (is_tail && step == FX_BY_ANALYSIS && !e.is_stochastic && !is_told) f.found[side] = {z, true};
  return z;
}

void long_row(const Methods &f, const Task &task, int64_t index, int64_t n, char *const *p,
              const ptrdiff_t *strides) {
  const Step &step = *task.step;
  const Elementary &e = *step.elementary;
  const LongEnding end(task);
  constexpr int size = Chunk<i320>::size;
  Operands<i128, 2, size> in;
  Draws<size> draws;
  i320 z[size];
  const auto evaluate = f.evaluate[e.limbs - 2];
  f.prepare[e.limbs - 2]();
  for (int64_t at = 0; at < n; at += size) {
    const int m = static_cast<int>(n - at < size ? n - at : size);
    in.load_chunk(step, p, strides, at, m, f.arguments);
    if (e.is_stochastic) draws.draw_chunk(task, index + at, m);
    for (int i = 0; i < m; i++) {
      if (e.is_masked && !in.used[i]) {
        z[i] = i320(0);
        continue;
      }
      Argument<u128> x[2];
      i128 raws[2];
      for (int k = 0; k < f.arguments; k++) {
        raws[k] = in.raw[k][i];
        x[k] = argument(raws[k], is_unsigned(step.storage[k]));
      }
      Limbs<5> odd;
      uint64_t sign;
      const int out_bits = e.settled_bits, limit = e.limit + out_bits - e.out_bits;
      if (__builtin_expect(evaluate(f.function, x, out_bits, &odd, &sign) &&
                               !is_beyond(odd, limit), 1))
        z[i] = drawn(e, level_value(odd, sign), draws.of[i]);
      else
        z[i] = settle(f, task, e.limbs, {raws, index + at + i, draws.of[i]});
    }
    end(z, m, index + at, p[step.operands] + at * strides[step.operands], strides[step.operands]);
  }
}

} // namespace FX_VARIANT
