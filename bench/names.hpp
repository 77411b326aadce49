// The names of the stacks and repos that are measured: stack-0000000, repo-0000 and so on, as
// peers.py puts them in.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace bddlock::bench {

[[nodiscard]] std::string stack_name(std::size_t number);
[[nodiscard]] std::string repo_name(std::size_t number);

// Nothing: it is no such name.
[[nodiscard]] std::optional<std::size_t> stack_number(std::string_view name);

}  // namespace bddlock::bench
