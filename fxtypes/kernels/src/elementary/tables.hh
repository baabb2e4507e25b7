// Tables of the elementary functions and Taylor's coefficients, made at their first use with 64 bits
// more than the longest fraction that reads them; rounded down from there to each length.
#pragma once

#include "elementary/constants.hh"
#include "elementary/limbs.hh"

namespace FX_VARIANT {

// What tables are made with: each entry comes from fewer than 2^12 operations, off by less than 12
// ulp each, on numbers that grow by less than a factor of 4 meanwhile: it is off by less than 2^18
// of these ulp, and so, rounded down to at most five limbs, by less than 1 and 2^-46 ulp.
typedef Limbs<6> Long;

// The tables: filled by the first call that needs them.
template <class T> inline T made;
template <class T> inline void prepare() {
  static const bool once = [] {
    made<T>.fill();
    return true;
  }();
  (void)once;
}

inline Long long_power(int bits) { return power_of_half<6>(bits); }
const Long ALMOST_1 = {{~uint64_t(0), ~uint64_t(0), ~uint64_t(0), ~uint64_t(0), ~uint64_t(0),
                          ~uint64_t(0)}};

// 1 / k! for k >= 2, as fractions; too small by less than 1 ulp.
template <int N> struct InverseFactorials {
  Limbs<N> of[28];

  void fill() {
    Long f = long_power(1);
    for (int k = 2; k < 28; k++) {
      of[k] = resized<N>(f);
      f = over(f, k + 1);
    }
  }
};

inline Long exp_less_1(int bits) { // e^(2^-bits) - 1
  Long sum = {}, term = long_power(bits);
  for (int k = 2; !is_zero(term); k++) {
    sum = sum + term;
    term = over(term >> bits, k);
  }
  return sum;
}

// e^(j / 2^8), in quarters; e^(j / 2^16) - 1 and e^(j / 2^24) - 1; and k ln 2, modulo 1.
template <int N> struct ExpTable {
  Limbs<N> first[180], second[256], third[256];
  Limbs<N> multiple[2960]; // 2^11 / ln 2, and one more

  void fill() {
    for (uint64_t k = 0; k < 2960; k++) {
      uint64_t whole = 0;
      multiple[k] = resized<N>(times(resized<N + 1>(LN2), k, &whole));
    }
    Long power = long_power(2), step = exp_less_1(8);
    for (auto &entry : first) {
      entry = resized<N>(power);
      power = power + high_product(power, step);
    }
    fill_less_1(second, 16);
    fill_less_1(third, 24);
  }

private:
  static void fill_less_1(Limbs<N> (&entries)[256], int bits) {
    const Long step = exp_less_1(bits);
    Long power = {};
    for (auto &entry : entries) {
      entry = resized<N>(power);
      power = power + step + high_product(power, step);
    }
  }
};

// For 1 <= m < 2 with j = floor(256 (m - 1)): c[j] / 2^10 >= 1 / m, by less than 2^-7 of it, so that
// m c / 2^10 = 1 + z with 0 <= z < 2^-7. Then, for i = floor(2^15 z) and floor(2^23 z), what is
// multiplied by next is 1 - d / 2^24 and 1 - d / 2^32, the least of these that is not below
// 1 / (1 + i / 2^15) and 1 / (1 + i / 2^23). Their logarithms, negated, are the tables.
struct Reciprocals {
  uint16_t first[256];
  uint32_t second[256], third[272];

  void fill() {
    for (uint64_t j = 0; j < 256; j++) {
      first[j] = static_cast<uint16_t>((1024 * 256 + 255 + j) / (256 + j));
      second[j] = static_cast<uint32_t>((j << 24) / ((1 << 15) + j));
    }
    for (uint64_t j = 0; j < 272; j++)
      third[j] = static_cast<uint32_t>((j << 32) / ((1 << 23) + j));
  }
};

inline Long minus_log_1_minus(uint64_t d, int bits) { // -log(1 - d / 2^bits)
  const Limbs<1> x = {{d << (64 - bits)}};
  Long power = resized<6>(x), sum = {};
  for (int k = 1; !is_zero(power); k++) {
    sum = sum + over(power, k);
    power = high_product(power, x);
  }
  return sum;
}

struct LongLogs {
  Long first[256], second[256], third[272];

