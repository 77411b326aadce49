#include "cli/client_settings.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "cli/values.hpp"

namespace bddlock::cli {

namespace {

constexpr std::size_t token_bytes_max = 1024;  // what the server takes (api/auth.hpp)
constexpr std::string_view white_space = " \t\r\n\v\f";

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(white_space);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(white_space) - first + 1));
}

// Secrets get a line break, quotes or the word Bearer when they are pasted; a server says only
// "403" then.
std::expected<std::string, std::string> checked(std::string text) {
  if (text.size() > 7 && (text.starts_with("Bearer ") || text.starts_with("bearer "))) {
    text = trimmed(std::string_view(text).substr(7));
  }
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
      text.back() == text.front()) {
    return std::unexpected("has quotes around the token; leave them out");
  }
  if (text.size() > token_bytes_max) {
    return std::unexpected("is " + std::to_string(text.size()) +
                           " bytes long; a token has at most " + std::to_string(token_bytes_max));
  }
  if (std::ranges::any_of(
          text, [](char c) { return static_cast<unsigned char>(c - 0x21) > 0x7E - 0x21; })) {
    return std::unexpected(
        "has white space, a line break or a character that is not ASCII inside the token");
  }
  return text;
}

std::expected<Token, std::string> token_from_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return std::unexpected("cannot read the token file " + path + ": " + std::strerror(errno));
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const std::string all = trimmed(text);
  if (file.bad() || all.empty())
    return std::unexpected("the token file " + path + " has no token in it");
  // The server's own file may hold several while one replaces another: the first will do.
  const bool bearer = all.starts_with("Bearer ") || all.starts_with("bearer ");
  auto token = checked(bearer ? all : all.substr(0, all.find_first_of(white_space)));
  if (!token) return std::unexpected("the token file " + path + " " + token.error());
  return Token{std::move(*token), "the file " + path};
}

Fault take_endpoint(std::string& target, std::string_view text) {
  target = text;
  const auto parsed = net::parse_endpoint(text);
  if (!parsed) return parsed.error();
  return std::nullopt;
}

}  // namespace

std::vector<Option> client_options(ClientSettings& settings) {
  return {
      {.name = "endpoint",
       .variable = "BDD_LOCK_ENDPOINT",
       .value = "URL",
       .fallback = "http://127.0.0.1:8080",
       .help = "the root of the server's endpoints",
       .assign = [&settings](std::string_view text,
                             Source) { return take_endpoint(settings.endpoint, text); }},
      {.name = "token-file",
       .variable = "BDD_LOCK_TOKEN_FILE",
       .value = "FILE",
       .help = "a file with the token; wins over BDD_LOCK_AUTH_TOKEN",
       .assign = [&settings](std::string_view text, Source source) -> Fault {
         settings.token_file = text;
         settings.token_file_source = source;
         return std::nullopt;
       }},
      {.variable = "BDD_LOCK_AUTH_TOKEN",
       .help = "the token itself; only as a variable, never on the command line",
       .assign = into(settings.token_variable)},
      {.name = "timeout",
       .variable = "BDD_LOCK_TIMEOUT",
       .value = "TIME",
       .fallback = "30s",
       .help = "limit of each call to the server, repeats and pauses included; 1s to 1h",
       .assign = into(settings.timeout,
                      [](std::string_view text) {
                        return parse_duration(text, seconds(1), std::chrono::hours(1));
                      })},
  };
}

Option config_option() {
  return {.name = "config",
          .value = "FILE",
          .help = "a file with settings, one NAME = VALUE a line; also BDD_LOCK_CONFIG"};
}

Option repo_option(std::string& repo, std::string help) {
  return {.name = "repo",
          .variable = "REPO_NAME",
          .value = "REPO",
          .help = std::move(help),
          .assign = into(repo)};
}

Option name_argument(std::string& name, std::string help) {
  return {.name = "NAME",
          .help = std::move(help),
          .is_argument = true,
          .required = true,
          .assign = [&name](std::string_view text, Source) -> Fault {
            name = text;
            if (text.empty()) return "is empty; is a variable empty that should not be?";
            return std::nullopt;
          }};
}

std::expected<Token, std::string> client_token(const ClientSettings& settings) {
  const bool only_config_names_file = settings.token_file_source == Source::file;
  if (!settings.token_file.empty() &&
      !(only_config_names_file && !settings.token_variable.empty())) {
    return token_from_file(settings.token_file);
  }
  auto token = checked(trimmed(settings.token_variable));
  if (!token) return std::unexpected("the variable BDD_LOCK_AUTH_TOKEN " + token.error());
  return Token{std::move(*token), "BDD_LOCK_AUTH_TOKEN"};
}

std::expected<Remote, Trouble> open_remote(const Environment& env, const ClientSettings& settings) {
  const auto endpoint = net::parse_endpoint(settings.endpoint);
  if (!endpoint) return std::unexpected(Trouble{ExitCode::usage, endpoint.error()});
  auto token = client_token(settings);
  if (!token) return std::unexpected(Trouble{ExitCode::usage, std::move(token.error())});
  return Remote(
      env, env.connect(*endpoint),
      {settings.endpoint, std::move(token->text), std::move(token->from), settings.timeout});
}

}  // namespace bddlock::cli
