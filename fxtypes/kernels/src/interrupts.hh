// Ctrl-C in work that can't be cut into pieces.
#pragma once

#include <cstdint>
#include <ctime>

// A caller's wish to be asked, each time so much work is done, whether to go on (0).
struct Pause {
  int64_t every;
  int (*ask)(std::clock_t *last);
  std::clock_t *last;
  const int *ended; // not 0: another thread has been told not to; may be null
};

namespace FX_VARIANT {

// When the caller is to be asked; never, if it hasn't asked for it (null).
class Pauses {
public:
  explicit Pauses(const Pause *p) : pause(p), left(p ? p->every : INT64_MAX) {}
  // After so much work: true if the rest is not wanted.
  bool stop(int64_t work) {
    left -= work;
    if (left > 0 || !pause) return false;
    left = pause->every;
    const bool ended = pause->ended && __atomic_load_n(pause->ended, __ATOMIC_RELAXED);
    return stopped = ended || pause->ask(pause->last) != 0;
  }

  bool stopped = false;

private:
  const Pause *const pause;
  int64_t left;
};

} // namespace FX_VARIANT
