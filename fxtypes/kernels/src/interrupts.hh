// Ctrl-C in work that the caller can't cut into blocks.
#pragma once

#include <cstdint>
#include <ctime>

// How the caller wants to be asked whether to go on.
struct InterruptCheck {
  int64_t every;                  // units of work between two checks
  int (*ask)(std::clock_t *last); // 0: go on
  std::clock_t *last;             // when signals were looked at last; `ask` keeps it
  const int *ended;               // not 0: another thread was told to stop; may be null
};

namespace FX_VARIANT {

// Counts the work up to the next check; without an InterruptCheck (null) there is none.
class Interrupts {
public:
  explicit Interrupts(const InterruptCheck *c) : check(c), left(c ? c->every : INT64_MAX) {}
  // After so much more work: whether to stop.
  bool stop_after(int64_t work) {
    left -= work;
    if (left > 0 || !check) return false;
    left = check->every;
    const bool ended = check->ended && __atomic_load_n(check->ended, __ATOMIC_RELAXED);
    return stopped = ended || check->ask(check->last) != 0;
  }

  bool stopped = false;

private:
  const InterruptCheck *const check;
  int64_t left;
};

} // namespace FX_VARIANT
