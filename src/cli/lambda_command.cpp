#include "cli/lambda_command.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/client_settings.hpp"
#include "cli/server_settings.hpp"
#include "cli/store_options.hpp"
#include "cli/values.hpp"

namespace bddlock::cli {

namespace {

// Of a sandbox nothing is left but what DynamoDB keeps.
Value<StoreChoice> parse_function_store(std::string_view text) {
  auto store = parse_store(text);
  if (text.starts_with("dynamodb:")) return store;
  return std::unexpected(
      "must be dynamodb:TABLE, as a Lambda function keeps no file and no memory");
}

Option function_store_option(StoreChoice& store) {
  return {.name = "store",
          .variable = "BDD_LOCK_STORE",
          .value = "dynamodb:TABLE",
          .fallback = "dynamodb: and the name in BDD_LOCK_TABLE_NAME",
          .help = "the table on DynamoDB; a function keeps no file and no memory",
          .assign = into(store, parse_function_store)};
}

// Those of a server that mean something where there is no listener and no clock of its own. The log
// is as AWS's own settings say.
std::vector<Option> lambda_settings(ServeDraft& draft) {
  ServeOptions& options = draft.options;
  std::vector<Option> all{function_store_option(options.store),
                          table_option(options.dynamodb_table),
                          dynamodb_endpoint_option(options.dynamodb_endpoint)};
  constexpr std::string_view left_out[] = {
      "auth-token-file",  "no-auth",         "release-unused-at", "log-format",
      "max-header-bytes", "max-connections", "max-pipelined"};
  for (auto group : {server_token_options(draft), server_sweep_options(options),
                     server_claim_options(options), server_history_options(options),
                     server_log_options(options), server_size_options(options)}) {
    for (Option& option : group)
      if (std::ranges::find(left_out, option.name) == std::end(left_out))
        all.push_back(std::move(option));
  }
  all.push_back(config_option());
  return all;
}

// Everybody reaches it.
Fault settle_function(ServeDraft& draft) {
  draft.options.auth_token_file.clear();
  if (auto fault = settle_token_source(draft)) return fault;
  if (draft.options.auth_tokens.empty() && draft.options.auth_token_ssm_parameter.empty())
    return "clients need a token, and none is set: set BDD_LOCK_AUTH_TOKEN_SSM_PARAMETER to the "
           "name of a parameter with it, or BDD_LOCK_TABLE_AUTH_TOKEN to the token";
  return std::nullopt;
}

}  // namespace

Command lambda_command(const Environment& env, std::function<int(const LambdaOptions&)> lambda) {
  auto draft = std::make_shared<ServeDraft>();
  draft->options.store = {StoreChoice::Kind::dynamodb, ""};
  return {
      .name = "lambda",
      .summary = "runs as a function of AWS Lambda",
      .about =
          "AWS Lambda starts it: as the file bootstrap of a function on provided.al2023 it needs "
          "no words.\n"
          "The table is dynamodb:TABLE, or that of BDD_LOCK_TABLE_NAME. Its schedule is "
          "EventBridge's.\n",
      .examples = "  cp bdd-lock bootstrap && zip bdd-lock-lambda.zip bootstrap\n",
      .options = lambda_settings(*draft),
      .run =
          [draft, lambda] {
            auto fault = settle_store(draft->options);
            if (!fault) fault = settle_function(*draft);
            return lambda({draft->options, std::move(fault)});
          },
      .take_fault = [&env, lambda](const std::string& fault) -> std::optional<int> {
        if (env.variable("AWS_LAMBDA_RUNTIME_API").value_or("").empty()) return std::nullopt;
        return lambda({{}, fault});
      }};
}

}  // namespace bddlock::cli
