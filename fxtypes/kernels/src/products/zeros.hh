// Columns of zeros of a matrix in storage, and copies without them. The same code on every CPU.
#pragma once

#include <cstdint>
#include <cstring>

namespace fx_zeros {

// bits |= each of up to eight rows, `stride` bytes apart. In vectors of 16 bytes, that every CPU has.
inline void add_bits(char *bits, const char *x, ptrdiff_t stride, int64_t rows, int64_t length) {
  typedef uint64_t Vector __attribute__((vector_size(16), aligned(1), may_alias));
  int64_t i = 0;
  for (; i + 16 <= length; i += 16) {
    Vector v = *reinterpret_cast<Vector *>(bits + i);
    const char *from = x + i;
    for (int64_t r = 0; r < rows; r++, from += stride) v |= *reinterpret_cast<const Vector *>(from);
    *reinterpret_cast<Vector *>(bits + i) = v;
  }
  for (; i < length; i++)
    for (int64_t r = 0; r < rows; r++) bits[i] |= x[r * stride + i];
}

template <int WORDS, class Word> int64_t zeros_of(const char *bits, int64_t n, uint8_t *kept) {
  int64_t count = 0;
  for (int64_t j = 0; j < n; j++) {
    Word words[WORDS];
    std::memcpy(words, bits + j * sizeof words, sizeof words);
    const bool zero = (words[0] | words[WORDS - 1]) == 0;
    kept[j] = !zero;
    count += zero;
  }
  return count;
}

// Which of n elements of so many bytes aren't 0; returns how many are.
inline int64_t zeros(const char *bits, int64_t n, int64_t size, uint8_t *kept) {
  switch (size) {
  case 1: return zeros_of<1, uint8_t>(bits, n, kept);
  case 2: return zeros_of<1, uint16_t>(bits, n, kept);
  case 4: return zeros_of<1, uint32_t>(bits, n, kept);
  case 8: return zeros_of<1, uint64_t>(bits, n, kept);
  default: return zeros_of<2, uint64_t>(bits, n, kept);
  }
}

// The columns that aren't 0 in all of the matrix: 1 in `kept`, else 0. Returns how many are 0, or -1
// as soon as these are fewer than one of `worth`: few columns of other numbers outlast eight rows.
inline int64_t zero_columns(const char *x, ptrdiff_t stride, int64_t rows, int64_t columns,
                            int64_t size, int64_t worth, char *bits, uint8_t *kept) {
  const int64_t length = columns * size;
  std::memset(bits, 0, length);
  int64_t count = columns;
  for (int64_t i = 0, look = 8; i < rows; i += 8) {
    add_bits(bits, x + i * stride, stride, rows - i < 8 ? rows - i : 8, length);
    if (i + 8 < look && i + 8 < rows) continue;
    look *= 2;
    count = zeros(bits, columns, size, kept);
    if (count * worth < columns) return -1;
  }
  return count;
}

// A run of neighbours.
struct Run {
  int64_t start, length;
};

// The runs of what is kept; returns how many. There is room for every second element.
inline int64_t find_runs(const uint8_t *kept, int64_t n, Run *runs) {
  int64_t count = 0;
  for (int64_t j = 0; j < n; j++) {
    if (!kept[j]) continue;
    const int64_t start = j;
    while (j < n && kept[j]) j++;
    runs[count++] = {start, j - start};
  }
  return count;
}

// Items of `size` bytes, `stride` apart, of the runs, one after another into `out`. Most runs are
// short: where memory goes on behind them to `end` and `out_end`, they are copied as more bytes.
inline char *copy_runs(const char *x, ptrdiff_t stride, int64_t size, const Run *runs,
                       int64_t count, char *out, const char *end, const char *out_end) {
  const int64_t CHUNK = 64;
  for (int64_t r = 0; r < count; r++) {
    const char *from = x + runs[r].start * stride;
    if (stride != size) {
      for (int64_t i = 0; i < runs[r].length; i++, from += stride, out += size)
        std::memcpy(out, from, size);
      continue;
    }
    const int64_t bytes = runs[r].length * size;
    if (bytes <= CHUNK && end - from >= CHUNK && out_end - out >= CHUNK)
      std::memcpy(out, from, CHUNK);
    else
      std::memcpy(out, from, bytes);
    out += bytes;
  }
  return out;
}

} // namespace fx_zeros
