// Matrix products modulo small numbers, for sums of up to 285 bits.
#pragma once

#include "products/lanes.hh"

namespace FX_VARIANT {

// The sum modulo each of several odd, coprime numbers m of 13 bits, whose product M is more than
// twice the sum's magnitude; from these the sum by the Chinese remainder theorem (class Remainders).
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

// From a sum's residues r_i to the sum s, modulo 2^(16 digits). With M_i = M / m_i and c_i congruent to
// r_i / M_i modulo m_i,
//     s = sum of c_i M_i - q M,     q = round(sum of c_i / m_i),
// all of it sums of products of int16: M_i and -M have digits of 16 bits, balanced.
//
// |c_i| <= m / 2 + 257 <= FACTOR as |r_i| <= m / 2 + 1. q is from 1 / m_i to 27 bits after the point:
// the quotient is off by at most 24 * FACTOR * 2^-28 < 1 / 2560, and |s| / M < 1 / 2 - 1 / 2560, to
// which the plan sees. A digit's sum of FIRST products and q's is within int32.
const int FACTOR = FX_LARGEST_MODULUS / 2 + 257, FIRST = 18, QUOTIENT_BITS = 27;
static_assert(int64_t(FIRST) * FACTOR << 15 < (int64_t(1) << 31) - (1 << 24), "sums within int32");
static_assert(FX_MAX_MODULI <= 24 && FX_MAX_MODULI - FIRST <= FIRST, "two sums");
static_assert(int64_t(FX_MAX_MODULI) * FACTOR * 22000 < int64_t(15) << 27, "with m > 6101");

class Remainders {
public:
  static const int MOST_DIGITS = 20;

  Remainders(const Scheme &scheme, int digits) : count(scheme.moduli), digits(digits) {
    uint16_t all[MOST_DIGITS] = {1}; // M
    for (int i = 0; i < count; i++) {
      uint32_t carry = 0;
      for (int d = 0; d < digits; d++) {
        carry += uint32_t(all[d]) * static_cast<uint32_t>(scheme.modulus[i]);
        all[d] = static_cast<uint16_t>(carry);
        carry >>= 16;
      }
    }
    std::memset(pairs, 0, sizeof pairs);
    std::memset(reciprocal, 0, sizeof reciprocal);
    for (int i = 0; i < count; i++) {
      const int m = scheme.modulus[i];
      int rest = 1; // M_i modulo m
      for (int j = 0; j < count; j++)
        if (j != i) rest = rest * (scheme.modulus[j] - m) % m;
      const int64_t c = balanced(int64_t(inverse(rest, m)) * 65536, m);
      const int inverse_of_m = inverse(m, 1 << 16);
      modulus[i] = static_cast<int16_t>(m);
      factor[i] = static_cast<int16_t>(c);
      factor_over_m[i] = static_cast<int16_t>(c * inverse_of_m);
      put(reciprocal, i, ((1 << QUOTIENT_BITS) + m / 2) / m);
      uint16_t quotient[MOST_DIGITS]; // M_i, by exact division modulo 2^(16 digits)
      uint32_t borrow = 0;
      for (int d = 0; d < digits; d++) {
        const uint32_t left = all[d] - borrow;
        quotient[d] = static_cast<uint16_t>(left * static_cast<uint32_t>(inverse_of_m));
        borrow = (uint32_t(quotient[d]) * static_cast<uint32_t>(m) + borrow) >> 16;
      }
      int digit[MOST_DIGITS];
      balance(quotient, digit);
      for (int d = 0; d < digits; d++) put(pairs[d], i, digit[d]);
    }
    int digit[MOST_DIGITS];
    balance(all, digit);
    for (int d = 0; d < digits; d++) minus_all[d] = -digit[d] & 0xffff;
  }

