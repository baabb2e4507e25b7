// Sixteen lanes of 32 bits: a vector of AVX-512 or two of AVX2.
#pragma once

#include "products/panels.hh"

namespace FX_VARIANT {

// Elements are loaded as words of 32 bits, lowest first, and a word as two signed limbs of 16 bits:
// 2^15 is subtracted from each but the highest, which has the element's sign.
const int BIASED = static_cast<int>(0x80008000), BIASED_LOW = 0x00008000;

#ifdef __AVX512VNNI__

typedef __m512i Lanes;
typedef __m512 Floats;

FX_INLINE Lanes lanes(int v) { return _mm512_set1_epi32(v); }
FX_INLINE Floats floats(float v) { return _mm512_set1_ps(v); }
FX_INLINE Lanes load_lanes(const void *p) { return _mm512_loadu_si512(p); }
FX_INLINE Lanes add(Lanes x, Lanes y) { return _mm512_add_epi32(x, y); }
// sum + low half of x * low half of y + high half * high half, in each lane.
FX_INLINE Lanes add_products(Lanes sum, Lanes x, Lanes y) { return _mm512_dpwssd_epi32(sum, x, y); }
// s - round(s * reciprocal) * m
FX_INLINE Lanes remainder(Lanes s, Floats reciprocal, Lanes m) {
  const Lanes q = _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_cvtepi32_ps(s), reciprocal));
  return _mm512_sub_epi32(s, _mm512_mullo_epi32(q, m));
}
FX_INLINE Lanes load_int16(const int16_t *p) { return _mm512_cvtepi16_epi32(load_vector(p)); }
FX_INLINE void store_int16(int16_t *p, Lanes v) { store_vector(p, _mm512_cvtepi32_epi16(v)); }
FX_INLINE void store_pairs(int16_t *p, Lanes even, Lanes odd) {
  _mm512_storeu_si512(p, _mm512_mask_blend_epi16(0xAAAAAAAA, even, _mm512_slli_epi32(odd, 16)));
}

FX_INLINE Lanes load_lanes_of(Vector v) { return _mm512_cvtepi16_epi32(v); }
FX_INLINE void store_lanes(void *p, Lanes v) { _mm512_storeu_si512(p, v); }
// The low halves of both.
FX_INLINE Lanes paired(Lanes even, Lanes odd) {
  return _mm512_mask_blend_epi16(0xAAAAAAAA, even, _mm512_slli_epi32(odd, 16));
}
template <int S> FX_INLINE Lanes shifted(Lanes v) { return _mm512_srai_epi32(v, S); }

FX_INLINE void load_words(const int32_t *p, Lanes w[1]) {
  w[0] = _mm512_xor_si512(load_lanes(p), lanes(BIASED_LOW));
}
FX_INLINE void load_words(const int64_t *p, Lanes w[2]) {
  const Lanes a = load_lanes(p), b = load_lanes(p + 8);
  const Lanes low = _mm512_set_epi32(30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0);
  const Lanes high = _mm512_or_si512(low, lanes(1));
  w[0] = _mm512_xor_si512(_mm512_permutex2var_epi32(a, low, b), lanes(BIASED));
  w[1] = _mm512_xor_si512(_mm512_permutex2var_epi32(a, high, b), lanes(BIASED_LOW));
}
FX_INLINE void load_words(const i128 *p, Lanes w[4]) {
  // Words 0 and 1, or 2 and 3, of eight elements; then of sixteen.
  const Lanes low = _mm512_set_epi32(29, 25, 21, 17, 13, 9, 5, 1, 28, 24, 20, 16, 12, 8, 4, 0);
  const Lanes high = _mm512_or_si512(low, lanes(2));
  const Lanes a = load_lanes(p), b = load_lanes(p + 4), c = load_lanes(p + 8),
              d = load_lanes(p + 12);
  const auto put = [](Lanes x, Lanes y, int bias, Lanes *to) {
    to[0] = _mm512_xor_si512(_mm512_shuffle_i64x2(x, y, 0x44), lanes(BIASED));
    to[1] = _mm512_xor_si512(_mm512_shuffle_i64x2(x, y, 0xEE), lanes(bias));
  };
  put(_mm512_permutex2var_epi32(a, low, b), _mm512_permutex2var_epi32(c, low, d), BIASED, w);
  put(_mm512_permutex2var_epi32(a, high, b), _mm512_permutex2var_epi32(c, high, d), BIASED_LOW,
      w + 2);
}

#else

struct Lanes {
  Vector v[2];
};
typedef __m256 Floats;

