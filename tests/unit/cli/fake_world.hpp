// A process's surroundings and a server, all made up: variables, streams, a clock that moves only
// when the program sleeps or calls, and answers that a test writes down beforehand.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "cli/command_line.hpp"

namespace bddlock::cli::testing {

using Answer = std::expected<net::ClientResponse, net::NetError>;

inline Answer json(unsigned status, std::string body) {
  return net::ClientResponse{status, {{"Content-Type", "application/json"}}, std::move(body)};
}

inline Answer problem(unsigned status, const std::string& code, const std::string& facts = "") {
  return net::ClientResponse{status,
                             {{"Content-Type", "application/problem+json"}},
                             R"({"type":"about:blank","title":"t","status":)" +
                                 std::to_string(status) + R"(,"code":")" + code +
                                 R"(","detail":"the detail of )" + code + "\"" + facts + "}"};
}

inline Answer html(unsigned status) {
  return net::ClientResponse{status, {{"Content-Type", "text/html"}}, "<html>Please log in</html>"};
}

inline Answer with_header(Answer answer, const std::string& name, const std::string& value) {
  answer->headers.emplace_back(name, value);
  return answer;
}

inline Answer cut_off(net::Failure failure = net::Failure::outcome_unknown) {
  return std::unexpected(net::NetError{failure, "connection reset by 127.0.0.1:8080"});
}

inline Answer not_sent() {
  return std::unexpected(net::NetError{net::Failure::not_sent,
                                       "connection refused by 127.0.0.1:8080", net::Step::connect});
}

// What the seed's API answers (tests/data/wire.json).
inline Answer claimed() { return json(200, R"({"info": "Successfully claimed stack"})"); }
inline Answer released() { return json(200, R"({"info": "Successfully releaseed stack"})"); }
inline Answer created() { return json(200, R"({"info": "Successfully created stack entry"})"); }
inline Answer cancelled() { return json(400, R"({"error": "Transaction Cancelled"})"); }
inline Answer name_exists() { return json(400, R"({"error": "Stack Name already exists"})"); }

inline Answer available(const std::vector<std::string>& names) {
  std::string results;
  for (const std::string& name : names) {
    results += (results.empty() ? "" : ", ") + (R"({"stackName": ")" + name) +
               R"(", "isAvailable": "x", "repoName": "pay"})";
  }
  return json(200, R"({"info": "Successfully queried", "results": [)" + results + "]}");
}

inline std::string stack_json(const std::string& name, const std::string& state = "available") {
  return R"({"stackName":")" + name + R"(","repoName":"pay","state":")" + state +
         R"(","usedAt":"2026-01-02T03:04:05.678Z","fencingToken":7,"labels":{},"attributes":{},)"
         R"("note":"","claim":null,"heldUntil":null,"disabled":null,"deployed":null,)"
         R"("lastEnd":null})";
}

// A stack with a claim of the API v1, until 04:04:05.
inline std::string claimed_json(const std::string& name) {
  return R"({"stackName":")" + name +
         R"(","repoName":"pay","state":"claimed","usedAt":"2026-01-02T03:04:05.678Z",)"
         R"("fencingToken":7,)"
         R"("labels":{"size":"large"},"attributes":{"url":"https://a"},"note":"mind the gap",)"
         R"("claim":)"
         R"({"requestId":"build-1","holder":{"job":"4711","branch":"main"},)"
         R"("claimedAt":"2026-01-02T03:04:05.678Z","expiresAt":"2026-01-02T04:04:05.678Z",)"
         R"("leaseSeconds":3600,"created":false,"offered":false},"heldUntil":null,"disabled":)"
         R"({"reason":"upgrade","when":"afterClaim"},"deployed":{"branch":"main","commit":"abc",)"
         R"("at":"2026-01-01T00:00:00.000Z"},"lastEnd":{"reason":"released","outcome":"failed",)"
         R"("at":"2026-01-01T00:00:00.000Z","fencingToken":6,"note":"red"}})";
}

inline Answer stack(const std::string& name, const std::string& state) {
  return json(200, stack_json(name, state));
}

inline Answer page(const std::vector<std::string>& stacks, const std::string& next = "null") {
  std::string items;
  for (const std::string& one : stacks) items += (items.empty() ? "" : ",") + one;
  return json(200, R"({"items":[)" + items + R"(],"nextCursor":)" + next + "}");
}

