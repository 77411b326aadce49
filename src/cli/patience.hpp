// How long a command still waits, with pauses that grow and jitter, and a word on stderr now and
// then: CI systems end jobs that are silent for minutes.
#pragma once

#include "cli/backoff.hpp"
#include "cli/environment.hpp"
#include "cli/remote.hpp"
#include "cli/values.hpp"

namespace bddlock::cli {

class Patience {
 public:
  explicit Patience(const Environment& env) : env_(env), start_(env.since_boot()), told_(start_) {}

  [[nodiscard]] milliseconds waited() const { return env_.since_boot() - start_; }

  // Pauses before the next try; false: `limit` since the start is over, and nothing was waited for.
  // The last pause is cut so that one try is made at the very end. `why` is told first, then once a
  // minute.
  [[nodiscard]] bool pause(milliseconds limit, const std::string& why) {
    const milliseconds left = limit - waited();
    if (left <= milliseconds(0)) return false;
    tell(why, left);
    env_.sleep(std::min(backoff_.next(), left));
    return true;
  }

 private:
  static constexpr milliseconds tell_every{60'000};

  void tell(const std::string& why, milliseconds left) {
    const milliseconds now = env_.since_boot();
    if (tells_ > 0 && now - told_ < tell_every) return;
    complain(env_, why + "; waiting for up to " + duration_text(std::chrono::ceil<seconds>(left)) +
                       (tells_ > 0 ? " more" : ""));
    told_ = now;
    ++tells_;
  }

  const Environment& env_;
  milliseconds start_;
  milliseconds told_;
  int tells_ = 0;
  Backoff backoff_{milliseconds(250), milliseconds(5'000), env_.random};
};

}  // namespace bddlock::cli
