// From an exact value to an element: one rounding, then overflow; and the counts of both.
//
// A right shift of z by s > 0 bits, rounded in any mode but stochastic, is
//     (z + c0 + (sign & c1) + (bit s of z & c2)) >> s,     sign and bit s as masks of all ones,
// so that the mode is data and one loop serves all. The sum added is in [0, 2^s), and no mode has
// both c1 and c2. The plan sees to it that the type holds z plus 2^s. For s = 0 all constants are
// 0.
#pragma once

#include "rounding/draws.hh"
#include "instructions.hh"

namespace FX_VARIANT {

template <class I> struct Rounder {
  int s;
  bool stochastic;
  I c0, c1, c2, mask;
  I lo, hi, span; // span: 2^width - 1
  Overflow overflow;

  explicit Rounder(const Target &t)
      : s(t.shift), stochastic(t.shift != 0 && t.rounding == FX_STOCHASTIC), c0(0), c1(0), c2(0),
        mask(0), lo(0), hi(0), span(0), overflow(static_cast<Overflow>(t.overflow)) {
    set_ones(span, t.width);
    set_ones(hi, t.width - (t.is_signed ? 1 : 0));
    if (t.is_signed) lo = t.overflow == FX_SATURATE_SYMMETRIC ? -hi : ~hi;
    if (s == 0) return;
    I below; // half less one
    set_ones(below, s - 1);
    set_ones(mask, s);
    const I half = below + I(1);
    switch (t.rounding) {
    case FX_CEIL: c0 = mask; break;
    case FX_TOWARD_ZERO: c1 = mask; break;
    case FX_AWAY_FROM_ZERO: c0 = mask; c1 = -mask; break;
    case FX_NEAREST_EVEN: c0 = below; c2 = I(1); break;
    case FX_NEAREST_ODD: c0 = half; c2 = I(-1); break;
    case FX_NEAREST_AWAY: c0 = half; c1 = I(-1); break;
    case FX_NEAREST_ZERO: c0 = below; c1 = I(1); break;
    case FX_NEAREST_UP: c0 = half; break;
    case FX_NEAREST_DOWN: c0 = below; break;
    case FX_ODD: c0 = mask; c2 = -mask; break; // up to the odd one, unless there already
    default: break;
    }
  }

  I rounded(const I &z) const {
    return (z + c0 + (sign_mask(z) & c1) + (bit_mask(z, s) & c2)) >> s;
  }
  // Stochastic: up where floor(lost fraction * 2^64) + u is 2^64 or more.
  I dither(const I &z, uint64_t u) const {
    return (z + widen(u)) >> s;
  }
  I widen(uint64_t u) const;

  I clamp(const I &r) const { return r < lo ? lo : r > hi ? hi : r; }
  I zero_if_out(const I &r) const { return r < lo || r > hi ? I(0) : r; }
  I wrap(const I &r) const { return ((r - lo) & span) + lo; }
};

// The draw as what is added to the lost bits: its top s bits, or all 64 with zeros below.
template <class I> inline I Rounder<I>::widen(uint64_t u) const {
  return s <= 64 ? I(u >> (64 - s)) : I(static_cast<u128>(u)) << (s - 64);
}
template <> inline int32_t Rounder<int32_t>::widen(uint64_t u) const {
  return static_cast<int32_t>(u >> (64 - s));
}
template <> inline int64_t Rounder<int64_t>::widen(uint64_t u) const {
  return static_cast<int64_t>(u >> (64 - s));
}

// A value as FX_COUNTED_WORDS words of two's complement, the lowest first.
template <class I> inline void words_of(const I &value, uint64_t *words) {
  const bool one_word = Bits<I>::value <= 64;
  I v = value;
  for (int i = 0; i < FX_COUNTED_WORDS; i++) {
    words[i] = static_cast<uint64_t>(v);
    v = one_word ? sign_mask(v) : v >> (one_word ? 0 : 64);
  }
}

// What ends every operation: rounding and bounding exact values, chunk by chunk.
template <class I> struct Finish {
  Rounder<I> round;
  Counts *counts; // null: nobody counts
  const Stream *stream;

  Finish(const Target &t, Counts *c, const Stream *s)
      : round(t), counts(c->wanted ? c : nullptr), stream(s) {}
  explicit Finish(const Task &task) : Finish(task.step->target, task.counts, &task.stream) {}

  // Changes z[0..n) into elements. `index` is z[0]'s in C order of the call's result; this is
  // rounding k of each.
  FX_NOINLINE void operator()(I *z, int n, int64_t index, uint64_t k) const {
    if (counts)
      counted(z, n, index, k);
    else
      plain(z, n, index, k);
  }

private:
  void plain(I *z, int n, int64_t index, uint64_t k) const {
    const Rounder<I> f = round; // a copy that no store through z can alias
    if (f.stochastic) {
      dithered(z, n, index, k);
    } else if (f.s != 0) {
      for (int i = 0; i < n; i++) z[i] = f.rounded(z[i]);
    }
    bound(z, n);
  }

  void bound(I *z, int n) const {
    const Rounder<I> f = round;
    if (f.overflow == FX_WRAP) {
      for (int i = 0; i < n; i++) z[i] = f.wrap(z[i]);
    } else if (f.overflow == FX_SATURATE_ZERO) {
      for (int i = 0; i < n; i++) z[i] = f.zero_if_out(z[i]);
    } else {
      for (int i = 0; i < n; i++) z[i] = f.clamp(z[i]);
    }
  }

  void dithered(I *z, int n, int64_t index, uint64_t k) const {
    const Rounder<I> f = round;
    uint64_t u[256];
    for (int at = 0; at < n; at += 256) {
      const int m = n - at < 256 ? n - at : 256;
      draw(*stream, static_cast<uint64_t>(index + at), k, m, u, f.s);
      for (int i = 0; i < m; i++) z[at + i] = f.dither(z[at + i], u[i]);
    }
  }

  void counted(I *z, int n, int64_t index, uint64_t k) const {
    const Rounder<I> f = round; // a copy, as above
    uint64_t u[256];
    I r[256];
    for (int at = 0; at < n; at += 256) {
      const int m = n - at < 256 ? n - at : 256;
      I *const v = z + at;
      if (f.stochastic) {
        draw(*stream, static_cast<uint64_t>(index + at), k, m, u, f.s);
        for (int i = 0; i < m; i++) r[i] = f.dither(v[i], u[i]);
      } else {
        for (int i = 0; i < m; i++) r[i] = f.rounded(v[i]);
      }
      count(v, r, m, index + at);
      for (int i = 0; i < m; i++) v[i] = r[i];
      bound(v, m);
    }
  }

  void count(const I *z, const I *r, int m, int64_t index) const {
    const Rounder<I> f = round;
    int over = 0, inexact = 0, underflow = 0;
    for (int i = 0; i < m; i++) {
      over += static_cast<int>(r[i] < f.lo) | static_cast<int>(r[i] > f.hi);
      inexact += (z[i] & f.mask) != I(0);
      underflow += static_cast<int>(r[i] == I(0)) & static_cast<int>(z[i] != I(0));
    }
    if (over) {
      int i = 0;
      while (!(r[i] < f.lo || r[i] > f.hi)) i++;
      if (counts->overflow == 0 || index + i < counts->first) note(r[i], index + i);
    }
    counts->overflow += over;
    counts->inexact += inexact;
    counts->underflow += underflow;
  }

  void note(const I &r, int64_t index) const {
    counts->first = index;
    words_of(r, counts->first_value);
  }
};

} // namespace FX_VARIANT
