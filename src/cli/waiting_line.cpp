#include "cli/waiting_line.hpp"

#include <array>
#include <ostream>

#include "ci/escape.hpp"
#include "cli/text.hpp"

namespace bddlock::cli {

namespace {

using std::chrono::seconds;

constexpr std::chrono::milliseconds tell_every{60'000};
constexpr std::string_view prefix = "bdd-lock: ";
constexpr std::string_view clear_to_end = "\x1b[K";

struct WordUnit {
  std::int64_t seconds;
  std::string_view word;
};
constexpr std::array<WordUnit, 4> units = {{{86'400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}}};

seconds rounded_up(seconds estimate) {
  const std::int64_t count = estimate.count();
  const std::int64_t step = count < 60 ? 5 : count < 600 ? 10 : count < 3600 ? 60 : 300;
  return seconds((count + step - 1) / step * step);
}

std::string estimate_text(const Place& place) {
  if (!place.estimate) return "";
  if (*place.estimate <= seconds(0)) return ", any moment now";
  return ", about " + duration_words(rounded_up(*place.estimate));
}

}  // namespace

std::string duration_words(seconds duration) {
  std::int64_t rest = duration.count();
  for (std::size_t i = 0; i < units.size(); ++i) {
    const auto [size, word] = units[i];
    if (rest < size) continue;
    std::string text = std::to_string(rest / size) + " " + std::string(word);
    if (i + 1 == units.size()) return text;
    const auto [next_size, next_word] = units[i + 1];
    const std::int64_t next = rest % size / next_size;
    if (next > 0) text += " " + std::to_string(next) + " " + std::string(next_word);
    return text;
  }
  return "0 s";
}

std::string place_text(const Place& place, std::string_view repo) {
  std::string text = "place " + std::to_string(place.position);
  if (place.waiting) text += " of " + std::to_string(*place.waiting);
  text += " for " + ci::defused(printable(repo)) + estimate_text(place);
  if (!place.never.empty()) text += "; " + ci::defused(printable(place.never));
  return text;
}

void WaitingLine::show(const Place& place, milliseconds now) {
  const std::string text = place_text(place, repo_);
  if (!screen_.is_terminal) return show_in_log(text, now);
  shown_ = text;
  draw();
}

void WaitingLine::show_in_log(const std::string& text, milliseconds now) {
  const bool changed = text != shown_;
  if (!changed && now - told_ < tell_every) return;
  const auto waited = std::chrono::duration_cast<seconds>(now - start_);
  out_ << prefix << text << (changed ? "" : "; waited " + duration_words(waited) + " so far")
       << std::endl;
  shown_ = text;
  told_ = now;
}

// One column stays free: a line as wide as the screen would wrap, and \r not lead back to its
// start.
void WaitingLine::draw() {
  const std::size_t columns = screen_.columns();
  const std::string line = std::string(prefix) + shown_;
  out_ << '\r' << cut_to(line, columns == 0 ? 79 : columns - 1) << clear_to_end << std::flush;
}

void WaitingLine::say(std::string_view line) {
  if (!screen_.is_terminal || shown_.empty()) {
    out_ << prefix << line << std::endl;
    return;
  }
  out_ << '\r' << clear_to_end << prefix << line << '\n';
  draw();
}

void WaitingLine::clear() {
  if (screen_.is_terminal && !shown_.empty()) out_ << '\r' << clear_to_end << std::flush;
  shown_.clear();
}

}  // namespace bddlock::cli
