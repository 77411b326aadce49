// The calls about stacks that more than one command makes.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "cli/remote.hpp"
#include "core/stack.hpp"

namespace bddlock::cli {

[[nodiscard]] std::string path_of_stack(std::string_view name);

// Nothing: no stack of that name is in the table.
[[nodiscard]] std::expected<std::optional<core::Stack>, Trouble> find_stack(
    Remote& remote, const std::string& name);

// All pages. Empty texts restrict nothing.
[[nodiscard]] std::expected<std::vector<core::Stack>, Trouble> list_stacks(
    Remote& remote, const std::string& repo, const std::string& state);

// The names that GET /get-available lists, in its order.
[[nodiscard]] std::expected<std::vector<std::string>, Trouble> available_stacks(
    Remote& remote, const std::string& repo);

// PUT /claim-stack: true if it is ours now, false if it was not free.
[[nodiscard]] std::expected<bool, Trouble> claim_stack(Remote& remote, const std::string& name);

struct Admission {
  bool created = false;
  bool name_exists = false;
  std::string refusal = {};  // otherwise: what the server has against it
};
// POST /create-stack.
[[nodiscard]] std::expected<Admission, Trouble> create_stack(Remote& remote,
                                                             const std::string& name,
                                                             const std::string& repo,
                                                             bool available);

// "it is claimed, last used 2026-01-02T03:04:05.678Z"
[[nodiscard]] std::string state_sentence(const core::Stack& stack);

// What to do when nobody knows whether a change of one stack was made.
[[nodiscard]] ExitCode fail_about(const Environment& env, Trouble trouble, const std::string& name);
[[nodiscard]] ExitCode refuse_unknown(const Environment& env, const std::string& name);

// A refusal that no command knows better: 404 of the path, 400 of a newer server, ...
[[nodiscard]] Trouble refused(const std::string& what, const Reply& reply);
// A 2xx whose body is not what it should be.
[[nodiscard]] Trouble garbled(const Remote& remote, const std::string& what,
                              const std::string& fault);

}  // namespace bddlock::cli
