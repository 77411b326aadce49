#include <gtest/gtest.h>

#include <algorithm>

#include "unit/api/api_fixture.hpp"

namespace bddlock::api {
namespace {

using Export = ApiTest;

constexpr std::int64_t many = 1203;  // three pages

std::string line_number(std::int64_t number) {
  return R"({"stackName":"s)" + std::to_string(10000 + number) +
         R"(","repoName":"r","isAvailable":"x","lastUsed":"2019-11-20T23:10:28","fencingToken":)" +
         std::to_string(number) + "}\n";
}

std::string many_lines() {
  std::string out;
  for (std::int64_t number = 0; number < many; ++number) out += line_number(number);
  return out;
}

TEST_F(Export, OfNothingIsEmpty) {
  Response answer = call(Method::get, "/v1/export");
  EXPECT_EQ(answer.status, 200u);
  EXPECT_STREQ(answer.content_type, "application/x-ndjson");
  EXPECT_EQ(whole_body(answer).value(), "");
}

TEST_F(Export, GivesBackWhatWasImportedOverAllPages) {
  EXPECT_EQ(call(Method::post, "/v1/import", many_lines()).body,
            R"({"created":1203,"replaced":0})");
  Response answer = call(Method::get, "/v1/export");
  EXPECT_LT(answer.body.size(), many_lines().size()) << "it should come in pieces";
  EXPECT_EQ(whole_body(answer).value(), many_lines());
}

TEST_F(Export, IsA503WhereTheStoreFailsAtOnce) {
  reader.calls_to_fail = 1;
  expect_problem(call(Method::get, "/v1/export"), 503, "store_unavailable");
}

TEST_F(Export, BreaksOffWhereTheStoreFailsInTheMiddle) {
  ASSERT_EQ(call(Method::post, "/v1/import", many_lines()).status, 200u);
  Response answer = call(Method::get, "/v1/export");
  EXPECT_EQ(answer.status, 200u);
  reader.calls_to_fail = 1;
  EXPECT_FALSE(whole_body(answer));
}

}  // namespace
}  // namespace bddlock::api
