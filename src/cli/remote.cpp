#include "cli/remote.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <ostream>
#include <utility>

#include "cli/backoff.hpp"
#include "cli/pause.hpp"
#include "cli/text.hpp"
#include "wire/json_reader.hpp"
#include "wire/problem.hpp"

namespace bddlock::cli {

namespace {

constexpr milliseconds first_pause{200};
constexpr milliseconds longest_pause{5'000};

// Only the form in seconds; a date would need the two clocks to agree.
milliseconds retry_after(const net::ClientResponse& response) {
  const std::string text = response.header("Retry-After");
  unsigned count = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), count);
  const bool whole = fault == std::errc{} && end == text.data() + text.size();
  return whole && !text.empty() ? milliseconds(seconds(count)) : milliseconds(0);
}

bool speaks_json(const net::ClientResponse& response) {
  return response.header("Content-Type").find("json") != std::string::npos;
}

// A page of the proxy itself: the server speaks JSON, also where it says no.
bool is_of_proxy(const net::ClientResponse& response) {
  return !response.proxy.empty() && response.status >= 400 && !speaks_json(response);
}

// Whether the server says that it did not do it. Any other 5xx, a proxy's too, leaves that open.
// The seed's errors have no code, only a sentence (docs/api.md has it).
bool says_nothing_was_done(const net::ClientResponse& response) {
  if (response.status == 408 || response.status == 429) return true;
  const std::string code = code_in(response.body);
  if (code == "store_unavailable" || code == "too_many_connections") return true;
  return response.status == 503 &&
         wire::sentence_in(response.body).find("nothing was changed") != std::string::npos;
}

bool is_stopped(const Ask& ask) { return ask.should_stop && ask.should_stop(); }

std::expected<Reply, Trouble> ended(const Ask& ask, std::expected<Reply, Trouble> result) {
  if (!result) result.error().stopped = is_stopped(ask);
  return result;
}

}  // namespace

struct Remote::Attempt {
  std::expected<Reply, Trouble> result;
  bool may_repeat = false;
  milliseconds not_before{0};
};

Remote::Remote(const Environment& env, Call call, Target target)
    : env_(env), call_(std::move(call)), target_(std::move(target)) {}

std::expected<Reply, Trouble> Remote::get(const std::string& target) {
  return call({.target = target});
}

std::expected<Reply, Trouble> Remote::call(const Ask& ask) {
  const milliseconds limit = ask.time_limit.value_or(target_.time_limit);
  const milliseconds deadline = env_.since_boot() + limit;
  Backoff backoff(first_pause, longest_pause, env_.random);
  bool told = false;
  for (int tries = 1;; ++tries) {
    const milliseconds now = env_.since_boot();
    Attempt attempt = try_once(ask, deadline - now);
    if (attempt.result) attempt.result->sent_at = now;
    if (attempt.result) attempt.result->tries = tries;
    if (!attempt.may_repeat || is_stopped(ask)) return ended(ask, std::move(attempt.result));
    const milliseconds wait = std::max(backoff.next(), attempt.not_before);
    if (env_.since_boot() + wait >= deadline) return attempt.result;
    if (!std::exchange(told, true)) {
      complain(env_, attempt.result.error().message + "\nbdd-lock: trying again for up to " +
                         std::to_string(limit.count() / 1000) + " s");
    }
    pause(env_, wait, ask.should_stop);
    if (is_stopped(ask)) return ended(ask, std::move(attempt.result));
  }
}

Remote::Attempt Remote::try_once(const Ask& ask, milliseconds time_left) {
  net::ClientRequest request;
  request.method = ask.method;
  request.target = ask.target;
  request.body = ask.body;
  request.time_limit =
      ask.try_limit > milliseconds(0) ? std::min(ask.try_limit, time_left) : time_left;
  request.should_stop = ask.should_stop;
  request.headers.emplace_back("User-Agent", "bdd-lock/" + env_.version);
  // Bare, as the original's clients send it: the original takes no "Bearer".
  if (!target_.token.empty()) request.headers.emplace_back("Authorization", target_.token);
  if (!ask.body.empty()) request.headers.emplace_back("Content-Type", ask.content_type);
  std::string pieces;
  if (ask.any_length) {
    request.on_body_piece = [&pieces](std::string_view piece) {
      pieces += piece;
      return true;
    };
  }
  auto response = call_(request);
  if (response && response->body.empty()) response->body = std::move(pieces);
  return response ? answered(*response, ask.repeat)
                  : unsent_or_broken(response.error(), ask.repeat);
}

Remote::Attempt Remote::unsent_or_broken(const net::NetError& error, Repeat repeat) const {
  if (error.failure != net::Failure::not_sent) return broken(error.detail, repeat);
  std::string message = "cannot reach a server at " + target_.endpoint + ": " + error.detail;
  message += message.ends_with('?') ? " " : ". ";
  // What is wrong with a certificate or a proxy, the detail itself says.
  if (error.step != net::Step::tls && error.step != net::Step::proxy && !error.permanent)
    message += "Is it running, and is the endpoint right (--endpoint, BDD_LOCK_ENDPOINT)? ";
  message += "\"bdd-lock doctor\" looks closer";
  return {std::unexpected(Trouble{.message = std::move(message)}), !error.permanent};
}

