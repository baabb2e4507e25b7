// The fused multiplication of 32-bit elements in AVX2, which has no 64-bit arithmetic shift or
// saturating narrowing: what the compiler makes of the general loop takes twice as long.
#pragma once

#include "integers/intrinsics.hh"
#include "rounding/rounding.hh"

#ifdef __AVX2__

namespace FX_VARIANT {

// out[i] = clamp(rounded(x[i] * y[i])) for i in [0, n - n % 8); returns the number of elements
// done. With u, the upper halves of draws, it rounds stochastically: the shift is from 1 to
// FX_HALF_DRAW.
template <class... U>
inline int64_t multiply32(const Rounder<int64_t> &f, int64_t n, int32_t *out, const int32_t *x,
                          const int32_t *y, const U *...u) {
  const uint64_t top = uint64_t(1) << 63;
  // With `top` added a logical shift does for the arithmetic one.
  const __m256i c0 = _mm256_set1_epi64x(static_cast<int64_t>(f.c0 + top));
  const __m256i c1 = _mm256_set1_epi64x(f.c1), c2 = _mm256_set1_epi64x(f.c2),
                zero = _mm256_setzero_si256(),
                back = _mm256_set1_epi64x(static_cast<int64_t>(top >> f.s)),
                lo = _mm256_set1_epi32(static_cast<int32_t>(f.lo)),
                hi = _mm256_set1_epi32(static_cast<int32_t>(f.hi)),
                highest = _mm256_set1_epi32(INT32_MAX);
  const __m128i s = _mm_cvtsi32_si128(f.s), to_sign = _mm_cvtsi32_si128(63 - f.s),
                to_top = _mm_cvtsi32_si128(32 - f.s);
  const auto shifted = [&](__m256i z, __m256i up) {
    const __m256i sum = _mm256_add_epi64(_mm256_add_epi64(z, c0), up);
    return _mm256_sub_epi64(_mm256_srl_epi64(sum, s), back);
  };
  const auto rounded = [&](__m256i z) {
    const __m256i lsb = _mm256_and_si256(
        _mm256_cmpgt_epi64(zero, _mm256_sll_epi64(z, to_sign)), c2);
    const __m256i negative = _mm256_and_si256(_mm256_cmpgt_epi64(zero, z), c1);
    return shifted(z, _mm256_add_epi64(lsb, negative));
  };
  int64_t i = 0;
  for (; i + 8 <= n; i += 8) {
    const auto eight = [i](const auto *from) {
      return _mm256_loadu_si256(reinterpret_cast<const __m256i *>(from + i));
    };
    const __m256i a = eight(x), b = eight(y);
    __m256i even = _mm256_mul_epi32(a, b);
    __m256i odd = _mm256_mul_epi32(_mm256_srli_epi64(a, 32), _mm256_srli_epi64(b, 32));
    if constexpr (sizeof...(U) != 0) {
      const __m256i up = _mm256_srl_epi32(eight(u...), to_top);
      even = shifted(even, _mm256_blend_epi32(up, zero, 0xAA));
      odd = shifted(odd, _mm256_srli_epi64(up, 32));
    } else {
      even = rounded(even);
      odd = rounded(odd);
    }
    // The low and the high halves of all eight, in order.
    const __m256i low = _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xAA);
    const __m256i high = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA);
    const __m256i fits = _mm256_cmpeq_epi32(high, _mm256_srai_epi32(low, 31));
    const __m256i limit = _mm256_xor_si256(_mm256_srai_epi32(high, 31), highest);
    const __m256i r = _mm256_blendv_epi8(limit, low, fits);
    _mm256_storeu_si256(reinterpret_cast<__m256i *>(out + i),
                        _mm256_min_epi32(_mm256_max_epi32(r, lo), hi));
  }
  return i;
}

} // namespace FX_VARIANT

#endif
