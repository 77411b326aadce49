// A server as the commands see it: a call is answered, or there is a Trouble that says what
// happened, why and what to do. Tries again with back-off where that is safe, obeys Retry-After,
// and is over within the time limit of a call as a whole.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>

#include "cli/environment.hpp"
#include "cli/exit_code.hpp"

namespace bddlock::cli {

// Where the server is and how to call it.
struct Target {
  std::string endpoint;    // as the user wrote it, for messages
  std::string token;       // empty: none is sent
  std::string token_from;  // "BDD_LOCK_AUTH_TOKEN" or the file's name, for messages
  milliseconds time_limit{30'000};
};

// What a repeat would do when it is not known whether the first try was carried out.
enum class Repeat {
  harmless = 1,  // nothing more than one would: reads, sweeps
  unsafe,        // it is repeated only when the first was surely not carried out
};

struct Ask {
  std::string method = "GET";
  std::string target;  // below the endpoint, percent-encoded
  std::string body = {};
  std::string content_type = "application/json";
  Repeat repeat = Repeat::harmless;
  bool any_length = false;                      // take an answer beyond net::answer_bytes_max too
  std::optional<milliseconds> time_limit = {};  // of the whole call, in place of the target's
  milliseconds try_limit{0};                    // of each try; 0: what is left of the whole
  // Ends the call soon after it is true, within a try and between two: as
  // net::ClientRequest::should_stop. The Trouble is `stopped` then.
  std::function<bool()> should_stop = {};
};

// The server did what was asked (2xx) or said no (4xx, but 401 and 403).
struct Reply {
  unsigned status = 0;
  std::string content_type;
  std::string body;
  milliseconds sent_at{0};  // the boot-time clock before the try that was answered: a lease that it
                            // gives ends no earlier than so long after this
  int tries = 1;            // how often it was sent, this time included

  [[nodiscard]] bool ok() const { return status >= 200 && status < 300; }
};

// No usable answer. `outcome_unknown`: a change may or may not have been made; `message` says so,
// and the command adds what to do.
struct Trouble {
  ExitCode exit = ExitCode::unavailable;
  std::string message;
  bool outcome_unknown = false;
  bool stopped = false;  // by Ask::should_stop
};

class Remote {
 public:
  Remote(const Environment& env, Call call, Target target);

  [[nodiscard]] std::expected<Reply, Trouble> call(const Ask& ask);
  [[nodiscard]] std::expected<Reply, Trouble> get(const std::string& target);

  [[nodiscard]] const Target& target() const { return target_; }

 private:
  struct Attempt;
  [[nodiscard]] Attempt try_once(const Ask& ask, milliseconds time_left);
  [[nodiscard]] Attempt unsent_or_broken(const net::NetError& error, Repeat repeat) const;
  [[nodiscard]] Attempt answered(const net::ClientResponse& response, Repeat repeat) const;
  [[nodiscard]] Attempt answered_by_proxy(const net::ClientResponse& response, Repeat repeat) const;
  [[nodiscard]] Attempt overloaded(const net::ClientResponse& response) const;
  [[nodiscard]] Attempt broken(const std::string& how, Repeat repeat) const;
  [[nodiscard]] Trouble not_allowed(const net::ClientResponse& response) const;
  [[nodiscard]] Trouble no_stage() const;
  [[nodiscard]] Trouble foreign(const net::ClientResponse& response) const;

  const Environment& env_;
  Call call_;
  Target target_;
};

// What the body of a refusal says, for people; a sentence without a full stop.
[[nodiscard]] std::string said(const Reply& reply);
// The stable code of a refusal of the API v1, or nothing.
[[nodiscard]] std::string code_in(std::string_view body);

// Whether an API Gateway answers of its own that the address names none of its stages: the server's
// errors, and what API Gateway says of a token, look otherwise.
[[nodiscard]] bool is_without_stage(const net::ClientResponse& response);

// Writes "bdd-lock: MESSAGE" to env.err.
void complain(const Environment& env, std::string_view message);
[[nodiscard]] ExitCode fail(const Environment& env, const Trouble& trouble);

}  // namespace bddlock::cli
