// What a command shows while its request waits for a stack: place and estimate, a line each time
// they change in a CI's log, one line that moves on a terminal. Time is a parameter. Threads: one.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

namespace bddlock::cli {

// Where a request stands, as the API v1 says it.
struct Place {
  std::int64_t position = 0;                          // from 1
  std::optional<std::int64_t> waiting = {};           // how many wait in all
  std::optional<std::chrono::seconds> estimate = {};  // none: there is no history to tell it from
  std::string never = {};               // why the pool, as it is now, can never grant it
  std::chrono::seconds retry_after{0};  // within which to ask again
};

// "45 s", "4 min 10 s", "2 h 5 min", "3 d": the two largest units, the rest cut off.
[[nodiscard]] std::string duration_words(std::chrono::seconds duration);

// "place 3 of 5 for paymentService, about 4 min 10 s". Estimates are rounded up to what they are
// worth: to 5 s below a minute, then to 10 s, 1 min and 5 min.
[[nodiscard]] std::string place_text(const Place& place, std::string_view repo);

class WaitingLine {
 public:
  using milliseconds = std::chrono::milliseconds;

  struct Screen {
    bool is_terminal = false;                   // one that understands \r and ESC [ K
    std::function<std::size_t()> columns = {};  // of the terminal, asked each time
  };

  // `start`: the boot-time clock when the wait began.
  WaitingLine(std::ostream& out, Screen screen, std::string repo, milliseconds start)
      : out_(out),
        screen_(std::move(screen)),
        repo_(std::move(repo)),
        told_(start),
        start_(start) {}

  // In a log what did not change is told once a minute all the same, with the time waited so far:
  // CIs end jobs that are silent for minutes.
  void show(const Place& place, milliseconds now);

  // A message of its own in between, with its line end; the moving line is put back below it.
  void say(std::string_view line);

  // Takes the moving line off the screen. The next show() puts one there again.
  void clear();

 private:
  void show_in_log(const std::string& text, milliseconds now);
  void draw();

  std::ostream& out_;
  Screen screen_;
  std::string repo_;
  std::string shown_;  // the moving line, or the last one in the log
  milliseconds told_;
  milliseconds start_;
};

}  // namespace bddlock::cli
