// The draws of stochastic rounding: Philox4x32-10, keyed for each step by Philox4x64-10, the
// counter-based generators of Salmon, Moraes, Dror and Shaw ("Parallel random numbers: as easy
// as 1, 2, 3", SC 2011).
//
// (key, base) are the first two words of Philox4x64-10 with the seed as its key and (step, 0, 0,
// 0) as its counter. Elements, in C order, form groups of eight; draw j of group g is a word of
// 64 bits, the first half of block 4 g + j % 4 for j < 4 and the second half for the others.
// A block is Philox4x32-10 with that key at the counter (block, base + k), two words of 64 bits
// low half first; k numbers the element's roundings.
#pragma once

#include "wide.hh"

#ifdef __AVX2__
#include <immintrin.h>
#endif

namespace FX_VARIANT {

struct Stream {
  uint64_t key, base;
};

// `draws`: null, or the seed's two words and the step.
inline Stream stream_of(const uint64_t *draws) {
  if (!draws) return {0, 0};
  uint64_t c0 = draws[2], c1 = 0, c2 = 0, c3 = 0, k0 = draws[0], k1 = draws[1];
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
  return {c0, c1};
}

const uint32_t PHILOX_M0 = 0xD2511F53, PHILOX_M1 = 0xCD9E8D57;
const uint32_t PHILOX_W0 = 0x9E3779B9, PHILOX_W1 = 0xBB67AE85;

#ifdef __AVX2__
// Two groups at once, which keeps the multiplier busy. A lane of 64 bits holds a word of a
// block; what lies above its low half is never looked at.
inline void draw_groups(const Stream &stream, uint64_t group, uint64_t k, uint64_t out[16]) {
  const __m256i m0 = _mm256_set1_epi64x(PHILOX_M0), m1 = _mm256_set1_epi64x(PHILOX_M1);
  const __m256i lanes = _mm256_set_epi64x(3, 2, 1, 0);
  const uint64_t high = stream.base + k;
  uint32_t k0 = static_cast<uint32_t>(stream.key), k1 = static_cast<uint32_t>(stream.key >> 32);
  __m256i c[2][4];
  for (int g = 0; g < 2; g++) {
    const int64_t block = static_cast<int64_t>(4 * (group + g));
    c[g][0] = _mm256_add_epi64(_mm256_set1_epi64x(block), lanes);
    c[g][1] = _mm256_srli_epi64(c[g][0], 32);
    c[g][2] = _mm256_set1_epi64x(static_cast<int64_t>(high));
    c[g][3] = _mm256_set1_epi64x(static_cast<int64_t>(high >> 32));
  }
#pragma GCC unroll 10
  for (int round = 0; round < 10; round++) {
    const __m256i a = _mm256_set1_epi64x(k0), b = _mm256_set1_epi64x(k1);
#pragma GCC unroll 2
    for (int g = 0; g < 2; g++) {
      const __m256i p = _mm256_mul_epu32(m0, c[g][0]), q = _mm256_mul_epu32(m1, c[g][2]);
      c[g][0] = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(q, 32), c[g][1]), a);
      c[g][1] = q;
      c[g][2] = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(p, 32), c[g][3]), b);
      c[g][3] = p;
    }
    k0 += PHILOX_W0;
    k1 += PHILOX_W1;
  }
  for (int g = 0; g < 2; g++)
    for (int half = 0; half < 2; half++) {
      const __m256i u = _mm256_blend_epi32(c[g][2 * half],
                                           _mm256_slli_epi64(c[g][2 * half + 1], 32), 0xAA);
      _mm256_storeu_si256(reinterpret_cast<__m256i *>(out + 8 * g + 4 * half), u);
    }
}
#else
inline void draw_groups(const Stream &stream, uint64_t group, uint64_t k, uint64_t out[16]) {
  const uint64_t high = stream.base + k;
  for (int i = 0; i < 8; i++) {
    const uint64_t block = 4 * group + i;
    uint32_t c0 = static_cast<uint32_t>(block), c1 = static_cast<uint32_t>(block >> 32);
    uint32_t c2 = static_cast<uint32_t>(high), c3 = static_cast<uint32_t>(high >> 32);
    uint32_t k0 = static_cast<uint32_t>(stream.key), k1 = static_cast<uint32_t>(stream.key >> 32);
    for (int round = 0; round < 10; round++) {
      const uint64_t p = static_cast<uint64_t>(PHILOX_M0) * c0;
      const uint64_t q = static_cast<uint64_t>(PHILOX_M1) * c2;
      c0 = static_cast<uint32_t>(q >> 32) ^ c1 ^ k0;
      c1 = static_cast<uint32_t>(q);
      c2 = static_cast<uint32_t>(p >> 32) ^ c3 ^ k1;
      c3 = static_cast<uint32_t>(p);
      k0 += PHILOX_W0;
      k1 += PHILOX_W1;
    }
    uint64_t *const at = out + 8 * (i / 4) + i % 4;
    at[0] = static_cast<uint64_t>(c1) << 32 | c0;
    at[4] = static_cast<uint64_t>(c3) << 32 | c2;
  }
}
#endif

// The draws of elements index .. index + n - 1, rounding k.
inline FX_NOINLINE void draw(const Stream &stream, uint64_t index, uint64_t k, int n, uint64_t *out) {
  uint64_t some[16];
  for (int i = 0; i < n;) {
    const uint64_t at = index + i, group = at / 8;
    const int skip = static_cast<int>(at % 8);
    if (skip == 0 && n - i >= 16) {
      draw_groups(stream, group, k, out + i);
      i += 16;
      continue;
    }
    draw_groups(stream, group, k, some);
    for (int j = skip; j < 16 && i < n; j++) out[i++] = some[j];
  }
}

} // namespace FX_VARIANT
