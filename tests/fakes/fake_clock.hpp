// A clock that stands still until a test moves it. Any thread may call it.
#pragma once

#include <atomic>

#include "service/clock.hpp"

namespace bddlock::fakes {

class FakeClock final : public service::Clock {
 public:
  explicit FakeClock(core::Instant now = core::Instant{core::seconds{1'600'000'000}})
      : us_(now.time_since_epoch().count()) {}

  core::Instant now() override { return core::Instant{core::microseconds{us_.load()}}; }

  void set(core::Instant now) { us_.store(now.time_since_epoch().count()); }
  void advance(core::microseconds by) { us_.fetch_add(by.count()); }

 private:
  std::atomic<std::int64_t> us_;
};

}  // namespace bddlock::fakes
