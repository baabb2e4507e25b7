// The general loop, for every elementwise operation at every level, chunk by chunk: load each
// operand into the intermediate type, compute, round and bound (rounding.hh), store. The commonest
// operations have loops that do all of this in registers (fused.hh).
#pragma once

#include "elementwise/integer_functions.hh"
#include "elementwise/load_store.hh"
#include "elementwise/shift.hh"
#include "rounding/rounding.hh"

namespace FX_VARIANT {

// A row of n elements; `index` is its first one's in C order of the call's result.
template <class I>
void elementwise_row(const Task &task, int64_t index, int64_t n, char *const *p,
                     const ptrdiff_t *strides) {
  const Step &step = *task.step;
  Counts *const counts = task.counts;
  const int size = Chunk<I>::size;
  I x[size], y[size];
  const Finish<I> finish(task);
  for (int64_t at = 0; at < n; at += size) {
    const int m = static_cast<int>(n - at < size ? n - at : size);
    const auto operand = [&](I *out, int k) {
      load(out, p[k] + at * strides[k], strides[k], m, step.storage[k], step.lift[k]);
    };
    const auto element = [&](I *out, int k) { // not lifted: its product is
      load(out, p[k] + at * strides[k], strides[k], m, step.storage[k], 0);
    };
    const auto lifted = [&](I *out, int k) {
      if (step.lift[k])
        for (int i = 0; i < m; i++) out[i] = out[i] << step.lift[k];
    };
    const bool multiplies =
        step.operation == FX_MULTIPLY || step.operation == FX_COMBINE ||
        step.operation == FX_INTEGER_POWER || step.operation == FX_DIFFERENCE_OF_PRODUCTS;
    if (multiplies)
      element(x, 0);
    else
      operand(x, 0);
    switch (step.operation) {
    case FX_COPY: break;
    case FX_NEGATE:
      for (int i = 0; i < m; i++) x[i] = -x[i];
      break;
    case FX_ABS:
      for (int i = 0; i < m; i++) x[i] = is_negative(x[i]) ? -x[i] : x[i];
      break;
    case FX_ADD:
      operand(y, 1);
      for (int i = 0; i < m; i++) x[i] = x[i] + y[i];
      break;
    case FX_SUBTRACT:
      operand(y, 1);
      for (int i = 0; i < m; i++) x[i] = x[i] - y[i];
      break;
    case FX_MULTIPLY:
      element(y, 1);
      for (int i = 0; i < m; i++) x[i] = product(x[i], y[i]);
      lifted(x, 0);
      break;
    case FX_MINIMUM:
      operand(y, 1);
      for (int i = 0; i < m; i++) x[i] = y[i] < x[i] ? y[i] : x[i];
      break;
    case FX_MAXIMUM:
      operand(y, 1);
      for (int i = 0; i < m; i++) x[i] = x[i] < y[i] ? y[i] : x[i];
      break;
    case FX_CLIP:
      operand(y, 1);
      for (int i = 0; i < m; i++) x[i] = x[i] < y[i] ? y[i] : x[i];
      operand(y, 2);
      for (int i = 0; i < m; i++) x[i] = y[i] < x[i] ? y[i] : x[i];
      break;
    case FX_DIVIDE: {
      operand(y, 1);
      const I infinity = I(1) << (step.target.width + step.target.shift + 1); // overflows
      for (int i = 0; i < m; i++) {
        if (y[i] == I(0)) { // the caller decides what 0 / 0 is
          counts->zero_divisors++;
          counts->zero_by_zero += x[i] == I(0);
          x[i] = is_negative(x[i]) ? -infinity : infinity;
        } else {
          x[i] = quotient(x[i], y[i]);
        }
      }
      break;
    }
    case FX_FLOOR_DIVIDE:
    case FX_REMAINDER: {
      const bool remainder = step.operation == FX_REMAINDER;
      const I infinity = remainder ? I(0) : I(1) << (step.target.width + step.target.shift + 1);
      element(y, 1); // x is shifted right instead of lifting y
      for (int i = 0; i < m; i++) {
        if (y[i] == I(0)) { // the caller decides what x % 0 is
          counts->zero_divisors++;
          counts->zero_by_zero += x[i] == I(0);
          x[i] = is_negative(x[i]) ? -infinity : infinity;
        } else {
          x[i] = floor_divide(x[i], y[i], step.lift[1], remainder) << step.result_lift;
        }
      }
      break;
    }
    case FX_AND:
      operand(y, 1);
      for (int i = 0; i < m; i++) x[i] = x[i] & y[i];
      break;
    case FX_OR:
      operand(y, 1);
      for (int i = 0; i < m; i++) x[i] = x[i] | y[i];
      break;
    case FX_XOR:
      operand(y, 1);
      for (int i = 0; i < m; i++) x[i] = x[i] ^ y[i];
      break;
    case FX_INTEGER_POWER: {
      const int64_t power = step.coefficient[0];
      for (int i = 0; i < m; i++) x[i] = integer_power(x[i], power);
      lifted(x, 0);
      break;
    }
    case FX_DIFFERENCE_OF_PRODUCTS: {
      I z[size];
      element(y, 1);
      for (int i = 0; i < m; i++) x[i] = product(x[i], y[i]);
      element(y, 2);
      element(z, 3);
      for (int i = 0; i < m; i++) x[i] = x[i] - product(y[i], z[i]);
      lifted(x, 0);
      break;
    }
    case FX_RATIO: // operand k is a part of factor coefficient[k]
      if constexpr (Bits<I>::value >= 128) {
        I factors[3][size];
        bool given[3] = {};
        for (int k = 1; k < step.operands; k++) {
          const int64_t which = step.coefficient[k];
          I *const f = which ? factors[which - 1] : x;
          const bool adds = which == 0 || given[which - 1];
          operand(adds ? y : f, k);
          if (adds)
            for (int i = 0; i < m; i++) f[i] = f[i] + y[i];
          else
            given[which - 1] = true;
        }
        const auto factor = [&](int i) { return given[i] ? factors[i] : nullptr; };
        ratios(x, factor(0), factor(1), factor(2), m, step.divisor == 2);
      }
      break;
    case FX_ROOT: // of a sum that isn't negative
      if constexpr (Bits<I>::value >= 128) {
        for (int k = 0; k < step.operands; k++) {
          element(y, k);
          const I c = I(step.coefficient[k]);
          for (int i = 0; i < m; i++) {
            const I square = long_product(product(y[i], y[i]), c) << step.lift[k];
            x[i] = k ? x[i] + square : square;
          }
        }
        for (int i = 0; i < m; i++) x[i] = root_to_odd(x[i], I(1));
      }
      break;
    case FX_QUOTIENT: { // all other bits lie above the quotient's last one; `divisor` is a lift
      const int over = step.operands - 2, under = over + 1;
      const I factor = I(step.coefficient[over]);
      const I offset = I(step.coefficient[under]) << static_cast<int>(step.divisor);
      element(x, over);
      element(y, under);
      for (int i = 0; i < m; i++) {
        const I divisor = ((y[i] < I(1) ? I(1) : y[i]) << step.lift[under]) + offset;
        x[i] = quotient(product(x[i], factor) << step.lift[over], divisor);
      }
      for (int k = 0; k < over; k++) {
        element(y, k);
        const I c = I(step.coefficient[k]);
        for (int i = 0; i < m; i++) x[i] = x[i] + (product(y[i], c) << step.lift[k]);
      }
      break;
    }
    case FX_LEFT_SHIFT:
    case FX_RIGHT_SHIFT: shift_elements(step, p[1] + at * strides[1], strides[1], m, x); break;
    case FX_COMBINE: {
      for (int i = 0; i < m; i++) x[i] = product(x[i], I(step.coefficient[0]));
      lifted(x, 0);
      for (int k = 1; k < step.operands; k++) {
        element(y, k);
        const I c = I(step.coefficient[k]);
        for (int i = 0; i < m; i++) y[i] = product(y[i], c);
        lifted(y, k);
        for (int i = 0; i < m; i++) x[i] = x[i] + y[i];
      }
      break;
    }
    }
    finish(x, m, index + at, 0);
    store(x, p[step.operands] + at * strides[step.operands], strides[step.operands], m,
          step.target.storage);
  }
}

// Bits of elements of type T, combined where they lie.
template <class T>
void bitwise_elements(int operation, int64_t n, char *const *p, const ptrdiff_t *strides) {
  const int size = Chunk<T>::size;
  T buffer[2][size], made[size];
  const auto chunk = [&](int k, int64_t at, int m) {
    const bool filled = at && strides[k] == 0; // by the first chunk
    const T *x = filled ? buffer[k] : contiguous(p[k] + at * strides[k], strides[k], m, buffer[k]);
    return reinterpret_cast<const char *>(x);
  };
  for (int64_t at = 0; at < n; at += size) {
    const int m = static_cast<int>(n - at < size ? n - at : size);
    const int bytes = m * static_cast<int>(sizeof(T));
    const char *const x = chunk(0, at, m), *const y = chunk(1, at, m);
    char *const out = reinterpret_cast<char *>(made);
    switch (operation) {
    case FX_AND: for (int i = 0; i < bytes; i++) out[i] = x[i] & y[i]; break;
    case FX_OR: for (int i = 0; i < bytes; i++) out[i] = x[i] | y[i]; break;
    case FX_XOR: for (int i = 0; i < bytes; i++) out[i] = x[i] ^ y[i]; break;
    }
    copy_out(made, p[2] + at * strides[2], strides[2], m);
  }
}

inline void general_row(const Task &task, int64_t index, int64_t n, char *const *p,
                        const ptrdiff_t *strides) {
  const Step &step = *task.step;
  if (step.same_storage) {
    at_storage(step.storage[0], [&](auto t) {
      bitwise_elements<decltype(t)>(step.operation, n, p, strides);
    });
    return;
  }
  at_level(task.step->level,
           [&](auto i) { elementwise_row<decltype(i)>(task, index, n, p, strides); });
}

// out: bytes 0 and 1.
template <class I>
inline void compare_chunk(const I *x, const I *y, int m, char *out, int comparison) {
  switch (comparison) {
  case FX_EQ: for (int i = 0; i < m; i++) out[i] = x[i] == y[i]; break;
  case FX_NE: for (int i = 0; i < m; i++) out[i] = !(x[i] == y[i]); break;
  case FX_LT: for (int i = 0; i < m; i++) out[i] = x[i] < y[i]; break;
  case FX_LE: for (int i = 0; i < m; i++) out[i] = !(y[i] < x[i]); break;
  case FX_GT: for (int i = 0; i < m; i++) out[i] = y[i] < x[i]; break;
  case FX_GE: for (int i = 0; i < m; i++) out[i] = !(x[i] < y[i]); break;
  }
}

#ifdef __AVX512DQ__
// a < b of four elements of 128 bits, each two lanes, the low word first. The result is in the bits
// of the odd lanes: by the high words or, where they are equal, by the low ones.
template <bool SIGNED> FX_INLINE unsigned less128(__m512i a, __m512i b) {
  const unsigned low = _mm512_cmplt_epu64_mask(a, b), same = _mm512_cmpeq_epi64_mask(a, b);
  const unsigned high = SIGNED ? _mm512_cmplt_epi64_mask(a, b) : low;
  return high | (same & low << 1);
}

// Elements of 64 or 128 bits; sixteen results, of a byte each, are stored at a time.
template <bool SIGNED, class T>
inline void compare_wide(const T *x, const T *y, int m, char *out, int comparison) {
  const bool words = sizeof(T) == 16;
  const auto equal = [](__m512i a, __m512i b) -> unsigned {
    const unsigned same = _mm512_cmpeq_epi64_mask(a, b);
    return words ? same & same << 1 : same;
  };
  const auto less = [](__m512i a, __m512i b) -> unsigned {
    return words    ? less128<SIGNED>(a, b)
           : SIGNED ? _mm512_cmplt_epi64_mask(a, b)
                    : _mm512_cmplt_epu64_mask(a, b);
  };
  const auto loop = [&](const auto &test, const T *a, const T *b, unsigned flip) {
    const int size = 64 / sizeof(T); // of a vector
    int i = 0;
    for (; i + 16 <= m; i += 16) {
      unsigned bits = 0;
      for (int v = 0; v < 16; v += size) {
        const unsigned found = test(load_halves(a + i + v), load_halves(b + i + v));
        bits |= (words ? _pext_u32(found, 0xAA) : found) << v;
      }
      _mm_storeu_si128(reinterpret_cast<__m128i *>(out + i),
                       _mm_maskz_set1_epi8(static_cast<__mmask16>(bits ^ flip), 1));
    }
    compare_chunk<T>(x + i, y + i, m - i, out + i, comparison);
  };
  switch (comparison) {
  case FX_EQ: return loop(equal, x, y, 0);
  case FX_NE: return loop(equal, x, y, 0xFFFF);
  case FX_LT: return loop(less, x, y, 0);
  case FX_LE: return loop(less, y, x, 0xFFFF);
  case FX_GT: return loop(less, y, x, 0);
  case FX_GE: return loop(less, x, y, 0xFFFF);
  }
}
inline void compare_chunk(const int64_t *x, const int64_t *y, int m, char *out, int comparison) {
  compare_wide<true>(x, y, m, out, comparison);
}
inline void compare_chunk(const uint64_t *x, const uint64_t *y, int m, char *out, int comparison) {
  compare_wide<false>(x, y, m, out, comparison);
}
inline void compare_chunk(const i128 *x, const i128 *y, int m, char *out, int comparison) {
  compare_wide<true>(x, y, m, out, comparison);
}
inline void compare_chunk(const u128 *x, const u128 *y, int m, char *out, int comparison) {
  compare_wide<false>(x, y, m, out, comparison);
}
#endif

// A row; chunk(k, at, m) gives operand k's elements from `at` on.
template <class I, class C>
inline void compare(const C &chunk, const Step &step, int64_t n, char *target, ptrdiff_t stride) {
  const int size = Chunk<I>::size;
  char buffer[size];
  for (int64_t at = 0; at < n; at += size) {
    const int m = static_cast<int>(n - at < size ? n - at : size);
    const I *x = chunk(0, at, m), *y = chunk(1, at, m);
    char *const to = target + at * stride, *const out = stride == 1 ? to : buffer;
    compare_chunk(x, y, m, out, step.operation);
    copy_out(out, to, stride, m);
  }
}

template <class I>
void compare_row(const Task &task, int64_t, int64_t n, char *const *p, const ptrdiff_t *strides) {
  const Step &step = *task.step;
  I buffer[2][Chunk<I>::size];
  const auto chunk = [&](int k, int64_t at, int m) -> const I * {
    load(buffer[k], p[k] + at * strides[k], strides[k], m, step.storage[k], step.lift[k]);
    return buffer[k];
  };
  compare<I>(chunk, step, n, p[2], strides[2]);
}

// Two operands of one storage type T, with the same number of fraction bits: raws compare.
template <class T>
void compare_same(const Task &task, int64_t, int64_t n, char *const *p, const ptrdiff_t *strides) {
  T buffer[2][Chunk<T>::size];
  const auto chunk = [&](int k, int64_t at, int m) -> const T * {
    if (at && strides[k] == 0) return buffer[k]; // the first chunk filled it
    return contiguous(p[k] + at * strides[k], strides[k], m, buffer[k]);
  };
  compare<T>(chunk, *task.step, n, p[2], strides[2]);
}

} // namespace FX_VARIANT