Remote::Attempt Remote::broken(const std::string& how, Repeat repeat) const {
  Trouble trouble{.message = "no answer came from " + target_.endpoint + ": " + how};
  if (repeat == Repeat::harmless) return {std::unexpected(std::move(trouble)), true};
  trouble.outcome_unknown = true;
  trouble.message += ". The request was sent, so it is not known whether the server carried it out";
  return {std::unexpected(std::move(trouble)), false};
}

Remote::Attempt Remote::answered(const net::ClientResponse& response, Repeat repeat) const {
  const unsigned status = response.status;
  if (is_of_proxy(response)) return answered_by_proxy(response, repeat);
  if (is_without_stage(response)) return {std::unexpected(no_stage())};
  if (status == 401 || status == 403) return {std::unexpected(not_allowed(response))};
  if (says_nothing_was_done(response)) return overloaded(response);
  if (status >= 500) {
    const std::string sentence = wire::sentence_in(response.body);
    return broken(
        "it answered " + std::to_string(status) + (sentence.empty() ? "" : ", " + sentence),
        repeat);
  }
  if (status != 204 && !speaks_json(response)) {
    return {std::unexpected(foreign(response))};
  }
  return {Reply{status, response.header("Content-Type"), response.body}};
}

Remote::Attempt Remote::answered_by_proxy(const net::ClientResponse& response,
                                          Repeat repeat) const {
  const std::string what = response.proxy + " answered " + std::to_string(response.status) +
                           ", and not the server: it does not allow or does not reach it. Look at "
                           "the proxy, or name the server's host in NO_PROXY";
  if (response.status >= 500) return broken(what, repeat);
  return {std::unexpected(
      Trouble{.message = "cannot reach a server at " + target_.endpoint + ": " + what})};
}

Remote::Attempt Remote::overloaded(const net::ClientResponse& response) const {
  const std::string sentence = wire::sentence_in(response.body);
  Trouble trouble{.message = "the server at " + target_.endpoint + " cannot do it now (" +
                             std::to_string(response.status) +
                             (sentence.empty() ? "" : ": " + printable(sentence)) +
                             "). Nothing was changed; its log says why"};
  return {std::unexpected(std::move(trouble)), true, retry_after(response)};
}

Trouble Remote::not_allowed(const net::ClientResponse& response) const {
  const std::string status = std::to_string(response.status);
  if (target_.token.empty()) {
    return {
        .exit = ExitCode::not_allowed,
        .message =
            "the server at " + target_.endpoint + " wants a token (" + status +
            "), and none is set. Put it into BDD_LOCK_AUTH_TOKEN or into a file for --token-file"};
  }
  return {
      .exit = ExitCode::not_allowed,
      .message = "the server at " + target_.endpoint + " does not accept the token from " +
                 target_.token_from + " (" + status +
                 "). Was it replaced, or is it another server's? \"bdd-lock doctor\" looks closer"};
}

Trouble Remote::no_stage() const {
  return {.message =
              "there is nothing at " + target_.endpoint +
              ": it is the address of an API Gateway, which answers \"Forbidden\" (403) where "
              "its stage is missing or another. Does the stage, such as /dev, stand at the "
              "end of the endpoint (--endpoint, BDD_LOCK_ENDPOINT)?"};
}

Trouble Remote::foreign(const net::ClientResponse& response) const {
  std::string message = "what answers at " + target_.endpoint +
                        " is not bdd-lock: " + std::to_string(response.status);
  if (const std::string location = response.header("Location"); !location.empty()) {
    message += ", a redirect to " + printable(location);
  } else {
    message += ", type \"" + printable(response.header("Content-Type")) + "\"";
  }
  return {.message = message + ". Is it a login page or a proxy? \"bdd-lock doctor\" looks closer"};
}

std::string said(const Reply& reply) {
  std::string sentence = wire::sentence_in(reply.body);
  while (sentence.ends_with('.')) sentence.pop_back();
  if (!sentence.empty()) return printable(sentence);
  return "it answered " + std::to_string(reply.status) + " and did not say why";
}

std::string code_in(std::string_view body) {
  const auto object = wire::parse_object(body);
  if (!object) return {};
  const auto* code = object->if_contains("code");
  return code != nullptr && code->is_string() ? std::string(code->get_string()) : std::string();
}

bool is_without_stage(const net::ClientResponse& response) {
  if (response.status != 403) return false;
  const auto object = wire::parse_object(response.body);
  if (!object || object->contains("code")) return false;
  const auto* message = object->if_contains("message");
  return message != nullptr && message->is_string() && message->get_string() == "Forbidden";
}

void complain(const Environment& env, std::string_view message) {
  *env.err << "bdd-lock: " << message << std::endl;
}

ExitCode fail(const Environment& env, const Trouble& trouble) {
  complain(env, trouble.message);
  return trouble.exit;
}

}  // namespace bddlock::cli
