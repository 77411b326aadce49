// Looks at the tokens' parameter again and again, on a thread of its own, so that no thread that
// answers requests waits for Amazon.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "app/token_parameter.hpp"

namespace bddlock::app {

class TokenWatch {
 public:
  // Once in each age of the parameter. `tell` gets what TokenParameter::look finds, on the watch's
  // thread; `now` is called there too. The parameter is the watch's alone from now on.
  TokenWatch(TokenParameter& parameter, std::function<aws::Instant()> now,
             std::function<void(TokensRead)> tell);
  // Ends soon, also while a look waits for its answer; nothing is told any more afterwards.
  ~TokenWatch();
  TokenWatch(const TokenWatch&) = delete;
  TokenWatch& operator=(const TokenWatch&) = delete;

 private:
  void watch();
  [[nodiscard]] bool is_stopping();

  TokenParameter& parameter_;
  const std::function<aws::Instant()> now_;
  const std::function<void(TokensRead)> tell_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace bddlock::app
