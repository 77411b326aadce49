#include "api/code.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <fstream>
#include <set>
#include <sstream>

#include "api/openapi.hpp"

namespace bddlock::api {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(std::string(BDDLOCK_SOURCE_DIR) + "/" + path);
  EXPECT_TRUE(file) << path;
  std::ostringstream out;
  out << file.rdbuf();
  return out.str();
}

TEST(Code, ListHasAllOfThemOnce) {
  // The enumerators count from 1 without a gap, and behind the last there is none.
  std::set<int> numbers;
  for (const Code code : all_codes) numbers.insert(static_cast<int>(code));
  EXPECT_EQ(numbers.size(), all_codes.size());
  EXPECT_EQ(*numbers.begin(), 1);
  EXPECT_EQ(*numbers.rbegin(), static_cast<int>(all_codes.size()));
  EXPECT_EQ(static_cast<int>(Code::too_many_connections), static_cast<int>(all_codes.size()));
}

TEST(Code, HasANameOfItsOwnAndAnErrorsStatus) {
  std::set<std::string_view> names;
  for (const Code code : all_codes) {
    EXPECT_TRUE(names.insert(to_text(code)).second) << to_text(code);
    EXPECT_GE(status_of(code), 400u) << to_text(code);
    EXPECT_EQ(reason_of(status_of(code)) == reason_of(500), code == Code::internal_error)
        << to_text(code);
  }
}

TEST(Code, HasALineInTheDocumentation) {
  const std::string page = text_of("docs/api.md");
  for (const Code code : all_codes) {
    const std::string line =
        "\n| " + std::to_string(status_of(code)) + " | `" + std::string(to_text(code)) + "` | ";
    EXPECT_NE(page.find(line), std::string::npos) << line;
  }
}

TEST(Code, IsInTheOpenApiDocument) {
  const auto document = boost::json::parse(openapi_document);
  const auto& listed =
      document.at_pointer("/components/schemas/Problem/properties/code/enum").as_array();
  std::set<std::string> expected;
  for (const Code code : all_codes) expected.emplace(to_text(code));
  std::set<std::string> found;
  for (const auto& code : listed) found.emplace(code.as_string());
  EXPECT_EQ(found, expected);
}

TEST(Code, IsTheSameAsTheRefusalsAndTheErrorsOwn) {
  EXPECT_EQ(code_of(core::Refusal::stack_unknown), Code::stack_unknown);
  EXPECT_EQ(code_of(core::Refusal::stack_exists), Code::stack_exists);
  EXPECT_EQ(code_of(core::Refusal::stack_unavailable), Code::stack_unavailable);
  EXPECT_EQ(code_of(core::Refusal::stack_in_use), Code::stack_in_use);
  EXPECT_EQ(code_of(core::Refusal::nothing_to_end), Code::nothing_to_end);
  EXPECT_EQ(code_of(core::Refusal::claim_lost), Code::claim_lost);
  EXPECT_EQ(code_of(core::Refusal::fencing_token_moved), Code::fencing_token_moved);
  EXPECT_EQ(code_of(service::NoClaim::none_available), Code::none_available);
  EXPECT_EQ(code_of(service::NoClaim::stack_unavailable), Code::stack_unavailable);
  EXPECT_EQ(code_of(service::NoClaim::never_satisfiable), Code::never_satisfiable);
  EXPECT_EQ(code_of(service::NoClaim::request_conflict), Code::request_conflict);
  EXPECT_EQ(code_of(service::NoClaim::request_ended), Code::request_ended);
  EXPECT_EQ(code_of(service::NoClaim::repo_unknown), Code::repo_unknown);
  EXPECT_EQ(code_of(service::NoClaim::stack_unknown), Code::stack_unknown);
  EXPECT_EQ(code_of(service::NoClaim::request_unknown), Code::request_unknown);
  EXPECT_EQ(code_of(core::Errc::store_unavailable), Code::store_unavailable);
  EXPECT_EQ(code_of(core::Errc::outcome_unknown), Code::outcome_unknown);
}

}  // namespace
}  // namespace bddlock::api
