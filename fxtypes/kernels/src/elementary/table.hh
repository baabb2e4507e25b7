// What ../table.cc calls of the elementary functions.
#pragma once

#include "instructions.hh"

namespace FX_VARIANT {

// A row of n elements of the function that the step's `elementary` names.
void elementary_row(const Task &, int64_t index, int64_t n, char *const *, const ptrdiff_t *);

extern uint64_t settled[FX_SETTLED];

} // namespace FX_VARIANT
