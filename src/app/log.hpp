// The access and event log: one JSON object a line, or one readable line on a terminal, to standard
// output. Lines are collected in memory and written by a thread of its own at least every 200 ms,
// so that no request waits for a slow reader; when more than 4 MiB are waiting, further lines are
// counted and left out, and the next line that goes through says how many ("log_dropped"). The
// destructor writes what is left.
//
// Threads: any. No token may be passed to it: it writes what it gets.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <initializer_list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>

#include "core/instant.hpp"

namespace bddlock::app {

enum class Level { info = 1, warning, error };
enum class LogFormat { json = 1, text };

class Log {
 public:
  using Value = std::variant<std::int64_t, std::string_view>;
  using Field = std::pair<std::string_view, Value>;

  Log(int descriptor, LogFormat format);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // `what` is the event's name, in snake_case; fields in the order given. Empty texts are left out.
  void write(core::Instant at, Level level, std::string_view what,
             std::initializer_list<Field> fields);

 private:
  void drain();
  void write_out(std::string_view text);

  const int descriptor_;
  const LogFormat format_;
  std::mutex mutex_;
  std::condition_variable wake_;
  core::Rfc3339Text time_text_;
  std::string waiting_;
  std::int64_t dropped_ = 0;
  bool stopping_ = false;
  std::thread writer_;
};

}  // namespace bddlock::app
