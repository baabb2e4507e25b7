// What settling one element takes, of a function of one or two arguments and of one of rows.
#pragma once

#include "elementary/evaluate.hh"
#include "elementary/table.hh"

namespace FX_VARIANT {

inline void count_settled(int step) { __atomic_fetch_add(&settled[step], 1, __ATOMIC_RELAXED); }

// Rounded by the draw where the mode is stochastic, as `with_lost_bits`: for that there are 64 bits
// more below the result's last one than the two that other modes look at.
inline i320 drawn(const Elementary &e, const i320 &odd, uint64_t draw) {
  if (!e.is_stochastic) return odd;
  const int shift = 66;
  const bool lost = (odd.w[0] | (odd.w[1] & 3)) != 0;
  return (((odd + (i320(draw) << 2)) >> shift) << 2) | i320(lost ? 1 : 0);
}

} // namespace FX_VARIANT
