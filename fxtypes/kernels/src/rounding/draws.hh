// The draws of stochastic rounding: Philox4x32-7, keyed for each step by Philox4x64-10, the
// counter-based generators of Salmon, Moraes, Dror and Shaw ("Parallel random numbers: as easy
// as 1, 2, 3", SC 2011). Seven rounds are the fewest of Philox4x32 that passed all of TestU01 there;
// docs/random-numbers.md tells what the draws themselves were put through.
//
// (key, base) are the first two words of Philox4x64-10 with the seed as its key and (step, 0, 0, 0)
// as its counter. An element's draw of 64 bits is put together of three parts from different
// blocks, so that fewer blocks are needed where the top bits decide. With the element's index in C
// order, for rounding k of it, of blocks with that key:
//     its top 16 bits    word index % 8 (of 16 bits) at the counter (index / 8, base + k),
//     its next 16        the same word at (2^62 + index / 8, base + k),
//     its low 32         word index % 4 (of 32 bits) at (2^63 + index / 4, base + k).
// A block's words of 16 bits are the halves of those of 32, the lower one first.
#pragma once

#include <cstring>

#include "instructions.hh"
#include "integers/intrinsics.hh"
#include "integers/wide.hh"

namespace FX_VARIANT {

// `seed`: two words of it and the step's number.
inline Stream stream_of(const uint64_t *seed) {
  uint64_t c0 = seed[2], c1 = 0, c2 = 0, c3 = 0, k0 = seed[0], k1 = seed[1];
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

const int PHILOX_ROUNDS = 7;
const uint32_t PHILOX_M0 = 0xD2511F53, PHILOX_M1 = 0xCD9E8D57;
const uint32_t PHILOX_W0 = 0x9E3779B9, PHILOX_W1 = 0xBB67AE85;

namespace philox {

// Vectors of blocks: a lane of 64 bits holds a block's word of 32 in its low half; the high half is
// never read.
#if defined(__AVX512DQ__)
typedef __m512i Words;
inline Words words(uint64_t w) { return _mm512_set1_epi64(static_cast<int64_t>(w)); }
// The order of blocks in the lanes from which `save` stores them as 0, 1, 2, ...
inline Words block_order() { return _mm512_set_epi64(7, 3, 6, 2, 5, 1, 4, 0); }
inline Words add(Words x, Words y) { return _mm512_add_epi64(x, y); }
inline Words multiply(Words x, Words y) { return _mm512_mul_epu32(x, y); }
inline Words mixed(Words product, Words word, Words key) {
  return _mm512_ternarylogic_epi64(_mm512_srli_epi64(product, 32), word, key, 0x96);
}
inline void save(const Words c[4], void *out) {
  const Words low = _mm512_mask_blend_epi32(0xAAAA, c[0], _mm512_slli_epi64(c[1], 32));
  const Words high = _mm512_mask_blend_epi32(0xAAAA, c[2], _mm512_slli_epi64(c[3], 32));
  __m512i *const to = static_cast<__m512i *>(out);
  _mm512_storeu_si512(to, _mm512_unpacklo_epi64(low, high));
  _mm512_storeu_si512(to + 1, _mm512_unpackhi_epi64(low, high));
}
#elif defined(__AVX2__)
typedef __m256i Words;
inline Words words(uint64_t w) { return _mm256_set1_epi64x(static_cast<int64_t>(w)); }
inline Words block_order() { return _mm256_set_epi64x(3, 1, 2, 0); }
inline Words add(Words x, Words y) { return _mm256_add_epi64(x, y); }
inline Words multiply(Words x, Words y) { return _mm256_mul_epu32(x, y); }
inline Words mixed(Words product, Words word, Words key) {
  return _mm256_xor_si256(_mm256_srli_epi64(product, 32), _mm256_xor_si256(word, key));
}
inline void save(const Words c[4], void *out) {
  const Words low = _mm256_blend_epi32(c[0], _mm256_slli_epi64(c[1], 32), 0xAA);
  const Words high = _mm256_blend_epi32(c[2], _mm256_slli_epi64(c[3], 32), 0xAA);
  __m256i *const to = static_cast<__m256i *>(out);
  _mm256_storeu_si256(to, _mm256_unpacklo_epi64(low, high));
  _mm256_storeu_si256(to + 1, _mm256_unpackhi_epi64(low, high));
}
#endif

// make_blocks: the words of `count` blocks from `block` on, filled up to a multiple of BLOCKS.
// Those blocks have the same block / 2^32.
#ifdef __AVX2__
const int IN_VECTOR = sizeof(Words) / 8, BLOCKS = 2 * IN_VECTOR; // of a vector; of a turn

// Two vectors at once, which keeps the multiplier busy.
inline void make_blocks(const Stream &stream, uint64_t block, uint64_t k, int count,
                        void *to) {
  char *const out = static_cast<char *>(to);
  const Words m0 = words(PHILOX_M0), m1 = words(PHILOX_M1);
  Words key[PHILOX_ROUNDS][2];
  uint32_t k0 = static_cast<uint32_t>(stream.key), k1 = static_cast<uint32_t>(stream.key >> 32);
  for (int round = 0; round < PHILOX_ROUNDS; round++) {
    key[round][0] = words(k0);
    key[round][1] = words(k1);
    k0 += PHILOX_W0;
    k1 += PHILOX_W1;
  }
  // The same for all blocks: the compiler moves part of the first rounds out of the loop.
  const uint64_t high = stream.base + k;
  const Words c1 = words(block >> 32), c2 = words(high), c3 = words(high >> 32);
  const Words order = block_order();
  for (int i = 0; i < count; i += BLOCKS) {
    Words c[2][4];
    for (int g = 0; g < 2; g++) {
      c[g][0] = add(words(block + i + IN_VECTOR * g), order);
      c[g][1] = c1;
      c[g][2] = c2;
      c[g][3] = c3;
    }
#pragma GCC unroll 7
    for (int round = 0; round < PHILOX_ROUNDS; round++)
#pragma GCC unroll 2
      for (int g = 0; g < 2; g++) {
        const Words p = multiply(m0, c[g][0]), q = multiply(m1, c[g][2]);
        c[g][0] = mixed(q, c[g][1], key[round][0]);
        c[g][1] = q;
        c[g][2] = mixed(p, c[g][3], key[round][1]);
        c[g][3] = p;
      }
    for (int g = 0; g < 2; g++) save(c[g], out + 16 * (i + IN_VECTOR * g));
  }
}
#else
const int BLOCKS = 1;

inline void make_blocks(const Stream &stream, uint64_t block, uint64_t k, int count,
                        void *to) {
  char *const out = static_cast<char *>(to);
  const uint64_t high = stream.base + k;
  for (int i = 0; i < count; i++) {
    uint32_t c0 = static_cast<uint32_t>(block + i), c1 = static_cast<uint32_t>(block >> 32);
    uint32_t c2 = static_cast<uint32_t>(high), c3 = static_cast<uint32_t>(high >> 32);
    uint32_t k0 = static_cast<uint32_t>(stream.key), k1 = static_cast<uint32_t>(stream.key >> 32);
    for (int round = 0; round < PHILOX_ROUNDS; round++) {
      const uint64_t p = static_cast<uint64_t>(PHILOX_M0) * c0;
      const uint64_t q = static_cast<uint64_t>(PHILOX_M1) * c2;
      c0 = static_cast<uint32_t>(q >> 32) ^ c1 ^ k0;
      c1 = static_cast<uint32_t>(q);
      c2 = static_cast<uint32_t>(p >> 32) ^ c3 ^ k1;
      c3 = static_cast<uint32_t>(p);
      k0 += PHILOX_W0;
      k1 += PHILOX_W1;
    }
    const uint32_t words[4] = {c0, c1, c2, c3};
    std::memcpy(out + 16 * i, words, sizeof words);
  }
}
#endif

} // namespace philox

// The parts of a draw, by the first block of each.
enum Part : uint64_t { FIRST_16 = 0, SECOND_16 = uint64_t(1) << 62, LOW_32 = uint64_t(1) << 63 };
// What a buffer of words needs beyond n: up to seven before the first, and those that fill up
// BLOCKS.
const int SLACK = 8 * philox::BLOCKS + 8;

// One part, words of type W (uint16_t or uint32_t), of the draws of elements index .. index + n - 1,
// rounding k; the result points into `buffer`, which has room for n + SLACK words.
template <class W>
inline FX_NOINLINE const W *draw_part(const Stream &stream, Part part, uint64_t index, uint64_t k,
                                      int n, W *buffer) {
  const int in_block = 16 / sizeof(W), skip = static_cast<int>(index % in_block);
  const int count = (skip + n + in_block - 1) / in_block;
  for (int i = 0; i < count;) {
    const uint64_t block = index / in_block + i;
    const uint64_t ahead = (uint64_t(1) << 32) - block % (uint64_t(1) << 32);
    const int m = ahead < static_cast<uint64_t>(count - i) ? static_cast<int>(ahead) : count - i;
    philox::make_blocks(stream, part + block, k, m, buffer + in_block * i);
    i += m;
  }
  return buffer + skip;
}

// Words put together, or put above zeros: loops of their own, of which the compiler makes vectors.
template <class W, class D>
FX_NOINLINE void join(const W *__restrict high, const W *__restrict low, int n, D *__restrict out) {
  for (int i = 0; i < n; i++) out[i] = static_cast<D>(high[i]) << (8 * sizeof(W)) | low[i];
}
template <class W, class D> FX_NOINLINE void put_above_zeros(const W *__restrict high, int n, D *__restrict out) {
  for (int i = 0; i < n; i++) out[i] = static_cast<D>(high[i]) << (8 * sizeof(W));
}

// The top 32 bits of the draws of elements index .. index + n - 1, rounding k. Only the first
// `bits` of them are needed: the others may be 0.
inline FX_NOINLINE void draw_high(const Stream &stream, uint64_t index, uint64_t k, int n,
                                  uint32_t *out, int bits = 32) {
  const int size = 512;
  uint16_t firsts[size + SLACK], seconds[size + SLACK];
  for (int at = 0; at < n; at += size) {
    const int m = n - at < size ? n - at : size;
    const uint16_t *const first = draw_part(stream, FIRST_16, index + at, k, m, firsts);
    if (bits <= 16)
      put_above_zeros(first, m, out + at);
    else
      join(first, draw_part(stream, SECOND_16, index + at, k, m, seconds), m, out + at);
  }
}

// The draws of elements index .. index + n - 1, rounding k. Only their top `bits` are needed: the
// others may be 0.
inline FX_NOINLINE void draw(const Stream &stream, uint64_t index, uint64_t k, int n,
                             uint64_t *out, int bits = 64) {
  const int size = 512;
  uint32_t high[size], lows[size + SLACK];
  for (int at = 0; at < n; at += size) {
    const int m = n - at < size ? n - at : size;
    draw_high(stream, index + at, k, m, high, bits);
    if (bits <= 32)
      put_above_zeros(high, m, out + at);
    else
      join<uint32_t>(high, draw_part(stream, LOW_32, index + at, k, m, lows), m, out + at);
  }
}

} // namespace FX_VARIANT
