// The loops of softmax and its kin, and what their elements take one by one: analysis, more limbs,
// the reference.
#include "elementary/rows.hh"
#include "elementary/analysis.hh"
#include "elementary/settle.hh"
#include "elementary/table.hh"

namespace FX_VARIANT {

static int64_t pitch_of(const RowBatch &batch) {
  int64_t pitch = 1;
  for (int a = 0; a < batch.inner.nd; a++) pitch *= batch.inner.shape[a];
  return pitch;
}

OpenRow::OpenRow(const Task &task, const RowBatch &batch)
    : pitch(pitch_of(batch)), task(task), batch(batch), e(*task.step->elementary),
      reducer(e.frac_bits[0]), has_no_sign(task.step->storage[0] == FX_U128) {}

i128 OpenRow::at(int64_t i) const {
  i128 v;
  load(&v, row + i * batch.stride, 0, 1, task.step->storage[0], 0);
  return has_no_sign ? v ^ i128(1) << 127 : v;
}

// Calls f(i, element) for every element of the row.
template <class F> void OpenRow::each_element(const F &f) const {
  constexpr int size = 128;
  i128 some[size];
  for (int64_t from = 0; from < batch.n; from += size) {
    const int m = static_cast<int>(batch.n - from < size ? batch.n - from : size);
    load(some, row + from * batch.stride, batch.stride, m, task.step->storage[0], 0);
    for (int i = 0; i < m; i++) f(from + i, has_no_sign ? some[i] ^ i128(1) << 127 : some[i]);
  }
}

void OpenRow::look_at(const char *p) {
  if (p == row) return;
  row = p;
  made[0] = made[1] = made[2] = is_resolved = false;
  top = at(0);
  each_element([&](int64_t, i128 x) { top = x > top ? x : top; });
  greatest = 0;
  nearest = ~u128(0);
  each_element([&](int64_t, i128 x) {
    const u128 d = static_cast<u128>(top) - static_cast<u128>(x);
    if (d == 0)
      greatest++;
    else if (d < nearest)
      nearest = d;
  });
}

// What log S is added to: d or t.
i320 OpenRow::base(int64_t i) const {
  if (e.function == FX_LOG_SOFTMAX) return i320(distance(i));
  return has_no_sign ? i320(static_cast<u128>(top) ^ u128(1) << 127) : i320(top);
}

// Whether e^-d is below 2^-bits.
bool OpenRow::is_below(u128 d, int bits) const {
  if (!reducer.is_moderate(d)) return true;
  // r is below 0.7, and e^r below 2^1.1.
  return reducer.reduce<2>(Argument<u128>{d, ~uint64_t(0)}).k < -bits - 1;
}

static i320 magnitude_value(const Limbs<5> &v, uint64_t sign) { return level_value(v, sign); }

// Sets *known where the result is known without evaluating, and *z where that fits; else returns
// false.
bool OpenRow::analyse(int64_t i, int out_bits, bool *known, i320 *z) const {
  const int bits = out_bits > 0 ? out_bits : 0;
  const int many = bit_length(static_cast<u128>(batch.n));
  const bool is_power = (greatest & (greatest - 1)) == 0;
  Special v = {};
  *known = true;
  if (e.function == FX_SOFTMAX) {
    const u128 d = distance(i);
    const int zeros = trailing_zeros(static_cast<u128>(greatest));
    if (greatest == batch.n && !is_power) { // 1 / n
      Limbs<5> quotient = {{1}};
      if (out_bits >= 320) return false;
      quotient = out_bits < 0 ? quotient
                              : over(quotient << out_bits, static_cast<uint64_t>(batch.n));
      quotient.w[0] |= 1;
      *z = magnitude_value(quotient, 0);
      return true;
    }
    if (greatest == batch.n) {
      exactly(&v, 1, zeros);
    } else if (d != 0 && is_below(d, bits)) {
      nearly_zero(&v);
    } else if (d == 0 && is_power && is_below(nearest, bits + many)) {
      // 1 / c - 1 / (c + rest) < rest < 2^many e^-nearest
      exactly(&v, 1, zeros, -1);
    } else {
      *known = false;
      return true;
    }
  } else {
    // log S < S - 1 < 2^many e^-nearest, for one greatest element; 0 for no other.
    const int finer = e.frac_bits[0] > bits ? e.frac_bits[0] : bits;
    const bool alone = batch.n == 1;
    if (!alone && !(greatest == 1 && is_below(nearest, finer + many))) {
      *known = false;
      return true;
    }
    const i320 sum = base(i);
    const uint64_t sign = is_negative(sum) ? ~uint64_t(0) : 0;
    const u128 m = static_cast<u128>(sign ? -sum : sum);
    if (e.function == FX_LOG_SOFTMAX)
      exactly(&v, m, e.frac_bits[0], alone ? 0 : 1, ~uint64_t(0));
    else
      exactly(&v, m, e.frac_bits[0], alone ? 0 : sign ? -1 : 1, sign);
  }
  Limbs<5> odd;
  if (!to_odd(v, out_bits, &odd)) return false;
  *z = magnitude_value(odd, v.sign);
  return true;
}

template <int N>
bool OpenRow::evaluate(RowSum<N> &sum, bool *is_made, int64_t i, int out_bits, i320 *z) {
  if (!*is_made) {
    prepare_rows<N>(e.function);
    Limbs<N> total = {};
    uint64_t carry = 0;
    each_element([&](int64_t, i128 x) {
      total = add(total, decay<N>(reducer, static_cast<u128>(top) - static_cast<u128>(x)), &carry);
    });
    sum.total = with_whole(total, carry);
    finish_sum(e.function, &sum);
    *is_made = true;
  }
  if (e.function == FX_SOFTMAX) {
    Limbs<N> odd;
    const Limbs<N> power = decay<N>(reducer, distance(i));
    const uint64_t error = share_error<N>(batch.n, POWER_ERROR<N>);
    if (!to_odd_above_0<N>({high_product(power, sum.factor), sum.point, error, 0}, out_bits, &odd))
      return false;
    *z = as_level<i320>(odd);
    return true;
  }
  // At one bit below the point at least; what is cut off there is lost, as is all of log S.
  const int bits = out_bits > 0 ? out_bits : 1, down = bits - out_bits;
  const uint64_t error = log_sum_error<N>(batch.n, POWER_ERROR<N>);
  if (!log_to_odd<N>(e.function, sum.log, error, base(i), e.frac_bits[0], bits, z)) return false;
  if (down) *z = (*z >> (down < 319 ? down : 319)) | i320(1);
  return true;
}

bool OpenRow::evaluate(int limbs, int64_t i, int out_bits, i320 *z) {
  switch (limbs) {
  case 2: return evaluate(two, &made[0], i, out_bits, z);
  case 3: return evaluate(three, &made[1], i, out_bits, z);
  default: return evaluate(four, &made[2], i, out_bits, z);
  }
}

// All of the row at once, as the next elements will need it too.
i320 OpenRow::by_reference(int64_t i, int64_t index) {
  const bool one_each = e.function == FX_LOGSUMEXP;
  const int64_t results = one_each ? 1 : batch.n;
  if (!is_resolved) {
    if (!resolved) resolved.reset(new (std::nothrow) uint64_t[2 * batch.n + 5 * results]);
    if (!resolved) {
      has_no_memory = true;
      return i320(0);
    }
    uint64_t *const raws = resolved.get();
    each_element([&](int64_t k, i128 x) {
      const u128 v = static_cast<u128>(x) ^ u128(has_no_sign) << 127;
      raws[2 * k] = low_word(v);
      raws[2 * k + 1] = high_word(v);
    });
    batch.resolve(&task, index - (one_each ? 0 : i * pitch), pitch, batch.n, raws,
                  raws + 2 * batch.n);
    is_resolved = true;
  }
  i320 z;
  const uint64_t *const found = resolved.get() + 2 * batch.n + (one_each ? 0 : 5 * i);
  for (int k = 0; k < 5; k++) z.w[k] = found[k];
  return z;
}

i320 OpenRow::settle(const char *p, int64_t i, int64_t index, uint64_t draw) {
  look_at(p);
  const int out_bits = e.settled_bits, limit = e.limit + out_bits - e.out_bits;
  i320 z(0);
  bool known;
  int step = FX_BY_ANALYSIS;
  if (!analyse(i, out_bits, &known, &z)) {
    step = FX_BY_REFERENCE;
  } else if (!known) {
    for (step = FX_BY_TWO_LIMBS + (e.limbs > 2 ? e.limbs - 2 : 0); step < FX_BY_REFERENCE; step++)
      if (evaluate(2 + step - FX_BY_TWO_LIMBS, i, out_bits, &z)) break;
  }
  if (step != FX_BY_REFERENCE && is_outside(z, limit)) {
    if (e.exact_beyond == FX_RAISE && index < noted)
      step = FX_BY_REFERENCE; // it keeps the value for the message
    else
      z = bounded(z, limit);
  }
  count_settled(step);
  if (step == FX_BY_REFERENCE) {
    z = by_reference(i, index);
    if (is_outside(z, limit) && index < noted) noted = index;
  }
  return drawn(e, z, draw);
}

template <int N, class I>
static int all_rows(const Task &task, const RowBatch &batch, Interrupts &interrupts) {
  return RowLoop<N, I>(task, batch, interrupts).run();
}

int elementary_rows(const Task *task, const InterruptCheck *check, const RowBatch *batch) {
  Interrupts interrupts(check);
  switch (task->step->elementary->limbs) {
  case 1:
    return task->step->level == FX_I64 ? all_rows<1, int64_t>(*task, *batch, interrupts)
                                       : all_rows<1, i128>(*task, *batch, interrupts);
  case 2:
    return task->step->level == FX_I128 ? all_rows<2, i128>(*task, *batch, interrupts)
                                        : all_rows<2, i320>(*task, *batch, interrupts);
  case 3: return all_rows<3, i320>(*task, *batch, interrupts);
  default: return all_rows<4, i320>(*task, *batch, interrupts);
  }
}

} // namespace FX_VARIANT
