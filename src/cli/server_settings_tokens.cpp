#include <chrono>
#include <utility>

#include "cli/server_settings.hpp"

namespace bddlock::cli {

std::vector<Option> server_token_options(ServeDraft& draft) {
  return {
      {.name = "auth-token-file",
       .variable = "BDD_LOCK_AUTH_TOKEN_FILE",
       .value = "FILE",
       .help = "a file with one or more tokens, separated by white space; read again when it "
               "changes; wins "
               "over BDD_LOCK_TABLE_AUTH_TOKEN",
       .assign = [&draft](std::string_view text, Source source) -> Fault {
         if (text.empty()) return "names no file";
         draft.options.auth_token_file = text;
         draft.token_file_source = source;
         return std::nullopt;
       }},
      {.name = "auth-token-ssm-parameter",
       .variable = "BDD_LOCK_AUTH_TOKEN_SSM_PARAMETER",
       .value = "NAME",
       .help = "a parameter of Amazon's Systems Manager with them, a SecureString (the original's "
               "is bddLockTableAuthToken); read again when it changes",
       .assign = [&draft](std::string_view text, Source source) -> Fault {
         auto name = parse_ssm_parameter(text);
         if (!name) return std::move(name.error());
         draft.options.auth_token_ssm_parameter = std::move(*name);
         draft.token_parameter_source = source;
         return std::nullopt;
       }},
      {.name = "auth-token-ssm-interval",
       .variable = "BDD_LOCK_AUTH_TOKEN_SSM_INTERVAL",
       .value = "TIME",
       .fallback = "60s",
       .help = "between two looks at that parameter; 1s to 1d",
       .assign = into(draft.options.auth_token_ssm_interval,
                      duration_between(seconds(1), std::chrono::hours(24)))},
      {.variable = "BDD_LOCK_TABLE_AUTH_TOKEN",
       .help = "the tokens themselves; only as a variable, never on the command line",
       .assign = into(draft.options.auth_tokens)},
      {.name = "no-auth",
       .variable = "BDD_LOCK_NO_AUTH",
       .fallback = "false",
       .help = "lets everybody in; only when it listens on loopback",
       .assign = into(draft.options.no_auth, parse_switch)},
  };
}

Fault settle_token_source(ServeDraft& draft) {
  std::string& file = draft.options.auth_token_file;
  std::string& parameter = draft.options.auth_token_ssm_parameter;
  std::string& tokens = draft.options.auth_tokens;
  if (!file.empty() && !parameter.empty()) {
    if (draft.token_file_source == draft.token_parameter_source)
      return "--auth-token-file and --auth-token-ssm-parameter are both set; take one of them away";
    (draft.token_file_source < draft.token_parameter_source ? file : parameter).clear();
  }
  const bool is_file = !file.empty();
  std::string& place = is_file ? file : parameter;
  const Source source = is_file ? draft.token_file_source : draft.token_parameter_source;
  if (!place.empty() && !tokens.empty()) (source == Source::file ? place : tokens).clear();
  return std::nullopt;
}

}  // namespace bddlock::cli
