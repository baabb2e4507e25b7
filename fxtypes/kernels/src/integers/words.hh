// Numbers of several words, in assembly where GCC 12 doesn't find the processor's instructions: it
// makes no chain of adc.
#pragma once

#include "integers/wide.hh"

namespace FX_VARIANT {

// low >> b with the bits of high moving in, 0 <= b < 64.
inline uint64_t funnel(uint64_t low, uint64_t high, int b) {
  return low >> b | high << 1 << (63 - b);
}

// z += c
FX_INLINE void add_words(uint64_t z[4], const uint64_t c[4]) {
#ifdef __x86_64__
  __asm__("addq %4, %0\n\tadcq %5, %1\n\tadcq %6, %2\n\tadcq %7, %3"
          : "+&r"(z[0]), "+&r"(z[1]), "+&r"(z[2]), "+r"(z[3])
          : "m"(c[0]), "m"(c[1]), "m"(c[2]), "m"(c[3])
          : "cc");
#else
  u128 sum = 0;
  for (int i = 0; i < 4; i++) {
    sum = (sum >> 64) + z[i] + c[i];
    z[i] = static_cast<uint64_t>(sum);
  }
#endif
}

// z += c
FX_INLINE void add_word(uint64_t z[4], uint64_t c) {
#ifdef __x86_64__
  __asm__("addq %4, %0\n\tadcq $0, %1\n\tadcq $0, %2\n\tadcq $0, %3"
          : "+&r"(z[0]), "+&r"(z[1]), "+&r"(z[2]), "+&r"(z[3])
          : "r"(c)
          : "cc");
#else
  for (int i = 0; i < 4; i++) {
    z[i] += c;
    c = z[i] < c;
  }
#endif
}

// z += (high, low), of three words
FX_INLINE void add_three(uint64_t z[3], uint64_t low, u128 high) {
  const uint64_t middle = static_cast<uint64_t>(high), top = static_cast<uint64_t>(high >> 64);
#ifdef __x86_64__
  __asm__("addq %3, %0\n\tadcq %4, %1\n\tadcq %5, %2"
          : "+&r"(z[0]), "+&r"(z[1]), "+r"(z[2])
          : "rm"(low), "rm"(middle), "rm"(top)
          : "cc");
#else
  z[0] += low;
  const u128 sum = (static_cast<u128>(z[2]) << 64 | z[1]) + high + (z[0] < low ? 1 : 0);
  z[1] = static_cast<uint64_t>(sum);
  z[2] = static_cast<uint64_t>(sum >> 64);
#endif
}

// z += x * c, of three words, x of two, and `negative` all ones where c < 0: as an unsigned number
// that is too large by 2^64.
FX_INLINE void add_product(uint64_t z[3], uint64_t x0, uint64_t x1, int64_t c, uint64_t negative) {
#ifdef __BMI2__
  uint64_t low, high;
  __asm__("movq %[c], %%rax\n\t"
          "imulq %[x1]\n\t"
          "addq %%rax, %[z1]\n\t"
          "adcq %%rdx, %[z2]\n\t"
          "movq %[c], %%rdx\n\t"
          "mulx %[x0], %[low], %[high]\n\t"
          "addq %[low], %[z0]\n\t"
          "adcq %[high], %[z1]\n\t"
          "adcq $0, %[z2]\n\t"
          "movq %[negative], %[low]\n\t"
          "andq %[x0], %[low]\n\t"
          "subq %[low], %[z1]\n\t"
          "sbbq $0, %[z2]"
          : [z0] "+&r"(z[0]), [z1] "+&r"(z[1]), [z2] "+&r"(z[2]), [low] "=&r"(low),
            [high] "=&r"(high)
          : [x0] "rm"(x0), [x1] "rm"(x1), [c] "rm"(c), [negative] "rm"(negative)
          : "rax", "rdx", "cc");
#else
  const u128 p = static_cast<u128>(x0) * static_cast<uint64_t>(c);
  const i128 q = static_cast<i128>(static_cast<int64_t>(x1)) * c;
  const i128 high = q + static_cast<uint64_t>(p >> 64) - (x0 & negative);
  add_three(z, static_cast<uint64_t>(p), static_cast<u128>(high));
#endif
}

// z = x * y of two's complement numbers: as of unsigned ones, less 2^128 times the other factor for
// each negative one.
FX_INLINE void multiply_words(uint64_t x0, uint64_t x1, uint64_t y0, uint64_t y1, uint64_t z[4]) {
#ifdef __BMI2__
  uint64_t t, u, v;
  __asm__("movq %[y0], %%rdx\n\t"
          "mulx %[x0], %[z0], %[z1]\n\t"
          "mulx %[x1], %[t], %[z2]\n\t"
          "movq %[y1], %%rdx\n\t"
          "mulx %[x0], %[u], %[v]\n\t"
          "mulx %[x1], %%rdx, %[z3]\n\t"
          "addq %[t], %[z1]\n\t"
          "adcq %%rdx, %[z2]\n\t"
          "adcq $0, %[z3]\n\t"
          "addq %[u], %[z1]\n\t"
          "adcq %[v], %[z2]\n\t"
          "adcq $0, %[z3]\n\t"
          "movq %[x1], %[t]\n\t"
          "sarq $63, %[t]\n\t"
          "movq %[y1], %[u]\n\t"
          "andq %[t], %[u]\n\t"
          "andq %[y0], %[t]\n\t"
          "subq %[t], %[z2]\n\t"
          "sbbq %[u], %[z3]\n\t"
          "movq %[y1], %[t]\n\t"
          "sarq $63, %[t]\n\t"
          "movq %[x1], %[u]\n\t"
          "andq %[t], %[u]\n\t"
          "andq %[x0], %[t]\n\t"
          "subq %[t], %[z2]\n\t"
          "sbbq %[u], %[z3]"
          : [z0] "=&r"(z[0]), [z1] "=&r"(z[1]), [z2] "=&r"(z[2]), [z3] "=&r"(z[3]), [t] "=&r"(t),
            [u] "=&r"(u), [v] "=&r"(v)
          : [x0] "rm"(x0), [x1] "rm"(x1), [y0] "rm"(y0), [y1] "rm"(y1)
          : "rdx", "cc");
#else
  const u128 p00 = static_cast<u128>(x0) * y0, p01 = static_cast<u128>(x0) * y1;
  const u128 p10 = static_cast<u128>(x1) * y0, p11 = static_cast<u128>(x1) * y1;
  const u128 middle = (p00 >> 64) + p01; // below 2^128
  const u128 more = static_cast<uint64_t>(middle) + p10;
  u128 top = p11 + (middle >> 64) + (more >> 64);
  if (x1 >> 63) top -= static_cast<u128>(y1) << 64 | y0;
  if (y1 >> 63) top -= static_cast<u128>(x1) << 64 | x0;
  z[0] = static_cast<uint64_t>(p00);
  z[1] = static_cast<uint64_t>(more);
  z[2] = static_cast<uint64_t>(top);
  z[3] = static_cast<uint64_t>(top >> 64);
#endif
}

// (high, low) / by, where the quotient fits one word.
FX_INLINE uint64_t divide_words(uint64_t high, uint64_t low, uint64_t by, uint64_t *rest) {
#ifdef __x86_64__
  uint64_t quotient;
  __asm__("divq %4" : "=a"(quotient), "=d"(*rest) : "a"(low), "d"(high), "r"(by) : "cc");
  return quotient;
#else
  const u128 a = static_cast<u128>(high) << 64 | low;
  *rest = static_cast<uint64_t>(a % by);
  return static_cast<uint64_t>(a / by);
#endif
}

} // namespace FX_VARIANT
