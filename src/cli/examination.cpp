#include "cli/examination.hpp"

#include <arpa/inet.h>
#include <sys/stat.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>

#include "cli/remote.hpp"
#include "cli/text.hpp"
#include "net/proxy.hpp"
#include "wire/json_reader.hpp"
#include "wire/problem.hpp"

namespace bddlock::cli {

namespace {

using Level = Finding::Level;
using Answer = std::expected<net::ClientResponse, net::NetError>;

constexpr milliseconds call_limit{10'000};
constexpr core::seconds clock_tolerance{2};

bool is_name(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> scratch{};
  return host != "localhost" && inet_pton(AF_INET, host.c_str(), scratch.data()) != 1 &&
         inet_pton(AF_INET6, host.c_str(), scratch.data()) != 1;
}

bool is_json(const net::ClientResponse& response) {
  return response.header("Content-Type").find("json") != std::string::npos;
}

std::string kind_of(const net::ClientResponse& response) {
  const std::string type = response.header("Content-Type");
  const std::string page = type.find("html") != std::string::npos ? " with a web page" : "";
  return std::to_string(response.status) + page +
         (page.empty() && !type.empty() ? " of type " + printable(type) : "");
}

constexpr const char* odd_item_mend =
    "`bdd-lock dynamodb check TABLE` says what is odd about its item, and what to do";

std::string text_in(const boost::json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

class Examination {
 public:
  Examination(const Environment& env, const ClientSettings& settings)
      : env_(env), settings_(settings) {}

  std::vector<Finding> run() {
    const auto endpoint = look_at_endpoint();
    look_at_token();
    if (!endpoint || !look_at_proxy(*endpoint)) return std::move(findings_);
    call_ = env_.connect(*endpoint);
    if (!look_at_server(*endpoint)) return std::move(findings_);
    look_at_store();
    look_at_acceptance();
    return std::move(findings_);
  }

 private:
  void ok(std::string check, std::string found) {
    findings_.push_back({.level = Level::ok, .check = std::move(check), .found = std::move(found)});
  }
  void warn(std::string check, std::string found, std::string mend) {
    findings_.push_back({Level::warn, std::move(check), std::move(found), std::move(mend)});
  }
  void bad(ExitCode exit, std::string check, std::string found, std::string mend) {
    findings_.push_back({Level::bad, std::move(check), std::move(found), std::move(mend), exit});
  }

  [[nodiscard]] Answer get(std::string target, bool with_token) {
    net::ClientRequest request;
    request.method = "GET";
    request.target = std::move(target);
    request.time_limit = std::min<milliseconds>(settings_.timeout, call_limit);
    request.headers.emplace_back("User-Agent", "bdd-lock/" + env_.version);
    if (with_token && !token_.empty()) request.headers.emplace_back("Authorization", token_);
    return call_(request);
  }

  // Which proxy the calls take. False: none can be made, as its setting is wrong.
  [[nodiscard]] bool look_at_proxy(const net::Endpoint& endpoint) {
    const auto surroundings = net::surroundings_from(env_.variable);
    const auto& setting = endpoint.tls ? surroundings.https_proxy : surroundings.http_proxy;
    const auto proxy = net::proxy_for(endpoint, surroundings);
    if (!proxy) {
      bad(ExitCode::usage, "proxy", proxy.error(), "correct or remove " + setting.from);
      return false;
    }
    is_proxied_ = proxy->has_value();
    if (is_proxied_) {
      ok("proxy", "calls go through " + (*proxy)->name());
    } else if (!setting.url.empty()) {
      ok("proxy", setting.from + " is not used for " + endpoint.host +
                      ": it is this machine itself, or NO_PROXY names it");
    } else if (!endpoint.tls && env_.variable("HTTP_PROXY").value_or("") != "") {
      warn("proxy", "HTTP_PROXY is not read in capitals, as in curl; calls take no proxy",
           "if they are to take it, name it in http_proxy");
    }
    return true;
  }

  [[nodiscard]] std::optional<net::Endpoint> look_at_endpoint() {
    const std::string& text = settings_.endpoint;
    auto endpoint = net::parse_endpoint(text);
    if (!endpoint) {
      bad(ExitCode::usage, "endpoint", endpoint.error(),
          "set BDD_LOCK_ENDPOINT or --endpoint to the server's root, such as "
          "http://127.0.0.1:8080");
      return std::nullopt;
    }
    if (text.ends_with('/')) {
      warn("endpoint", text + " ends with a slash",
           "works here, but scripts that append /claim-stack/NAME to it get two slashes: leave it "
           "out");
    } else {
      ok("endpoint", text);
    }
    return std::move(*endpoint);
  }

  void look_at_token() {
    const bool both = !settings_.token_file.empty() && !settings_.token_variable.empty();
    const auto token = client_token(settings_);
    if (!token) {
      bad(ExitCode::usage, "token", token.error(),
          "write the token there alone, as the server has it");
      return;
    }
    token_ = token->text;
    token_from_ = token->from;
    if (both) {
      warn("token",
           "a token file and BDD_LOCK_AUTH_TOKEN are both set; " + token_from_ + " is used",
           "set only one of them");
    } else if (!token_.empty()) {
      ok("token", "found in " + token_from_ + ", " +
                      counted(static_cast<std::int64_t>(token_.size()), "character"));
    } else {
      warn("token", "none is set",
           "put it into BDD_LOCK_AUTH_TOKEN or into a file for --token-file");
    }
    look_at_token_file();
  }

  void look_at_token_file() {
    struct stat found{};
    const std::string& file = settings_.token_file;
    if (file.empty() || stat(file.c_str(), &found) != 0) return;
    if ((found.st_mode & (S_IRGRP | S_IROTH)) == 0) return;
    warn("token", "other users of this machine can read " + file,
         "chmod 600 " + quoted_for_sh(file));
  }

  // Whether a bdd-lock answers at all; its version and its clock.
  [[nodiscard]] bool look_at_server(const net::Endpoint& endpoint) {
    const core::Instant before = env_.wall_time();
    const Answer answer = get("/healthz", false);
    const core::Instant after = env_.wall_time();
    if (!answer) {
      no_connection(endpoint, answer.error());
      return false;
    }
    name_is_known(endpoint);
    ok("connection", endpoint.host + " port " + endpoint.port + " answers" +
                         (endpoint.tls ? ", and its certificate is verified" : ""));
    if (!is_ours(*answer)) return false;
    look_at_clock(*answer, before, after);
    return true;
  }

  void name_is_known(const net::Endpoint& endpoint) {
    if (is_name(endpoint.host) && !is_proxied_) ok("name", endpoint.host + " is known");
  }

  // Many servers of HTTPS end a connection of plain HTTP without a word.
  [[nodiscard]] bool speaks_https(net::Endpoint endpoint) {
    endpoint.tls = true;
    net::ClientRequest request{.method = "GET", .target = "/healthz", .time_limit = call_limit};
    const Answer answer = env_.connect(endpoint)(request);
    return answer || answer.error().detail.starts_with("the certificate of");
  }

  void no_connection(const net::Endpoint& endpoint, const net::NetError& error) {
    const std::string& detail = error.detail;
    if (error.failure == net::Failure::outcome_unknown && !endpoint.tls && speaks_https(endpoint)) {
      bad(ExitCode::unavailable, "connection", detail,
          "it speaks HTTPS: write https:// instead of http://");
      return;
    }
    if (error.failure != net::Failure::not_sent) {
      bad(ExitCode::unavailable, "connection", detail,
          "something listens there, but does not answer as a server does: look at what it is, and "
          "at the server's log");
      return;
    }
    if (error.step == net::Step::look_up) {
      bad(ExitCode::unavailable, "name", detail,
          "check that the name is spelt right and known on this machine (getent hosts " +
              quoted_for_sh(endpoint.host) + ")");
      return;
    }
    if (error.step == net::Step::proxy) {
      bad(ExitCode::unavailable, "proxy", detail,
          "correct the variable, ask who runs the proxy, or name the server's host in NO_PROXY");
      return;
    }
    name_is_known(endpoint);
    if (error.step == net::Step::tls) {
      bad(ExitCode::unavailable, "tls", detail,
          "nothing is sent to a server that cannot be verified, and no switch changes that: mend "
          "its certificate, or name a file with its authority's in SSL_CERT_FILE");
    } else {
      bad(ExitCode::unavailable, "connection", detail,
          error.permanent
              ? "correct the endpoint"
              : "start the server (bdd-lock serve), or correct host and port; on another machine "
                "the server must not listen on 127.0.0.1 only, and no firewall may be between");
    }
  }

  [[nodiscard]] bool is_ours(const net::ClientResponse& response) {
    const auto object = wire::parse_object(response.body);
    const auto* version = object && is_json(response) ? object->if_contains("version") : nullptr;
    if (version == nullptr || !version->is_string()) {
      not_ours(response);
      return false;
    }
    const std::string theirs(version->get_string());
    if (theirs == env_.version) {
      ok("server", "bdd-lock " + printable(theirs));
    } else {
      warn("server", "bdd-lock " + printable(theirs) + ", while this client is " + env_.version,
           "use the same version on both sides");
    }
    return true;
  }

  void not_ours(const net::ClientResponse& response) {
    std::string mend =
        "the endpoint is the root under which /healthz answers; is a path prefix wrong or missing?";
    if (const std::string location = response.header("Location"); !location.empty()) {
      mend = "it redirects to " + printable(location) +
             ": a login page or another address; set the endpoint to where the server itself is";
    } else if (response.header("Content-Type").find("html") != std::string::npos) {
      mend =
          "a login page, a proxy or another program answers there; set the endpoint to where the "
          "server "
          "itself is";
    } else if (is_without_stage(response)) {
      mend =
          "it is the address of an API Gateway; put its stage, such as /dev, at the end of the "
          "endpoint";
    } else if (response.status == 401 || response.status == 403) {
      mend =
          "if it is the original (AWS), claim, release and create work with this client; doctor "
          "cannot "
          "look further";
    }
    bad(ExitCode::unavailable, "server", "what answers is not bdd-lock: " + kind_of(response),
        mend);
  }

  // The header has whole seconds, cut: the server's time was between `date` and a second later.
  void look_at_clock(const net::ClientResponse& response, core::Instant before,
                     core::Instant after) {
    const auto date = parse_http_date(response.header("Date"));
    if (!date) {
      warn("clock", "the answer has no Date, so the clocks cannot be compared", "");
      return;
    }
    core::microseconds off{0};
    if (*date > after) off = *date - after;
    if (*date + core::seconds(1) < before) off = *date + core::seconds(1) - before;
    if (std::chrono::abs(off) <= clock_tolerance) {
      ok("clock", "agrees with the server's within 2 s");
      return;
    }
    const auto whole = std::chrono::round<core::seconds>(std::chrono::abs(off)).count();
    warn("clock",
         "the server's is " + std::to_string(whole) + " s " +
             (off.count() > 0 ? "ahead of" : "behind") + " this machine's",
         "see which is wrong (timedatectl) and turn on time synchronisation; by the server's clock "
         "stacks are "
         "released");
  }

  void look_at_store() {
    const Answer answer = get("/readyz", false);
    if (answer && answer->status == 200) {
      ok("store", "answers");
      return;
    }
    const std::string found =
        !answer ? answer.error().detail
                : std::to_string(answer->status) + " " + printable(wire::sentence_in(answer->body));
    bad(ExitCode::unavailable, "store", "the server is up, but its store does not answer: " + found,
        "look at the server's log: a full disk, a lost volume, a data file that is no longer "
        "there?");
  }

  void look_at_acceptance() {
    const Answer answer = get("/v1/stacks?limit=1000", true);
    if (!answer) {
      bad(ExitCode::unavailable, "access", answer.error().detail, "run doctor again");
    } else if (answer->status == 200) {
      ok("access", token_.empty() ? "the server takes calls without a token"
                                  : "the server accepts the token");
      look_at_stacks(answer->body);
    } else if (answer->status == 401 || answer->status == 403) {
      not_accepted(answer->status);
    } else {
      bad(ExitCode::unavailable, "access",
          "listing stacks answers " + kind_of(*answer) + " " +
              printable(wire::sentence_in(answer->body)),
          "look at the server's log");
    }
  }

  // Of the first thousand. Only a table on DynamoDB can have such stacks: people edit its items.
  void look_at_stacks(const std::string& body) {
    const auto page = wire::parse_object(body);
    const auto* items = page ? page->if_contains("items") : nullptr;
    if (items == nullptr || !items->is_array()) return;
    for (const auto& item : items->get_array())
      if (item.is_object()) look_at_stack(item.get_object());
  }

  void look_at_stack(const boost::json::object& stack) {
    const std::string name = printable(text_in(stack, "stackName"));
    const auto* claim = stack.if_contains("claim");
    const bool is_seeds =
        text_in(stack, "state") == "claimed" && claim != nullptr && claim->is_null();
    if (stack.contains("repoName") && text_in(stack, "repoName").empty())
      warn("stacks", name + " is of no repo, so no job can ask for it", odd_item_mend);
    if (is_seeds && text_in(stack, "usedAt").starts_with("9999-"))
      warn("stacks", name + " is in use, and nothing says since when: no sweep ends that",
           odd_item_mend);
  }

  void not_accepted(unsigned status) {
    const std::string code = std::to_string(status);
    if (token_.empty()) {
      bad(ExitCode::not_allowed, "access", "the server wants a token (" + code + ")",
          "put it into BDD_LOCK_AUTH_TOKEN or into a file for --token-file");
      return;
    }
    bad(ExitCode::not_allowed, "access",
        "the server does not accept the token from " + token_from_ + " (" + code + ")",
        "compare it with the server's token file or its BDD_LOCK_TABLE_AUTH_TOKEN; it may have "
        "been replaced, "
        "or cut when it was pasted");
  }

  const Environment& env_;
  const ClientSettings& settings_;
  std::vector<Finding> findings_;
  Call call_;
  bool is_proxied_ = false;
  std::string token_;
  std::string token_from_;
};

}  // namespace

std::vector<Finding> examine(const Environment& env, const ClientSettings& settings) {
  return Examination(env, settings).run();
}

std::optional<core::Instant> parse_http_date(const std::string& text) {
  tm parts{};
  const char* end = strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return core::Instant(core::seconds(timegm(&parts)));
}

}  // namespace bddlock::cli