  void fill() {
    const Reciprocals &r = made<Reciprocals>;
    Long sum = {}; // log(1024 / c), from c = 1024 down: log((c + 1) / c) = 2 artanh(1 / (2 c + 1))
    for (int c = 1024, j = 0; j < 256; c--) {
      while (j < 256 && r.first[j] == c) first[j++] = sum;
      sum = sum + shift_left<1>(artanh(2 * (c - 1) + 1));
    }
    for (int j = 0; j < 256; j++) second[j] = minus_log_1_minus(r.second[j], 24);
    for (int j = 0; j < 272; j++) third[j] = minus_log_1_minus(r.third[j], 32);
  }

private:
  static Long artanh(uint64_t n) { // artanh(1 / n)
    Long power = over(ALMOST_1, n), sum = {};
    for (int k = 1; !is_zero(power); k += 2) {
      sum = sum + over(power, k);
      power = over(power, n * n);
    }
    return sum;
  }
};

template <int N> struct LogTable {
  static constexpr int LOWEST = -256, HIGHEST = 384; // exponents of formats' numbers
  Limbs<N> first[256], second[256], third[272];
  Limbs<N> inverse[16];                         // 1 / k
  Limbs<N + 1> multiple[HIGHEST - LOWEST + 1]; // k ln 2: one limb before the point, with a sign

  void fill() {
    prepare<Reciprocals>();
    prepare<LongLogs>();
    const LongLogs &logs = made<LongLogs>;
    for (int j = 0; j < 256; j++) {
      first[j] = resized<N>(logs.first[j]);
      second[j] = resized<N>(logs.second[j]);
    }
    for (int j = 0; j < 272; j++) third[j] = resized<N>(logs.third[j]);
    for (int k = 2; k < 16; k++)
      inverse[k] = resized<N>(over(ALMOST_1, k));
    for (int k = LOWEST; k <= HIGHEST; k++) {
      const uint64_t sign = k < 0 ? ~uint64_t(0) : 0;
      uint64_t whole = 0;
      const Limbs<N> part =
          resized<N>(times(resized<N + 1>(LN2), static_cast<uint64_t>(k < 0 ? -k : k), &whole));
      Limbs<N + 1> v = resized<N + 1>(part) >> 64; // the part, below a limb for the whole
      v.w[N] = whole;
      multiple[k - LOWEST] = negated_if(v, sign);
    }
  }
};

// sin and cos of j / 1024 of a right angle; a cosine of 1 is an ulp less.
template <int N> struct SineTable {
  Limbs<N> sine[1025], cosine[1025];

  void fill() {
    // By the angle d = pi / 2^11: sin d, and 1 - cos d.
    const Long d = resized<6>(QUARTER_PI) >> 9;
    Long step = {}, less = {}, term = d; // term: d^k / k!
    for (int k = 1; !is_zero(term); k++) {
      Long &sum = k % 2 ? step : less;
      sum = k % 4 == 1 || k % 4 == 2 ? sum + term : sum - term;
      term = over(high_product(term, d), k + 1);
    }
    Long s = {}, c = ALMOST_1;
    for (int j = 0; j < 1024; j++) {
      sine[j] = resized<N>(s);
      cosine[j] = resized<N>(c);
      const Long next = s - high_product(s, less) + high_product(c, step);
      c = c - high_product(c, less) - high_product(s, step);
      s = next;
    }
    sine[1024] = cosine[0];
    cosine[1024] = {};
  }
};

// arctan(j / 256).
template <int N> struct ArctanTable {
  Limbs<N> of[257];
  Limbs<N> inverse[36]; // 1 / k

  void fill() {
    Long sum = {};
    for (uint64_t j = 0; j <= 256; j++) {
      of[j] = resized<N>(sum);
      // arctan((j + 1) / n) - arctan(j / n) = arctan(n / (n^2 + j (j + 1))), n = 256
      const uint64_t bottom = (1 << 16) + j * (j + 1);
      Long power = over(ALMOST_1, bottom);
      uint64_t whole = 0;
      power = times(power, 256, &whole);
      for (int k = 1; !is_zero(power); k += 2) {
        sum = k % 4 == 1 ? sum + over(power, k) : sum - over(power, k);
        power = over(times(over(power, bottom), 1 << 16, &whole), bottom);
      }
    }
    for (int k = 2; k < 36; k++) inverse[k] = resized<N>(over(ALMOST_1, k));
  }
};

} // namespace FX_VARIANT