  // Sixteen sums from residues, `plane` apart: 64-bit words, the lowest first, digits / 4 of them.
  void sums(const int16_t *from, int64_t plane, uint64_t words[][16]) const {
    switch ((count + 3) / 4) { // the loops over moduli are unrolled
    case 1: return sums_of<2>(from, plane, words);
    case 2: return sums_of<4>(from, plane, words);
    case 3: return sums_of<6>(from, plane, words);
    case 4: return sums_of<8>(from, plane, words);
    case 5: return sums_of<10>(from, plane, words);
    default: return sums_of<12>(from, plane, words);
    }
  }

private:
  const int count, digits;
  int16_t modulus[FX_MAX_MODULI], factor[FX_MAX_MODULI], factor_over_m[FX_MAX_MODULI];
  // Of two moduli each: in the low half and the high half.
  int32_t reciprocal[FX_MAX_MODULI / 2 + 1], pairs[MOST_DIGITS][FX_MAX_MODULI / 2 + 1];
  int32_t minus_all[MOST_DIGITS];

  static void put(int32_t *to, int i, int value) {
    const unsigned half = static_cast<unsigned>(value) & 0xffffu;
    to[i / 2] |= static_cast<int32_t>(half << 16 * (i % 2));
  }
  void balance(const uint16_t *from, int *to) const {
    int carry = 0;
    for (int d = 0; d < digits; d++) {
      const int v = from[d] + carry;
      carry = v >= 1 << 15;
      to[d] = v - (carry << 16);
    }
  }

  // Of so many pairs of moduli, the last of which may be none.
  template <int PAIRS>
  FX_NOINLINE void sums_of(const int16_t *from, int64_t plane, uint64_t words[][16]) const {
    Lanes c[PAIRS], quotient = lanes(1 << (QUOTIENT_BITS - 1));
    for (int i = 0; i < PAIRS; i++) {
      const int16_t *const at = from + 2 * i * plane;
      const Lanes even = 2 * i < count ? factor_of(2 * i, at) : lanes(0);
      const Lanes odd = 2 * i + 1 < count ? factor_of(2 * i + 1, at + plane) : lanes(0);
      c[i] = paired(even, odd);
      quotient = add_products(quotient, c[i], lanes(reciprocal[i]));
    }
    const Lanes q = shifted<QUOTIENT_BITS>(quotient);
    const int first = PAIRS < FIRST / 2 ? PAIRS : FIRST / 2;
    uint64_t carry[16] = {};
    for (int w = 0; w < digits / 4; w++) {
      alignas(64) int32_t sums[4][16], more[4][16];
      for (int e = 0; e < 4; e++) {
        const int d = 4 * w + e;
        Lanes sum = add_products(lanes(0), q, lanes(minus_all[d]));
#pragma GCC unroll 12
        for (int i = 0; i < first; i++) sum = add_products(sum, c[i], lanes(pairs[d][i]));
        store_lanes(sums[e], sum);
        if constexpr (first < PAIRS) {
          sum = lanes(0);
#pragma GCC unroll 12
          for (int i = first; i < PAIRS; i++) sum = add_products(sum, c[i], lanes(pairs[d][i]));
          store_lanes(more[e], sum);
        }
      }
      join<(first < PAIRS)>(sums, more, carry, words[w]);
    }
  }

  FX_INLINE Lanes factor_of(int i, const int16_t *from) const {
    return load_lanes_of(montgomery(load_vector(from), _mm256_set1_epi16(factor[i]),
                      _mm256_set1_epi16(factor_over_m[i]), _mm256_set1_epi16(modulus[i])));
  }

  // A word of sixteen sums, from sums of four digits and what was carried below.
  template <bool MORE>
  static FX_INLINE void join(const int32_t sums[4][16], const int32_t more[4][16],
                             uint64_t *__restrict carry, uint64_t *__restrict word) {
    const uint64_t top = uint64_t(1) << 63;
    for (int e = 0; e < 16; e++) {
      const auto digit = [&](int d) {
        return static_cast<uint64_t>(int64_t(sums[d][e]) + (MORE ? int64_t(more[d][e]) : 0));
      };
      const auto carried = [&](uint64_t v) { return ((v ^ top) >> 32) - (top >> 32); };
      const uint64_t low = digit(0) + (digit(1) << 16) + carry[e];
      const uint64_t high = digit(2) + (digit(3) << 16) + carried(low);
      word[e] = (low & 0xffffffffu) | high << 32;
      carry[e] = carried(high);
    }
  }
};

class Residues {
public:
  static const int GROUP = 4; // moduli whose residues are made together
  typedef int64_t Lowest; // of the types of sums
  static int passes(const Scheme &scheme) { return (scheme.moduli + GROUP - 1) / GROUP; }

