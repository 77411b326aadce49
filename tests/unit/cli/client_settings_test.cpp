#include "cli/client_settings.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace bddlock::cli {
namespace {

struct TokenFile {
  explicit TokenFile(const std::string& text) { std::ofstream(path) << text; }
  ~TokenFile() { std::filesystem::remove(path); }
  TokenFile(const TokenFile&) = delete;
  TokenFile& operator=(const TokenFile&) = delete;
  std::string path = ::testing::TempDir() + "cli-token-" + std::to_string(getpid());
};

ClientSettings with_variable(std::string text) {
  ClientSettings settings;
  settings.token_variable = std::move(text);
  return settings;
}

TEST(ClientToken, IsCleanedOfWhatPastingAdds) {
  for (const char* text : {"abc", " abc\n", "abc\r\n", "Bearer abc", "bearer  abc"}) {
    const auto token = client_token(with_variable(text));
    ASSERT_TRUE(token) << text;
    EXPECT_EQ(token->text, "abc") << text;
    EXPECT_EQ(token->from, "BDD_LOCK_AUTH_TOKEN");
  }
  EXPECT_EQ(client_token(with_variable(" \n"))->text, "");
}

TEST(ClientToken, IsRefusedWhenNoHeaderCouldCarryItAndNotShown) {
  for (const std::string& text :
       {std::string("hunter2 hunter2"), std::string("hun\nter2"), std::string("\"hunter2\""),
        std::string("'hunter2'"), std::string("hunter2\xC3\xBC"), std::string("hunter2\x7F"),
        std::string("hunter2") + std::string(1018, 'x')}) {
    const auto token = client_token(with_variable(text));
    ASSERT_FALSE(token) << text;
    EXPECT_EQ(token.error().find("hunter2"), std::string::npos);
    EXPECT_EQ(token.error().find("hun"), std::string::npos);
    EXPECT_NE(token.error().find("BDD_LOCK_AUTH_TOKEN"), std::string::npos);
  }
  EXPECT_TRUE(client_token(with_variable(std::string(1024, 'x'))));
}

TEST(ClientToken, OfAFileIsItsFirstWord) {
  const TokenFile file("first second\n");
  ClientSettings settings = with_variable("other");
  settings.token_file = file.path;
  settings.token_file_source = Source::flag;
  EXPECT_EQ(client_token(settings)->text, "first");
  settings.token_file_source = Source::variable;
  EXPECT_EQ(client_token(settings)->text, "first");
  settings.token_file_source = Source::file;
  EXPECT_EQ(client_token(settings)->text, "other") << "a variable wins over the config file";
  settings.token_variable.clear();
  EXPECT_EQ(client_token(settings)->text, "first");
}

TEST(ClientToken, OfAFileThatIsNotThereOrEmptyIsAFault) {
  ClientSettings settings;
  settings.token_file = "/no/such/file";
  settings.token_file_source = Source::flag;
  EXPECT_NE(client_token(settings).error().find("/no/such/file: No such file"), std::string::npos);
  const TokenFile file("\n\n");
  settings.token_file = file.path;
  EXPECT_NE(client_token(settings).error().find("has no token in it"), std::string::npos);
}

}  // namespace
}  // namespace bddlock::cli
