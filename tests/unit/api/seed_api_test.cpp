// What wire.json does not have: bad bodies, names beyond ASCII, the order of lists.
#include <gtest/gtest.h>

#include <cctype>
#include <set>

#include "unit/api/api_fixture.hpp"

namespace bddlock::api {
namespace {

using SeedApi = ApiTest;

struct BadBody {
  std::string body;
  std::string_view part;  // of the sentence
};

class SeedApiBadBody : public ApiTest, public testing::WithParamInterface<BadBody> {};

TEST_P(SeedApiBadBody, IsRefusedAndChangesNothing) {
  const Response answer = call(Method::post, "/create-stack", GetParam().body);
  EXPECT_EQ(answer.status, 400u);
  EXPECT_STREQ(answer.content_type, "application/json");
  EXPECT_EQ(answer.code, "invalid_request");
  const auto body = object_in(answer);
  ASSERT_EQ(body.size(), 1u);
  const std::string sentence(body.at("error").as_string());
  EXPECT_NE(sentence.find(GetParam().part), std::string::npos) << sentence;
  EXPECT_TRUE(table.reader->list({}).value().items.empty());
}

std::string with(std::string_view field, std::string_view value) {
  std::string out = "{";
  for (const auto& [key, usual] :
       {std::pair{"stackName", R"("a")"}, {"repoName", R"("r")"}, {"isAvailable", "true"}}) {
    if (out.size() > 1) out += ", ";
    out += std::string("\"") + key + "\": " + std::string(key == field ? value : usual);
  }
  return out + "}";
}

// The body itself, as far as a test's name can show it.
std::string id_of(std::string_view body, std::size_t index) {
  std::string out = std::to_string(index) + "_";
  for (const char c : body.substr(0, 60)) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x80 && std::isalnum(byte) != 0 ? c : '_';
  }
  return out;
}

INSTANTIATE_TEST_SUITE_P(
    Bodies, SeedApiBadBody,
    testing::Values(BadBody{"", "the body is empty"}, BadBody{"{", "it ends too early"},
                    BadBody{"stackName=a&repoName=r", "at byte 1 of 22"},
                    BadBody{"[]", "must be a JSON object, not an array"},
                    BadBody{"null", "must be a JSON object, not null"},
                    BadBody{with("", "") + "x", "more behind the value"},
                    BadBody{"{\"stackName\": \"\xFF\"}", "not valid UTF-8"},
                    BadBody{std::string(200, '[') + std::string(200, ']'), "nested too deeply; 32"},
                    BadBody{"{}", "needed are stackName and repoName, strings, and isAvailable"},
                    BadBody{R"({"stackName": "a", "repoName": "r"})", "isAvailable is missing"},
                    BadBody{with("isAvailable", R"("false")"),
                            "must be true or false, not a string"},
                    BadBody{with("isAvailable", "0"), "must be true or false, not a number"},
                    BadBody{with("isAvailable", "null"), "must be true or false, not null"},
                    BadBody{with("stackName", "5"), "stackName must be a string, not a number"},
                    BadBody{with("repoName", "{}"), "repoName must be a string, not an object"},
                    BadBody{with("stackName", R"("")"), "stackName is empty"},
                    BadBody{with("repoName", R"("")"), "repoName is empty"},
                    BadBody{with("stackName", '"' + std::string(256, 'n') + '"'), "256 bytes"},
                    BadBody{with("stackName", R"("a/b")"), "stackName "},
                    BadBody{with("stackName", R"("..")"), "stackName "},
                    BadBody{with("stackName", R"("a\u0000b")"), "stackName "},
                    BadBody{with("stackName", R"("\ud800")"), "is no JSON"}),
    [](const auto& row) { return id_of(row.param.body, row.index); });

TEST_F(SeedApi, WritesNamesBeyondAsciiAsPythonDoes) {
  create(
      "Pr\xC3\xBC"
      "f\xF0\x9F\x9A\x80",
      true, "r\xC3\xA9");
  const Response answer = call(Method::get, "/get-available/r%C3%A9");
  EXPECT_EQ(answer.body,
            R"({"info": "Successfully queried", "results": [{"stackName": )"
            R"("Pr\u00fcf\ud83d\ude80", "isAvailable": "x", "repoName": "r\u00e9"}]})");
  EXPECT_EQ(call(Method::put, "/claim-stack/Pr%C3%BCf%F0%9F%9A%80").status, 200u);
}

TEST_F(SeedApi, GivesTheAvailableStacksInRandomOrder) {
  for (const char* name : {"a", "b", "c"}) create(name);
  std::set<std::string> orders;
  std::uint64_t state = 1;
  ApiOptions random = options();
  random.random = [&state] {
    return (state = state * 6364136223846793005u + 1442695040888963407u) >> 33u;
  };
  Api shuffling(service, tokens, random);
  for (int i = 0; i < 200; ++i) {
    std::promise<Response> promise;
    shuffling.handle({Method::get, "/get-available/r", "secret", ""},
                     [&promise](Response response) { promise.set_value(std::move(response)); });
    orders.insert(promise.get_future().get().body);
  }
  EXPECT_EQ(orders.size(), 6u);  // all of 3!
}

TEST_F(SeedApi, SaysInTheLogWhatTheBodyDoesNotTell) {
  create("a");
  EXPECT_EQ(call(Method::put, "/claim-stack/nope").code, "stack_unknown");
  EXPECT_EQ(call(Method::put, "/release-stack/a").code, "nothing_to_end");
  EXPECT_EQ(call(Method::put, "/claim-stack/a").code, "");
  EXPECT_EQ(call(Method::put, "/claim-stack/a").code, "stack_unavailable");
  EXPECT_EQ(call(Method::post, "/create-stack", with("", "")).code, "stack_exists");
}

}  // namespace
}  // namespace bddlock::api
