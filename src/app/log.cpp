#include "app/log.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "wire/utf8.hpp"

namespace bddlock::app {

namespace {

constexpr std::size_t waiting_bytes_max = 4 * 1024 * 1024;
constexpr std::size_t wake_at_bytes = 64 * 1024;
constexpr std::chrono::milliseconds write_every{200};

std::string_view text_of(Level level) {
  switch (level) {
    case Level::info: return "info";
    case Level::warning: return "warning";
    case Level::error: return "error";
  }
  return "error";
}

// Control characters are escaped in both formats: a name or a path must not be able to forge a line or to
// steer a terminal. What is no UTF-8 becomes U+FFFD: a line of JSON must be valid whatever a client sends.
void append_escaped(std::string& out, std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    const char32_t point = wire::next_code_point(text, at);
    if (point == U'"' || point == U'\\') {
      out += '\\';
      out += text[start];
    } else if (point < 0x20 || (point >= 0x7f && point < 0xa0) || point == wire::replacement_character) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(point));
    } else {
      out += text.substr(start, at - start);
    }
  }
}

void append_json(std::string& out, std::string_view at, Level level, std::string_view what,
                 std::initializer_list<Log::Field> fields) {
  fmt::format_to(std::back_inserter(out), R"({{"at":"{}","level":"{}","event":"{}")", at,
                 text_of(level), what);
  for (const auto& [name, value] : fields) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      fmt::format_to(std::back_inserter(out), R"(,"{}":{})", name, *number);
    } else if (const auto text = std::get<std::string_view>(value); !text.empty()) {
      fmt::format_to(std::back_inserter(out), R"(,"{}":")", name);
      append_escaped(out, text);
      out += '"';
    }
  }
  out += "}\n";
}

void append_text(std::string& out, std::string_view at, Level level, std::string_view what,
                 std::initializer_list<Log::Field> fields) {
  fmt::format_to(std::back_inserter(out), "{} {:<7} {}", at, text_of(level), what);
  for (const auto& [name, value] : fields) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      fmt::format_to(std::back_inserter(out), " {}={}", name, *number);
    } else if (const auto text = std::get<std::string_view>(value); !text.empty()) {
      const bool plain = text.find_first_of(" \"=") == std::string_view::npos;
      fmt::format_to(std::back_inserter(out), " {}={}", name, plain ? "" : "\"");
      append_escaped(out, text);
      if (!plain) out += '"';
    }
  }
  out += '\n';
}

// All of it, or nothing can be done about it: a log that cannot be written must not stop the service.
void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t wrote = ::write(descriptor, text.data(), text.size());
    if (wrote > 0) {
      text.remove_prefix(static_cast<std::size_t>(wrote));
    } else if (errno == EAGAIN) {
      pollfd writable{.fd = descriptor, .events = POLLOUT, .revents = 0};
      (void)poll(&writable, 1, 1000);
    } else if (errno != EINTR) {
      return;
    }
  }
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
    wake_.wait_for(lock, write_every, [this] { return stopping_ || waiting_.size() >= wake_at_bytes; });
    const bool last = stopping_;
    std::swap(writing, waiting_);
    lock.unlock();
    write_all(descriptor_, writing);
    writing.clear();
    if (last) return;
    lock.lock();
  }
}

}  // namespace bddlock::app
