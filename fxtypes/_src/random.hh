// Philox4x64-10, the counter-based generator of Salmon, Moraes, Dror and Shaw ("Parallel
// random numbers: as easy as 1, 2, 3", SC 2011): the draws of stochastic rounding.
//
// The draw for element `index` (in C order), its k-th rounding, in step `step` of the stream
// with seed `key` is lane (index mod 4) of the block with counter (index / 4, k, step, 0).
#pragma once

#include "wide.hh"

namespace FX_VARIANT {

struct Stream {
  uint64_t key[2];
  uint64_t step;
};

inline void philox(const Stream &stream, uint64_t block, uint64_t k, uint64_t out[4]) {
  uint64_t c0 = block, c1 = k, c2 = stream.step, c3 = 0;
  uint64_t k0 = stream.key[0], k1 = stream.key[1];
  for (int round = 0; round < 10; round++) {
    const u128 p = static_cast<u128>(0xD2E7470EE14C6C93u) * c0;
    const u128 q = static_cast<u128>(0xCA5A826395121157u) * c2;
    c0 = static_cast<uint64_t>(q >> 64) ^ c1 ^ k0;
    c1 = static_cast<uint64_t>(q);
    c2 = static_cast<uint64_t>(p >> 64) ^ c3 ^ k1;
    c3 = static_cast<uint64_t>(p);
    k0 += 0x9E3779B97F4A7C15u;
    k1 += 0xBB67AE8584CAA73Bu;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

// The draws of elements index .. index + n - 1.
inline void draw(const Stream &stream, uint64_t index, uint64_t k, int n, uint64_t *out) {
  uint64_t block[4];
  int i = 0;
  while (i < n) {
    const int lane = static_cast<int>((index + i) & 3);
    philox(stream, (index + i) >> 2, k, block);
    for (int j = lane; j < 4 && i < n; j++) out[i++] = block[j];
  }
}

} // namespace FX_VARIANT
