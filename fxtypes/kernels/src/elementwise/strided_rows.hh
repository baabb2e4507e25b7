// N-dimensional arrays, row by row, in C order.
#pragma once

#include <cstddef>
#include <cstdint>

#include "instructions.hh"
#include "integers/wide.hh"

namespace FX_VARIANT {

enum { MAX_POINTERS = FX_MAX_OPERANDS + 1, MAX_ND = 64 };

template <class Row> FX_NOINLINE void each_row_of_many(const Row &row, const Arrays &arrays) {
  const int nd = arrays.nd, pointers = arrays.count;
  const int64_t *const shape = arrays.shape;
  const ptrdiff_t *const *const strides = arrays.strides;
  int64_t size[MAX_ND];
  ptrdiff_t by[MAX_POINTERS][MAX_ND];
  int axes = 0;
  for (int a = 0; a < nd; a++) {
    if (shape[a] == 0) return;
    if (shape[a] == 1) continue;
    bool joins = axes > 0; // to the axis before
    for (int k = 0; joins && k < pointers; k++)
      joins = by[k][axes - 1] == strides[k][a] * shape[a];
    if (joins)
      size[axes - 1] *= shape[a];
    else
      size[axes++] = shape[a];
    for (int k = 0; k < pointers; k++) by[k][axes - 1] = strides[k][a];
  }
  char *p[MAX_POINTERS];
  ptrdiff_t inner[MAX_POINTERS];
  for (int k = 0; k < pointers; k++) {
    p[k] = arrays.data[k];
    inner[k] = axes ? by[k][axes - 1] : 0;
  }
  const int64_t n = axes ? size[axes - 1] : 1;
  int64_t at[MAX_ND], index = 0;
  for (int a = 0; a < axes; a++) at[a] = 0;
  for (;;) {
    row(index, n, p, inner);
    index += n;
    int a = axes - 2;
    for (; a >= 0; a--) {
      for (int k = 0; k < pointers; k++) p[k] += by[k][a];
      if (++at[a] < size[a]) break;
      for (int k = 0; k < pointers; k++) p[k] -= by[k][a] * size[a];
      at[a] = 0;
    }
    if (a < 0) return;
  }
}

// Calls row(index, n, p, strides) for every row: `index` is its first element's in C order, p and
// strides an array's each. Axes along which all arrays have one constant stride make one row.
template <class Row> inline void each_row(const Row &row, const Arrays &arrays) {
  if (arrays.nd != 1) return each_row_of_many(row, arrays);
  ptrdiff_t by[MAX_POINTERS]; // no more than this: a call on ten elements would notice
  for (int k = 0; k < arrays.count; k++) by[k] = arrays.strides[k][0];
  if (arrays.shape[0]) row(0, arrays.shape[0], arrays.data, by);
}

} // namespace FX_VARIANT
