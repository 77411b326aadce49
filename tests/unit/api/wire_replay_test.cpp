// What the original answered (tests/data/wire.json), asked of this API: bodies byte for byte, and
// the record as the item that the original's table had.
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>

#include "unit/api/api_fixture.hpp"

namespace bddlock::api {
namespace {

namespace json = boost::json;

json::value recorded() {
  std::ifstream file(BDDLOCK_SOURCE_DIR "/tests/data/wire.json");
  std::ostringstream text;
  text << file.rdbuf();
  return json::parse(text.str());
}

Method method_named(std::string_view name) {
  for (const Method method : {Method::get, Method::post, Method::put}) {
    if (name == (method == Method::get ? "GET" : method == Method::post ? "POST" : "PUT"))
      return method;
  }
  return Method::other;
}

std::string text_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value == nullptr ? std::string{} : std::string(value->as_string());
}

Request request_of(const json::object& step) {
  const auto& recorded_request = step.at("request").as_object();
  Request request{method_named(text_at(recorded_request, "method")),
                  text_at(recorded_request, "path"), std::nullopt,
                  text_at(recorded_request, "body")};
  const auto& headers = recorded_request.at("headers").as_object();
  if (headers.contains("Authorization")) request.authorization = text_at(headers, "Authorization");
  return request;
}

// The record as the seed's table would have it, in DynamoDB JSON.
json::value item_of(const std::optional<core::Stack>& stack) {
  if (!stack) return nullptr;
  const auto text = [](std::string_view value) { return json::object{{"S", value}}; };
  json::object item{{"stackName", text(stack->stack_name.text())},
                    {"repoName", text(stack->repo_name.text())}};
  const std::regex seed_time(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6})");
  const std::string last_used = core::to_seed_text(stack->last_used);
  item["lastUsed"] =
      text(std::regex_match(last_used, seed_time) ? "<ISO 8601, UTC, no zone, microseconds>"
                                                  : std::string_view(last_used));
  if (stack->state == core::State::available) item["isAvailable"] = text("x");
  return item;
}

std::string name_in(const Request& request) {
  if (request.method != Method::post) return request.target.substr(request.target.rfind('/') + 1);
  return text_at(json::parse(request.body).as_object(), "stackName");
}

class WireReplay : public ApiTest {
 protected:
  void SetUp() override { clock.advance(core::microseconds{14213}); }

  void replay(const json::object& step) {
    const Request request = request_of(step);
    const std::string name = name_in(request);
    const Response answer = send(request);
    const auto& expected = step.at("response").as_object();
    EXPECT_EQ(answer.status, expected.at("status").to_number<unsigned>());
    EXPECT_EQ(answer.body, text_at(expected, "text"));
    EXPECT_STREQ(answer.content_type, "application/json");
    if (const json::value* item = step.if_contains("itemAfter")) {
      EXPECT_EQ(item_of(table.reader->find(core::StackName(name)).value()), *item);
    }
    clock.advance(core::seconds{1});
  }
};

TEST_F(WireReplay, AnswersWhatTheOriginalAnswered) {
  const json::value recording = recorded();
  const auto& steps = recording.at("steps").as_array();
  ASSERT_EQ(steps.size(), 17u);
  for (const auto& step : steps) {
    SCOPED_TRACE(text_at(step.as_object(), "what"));
    replay(step.as_object());
  }
}

}  // namespace
}  // namespace bddlock::api
