// A parameter that a test sets, and how often it was asked for.
#pragma once

#include <atomic>
#include <mutex>
#include <string>

#include "app/token_parameter.hpp"

namespace bddlock::app {

class FakeParameter {
 public:
  void holds(const std::string& value, const std::string& type = "SecureString") {
    const std::scoped_lock lock{mutex_};
    answer_ = aws::Parameter{value, type};
  }
  void fails(const std::string& detail) {
    const std::scoped_lock lock{mutex_};
    answer_ = std::unexpected(aws::Error{.detail = detail});
  }
  [[nodiscard]] TokenParameter::ReadParameter reader() {
    return [this](const std::string& name, const std::function<bool()>&) {
      const std::scoped_lock lock{mutex_};
      ++asked;
      asked_for = name;
      return answer_;
    };
  }

  std::atomic<int> asked = 0;
  std::string asked_for;

 private:
  std::mutex mutex_;
  aws::Result<aws::Parameter> answer_ = std::unexpected(aws::Error{});
};

}  // namespace bddlock::app
