// Until when the invocation that runs must be answered: Lambda ends the sandbox at its time-out, in
// the middle of whatever it does, and the client would learn nothing. All that waits asks left(),
// which keeps a reserve, so that an honest 503 still gets out. Threads: one.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <utility>

namespace bddlock::lambda {

class Deadline {
 public:
  // `now_ms` is the wall clock, which is what Lambda's deadline is told by.
  explicit Deadline(std::function<std::int64_t()> now_ms) : now_ms_(std::move(now_ms)) {}

  // Of the invocation that begins now. 0: Lambda did not say.
  void begin(std::int64_t at_ms) {
    at_ms_ = at_ms;
    // A tenth of a short time, so that it is not all reserve.
    reserve_ms_ = std::clamp<std::int64_t>((at_ms - now_ms_()) / 10, 0, reserve_ms_max);
  }

  // None or less: it is time to answer.
  [[nodiscard]] std::chrono::milliseconds left() const {
    if (at_ms_ == 0) return unlimited;
    return std::chrono::milliseconds(at_ms_ - reserve_ms_ - now_ms_());
  }

 private:
  static constexpr std::int64_t reserve_ms_max = 500;
  static constexpr std::chrono::milliseconds unlimited{3'600'000};

  std::function<std::int64_t()> now_ms_;
  std::int64_t at_ms_ = 0;
  std::int64_t reserve_ms_ = 0;
};

}  // namespace bddlock::lambda