template <class F> FX_INLINE Lanes each(const F &f) { return {f(0), f(1)}; }
FX_INLINE Lanes lanes(int v) { return {_mm256_set1_epi32(v), _mm256_set1_epi32(v)}; }
FX_INLINE Floats floats(float v) { return _mm256_set1_ps(v); }
FX_INLINE Lanes load_lanes(const void *p) {
  return each([=](int h) { return load_vector(static_cast<const char *>(p) + 32 * h); });
}
FX_INLINE Lanes add(const Lanes &x, const Lanes &y) {
  return each([&](int h) { return _mm256_add_epi32(x.v[h], y.v[h]); });
}
FX_INLINE Lanes add_products(const Lanes &sum, const Lanes &x, const Lanes &y) {
  return each([&](int h) {
    return _mm256_add_epi32(sum.v[h], _mm256_madd_epi16(x.v[h], y.v[h]));
  });
}
FX_INLINE Lanes remainder(const Lanes &s, Floats reciprocal, const Lanes &m) {
  return each([&](int h) {
    const Vector q = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_cvtepi32_ps(s.v[h]), reciprocal));
    return _mm256_sub_epi32(s.v[h], _mm256_mullo_epi32(q, m.v[h]));
  });
}
FX_INLINE Lanes load_int16(const int16_t *p) {
  return each([=](int h) {
    return _mm256_cvtepi16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i *>(p) + h));
  });
}
FX_INLINE void store_int16(int16_t *p, const Lanes &x) {
  store_vector(p, _mm256_permute4x64_epi64(_mm256_packs_epi32(x.v[0], x.v[1]), 0xd8));
}
FX_INLINE void store_pairs(int16_t *p, const Lanes &even, const Lanes &odd) {
  for (int h = 0; h < 2; h++)
    store_vector(p + 16 * h,
                 _mm256_blend_epi16(even.v[h], _mm256_slli_epi32(odd.v[h], 16), 0xAA));
}

FX_INLINE Lanes load_lanes_of(Vector v) {
  return {_mm256_cvtepi16_epi32(_mm256_castsi256_si128(v)),
          _mm256_cvtepi16_epi32(_mm256_extracti128_si256(v, 1))};
}
FX_INLINE void store_lanes(void *p, const Lanes &x) {
  for (int h = 0; h < 2; h++) store_vector(static_cast<char *>(p) + 32 * h, x.v[h]);
}
// The low halves of both.
FX_INLINE Lanes paired(const Lanes &even, const Lanes &odd) {
  return each([&](int h) {
    return _mm256_blend_epi16(even.v[h], _mm256_slli_epi32(odd.v[h], 16), 0xAA);
  });
}
template <int S> FX_INLINE Lanes shifted(const Lanes &x) {
  return each([&](int h) { return _mm256_srai_epi32(x.v[h], S); });
}

FX_INLINE void load_words(const int32_t *p, Lanes w[1]) {
  const Vector bias = _mm256_set1_epi32(BIASED_LOW);
  w[0] = each([&](int h) { return _mm256_xor_si256(load_vector(p + 8 * h), bias); });
}
FX_INLINE void load_words(const int64_t *p, Lanes w[2]) {
  for (int h = 0; h < 2; h++, p += 8) {
    const __m256 a = _mm256_castsi256_ps(load_vector(p)),
                 b = _mm256_castsi256_ps(load_vector(p + 4));
    const auto put = [](__m256 words, int bias) {
      const Vector v = _mm256_permute4x64_epi64(_mm256_castps_si256(words), 0xd8);
      return _mm256_xor_si256(v, _mm256_set1_epi32(bias));
    };
    w[0].v[h] = put(_mm256_shuffle_ps(a, b, 0x88), BIASED);
    w[1].v[h] = put(_mm256_shuffle_ps(a, b, 0xdd), BIASED_LOW);
  }
}
FX_INLINE void load_words(const i128 *p, Lanes w[4]) {
  for (int h = 0; h < 2; h++, p += 8) {
    Vector v[4]; // elements i and i + 4
    for (int i = 0; i < 4; i++)
      v[i] = _mm256_inserti128_si256(
          _mm256_castsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i *>(p + i))),
          _mm_loadu_si128(reinterpret_cast<const __m128i *>(p + i + 4)), 1);
    const Vector biased = _mm256_set1_epi32(BIASED), top = _mm256_set1_epi32(BIASED_LOW);
    const Vector a = _mm256_unpacklo_epi32(v[0], v[1]), b = _mm256_unpackhi_epi32(v[0], v[1]);
    const Vector c = _mm256_unpacklo_epi32(v[2], v[3]), d = _mm256_unpackhi_epi32(v[2], v[3]);
    w[0].v[h] = _mm256_xor_si256(_mm256_unpacklo_epi64(a, c), biased);
    w[1].v[h] = _mm256_xor_si256(_mm256_unpackhi_epi64(a, c), biased);
    w[2].v[h] = _mm256_xor_si256(_mm256_unpacklo_epi64(b, d), biased);
    w[3].v[h] = _mm256_xor_si256(_mm256_unpackhi_epi64(b, d), top);
  }
}

#endif

} // namespace FX_VARIANT
