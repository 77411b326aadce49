// What serve and lambda are told, by subject, apart from where they listen and where the table is.
// The options assign into the draft or options that they were made with, which must outlive them.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "cli/command.hpp"
#include "cli/serve_options.hpp"
#include "cli/values.hpp"

namespace bddlock::cli {

// The options of a server, and where its tokens come from, by which settle_token_source chooses.
struct ServeDraft {
  ServeOptions options;
  Source token_file_source = Source::none;
  Source token_parameter_source = Source::none;
};

[[nodiscard]] std::vector<Option> server_token_options(ServeDraft& draft);
// When unused stacks are released and removed.
[[nodiscard]] std::vector<Option> server_sweep_options(ServeOptions& options);
// What a claim may ask for, and how many stacks and holds there may be.
[[nodiscard]] std::vector<Option> server_claim_options(ServeOptions& options);
[[nodiscard]] std::vector<Option> server_history_options(ServeOptions& options);
[[nodiscard]] std::vector<Option> server_log_options(ServeOptions& options);
// How large a request may be, and how many there may be at a time.
[[nodiscard]] std::vector<Option> server_size_options(ServeOptions& options);
// How long a request may take, and a connection be idle.
[[nodiscard]] std::vector<Option> server_time_options(ServeOptions& options);

// The strongest source of tokens wins. Of equally strong ones a place wins over the tokens
// themselves; two places are a mistake.
[[nodiscard]] Fault settle_token_source(ServeDraft& draft);

// For `into`.
[[nodiscard]] inline auto duration_between(seconds least, seconds most) {
  return [least, most](std::string_view text) { return parse_duration(text, least, most); };
}

[[nodiscard]] inline auto count_between(std::size_t least, std::size_t most) {
  return [least, most](std::string_view text) { return parse_count(text, least, most); };
}

}  // namespace bddlock::cli
