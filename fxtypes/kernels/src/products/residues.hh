// Matrix products modulo small numbers, for sums of up to 285 bits.
#pragma once

#include "products/lanes.hh"

namespace FX_VARIANT {

// The sum modulo each of several odd, coprime numbers m of 13 bits, whose product is more than
// twice the sum's magnitude; from these the sum by Garner's algorithm: balanced digits of a mixed
// radix.
//
// Reducing s (|s| < 2^31) by q = round(float(s) * float(1 / m)), r = s - q m: three roundings,
// each by a factor of 1 +- 2^-24, move the quotient by at most |s / m| * 3.0001 * 2^-24, so that
//     |r| <= m / 2 + |s| * 3.0001 * 2^-24.
// Elements: s = sum of at most 8 limbs of |limb| <= 2^15 times constants of at most m / 2, and one
// more: |s| < 8.6e8, |r| <= m / 2 + 154 <= RESIDUE. Sums of BLOCK such products stay within int32,
// as asserted below; reduced they are at most m / 2 + 385.
const int RESIDUE = FX_LARGEST_MODULUS / 2 + 154, BLOCK = 182;
static_assert(int64_t(BLOCK) * RESIDUE * RESIDUE < int64_t(1) << 31, "sums within int32");
static_assert(BLOCK % 2 == 0, "pairs");

inline int balanced(int64_t x, int m) {
  const int r = static_cast<int>((x % m + m) % m);
  return r > m / 2 ? r - m : r;
}
inline int inverse(int x, int m) { // of x modulo m, by Euclid's algorithm
  int64_t a = (x % m + m) % m, b = m, u = 1, v = 0;
  while (b) {
    const int64_t q = a / b, r = a - q * b, w = u - q * v;
    a = b, b = r, u = v, v = w;
  }
  return balanced(u, m);
}

struct Modulus {
  Lanes limbs[4];       // 2^(16 i) mod m, two limbs a lane
  Lanes offset, vector; // the sum of what lanes.hh subtracted from limbs; m
  Floats reciprocal;

  Modulus() = default;
  Modulus(int m, int words) {
    int64_t power = 1, bias = 0;
    for (int w = 0; w < words; w++) {
      const int low = balanced(power, m), high = balanced(int64_t(low) * 65536, m);
      limbs[w] = lanes((low & 0xffff) | static_cast<int>(static_cast<unsigned>(high) << 16));
      bias += (low + (w + 1 < words ? high : 0)) * int64_t(1 << 15);
      power = balanced(int64_t(high) * 65536, m);
    }
    offset = lanes(balanced(bias, m));
    vector = lanes(m);
    reciprocal = floats(1.0f / static_cast<float>(m));
  }
};

FX_INLINE Lanes reduced(const Lanes &s, const Modulus &m) {
  return remainder(s, m.reciprocal, m.vector);
}

// Of elements of W words (lanes.hh).
template <int W> FX_INLINE Lanes residues(const Lanes *w, const Modulus &m) {
  Lanes s = m.offset;
  for (int i = 0; i < W; i++) s = add_products(s, w[i], m.limbs[i]);
  return reduced(s, m);
}

// x c / 2^16 modulo m (Montgomery), cm = c / m modulo 2^16: at most |x| |c| / 2^16 + m / 2 + 1.
FX_INLINE Vector montgomery(Vector x, Vector c, Vector cm, Vector m) {
  return _mm256_sub_epi16(_mm256_mulhi_epi16(x, c),
                          _mm256_mulhi_epi16(_mm256_mullo_epi16(x, cm), m));
}

// s = s q + d, modulo what I holds.
template <class I> inline void multiply_add(I &s, uint64_t q, int64_t d) {
  s = static_cast<I>(static_cast<u128>(s) * q + static_cast<u128>(static_cast<i128>(d)));
}
template <int N> inline void multiply_add(Int<N> &s, uint64_t q, int64_t d) {
  u128 product = 0, sum = 0;
  for (int i = 0; i < N; i++) {
    product = static_cast<u128>(s.w[i]) * q + static_cast<uint64_t>(product >> 64);
    sum = (sum >> 64) + static_cast<uint64_t>(product) + static_cast<uint64_t>(i ? d >> 63 : d);
    s.w[i] = static_cast<uint64_t>(sum);
  }
}

class Residues {
public:
  static const int GROUP = 4; // moduli whose residues are made together
  static int passes(const Scheme &scheme) { return (scheme.moduli + GROUP - 1) / GROUP; }

  Residues(const Scheme &scheme, const Matrices &x, int64_t panel, int64_t rows,
        int64_t sum_rows)
      : scheme(scheme), columns(round_up(x.n, COLUMNS)), a_stride(round_up(panel, 16) + 32),
        a_size(round_up(rows, TILE_ROWS) * a_stride), b_size(round_up(panel, 2) * columns),
        plane(round_up(sum_rows, TILE_ROWS) * columns), packed_a(a_size * GROUP),
        packed_b(b_size * GROUP), sums(plane * scheme.moduli), n(static_cast<int>(x.n)) {
    for (int i = 0; i < scheme.moduli; i++) {
      for (int which = 0; which < 2; which++)
        moduli[which][i] = Modulus(scheme.modulus[i], scheme.words[which]);
      for (int j = 0; j < i; j++) { // 2^16 / m_j modulo m_i, and that over m_i modulo 2^16
        const int m = scheme.modulus[i];
        const int64_t c = balanced(int64_t(inverse(scheme.modulus[j], m)) * 65536, m);
        garner[j][i] = static_cast<int16_t>(c);
        garner_over_m[j][i] = static_cast<int16_t>(c * inverse(m, 1 << 16));
      }
    }
  }
  bool ready() const { return packed_a.data && packed_b.data && sums.data; }

