// cumsum, cumprod and prod along the middle axis of an array (outer, n, inner).
//
// Each prefix sum is rounded once, from the exact sum. A product is rounded at each step, and the
// next step multiplies the rounded one: step k is rounding k of the element that it makes (cumprod)
// or of the line's only one (prod).
#pragma once

#include "elementwise/general.hh"
#include "interrupts.hh"

namespace FX_VARIANT {

// Adds the counts of a part, and clears them. Several lines are done at a time, so that the first
// overflow to be found need not be the first in C order.
inline void add_counts(Counts *counts, Counts *part) {
  if (part->overflow && (!counts->overflow || part->first < counts->first)) {
    counts->first = part->first;
    std::memcpy(counts->first_value, part->first_value, sizeof part->first_value);
  }
  counts->overflow += part->overflow;
  counts->underflow += part->underflow;
  counts->inexact += part->inexact;
  part->overflow = part->underflow = part->inexact = 0;
}

// False: interrupted.
template <class I>
bool prefix_sums(const Task &task, Interrupts &interrupts, const Lines &x) {
  const Step &step = *task.step;
  Counts *const counts = task.counts;
  const int size = Chunk<I>::size;
  Counts some = {};
  some.wanted = counts->wanted;
  const Finish<I> finish(step.target, &some, &task.stream);
  const char *in = x.in;
  char *out = x.out;
  const int lift = step.lift[0];
  I total[size], v[size];
  for (int64_t o = 0; o < x.outer; o++, in += x.in_strides[0], out += x.out_strides[0]) {
    if (x.inner == 1) {
      I sum(0);
      for (int64_t j = 0; j < x.n; j += size) {
        const int m = static_cast<int>(x.n - j < size ? x.n - j : size);
        load(v, in + j * x.in_strides[1], x.in_strides[1], m, step.storage[0], 0);
        for (int e = 0; e < m; e++) {
          sum = sum + v[e];
          v[e] = sum << lift;
        }
        finish(v, m, task.first + o * x.n + j, 0);
        store(v, out + j * x.out_strides[1], x.out_strides[1], m, step.target.storage);
        if (interrupts.stop_after(m)) return false;
      }
      add_counts(counts, &some);
      continue;
    }
    for (int64_t i = 0; i < x.inner; i += size) {
      const int m = static_cast<int>(x.inner - i < size ? x.inner - i : size);
      for (int e = 0; e < m; e++) total[e] = I(0);
      for (int64_t j = 0; j < x.n; j++) {
        const char *const from = in + j * x.in_strides[1] + i * x.in_strides[2];
        load(v, from, x.in_strides[2], m, step.storage[0], 0);
        for (int e = 0; e < m; e++) {
          total[e] = total[e] + v[e];
          v[e] = total[e] << lift;
        }
        finish(v, m, task.first + (o * x.n + j) * x.inner + i, 0);
        store(v, out + j * x.out_strides[1] + i * x.out_strides[2], x.out_strides[2], m,
              step.target.storage);
        if (interrupts.stop_after(m)) return false;
      }
      add_counts(counts, &some);
    }
  }
  return true;
}

// Which of a chunk's elements had an event at any step: an element counts once.
template <class I> struct Tally {
  unsigned char overflow[Chunk<I>::size], underflow[Chunk<I>::size], inexact[Chunk<I>::size];
  int first; // the lowest element that overflowed, or the chunk's size
  uint64_t first_value[FX_COUNTED_WORDS];

  void clear(int n) {
    first = n;
    std::memset(overflow, 0, n);
    std::memset(underflow, 0, n);
    std::memset(inexact, 0, n);
  }
  void note(int e, const Counts &one) {
    if (one.overflow && !overflow[e] && e < first) {
      first = e;
      std::memcpy(first_value, one.first_value, sizeof first_value);
    }
    overflow[e] |= one.overflow != 0;
    underflow[e] |= one.underflow != 0;
    inexact[e] |= one.inexact != 0;
  }
  void add_to(Counts *counts, int n, int64_t index) const {
    counts->first = index + first;
    std::memcpy(counts->first_value, first_value, sizeof first_value);
    for (int e = 0; e < n; e++) {
      counts->overflow += overflow[e];
      counts->underflow += underflow[e];
      counts->inexact += inexact[e];
    }
  }
};

// The task's step converts a line's first element to the result's format, `rest` multiplies by
// another. False: interrupted.
template <class I>
bool products(const Task &task, const Step &rest, Interrupts &interrupts, const Lines &x) {
  const Step &first = *task.step;
  Counts *const counts = task.counts;
  const Stream *const stream = &task.stream;
  const char *in = x.in;
  char *out = x.out;
  const int size = Chunk<I>::size;
  Counts one = {}, some = {};
  one.wanted = some.wanted = counts->wanted;
  const bool apart = counts->wanted && !x.keep; // elements with many roundings count once
  const Finish<I> begin(first.target, apart ? &one : &some, stream),
      step(rest.target, apart ? &one : &some, stream);
  I product_so_far[size], v[size];
  Tally<I> tally;
  I *const z = product_so_far;
  for (int64_t o = 0; o < x.outer; o++, in += x.in_strides[0], out += x.out_strides[0]) {
    for (int64_t i = 0; i < x.inner; i += size) {
      const int m = static_cast<int>(x.inner - i < size ? x.inner - i : size);
      if (apart) tally.clear(m);
      for (int64_t j = 0; j < x.n; j++) {
        const int64_t k = x.done + j;
        if (j == 0 && k > 0)
          load(z, out + i * x.out_strides[2], x.out_strides[2], m, first.target.storage, 0);
        const char *const from = in + j * x.in_strides[1] + i * x.in_strides[2];
        load(v, from, x.in_strides[2], m, first.storage[0], 0);
        if (k == 0)
          for (int e = 0; e < m; e++) z[e] = v[e] << first.lift[0];
        else
          for (int e = 0; e < m; e++) z[e] = product(z[e], v[e]) << rest.lift[0];
        const Finish<I> &finish = k == 0 ? begin : step;
        const int64_t index = task.first + (x.keep ? o * x.n + j : o) * x.inner + i;
        if (apart) {
          for (int e = 0; e < m; e++) {
            one.overflow = one.underflow = one.inexact = 0;
            finish(z + e, 1, index + e, k);
            tally.note(e, one);
          }
        } else {
          finish(z, m, index, k);
        }
        if (x.keep || j == x.n - 1)
          store(z, out + j * x.out_strides[1] + i * x.out_strides[2], x.out_strides[2], m,
                first.target.storage);
        if (interrupts.stop_after(m)) return false;
      }
      if (apart) tally.add_to(&some, m, task.first + o * x.inner + i);
      add_counts(counts, &some);
    }
  }
  return true;
}

} // namespace FX_VARIANT
