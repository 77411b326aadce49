// The page that "watch" shows on a terminal. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/live.hpp"
#include "cli/watched.hpp"

namespace bddlock::cli {

// Lines without control characters, none longer than the terminal is wide and not more than it is
// high: what does not fit is counted. `title` stands first; `trouble`, where it is not empty, last.
[[nodiscard]] std::vector<std::string> watch_page(const Watched& watched, std::string_view title,
                                                  std::string_view trouble, TerminalSize size);

// What puts such a page in the place of another one, without a moment of an empty screen.
[[nodiscard]] std::string drawn(const std::vector<std::string>& page);

}  // namespace bddlock::cli