  static int64_t row_bytes(const Scheme &) { return 2; }

  void pack_a(int pass, const Operand &a, int64_t i0, int64_t rows, int64_t k0, int k) {
    switch (scheme.words[0]) {
    case 1: return pack_a_as<int32_t>(pass, a, i0, rows, k0, k);
    case 2: return pack_a_as<int64_t>(pass, a, i0, rows, k0, k);
    default: return pack_a_as<i128>(pass, a, i0, rows, k0, k);
    }
  }
  void pack_b(int pass, const Operand &b, int64_t k0, int k) {
    switch (scheme.words[1]) {
    case 1: return pack_b_as<int32_t>(pass, b, k0, k);
    case 2: return pack_b_as<int64_t>(pass, b, k0, k);
    default: return pack_b_as<i128>(pass, b, k0, k);
    }
  }

  void multiply(int pass, int64_t a0, int64_t i0, int64_t rows, int k, bool first) {
    const int even = static_cast<int>(round_up(k, 2));
    for (int g = 0; g < group(pass); g++)
      for (int64_t j = 0; j < columns; j += COLUMNS)
        for (int64_t i = 0; i < rows; i += TILE_ROWS)
          tile(packed_a.data + g * a_size + (a0 + i) * a_stride, rows - i,
               packed_b.data + g * b_size + j * even, even,
               sums.data + (pass * GROUP + g) * plane + (i0 + i) * columns + j,
               moduli[0][pass * GROUP + g], first);
  }

  // `j` is a multiple of 16.
  template <class I> void totals(int64_t i, int64_t j, int m, I *out) const {
    for (int e = 0; e < m; e += 16) {
      I some[16];
      mixed_radix(sums.data + i * columns + j + e, some);
      for (int f = 0; f < 16 && e + f < m; f++) out[e + f] = some[f];
    }
  }

private:
  const Scheme scheme;
  const int64_t columns, a_stride, a_size, b_size, plane;
  Buffer<int16_t> packed_a, packed_b, sums;
  const int n;
  Modulus moduli[2][FX_MAX_MODULI];
  int16_t garner[FX_MAX_MODULI][FX_MAX_MODULI], garner_over_m[FX_MAX_MODULI][FX_MAX_MODULI];

  int group(int pass) const {
    const int left = scheme.moduli - pass * GROUP;
    return left < GROUP ? left : GROUP;
  }

  template <class E> void pack_a_as(int pass, const Operand &a, int64_t i0, int64_t rows, int64_t k0, int k) {
    const int W = sizeof(E) / 4, count = group(pass);
    const Modulus *m = moduli[0] + pass * GROUP;
    E buffer[MOST_COLUMNS], tail[16];
    for (int64_t i = 0; i < rows; i++) {
      const E *row = a.elements(i0 + i, k0, k, buffer);
      for (int at = 0; at < k; at += 16) {
        Lanes words[W];
        load_words(sixteen(row, at, k, tail), words);
        for (int g = 0; g < count; g++)
          store_int16(packed_a.data + g * a_size + i * a_stride + at, residues<W>(words, m[g]));
      }
    }
  }

  template <class E> void pack_b_as(int pass, const Operand &b, int64_t k0, int k) {
    const int W = sizeof(E) / 4, count = group(pass);
    const Modulus *m = moduli[1] + pass * GROUP;
    E buffer[2][MOST_COLUMNS], tail[16];
    const int64_t panel = COLUMNS * round_up(k, 2);
    std::memset(buffer, 0, sizeof buffer);
    for (int i = 0; i < k; i += 2) {
      const E *row[2];
      row[0] = b.elements(k0 + i, 0, n, buffer[0]);
      if (i + 1 == k) std::memset(buffer[1], 0, sizeof buffer[1]);
      row[1] = i + 1 < k ? b.elements(k0 + i + 1, 0, n, buffer[1]) : buffer[1];
      for (int j = 0; j < n; j += 16) {
        Lanes even[W], odd[W];
        load_words(sixteen(row[0], j, n, tail), even);
        load_words(sixteen(row[1], j, n, tail), odd);
        for (int g = 0; g < count; g++)
          store_pairs(packed_b.data + g * b_size + j / 16 * panel + i * 16,
                      residues<W>(even, m[g]), residues<W>(odd, m[g]));
      }
    }
  }

  // Sixteen elements from `at` on, zeros beyond n.
  template <class E> static const E *sixteen(const E *row, int at, int n, E *tail) {
    if (n - at >= 16) return row + at;
    std::memset(tail, 0, 16 * sizeof(E));
    std::memcpy(tail, row + at, (n - at) * sizeof(E));
    return tail;
  }

