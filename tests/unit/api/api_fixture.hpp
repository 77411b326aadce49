// An Api over a memory store and real lanes, with a clock that stands still and names in the
// table's order.
#pragma once

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <future>

#include "api/api.hpp"
#include "fakes/fake_clock.hpp"
#include "fakes/faulty_reader.hpp"
#include "fakes/faulty_store.hpp"
#include "stores/memory/memory_store.hpp"

namespace bddlock::api {

class ApiTest : public testing::Test {
 protected:
  fakes::FakeClock clock;
  stores::MemoryTable table = stores::make_memory_table();
  fakes::FaultyStore store{*table.store};
  fakes::FaultyReader reader{*table.reader};
  std::unique_ptr<service::WriteLane> writes = service::make_batching_lane(store, clock, {});
  std::unique_ptr<service::ReadLane> reads = service::make_read_lane(reader, 1, {});
  service::LaneStop stop_lanes{*writes, *reads};
  std::atomic<std::uint64_t> drawn = 0;
  service::Service service{*writes, *reads, clock,
                           [this] { return ++drawn * 0x9E3779B97F4A7C15U; }};
  TokenSet tokens{{"secret"}};
  std::mutex trouble_mutex;
  std::vector<std::string> trouble;  // what the log would have
  Api api{service, tokens, options()};

  // Calls that are still parked are answered, and all that is under way ends, while the Api is
  // there.
  ~ApiTest() override {
    service.stop_waiting();
    stop_lanes.stop();
  }

  ApiOptions options() {
    ApiOptions out;
    // Never the same, and 0 as the choice among up to 20: names stay in the table's order.
    out.random = [this] { return ++drawn * 232'792'560; };
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

  // A call that may be answered later.
  std::future<Response> begin(Request request) {
    auto promise = std::make_shared<std::promise<Response>>();
    auto answered = promise->get_future();
    api.handle(std::move(request),
               [promise](Response response) { promise->set_value(std::move(response)); });
    return answered;
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

  void add(const std::string& name, const std::string& repo = "r", const std::string& more = "") {
    const Response added =
        call(Method::post, "/v1/stacks",
             R"({"stackName":")" + name + R"(","repoName":")" + repo + "\"" + more + "}");
    ASSERT_EQ(added.status, 201u) << added.body;
  }

  // The first claim of a request that is granted at once.
  boost::json::object claim(const std::string& body = "{}", const std::string& repo = "r") {
    const Response granted = call(Method::post, "/v1/repos/" + repo + "/claims", body);
    EXPECT_EQ(granted.status, 200u) << granted.body;
    if (granted.status != 200) return {};
    return boost::json::parse(granted.body).at("claims").at(0).as_object();
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

inline std::string text_at(const boost::json::object& object, std::string_view key) {
  return std::string(object.at(key).as_string());
}

inline std::string claim_path(const boost::json::object& claim, const std::string& rest = "") {
  return "/v1/claims/" + text_at(claim, "claimId") + rest;
}

inline boost::json::object object_in(const Response& response) {
  return boost::json::parse(response.body).as_object();
}

// The items of a list.
inline boost::json::array items_in(const Response& response) {
  EXPECT_EQ(response.status, 200u) << response.body;
  return boost::json::parse(response.body).at("items").as_array();
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
