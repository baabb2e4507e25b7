// Rounding and storing chunks of long numbers.
#pragma once

#include "elementwise/load_store.hh"
#include "rounding/overflow.hh"

namespace FX_VARIANT {

// What `Finish` makes of a value, where nobody counts and 128 bits, with a sign, hold the format.
struct LongFinish {
  Round256<0> round;
  Bounds<i128> bounds;
  bool folds;

  explicit LongFinish(const Target &t)
      : round(t), bounds(t), folds(t.overflow == FX_WRAP || t.overflow == FX_SATURATE_ZERO) {}
  static bool serves(const Task &task) {
    const Target &t = task.step->target;
    return !task.counts->wanted && (t.is_signed || t.width < 128);
  }
  i128 operator()(const i320 &z) const {
    const Rounded<i128> v = round.rounded<4>(z.w);
    return folds ? bounds.operator()<FOLD>(v) : bounds.operator()<CLAMP>(v);
  }
};

class LongEnding {
public:
  explicit LongEnding(const Task &task)
      : finish(task), quick(task.step->target), is_quick(LongFinish::serves(task)),
        storage(task.step->target.storage) {}

  // Changes z[0..m), whose first index is `index`.
  void operator()(i320 *z, int m, int64_t index, char *out, ptrdiff_t stride) const {
    constexpr int size = Chunk<i320>::size;
    if (is_quick) {
      i128 r[size];
      for (int i = 0; i < m; i++) r[i] = quick(z[i]);
      store(r, out, stride, m, storage);
    } else {
      finish(z, m, index, 0);
      store(z, out, stride, m, storage);
    }
  }

private:
  const Finish<i320> finish;
  const LongFinish quick;
  const bool is_quick;
  const int storage;
};

} // namespace FX_VARIANT
