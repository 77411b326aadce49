#include "cli/watch_page.hpp"

#include <algorithm>
#include <array>

#include "cli/stack_output.hpp"
#include "cli/text.hpp"

namespace bddlock::cli {

namespace {

using Lines = std::vector<std::string>;

constexpr std::size_t lines_around = 6;  // title, counts, two blank ones, a heading, the last line

// "2026-01-02T03:04:05Z": nobody reads the milliseconds of a moving table.
std::string second_text(core::Instant at) {
  return core::to_rfc3339(std::chrono::floor<std::chrono::seconds>(at)).substr(0, 19) + "Z";
}

std::string shown_state(const core::Stack& stack) {
  std::string text(core::to_text(stack.state));
  if (core::is_offered(stack)) text += " (offered)";
  if (stack.disable_after_claim) text += " (then disabled)";
  return text;
}

Lines split(const std::string& text) {
  Lines lines;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t to = text.find('\n', from);
    lines.push_back(text.substr(from, to - from));
    from = to + 1;
  }
  return lines;
}

Lines stack_lines(const std::vector<core::Stack>& stacks) {
  std::vector<std::vector<std::string>> rows = {{"STACK", "STATE", "SINCE", "UNTIL", "WHO"}};
  for (const core::Stack& stack : stacks) {
    const bool has_end = stack.claim.has_value();
    rows.push_back({printable(stack.stack_name.text()), shown_state(stack),
                    second_text(stack.last_used),
                    has_end ? second_text(stack.claim->expires_at) : "",
                    has_end ? printable(name_of(stack.claim->holder)) : ""});
  }
  return split(aligned(rows));
}

Lines waiting_lines(const std::vector<wire::ShownRequest>& waiting) {
  std::vector<std::vector<std::string>> rows = {{"PLACE", "REQUEST", "STACKS", "SINCE", "WHO"}};
  for (const wire::ShownRequest& shown : waiting) {
    const core::Wish& wish = shown.request.wish;
    rows.push_back({std::to_string(shown.position), printable(shown.request.request_id.text()),
                    std::to_string(wish.count), second_text(shown.request.arrived_at),
                    printable(name_of(wish.holder))});
  }
  return split(aligned(rows));
}

std::string counts_of(const Watched& watched) {
  std::string text = counted(static_cast<std::int64_t>(watched.stacks.size()), "stack");
  std::string states;
  for (const auto state :
       {core::State::available, core::State::claimed, core::State::held, core::State::disabled}) {
    const auto count = std::ranges::count(watched.stacks, state, &core::Stack::state);
    if (count == 0) continue;
    states += (states.empty() ? ": " : ", ") + std::to_string(count) + " " +
              std::string(core::to_text(state));
  }
  const auto waiting = static_cast<std::int64_t>(watched.waiting.size());
  return text + states + "; " + counted(waiting, "request") + (waiting == 1 ? " waits" : " wait");
}

// The heading and at most `room` lines below it; the last of them counts what did not fit.
void append_fitting(Lines& page, const Lines& table, std::size_t room) {
  const std::size_t below = table.size() - 1;
  const std::size_t shown = below <= room ? below : std::max<std::size_t>(room, 1) - 1;
  page.insert(page.end(), table.begin(), table.begin() + static_cast<std::ptrdiff_t>(shown) + 1);
  if (shown < below) page.push_back("... and " + std::to_string(below - shown) + " more");
}

}  // namespace

std::vector<std::string> watch_page(const Watched& watched, std::string_view title,
                                    std::string_view trouble, TerminalSize size) {
  const Lines stacks = stack_lines(watched.stacks);
  const Lines waiting = waiting_lines(watched.waiting);
  const bool has_line = !watched.waiting.empty();
  const std::size_t around = lines_around + (has_line ? 2 : 0);
  const std::size_t room = std::max<std::size_t>(size.rows, around + 2) - around;
  // The line has the room that the stacks leave, but at least a third.
  const std::size_t wanted = stacks.size() - 1;
  const std::size_t for_line =
      has_line ? std::max(room / 3, room - std::min(room, wanted)) : std::size_t{0};

  Lines page = {printable(title), counts_of(watched), ""};
  append_fitting(page, stacks, room - std::min(room, std::min(for_line, waiting.size() - 1)));
  if (has_line) {
    page.emplace_back();
    append_fitting(page, waiting, for_line);
  }
  page.emplace_back();
  page.push_back(trouble.empty() ? "q ends it" : printable(trouble));
  page.resize(std::min(page.size(), size.rows));
  for (std::string& line : page) line = std::string(cut_to(line, size.columns));
  return page;
}

std::string drawn(const std::vector<std::string>& page) {
  std::string text = "\x1b[H";
  for (std::size_t i = 0; i < page.size(); ++i) text += (i == 0 ? "" : "\r\n") + page[i] + "\x1b[K";
  return text + "\x1b[J";
}

}  // namespace bddlock::cli
