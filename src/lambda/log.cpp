// Called by handler.cpp and app.
#include "lambda/log.hpp"

#include <boost/json/serialize.hpp>
#include <utility>

namespace bddlock::lambda {
namespace {

namespace json = boost::json;

std::string_view text_of(LogLevel level) {
  switch (level) {
    case LogLevel::info:
      return "INFO";
    case LogLevel::warn:
      return "WARN";
    case LogLevel::error:
      break;
  }
  return "ERROR";
}

bool is_empty(const json::value& value) { return value.is_string() && value.get_string().empty(); }

// The facts are written as JSON here too: no name or path can begin a line of its own.
std::string text_line(const json::object& record) {
  std::string line;
  for (const auto& [name, value] : record) {
    const bool is_head = name == "timestamp" || name == "level" || name == "event";
    if (!line.empty()) line += ' ';
    if (is_head)
      line += value.get_string();
    else
      line.append(name).append("=").append(json::serialize(value));
  }
  return line;
}

}  // namespace

LogSettings log_settings_of(std::string_view format, std::string_view level) {
  LogSettings settings;
  if (format == "Text" || format == "text") settings.form = LogForm::text;
  if (level == "WARN") settings.least = LogLevel::warn;
  if (level == "ERROR" || level == "FATAL") settings.least = LogLevel::error;
  return settings;
}

Log::Log(LogSettings settings, std::function<core::Instant()> now,
         std::function<void(std::string_view)> write)
    : settings_(settings), now_(std::move(now)), write_(std::move(write)) {}

void Log::set_request(std::string request_id, std::string trace_id) {
  request_id_ = std::move(request_id);
  trace_id_ = std::move(trace_id);
}

void Log::write(LogLevel level, std::string_view what, const json::object& facts) {
  if (level < settings_.least) return;
  json::object record{
      {"timestamp", core::to_rfc3339(now_())}, {"level", text_of(level)}, {"event", what}};
  if (!request_id_.empty()) record.emplace("requestId", request_id_);
  if (!trace_id_.empty()) record.emplace("xrayTraceId", trace_id_);
  for (const auto& [name, value] : facts)
    if (!is_empty(value)) record.emplace(name, value);
  write_((settings_.form == LogForm::json ? json::serialize(record) : text_line(record)) + "\n");
}

}  // namespace bddlock::lambda
