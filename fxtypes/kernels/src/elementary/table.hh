// What ../table.cc calls of the elementary functions.
#pragma once

#include "instructions.hh"
#include "interrupts.hh"

namespace FX_VARIANT {

// A row of n elements of the function that the step's `elementary` names.
void elementary_row(const Task &, int64_t index, int64_t n, char *const *, const ptrdiff_t *);

// softmax, log_softmax or logsumexp of rows. Returns an Outcome.
int elementary_rows(const Task *, const InterruptCheck *, const RowBatch *);

extern uint64_t settled[FX_SETTLED];

// For tests: see for_tests.hh.
bool enclose(const Elementary *, int limbs, const uint64_t *magnitudes, const uint64_t *signs,
             Enclosure *);
LimbTable limb_table(int table, int limbs);

} // namespace FX_VARIANT
