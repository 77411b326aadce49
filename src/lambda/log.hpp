// The log as Lambda takes it from standard output: a line a record, with the request's id, written
// before the invocation is answered, since the sandbox may be frozen right behind that. JSON lines
// have "timestamp" and "level" as Lambda's filters want them (its page "Log formats"). Threads:
// one. No token may be passed to it.
#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <string>
#include <string_view>

#include "core/instant.hpp"

namespace bddlock::lambda {

enum class LogLevel { info = 1, warn, error };
enum class LogForm { json = 1, text };

// AWS_LAMBDA_LOG_FORMAT ("Text", else JSON) and AWS_LAMBDA_LOG_LEVEL ("WARN", "ERROR", "FATAL"; all
// else lets everything through).
struct LogSettings {
  LogForm form = LogForm::json;
  LogLevel least = LogLevel::info;
};
[[nodiscard]] LogSettings log_settings_of(std::string_view format, std::string_view level);

class Log {
 public:
  // `write` takes one line, with its end.
  Log(LogSettings settings, std::function<core::Instant()> now,
      std::function<void(std::string_view)> write);

  // Of the records from now on; empty: of none.
  void set_request(std::string request_id, std::string trace_id);
  // `what` is the event's name, in snake_case. Empty texts among the facts are left out.
  void write(LogLevel level, std::string_view what, const boost::json::object& facts);

 private:
  const LogSettings settings_;
  const std::function<core::Instant()> now_;
  const std::function<void(std::string_view)> write_;
  std::string request_id_;
  std::string trace_id_;
};

}  // namespace bddlock::lambda
