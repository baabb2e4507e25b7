// The elementary functions' loops.
#pragma once

#include "instructions.hh"
#include "interrupts.hh"

namespace FX_VARIANT {

extern const ElementaryKernels elementary;

// softmax, log_softmax or logsumexp of rows. Returns an Outcome.
int elementary_rows(const Task *, const InterruptCheck *, const RowBatch *);

extern uint64_t settled[FX_SETTLED];

} // namespace FX_VARIANT
