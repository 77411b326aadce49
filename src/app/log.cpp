#include "app/log.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <climits>
#include <limits>
#include <optional>

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

void append_unicode_escape(std::string& out, char32_t point) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += digits[(point >> shift) & 15];
}

// Control characters are escaped in both formats: a name or a path must not be able to forge a line
// or to steer a terminal. What is no UTF-8 becomes U+FFFD, or the line would not be JSON. Most
// texts have nothing to escape and are appended in one go.
void append_escaped(std::string& out, std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t stop = at + core::plain_bytes(text.substr(at));
    out.append(text.substr(at, stop - at));
    at = stop;
    if (at == text.size()) return;
    const char32_t point = wire::next_code_point(text, at);
    if (point == U'"' || point == U'\\') {
      out.append(1, '\\').append(1, text[stop]);
    } else if (point < 0xa0 || point == wire::replacement_character) {
      append_unicode_escape(out, point);
    } else {
      out.append(text.substr(stop, at - stop));
    }
  }
}

void append_number(std::string& out, std::int64_t number) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_json(std::string& out, std::string_view at, Level level, std::string_view what,
                 std::initializer_list<Log::Field> fields) {
  out.append(R"({"at":")").append(at).append(R"(","level":")").append(text_of(level));
  out.append(R"(","event":")").append(what).append("\"");
  for (const auto& [name, value] : fields) {
    const auto* number = std::get_if<std::int64_t>(&value);
    if (number == nullptr && std::get<std::string_view>(value).empty()) continue;
    out.append(",\"").append(name).append("\":");
    if (number != nullptr) {
      append_number(out, *number);
    } else {
      out += '"';
      append_escaped(out, std::get<std::string_view>(value));
      out += '"';
    }
  }
  out += "}\n";
}

void append_text(std::string& out, std::string_view at, Level level, std::string_view what,
                 std::initializer_list<Log::Field> fields) {
  out.append(at).append(" ").append(text_of(level)).append(8 - text_of(level).size(), ' ');
  out.append(what);
  for (const auto& [name, value] : fields) {
    const auto* number = std::get_if<std::int64_t>(&value);
    if (number == nullptr && std::get<std::string_view>(value).empty()) continue;
    out.append(" ").append(name).append("=");
    if (number != nullptr) {
      append_number(out, *number);
      continue;
    }
    const auto text = std::get<std::string_view>(value);
    const bool quoted = text.find_first_of(" \"=") != std::string_view::npos;
    if (quoted) out += '"';
    append_escaped(out, text);
    if (quoted) out += '"';
  }
  out += '\n';
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
  const std::string time = core::to_rfc3339(at);
  const auto append = format_ == LogFormat::json ? append_json : append_text;
  bool wake = false;
  {
    const std::scoped_lock lock(mutex_);
    if (waiting_.size() > waiting_bytes_max) {
      ++dropped_;
      return;
    }
    if (dropped_ > 0) {
      append(waiting_, time, Level::warning, "log_dropped", {{"lines", dropped_}});
      dropped_ = 0;
    }
    const std::size_t before = waiting_.size();
    append(waiting_, time, level, what, fields);
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
