// Functions of a narrow format's numbers, looked up in tables: see FunctionTable.
#pragma once

#include <type_traits>

#include "elementwise/load_store.hh"
#include "rounding/draws.hh"

namespace FX_VARIANT {

const int TABLE_CHUNK = 512; // elements at a time

// An argument's bits, and a result's, signed or not.
template <int BYTES> struct BitsOf;
template <> struct BitsOf<1> { typedef uint8_t type; };
template <> struct BitsOf<2> { typedef uint16_t type; };
template <> struct BitsOf<4> { typedef uint32_t type; };
template <> struct BitsOf<8> { typedef uint64_t type; };
template <> struct BitsOf<16> { typedef u128 type; };

// The place of an argument's result. Vectors of these would be taken apart again, at twice the time.
inline size_t place(const FunctionTable &table, uint32_t x) {
  size_t j = x & table.mask;
  asm("" : "+r"(j));
  return j;
}

template <class X, class R>
FX_NOINLINE void look_up(const FunctionTable &table, const X *x, int n, R *__restrict out) {
  const R *__restrict const entries = static_cast<const R *>(table.entries);
#pragma GCC unroll 8
  for (int i = 0; i < n; i++) out[i] = entries[place(table, x[i])];
}

// Of a chunk's entries, the sums of their bits.
template <class W> struct EventSums {
  W overflowed = 0, others = 0;
};
static_assert(FX_WAS_INEXACT == 1 && FX_UNDERFLOWED > TABLE_CHUNK, "counts in one sum stay apart");

template <class W, class R>
FX_NOINLINE EventSums<W> take_results(const W *__restrict words, int n, R *__restrict out) {
  EventSums<W> sums;
  for (int i = 0; i < n; i++) {
    const W w = words[i];
    out[i] = static_cast<R>(w >> 16);
    sums.overflowed += w & FX_OVERFLOWED;
    sums.others += w & (FX_UNDERFLOWED | FX_WAS_INEXACT);
  }
  return sums;
}

// The same with events, from entries that have them below the result. `index` is the first
// element's in C order.
template <class X, class R>
FX_NOINLINE void look_up_counted(const FunctionTable &table, Counts *counts, int64_t index,
                                 const X *x, int n, R *__restrict out) {
  typedef typename std::conditional<sizeof(R) <= 2, int32_t, int64_t>::type W;
  W words[TABLE_CHUNK];
  look_up(table, x, n, words);
  const EventSums<W> sums = take_results(words, n, out);
  if (!counts->wanted) return;
  counts->inexact += sums.others % FX_UNDERFLOWED;
  counts->underflow += sums.others / FX_UNDERFLOWED;
  if (!sums.overflowed) return;
  if (counts->overflow == 0 || index < counts->first) {
    int i = 0;
    while (!(words[i] & FX_OVERFLOWED)) i++;
    counts->first = index + i;
    counts->first_value[0] = place(table, x[i]); // the caller finds the value
  }
  counts->overflow += sums.overflowed / FX_OVERFLOWED;
}

// Stochastic rounding: an entry is the floor times 2^16 and 16 bits of the fraction, to which those
// of a draw are added. Where the sum of these is 2^16 - 1 a carry from below may be missing: then
// all 64 bits of both decide.
template <class X, class R>
FX_NOINLINE void look_up_dithered(const FunctionTable &table, const Task &task, int64_t index,
                                  const X *x, int n, R *__restrict out) {
  const int32_t *__restrict const entries = static_cast<const int32_t *>(table.entries);
  uint16_t buffer[TABLE_CHUNK + SLACK];
  int32_t sum[TABLE_CHUNK];
  const uint16_t *const u = draw_part(task.stream, FIRST_16, index, 0, n, buffer);
#pragma GCC unroll 8
  for (int i = 0; i < n; i++) sum[i] = entries[place(table, x[i])];
  uint32_t most = 0; // of the sums' lower halves, as upper ones
  for (int i = 0; i < n; i++) {
    const int32_t v = sum[i] + u[i];
    out[i] = static_cast<R>(v >> 16);
    const uint32_t low = static_cast<uint32_t>(v) << 16;
    most = low > most ? low : most;
  }
  if (most >> 16 != 0xFFFF) return;
  for (int i = 0; i < n; i++) {
    if (((sum[i] + u[i]) & 0xFFFF) != 0xFFFF) continue;
    uint64_t all;
    draw(task.stream, static_cast<uint64_t>(index + i), 0, 1, &all);
    const uint64_t fraction = table.fractions[place(table, x[i])];
    out[i] = static_cast<R>((sum[i] >> 16) + (fraction + all < fraction));
  }
}

template <int X_BYTES, int R_BYTES>
void look_up_elements(const Task &task, int64_t index, int64_t n, char *const *p,
                      const ptrdiff_t *strides) {
  typedef typename BitsOf<X_BYTES>::type X;
  typedef typename BitsOf<R_BYTES>::type R;
  const FunctionTable &table = *task.step->function_table;
  X arguments[TABLE_CHUNK];
  R results[TABLE_CHUNK];
  for (int64_t at = 0; at < n; at += TABLE_CHUNK) {
    const int m = static_cast<int>(n - at < TABLE_CHUNK ? n - at : TABLE_CHUNK);
    const X *const x = contiguous(p[0] + at * strides[0], strides[0], m, arguments);
    char *const to = p[1] + at * strides[1];
    R *const out = strides[1] == R_BYTES ? reinterpret_cast<R *>(to) : results;
    if (table.has_events) {
      if constexpr (R_BYTES <= 8) look_up_counted(table, task.counts, index + at, x, m, out);
    } else if (table.fractions) {
      if constexpr (R_BYTES <= 2) look_up_dithered(table, task, index + at, x, m, out);
    } else {
      look_up(table, x, m, out);
    }
    copy_out(out, to, strides[1], m);
  }
}

template <int X_BYTES>
void look_up_narrow(const Task &task, int64_t index, int64_t n, char *const *p,
                    const ptrdiff_t *strides) {
  switch (storage_bytes(task.step->target.storage)) {
  case 1: return look_up_elements<X_BYTES, 1>(task, index, n, p, strides);
  case 2: return look_up_elements<X_BYTES, 2>(task, index, n, p, strides);
  case 4: return look_up_elements<X_BYTES, 4>(task, index, n, p, strides);
  case 8: return look_up_elements<X_BYTES, 8>(task, index, n, p, strides);
  default: return look_up_elements<X_BYTES, 16>(task, index, n, p, strides);
  }
}

inline void look_up_row(const Task &task, int64_t index, int64_t n, char *const *p,
                        const ptrdiff_t *strides) {
  if (storage_bytes(task.step->storage[0]) == 1)
    look_up_narrow<1>(task, index, n, p, strides);
  else
    look_up_narrow<2>(task, index, n, p, strides);
}

} // namespace FX_VARIANT