  FX_NOINLINE void tile(const int16_t *x, int64_t rows, const int16_t *y, int k, int16_t *to,
                        const Modulus &m, bool first) {
    Lanes total[TILE_ROWS];
    for (int at = 0; at < k; at += BLOCK) {
      Vector part[TILE_ROWS][2];
      tile16(x + at, a_stride, rows, y + at * COLUMNS, (k - at < BLOCK ? k - at : BLOCK) / 2,
             part);
      for (int i = 0; i < TILE_ROWS; i++) {
        const Lanes r = reduced(load_lanes(part[i]), m);
        total[i] = at ? add(total[i], r) : r;
      }
    }
    for (int i = 0; i < TILE_ROWS; i++) { // |r| <= m / 2 + 1
      int16_t *const at = to + i * columns;
      store_int16(at, reduced(first ? total[i] : add(total[i], load_int16(at)), m));
    }
  }

  template <class S, class I>
  static void horner(const int64_t digits[][16], const uint64_t *radix, int quads, I *out) {
    if constexpr (Bits<S>::value <= Bits<I>::value) {
      for (int e = 0; e < 16; e++) {
        S s = S(digits[quads - 1][e]);
        for (int t = quads - 2; t >= 0; t--) multiply_add(s, radix[t], digits[t][e]);
        out[e] = I(s);
      }
    }
  }

  // Sixteen sums from their residues. Digit i of the mixed radix is x_i once the lower digits
  // are taken away, x_i = (x_i - v_j) / m_j for j < i: |x_i - v_j| < 2^15 as both are below m.
  template <class I> FX_NOINLINE void mixed_radix(const int16_t *from, I *out) const {
    Vector x[FX_MAX_MODULI + 3];
    const int count = scheme.moduli, quads = (count + 3) / 4;
    for (int i = 0; i < count; i++) x[i] = load_vector(from + i * plane);
    for (int i = count; i < 4 * quads; i++) x[i] = _mm256_setzero_si256();
    for (int j = 0; j < count; j++) {
      const int16_t m = static_cast<int16_t>(scheme.modulus[j]), half = m / 2;
      const Vector all = _mm256_set1_epi16(m);
      Vector v = x[j];
      const Vector above = _mm256_cmpgt_epi16(v, _mm256_set1_epi16(half));
      v = _mm256_sub_epi16(v, _mm256_and_si256(above, all));
      const Vector below = _mm256_cmpgt_epi16(_mm256_set1_epi16(-half), v);
      v = _mm256_add_epi16(v, _mm256_and_si256(below, all));
      x[j] = v;
      for (int i = j + 1; i < count; i++)
        x[i] = montgomery(_mm256_sub_epi16(x[i], v), _mm256_set1_epi16(garner[j][i]),
                          _mm256_set1_epi16(garner_over_m[j][i]),
                          _mm256_set1_epi16(static_cast<int16_t>(scheme.modulus[i])));
    }
    // Four digits in one of 52 bits, d0 + m0 (d1 + m1 (d2 + m2 d3)), and Horner over those.
    alignas(32) int64_t digits[(FX_MAX_MODULI + 3) / 4][16];
    uint64_t radix[(FX_MAX_MODULI + 3) / 4];
    for (int t = 0; t < quads; t++) {
      int m[4];
      for (int e = 0; e < 4; e++) m[e] = 4 * t + e < count ? scheme.modulus[4 * t + e] : 1;
      radix[t] = uint64_t(m[0]) * m[1] * (uint64_t(m[2]) * m[3]);
      const Vector low_radix = _mm256_set1_epi32(1 | m[0] << 16);
      const Vector high_radix = _mm256_set1_epi32(1 | m[2] << 16);
      const Vector pair_radix = _mm256_set1_epi64x(int64_t(m[0]) * m[1]);
      for (int h = 0; h < 2; h++) { // elements 4 h .. 4 h + 3 and 8 more
        const Vector *d = x + 4 * t;
        const Vector p = _mm256_madd_epi16(
            h ? _mm256_unpackhi_epi16(d[0], d[1]) : _mm256_unpacklo_epi16(d[0], d[1]), low_radix);
        const Vector q = _mm256_madd_epi16(
            h ? _mm256_unpackhi_epi16(d[2], d[3]) : _mm256_unpacklo_epi16(d[2], d[3]), high_radix);
        for (int g = 0; g < 2; g++) {
          const auto wide = [g](Vector v) {
            return _mm256_cvtepi32_epi64(g ? _mm256_extracti128_si256(v, 1)
                                           : _mm256_castsi256_si128(v));
          };
          store_vector(digits[t] + 8 * g + 4 * h,
                       _mm256_add_epi64(wide(p), _mm256_mul_epi32(wide(q), pair_radix)));
        }
      }
    }
    if (Bits<I>::value > 192 && count <= 14) // 14 digits are of 178 bits
      horner<Int<3>>(digits, radix, quads, out);
    else
      horner<I>(digits, radix, quads, out);
  }
};

} // namespace FX_VARIANT