struct FakeWorld {
  std::map<std::string, std::string> variables;
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  bool out_is_terminal = false;
  milliseconds now{1'000'000};
  core::Instant wall{core::seconds(1'800'000'000)};
  milliseconds a_call_takes{0};
  std::vector<milliseconds> sleeps;
  std::uint64_t next_random = 0;
  std::function<void()> on_sleep = [] {};
  // What the terminal does while a live command waits, one after the other; then it ends.
  std::deque<Stir> stirs;
  TerminalSize terminal;
  int live = 0;  // how many have the terminal now
  bool was_live = false;

  std::vector<net::ClientRequest> requests;
  std::optional<net::Endpoint> connected_to;
  std::optional<ServeOptions> serve;
  std::optional<BackupOptions> backup;
  std::optional<RestoreOptions> restore;
  std::optional<DynamoDbOptions> dynamodb;
  std::optional<LambdaOptions> lambda;

  // Answers to "METHOD target", one after the other; the last stays.
  void answer(const std::string& request, std::vector<Answer> answers) {
    script_[request].assign(answers.begin(), answers.end());
  }

  [[nodiscard]] Environment environment() {
    return {.version = "0.1.0",
            .variable = [this](const std::string& name) -> std::optional<std::string> {
              const auto found = variables.find(name);
              if (found == variables.end()) return std::nullopt;
              return found->second;
            },
            .in = &in,
            .out = &out,
            .err = &err,
            .out_is_terminal = out_is_terminal,
            .since_boot = [this] { return now; },
            .wall_time = [this] { return wall; },
            .sleep =
                [this](milliseconds time) {
                  sleeps.push_back(time);
                  now += time;
                  on_sleep();
                },
            .random = [this] { return next_random++; },
            .connect =
                [this](const net::Endpoint& endpoint) {
                  connected_to = endpoint;
                  return [this](const net::ClientRequest& request) { return call(request); };
                },
            .begin_live = [this] { return begin_live(); }};
  }

  // Runs `bdd-lock WORDS...` and returns its exit code.
  int run(const std::vector<std::string>& words) {
    const Environment env = environment();
    std::vector<const char*> argv = {"bdd-lock"};
    for (const std::string& word : words) argv.push_back(word.c_str());
    return cli::run(static_cast<int>(argv.size()), argv.data(), env, server_commands());
  }

  [[nodiscard]] ServerCommands server_commands() {
    return {[this](const ServeOptions& options) {
              serve = options;
              return 0;
            },
            [this](const BackupOptions& options) {
              backup = options;
              return 0;
            },
            [this](const RestoreOptions& options) {
              restore = options;
              return 0;
            },
            [this](const DynamoDbOptions& options) {
              dynamodb = options;
              return 0;
            },
            [this](const LambdaOptions& options) {
              lambda = options;
              return 0;
            }};
  }

  [[nodiscard]] std::vector<std::string> calls() const {
    std::vector<std::string> all;
    for (const auto& request : requests) all.push_back(request.method + " " + request.target);
    return all;
  }

  [[nodiscard]] std::string said() const { return err.str(); }

  [[nodiscard]] milliseconds slept() const {
    milliseconds sum{0};
    for (const milliseconds time : sleeps) sum += time;
    return sum;
  }

 private:
  Live begin_live() {
    ++live;
    was_live = true;
    const std::shared_ptr<void> hold(nullptr, [this](void*) { --live; });
    return {.wait =
                [this, hold](milliseconds time) {
                  if (stirs.empty()) return Stir::end;
                  const Stir next = stirs.front();
                  stirs.pop_front();
                  if (next == Stir::none) now += time;
                  on_sleep();
                  return next;
                },
            .ended = [this, hold] { return stirs.empty(); },
            .size = [this, hold] { return terminal; }};
  }

  Answer call(const net::ClientRequest& request) {
    requests.push_back(request);
    requests.back().should_stop = {};  // it holds the terminal
    now += a_call_takes;
    auto found = script_.find(request.method + " " + request.target);
    if (found == script_.end()) {
      ADD_FAILURE() << "unexpected call: " << request.method << " " << request.target;
      return not_sent();
    }
    Answer next = found->second.front();
    if (found->second.size() > 1) found->second.pop_front();
    if (next && request.on_body_piece && next->status < 300) {
      const std::string body = std::exchange(next->body, "");
      const auto half = body.size() / 2;
      request.on_body_piece(std::string_view(body).substr(0, half));
      request.on_body_piece(std::string_view(body).substr(half));
    }
    return next;
  }

  std::map<std::string, std::deque<Answer>> script_;
};

inline void expect_in(const std::string& part, const std::string& whole) {
  EXPECT_NE(whole.find(part), std::string::npos) << "missing: " << part << "\nin: " << whole;
}

inline void expect_not_in(const std::string& part, const std::string& whole) {
  EXPECT_EQ(whole.find(part), std::string::npos)
      << "should not be there: " << part << "\nin: " << whole;
}

inline std::string header_of(const net::ClientRequest& request, const std::string& name) {
  for (const auto& [key, value] : request.headers) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace bddlock::cli::testing
