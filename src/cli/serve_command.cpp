#include "cli/serve_command.hpp"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "cli/client_settings.hpp"
#include "cli/server_settings.hpp"
#include "cli/store_options.hpp"
#include "cli/values.hpp"

namespace bddlock::cli {

namespace {

std::vector<Option> serve_settings(ServeDraft& draft) {
  std::vector<Option> all;
  all.push_back(
      {.name = "listen",
       .variable = "BDD_LOCK_LISTEN",
       .value = "ADDRESS:PORT",
       .fallback = "127.0.0.1:8080",
       .help = "where to listen; 0.0.0.0 is every network of this machine, port 0 a free one",
       .assign = into(draft.options.listen, parse_listen)});
  all.push_back(store_option(draft.options.store));
  all.push_back(table_option(draft.options.dynamodb_table));
  all.push_back(dynamodb_endpoint_option(draft.options.dynamodb_endpoint));
  for (auto group : {server_token_options(draft), server_sweep_options(draft.options),
                     server_claim_options(draft.options), server_history_options(draft.options),
                     server_log_options(draft.options), server_size_options(draft.options),
                     server_time_options(draft.options)}) {
    for (Option& option : group) all.push_back(std::move(option));
  }
  all.push_back(config_option());
  return all;
}

constexpr const char* no_token =
    "clients need a token, and none is set. Make one and start again:\n"
    "  (umask 077; head -c 24 /dev/urandom | base64 > bdd-lock.token)\n"
    "  bdd-lock serve --auth-token-file bdd-lock.token\n"
    "Or set BDD_LOCK_TABLE_AUTH_TOKEN, or, to try it out on this machine only, give --no-auth";

// A server that is open to everybody only by wish and on loopback.
Fault settle_auth(ServeDraft& draft) {
  if (auto fault = settle_token_source(draft)) return fault;
  const ServeOptions& options = draft.options;
  const bool has_token = !options.auth_token_file.empty() || !options.auth_tokens.empty() ||
                         !options.auth_token_ssm_parameter.empty();
  if (options.no_auth && has_token) {
    return "--no-auth and a token are both set; take one of them away (the token: "
           "--auth-token-file, --auth-token-ssm-parameter or BDD_LOCK_TABLE_AUTH_TOKEN)";
  }
  if (options.no_auth && !options.listen.is_loopback()) {
    return "--no-auth is allowed only on a loopback address (127.0.0.1, ::1), and --listen says " +
           options.listen.address + ": everybody who reaches it could take every stack";
  }
  if (!options.no_auth && !has_token) return no_token;
  return std::nullopt;
}

}  // namespace

Command serve_command(std::function<int(const ServeOptions&)> serve) {
  auto draft = std::make_shared<ServeDraft>();
  return {.name = "serve",
          .summary = "runs the server",
          .about = "It stops on SIGTERM or SIGINT, when what is in flight is answered.\n",
          .examples =
              "  bdd-lock serve --no-auth\n"
              "  bdd-lock serve --listen 0.0.0.0:8080 --auth-token-file bdd-lock.token\n",
          .options = serve_settings(*draft),
          .check = [draft]() -> Fault {
            if (auto fault = settle_store(draft->options)) return fault;
            return settle_auth(*draft);
          },
          .run = [draft, serve = std::move(serve)] { return serve(draft->options); }};
}

}  // namespace bddlock::cli
