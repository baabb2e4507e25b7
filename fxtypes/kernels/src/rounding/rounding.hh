// From an exact value to an element: one rounding, then overflow, then the counts.
//
// Shifting z right by s > 0 in every deterministic mode is
//     (z + c0 + (sign & c1) + (bit s of z & c2)) >> s,     sign and bit s as all-ones masks,
// so that the mode is data and one loop serves all. What is added lies in [0, 2^s). z needs one
// spare bit for the addition: the plan sees to it. s = 0 has all constants zero.
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

  I affine(const I &z) const {
    return (z + c0 + (sign_mask(z) & c1) + (bit_mask(z, s) & c2)) >> s;
  }
  // Up when floor(lost fraction * 2^64) + u carries into bit 64.
  I dither(const I &z, uint64_t u) const {
    return (z + widen(u)) >> s;
  }
  I widen(uint64_t u) const;

  I clamp(const I &r) const { return r < lo ? lo : r > hi ? hi : r; }
  I drop(const I &r) const { return r < lo || r > hi ? I(0) : r; }
  I wrap(const I &r) const {
    const I low = lo_of_wrap();
    return ((r - low) & span) + low;
  }
  I lo_of_wrap() const { return lo; }
};

// The draw aligned to the lost bits: its top s bits, or all 64 with zeros below.
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

// The part of a call that is the same for every chunk.
template <class I> struct Finish {
  Rounder<I> round;
  Counts *counts; // null: nobody counts
  const Stream *stream;

  Finish(const Target &t, Counts *c, const Stream *s)
      : round(t), counts(c->wanted ? c : nullptr), stream(s) {}
  explicit Finish(const Task &task) : Finish(task.step->target, task.counts, &task.stream) {}

  // z[0..n) in place; `index` is the first one's place in C order, k numbers its roundings.
  FX_NOINLINE void operator()(I *z, int n, int64_t index, uint64_t k) const {
    if (counts)
      counted(z, n, index, k);
    else
      plain(z, n, index, k);
  }

private:
  I rounded(const I &z, uint64_t u) const {
    return round.stochastic ? round.dither(z, u) : round.affine(z);
  }
  I bounded(const I &r) const {
    switch (round.overflow) {
    case FX_SATURATE_ZERO: return round.drop(r);
    case FX_WRAP: return round.wrap(r);
    default: return round.clamp(r);
    }
  }

  void plain(I *z, int n, int64_t index, uint64_t k) const {
    const Rounder<I> f = round; // a copy that no store through z can alias
    if (f.stochastic) {
      dithered(z, n, index, k);
    } else if (f.s != 0) {
      for (int i = 0; i < n; i++) z[i] = f.affine(z[i]);
    }
    if (f.overflow == FX_WRAP) {
      for (int i = 0; i < n; i++) z[i] = f.wrap(z[i]);
    } else if (f.overflow == FX_SATURATE_ZERO) {
      for (int i = 0; i < n; i++) z[i] = f.drop(z[i]);
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
    uint64_t u[256];
    for (int at = 0; at < n; at += 256) {
      const int m = n - at < 256 ? n - at : 256;
      if (round.stochastic) draw(*stream, static_cast<uint64_t>(index + at), k, m, u, round.s);
      for (int i = 0; i < m; i++) {
        const I r = rounded(z[at + i], round.stochastic ? u[i] : 0);
        count(z[at + i], r, index + at + i);
        z[at + i] = bounded(r);
      }
    }
  }

  void count(const I &z, const I &r, int64_t index) const {
    const bool over = r < round.lo || r > round.hi;
    if (over && (counts->overflow++ == 0 || index < counts->first)) note(r, index);
    counts->inexact += (z & round.mask) != I(0);
    counts->underflow += r == I(0) && z != I(0);
  }

  void note(const I &r, int64_t index) const {
    counts->first = index;
    words_of(r, counts->first_value);
  }
};

} // namespace FX_VARIANT
