#include "app/log.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <limits>
#include <optional>

#include "core/appender.hpp"
#include "core/plain.hpp"
#include "wire/utf8.hpp"

namespace bddlock::app {

namespace {

constexpr std::size_t waiting_bytes_max = 4 * 1024 * 1024;
constexpr std::size_t wake_at_bytes = 64 * 1024;
constexpr std::chrono::milliseconds write_every{200};
constexpr int poll_ms = 100;
constexpr std::chrono::milliseconds last_words{500};  // for a reader that does not read, at the end

std::string_view text_of(Level level) {
  switch (level) {
    case Level::info:
      return "info";
    case Level::warning:
      return "warning";
    case Level::error:
      return "error";
  }
  return "error";
}

void put_unicode_escape(core::Appender& out, char32_t point) {
  constexpr std::string_view digits = "0123456789abcdef";
  out.put("\\u");
  for (int shift = 12; shift >= 0; shift -= 4) out.put(digits[(point >> shift) & 15]);
}

constexpr std::size_t escaped_bytes_max = 6;  // of one byte: "\u001b"

// Control characters are escaped in both formats: a name or a path must not be able to forge a line
// or to steer a terminal. What is no UTF-8 becomes U+FFFD, or the line would not be JSON. Most
// texts have nothing to escape and are put there in one go.
void put_escaped(core::Appender& out, std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t stop = at + core::plain_bytes(text.substr(at));
    out.put(text.substr(at, stop - at));
    at = stop;
    if (at == text.size()) return;
    const char32_t point = wire::next_code_point(text, at);
    if (point == U'"' || point == U'\\') {
      out.put('\\');
      out.put(text[stop]);
    } else if (point < 0xa0 || point == wire::replacement_character) {
      put_unicode_escape(out, point);
    } else {
      out.put(text.substr(stop, at - stop));
    }
  }
}

// The most that a line can need, in either format.
std::size_t room_for(std::string_view at, std::string_view what,
                     std::initializer_list<Log::Field> fields) {
  constexpr std::size_t line_bytes = 64;  // of all that stands around the values
  constexpr std::size_t field_bytes = 8;
  std::size_t out = line_bytes + at.size() + what.size();
  for (const auto& [name, value] : fields) {
    const auto* text = std::get_if<std::string_view>(&value);
    out += field_bytes + name.size() +
           (text != nullptr ? text->size() * escaped_bytes_max : core::number_bytes_max);
  }
  return out;
}

bool is_left_out(const Log::Value& value) {
  const auto* text = std::get_if<std::string_view>(&value);
  return text != nullptr && text->empty();
}

void put_json(core::Appender& out, std::string_view at, Level level, std::string_view what,
              std::initializer_list<Log::Field> fields) {
  out.put(R"({"at":")");
  out.put(at);
  out.put(R"(","level":")");
  out.put(text_of(level));
  out.put(R"(","event":")");
  out.put(what);
  out.put('"');
  for (const auto& [name, value] : fields) {
    if (is_left_out(value)) continue;
    out.put(",\"");
    out.put(name);
    out.put("\":");
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      out.put_number(*number);
    } else {
      out.put('"');
      put_escaped(out, std::get<std::string_view>(value));
      out.put('"');
    }
  }
  out.put("}\n");
}

void put_text(core::Appender& out, std::string_view at, Level level, std::string_view what,
              std::initializer_list<Log::Field> fields) {
  constexpr std::string_view level_column = "        ";
  out.put(at);
  out.put(' ');
  out.put(text_of(level));
  out.put(level_column.substr(text_of(level).size()));
  out.put(what);
  for (const auto& [name, value] : fields) {
    if (is_left_out(value)) continue;
    out.put(' ');
    out.put(name);
    out.put('=');
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      out.put_number(*number);
      continue;
    }
    const auto text = std::get<std::string_view>(value);
    const bool quoted = text.find_first_of(" \"=") != std::string_view::npos;
    if (quoted) out.put('"');
    put_escaped(out, text);
    if (quoted) out.put('"');
  }
  out.put('\n');
}

void append_line(std::string& out, LogFormat format, std::string_view at, Level level,
                 std::string_view what, std::initializer_list<Log::Field> fields) {
  core::append_pieces(out, room_for(at, what, fields), [&](core::Appender& line) {
    if (format == LogFormat::json)
      put_json(line, at, level, what, fields);
    else
      put_text(line, at, level, what, fields);
  });
}

// How much may be written without waiting for a reader: a pipe that poll() calls writable takes
// PIPE_BUF bytes at once, a file takes everything.
std::size_t piece_bytes_max(int descriptor) {
  struct stat found{};
  const bool file = fstat(descriptor, &found) == 0 && S_ISREG(found.st_mode);
  return file ? std::numeric_limits<std::size_t>::max() : PIPE_BUF;
}

}  // namespace

Log::Log(int descriptor, LogFormat format)
    : descriptor_(descriptor), format_(format), writer_([this] { drain(); }) {}

Log::~Log() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  writer_.join();
}

void Log::write(core::Instant at, Level level, std::string_view what,
                std::initializer_list<Field> fields) {
  bool wake = false;
  {
    const std::scoped_lock lock(mutex_);
    if (waiting_.size() > waiting_bytes_max) {
      ++dropped_;
      return;
    }
    const std::string_view time = time_text_.at(at);
    if (dropped_ > 0) {
      append_line(waiting_, format_, time, Level::warning, "log_dropped", {{"lines", dropped_}});
      dropped_ = 0;
    }
    const std::size_t before = waiting_.size();
    append_line(waiting_, format_, time, level, what, fields);
    wake = before < wake_at_bytes && waiting_.size() >= wake_at_bytes;
  }
  if (wake) wake_.notify_one();
}

void Log::drain() {
  std::string writing;
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait_for(lock, write_every,
                   [this] { return stopping_ || waiting_.size() >= wake_at_bytes; });
    const bool last = stopping_;
    std::swap(writing, waiting_);
    lock.unlock();
    write_out(writing);
    writing.clear();
    lock.lock();
    if (last) return;
  }
}

// A log that cannot be written, or that nobody reads, must neither stop the service nor its end.
void Log::write_out(std::string_view text) {
  const std::size_t most = piece_bytes_max(descriptor_);
  std::optional<std::chrono::steady_clock::time_point> give_up_at;
  while (!text.empty()) {
    pollfd writable{.fd = descriptor_, .events = POLLOUT, .revents = 0};
    if (poll(&writable, 1, poll_ms) <= 0) {
      const std::scoped_lock lock(mutex_);
      const auto now = std::chrono::steady_clock::now();
      if (stopping_ && !give_up_at) give_up_at = now + last_words;
      if (give_up_at && now >= *give_up_at) return;
      continue;
    }
    const ssize_t wrote = ::write(descriptor_, text.data(), std::min(text.size(), most));
    if (wrote > 0) {
      text.remove_prefix(static_cast<std::size_t>(wrote));
    } else if (errno != EINTR && errno != EAGAIN) {
      return;
    }
  }
}

}  // namespace bddlock::app
