// An Api over a memory store and real lanes, with a clock that stands still and names in the
// table's order.
#pragma once

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <future>

#include "api/api.hpp"
#include "fakes/fake_clock.hpp"
#include "fakes/faulty_store.hpp"
#include "stores/memory/memory_store.hpp"

namespace bddlock::api {

// A store's reading side that fails on demand.
class FaultyReader final : public service::StoreReader {
 public:
  explicit FaultyReader(service::StoreReader& inner) : inner_(inner) {}

  std::atomic<int> lists_until_failure = -1;  // negative: none fails
  std::atomic<bool> fails = false;

  core::Result<std::optional<core::Stack>> find(const core::StackName& name) override {
    if (fails) return failure();
    return inner_.find(name);
  }
  core::Result<service::StackPage> list(const service::StackQuery& query) override {
    if (fails || lists_until_failure-- == 0) return failure();
    return inner_.list(query);
  }
  core::Result<core::FencingToken> retired_token(const core::StackName& name) override {
    return inner_.retired_token(name);
  }
  core::Result<std::optional<std::int64_t>> mark(std::string_view key) override {
    if (fails) return failure();
    return inner_.mark(key);
  }

 private:
  static std::unexpected<core::Error> failure() {
    return std::unexpected(
        core::Error{core::Errc::store_unavailable, "/secret/file: disk on fire"});
  }

  service::StoreReader& inner_;
};

class ApiTest : public testing::Test {
 protected:
  fakes::FakeClock clock;
  stores::MemoryTable table = stores::make_memory_table();
  fakes::FaultyStore store{*table.store};
  FaultyReader reader{*table.reader};
  std::unique_ptr<service::WriteLane> writes = service::make_batching_lane(store, clock, {});
  std::unique_ptr<service::ReadLane> reads = service::make_read_lane(reader, 1, {});
  service::Service service{*writes, *reads, service::SweepRules{}};
  TokenSet tokens{{"secret"}};
  std::mutex trouble_mutex;
  std::vector<std::string> trouble;  // what the log would have
  Api api{service, tokens, options()};

  ApiOptions options() {
    ApiOptions out;
    out.random = [] { return std::uint64_t{0}; };
    out.now = [this] { return clock.now(); };
    out.on_trouble = [this](std::string_view code, std::string_view detail) {
      const std::lock_guard lock(trouble_mutex);
      trouble.push_back(std::string(code) + ": " + std::string(detail));
    };
    return out;
  }

  Response send(Request request) {
    std::promise<Response> promise;
    auto answered = promise.get_future();
    api.handle(std::move(request),
               [&promise](Response response) { promise.set_value(std::move(response)); });
    return answered.get();
  }

  Response call(Method method, std::string target, std::string body = {}) {
    return send({method, std::move(target), "secret", std::move(body)});
  }

  void create(const std::string& name, bool available = true, const std::string& repo = "r") {
    const Response made = call(Method::post, "/create-stack",
                               R"({"stackName": ")" + name + R"(", "repoName": ")" + repo +
                                   R"(", "isAvailable": )" + (available ? "true}" : "false}"));
    ASSERT_EQ(made.status, 200u) << made.body;
  }

  core::Stack stored(const std::string& name) {
    return table.reader->find(core::StackName(name)).value().value_or(core::Stack{});
  }
};

inline std::string header_of(const Response& response, std::string_view name) {
  for (const auto& [known, value] : response.headers) {
    if (known == name) return value;
  }
  return {};
}

inline boost::json::object object_in(const Response& response) {
  return boost::json::parse(response.body).as_object();
}

// The whole of an answer that comes in pieces, or the error that ended it.
inline core::Result<std::string> whole_body(Response& response) {
  std::string out = std::move(response.body);
  while (response.more) {
    std::promise<core::Result<std::string>> promise;
    response.more(
        [&promise](core::Result<std::string> piece) { promise.set_value(std::move(piece)); });
    auto piece = promise.get_future().get();
    if (!piece) return piece;
    if (piece->empty()) break;
    out += *piece;
  }
  return out;
}

inline void expect_problem(const Response& response, unsigned status, std::string_view code,
                           std::string_view part_of_detail = "") {
  EXPECT_EQ(response.status, status) << response.body;
  EXPECT_EQ(response.code, code);
  EXPECT_STREQ(response.content_type, "application/problem+json");
  const auto document = object_in(response);
  EXPECT_EQ(document.at("type"), "about:blank");
  EXPECT_EQ(document.at("status"), status);
  EXPECT_EQ(std::string_view(document.at("code").as_string()), code);
  EXPECT_NE(std::string(document.at("detail").as_string()).find(part_of_detail), std::string::npos)
      << response.body;
}

}  // namespace bddlock::api