  Residues(const Scheme &scheme, const Matrices &x, int64_t panel, int64_t rows,
        int64_t sum_rows, int sum_bits)
      : digits(((sum_bits < 13 * scheme.moduli ? sum_bits : 13 * scheme.moduli) + 63) / 64 * 4),
        scheme(scheme), columns(round_up(x.n, COLUMNS)), a_stride(round_up(panel, 16) + 32),
        a_size(round_up(rows, TILE_ROWS) * a_stride), b_size(round_up(panel, 2) * columns),
        plane(round_up(sum_rows, TILE_ROWS) * columns + 160), packed_a(a_size * GROUP),
        packed_b(b_size * GROUP), sums(plane * scheme.moduli), n(static_cast<int>(x.n)),
        remainders(scheme, digits) {
    for (int i = 0; i < scheme.moduli; i++) {
      for (int which = 0; which < 2; which++)
        moduli[which][i] = Modulus(scheme.modulus[i], scheme.words[which]);
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
      uint64_t words[Remainders::MOST_DIGITS / 4][16];
      remainders.sums(sums.data + i * columns + j + e, plane, words);
      for (int f = 0; f < 16 && e + f < m; f++) put_words(words, f, digits / 4, out[e + f]);
    }
  }

  // The same of at most 128-bit sums, in arrays of words that have room for a multiple of 16.
  static const bool HAS_HALVES = true;
  void halves(int64_t i, int64_t j, int m, uint64_t *low, int64_t *high) const {
    for (int e = 0; e < m; e += 16) {
      uint64_t words[Remainders::MOST_DIGITS / 4][16];
      remainders.sums(sums.data + i * columns + j + e, plane, words);
      std::memcpy(low + e, words[0], sizeof words[0]);
      if (digits > 4)
        std::memcpy(high + e, words[1], sizeof words[1]);
      else
        for (int f = 0; f < 16; f++) high[e + f] = static_cast<int64_t>(words[0][f]) >> 63;
    }
  }

  // Of 320-bit sums.
  void words(int64_t i, int64_t j, int m, uint64_t (*to)[128]) const {
    for (int e = 0; e < m; e += 16) {
      uint64_t words[Remainders::MOST_DIGITS / 4][16];
      remainders.sums(sums.data + i * columns + j + e, plane, words);
      const int count = digits / 4;
      for (int w = 0; w < count; w++) std::memcpy(to[w] + e, words[w], sizeof words[w]);
      for (int w = count; w < 5; w++)
        for (int f = 0; f < 16; f++)
          to[w][e + f] = static_cast<int64_t>(words[count - 1][f]) < 0 ? ~uint64_t(0) : 0;
    }
  }

private:
  const int digits; // of the sums' 16 bits
  const Scheme scheme;
  // Planes of sums begin at different places of the first-level cache.
  const int64_t columns, a_stride, a_size, b_size, plane;
  Buffer<int16_t> packed_a, packed_b, sums;
  const int n;
  Modulus moduli[2][FX_MAX_MODULI];
  const Remainders remainders;

  // Element e of so many words of two's complement.
  static FX_INLINE void put_words(const uint64_t words[][16], int e, int count, i128 &out) {
    const uint64_t low = words[0][e];
    const uint64_t high = count > 1 ? words[1][e] : static_cast<uint64_t>(int64_t(low) >> 63);
    out = static_cast<i128>(static_cast<u128>(high) << 64 | low);
  }
  static FX_INLINE void put_words(const uint64_t words[][16], int e, int, int64_t &out) {
    out = static_cast<int64_t>(words[0][e]);
  }
  static FX_INLINE void put_words(const uint64_t words[][16], int e, int, int32_t &out) {
    out = static_cast<int32_t>(words[0][e]);
  }
  template <int N>
  static FX_INLINE void put_words(const uint64_t words[][16], int e, int count, Int<N> &out) {
    for (int w = 0; w < N && w < count; w++) out.w[w] = words[w][e];
    const uint64_t sign = static_cast<uint64_t>(static_cast<int64_t>(words[count - 1][e]) >> 63);
    for (int w = count; w < N; w++) out.w[w] = sign;
  }

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
};

} // namespace FX_VARIANT
