#include "app/token_watch.hpp"

#include <utility>

namespace bddlock::app {

TokenWatch::TokenWatch(TokenParameter& parameter, std::function<aws::Instant()> now,
                       std::function<void(TokensRead)> tell)
    : parameter_(parameter), now_(std::move(now)), tell_(std::move(tell)) {
  thread_ = std::thread([this] { watch(); });
}

TokenWatch::~TokenWatch() {
  {
    const std::scoped_lock lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

bool TokenWatch::is_stopping() {
  const std::scoped_lock lock{mutex_};
  return stopping_;
}

void TokenWatch::watch() {
  for (;;) {
    {
      std::unique_lock lock{mutex_};
      if (wake_.wait_for(lock, parameter_.age(), [this] { return stopping_; })) return;
    }
    auto found = parameter_.look(now_(), [this] { return is_stopping(); });
    if (found && !is_stopping()) tell_(std::move(*found));
  }
}

}  // namespace bddlock::app
