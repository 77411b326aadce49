#include "cli/text.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <set>

namespace bddlock::cli {
namespace {

TEST(PercentEncoding, KeepsOnlyUnreservedCharacters) {
  EXPECT_EQ(percent_encoded("pay-1.b_c~D"), "pay-1.b_c~D");
  EXPECT_EQ(percent_encoded("a/b c?d#e%"), "a%2Fb%20c%3Fd%23e%25");
  EXPECT_EQ(percent_encoded("gr\xC3\xBC\xC3\x9F"), "gr%C3%BC%C3%9F");
}

TEST(PercentEncoding, HidesDotSegmentsFromProxies) {
  EXPECT_EQ(percent_encoded("."), "%2E");
  EXPECT_EQ(percent_encoded(".."), "%2E%2E");
  EXPECT_EQ(percent_encoded("..."), "...");
}

std::string read_by_sh(const std::string& word) {
  const std::string script = "printf '%s|' " + word;
  FILE* pipe = popen(script.c_str(), "r");
  std::array<char, 4096> piece{};
  std::string text;
  std::size_t got = 0;
  while ((got = fread(piece.data(), 1, piece.size(), pipe)) > 0) text.append(piece.data(), got);
  pclose(pipe);
  return text;
}

TEST(QuotingForSh, IsReadAsTheSameTextByARealShell) {
  for (const char* const given :
       {"plain-name", "",           "two words", "it's", "''",    "$HOME", "`id`", "$(id)",
        "a\nb",       "a\\b",       "\"",        "*",    "~",     "-n",    "a;b",  "a&b",
        "#x",         "gr\xC3\xBC", "!x",        "a=b",  "{a,b}", "\t"}) {
    const std::string text = given;
    EXPECT_EQ(read_by_sh(quoted_for_sh(text)), text + "|");
  }
}

TEST(QuotingForSh, LeavesOrdinaryNamesAsTheyAre) {
  EXPECT_EQ(quoted_for_sh("paymentService-ab12cd34"), "paymentService-ab12cd34");
  EXPECT_EQ(quoted_for_sh("a b"), "'a b'");
}

TEST(Printable, ShowsControlCharactersAsEscapes) {
  EXPECT_EQ(printable("a\x1b[31mb\n\tc\x7f\\"), "a\\x1b[31mb\\n\\tc\\x7f\\\\");
  EXPECT_EQ(printable("\xC2\x9B"
                      "31m"),
            "\\xc2\\x9b31m");
  EXPECT_EQ(printable("gr\xC3\xBC\xC2\xA7"), "gr\xC3\xBC\xC2\xA7");
}

TEST(Aligned, PadsAllButTheLastColumnByCharacters) {
  EXPECT_EQ(aligned({{"A", "B"}, {"long", "x"}, {"\xC3\xBC", "y"}}),
            "A     B\nlong  x\n\xC3\xBC     y\n");
}

TEST(RandomCharacters, AreDrawnFromLettersAndDigitsWithoutFavour) {
  std::uint64_t number = 0;
  const auto random = [&number] { return number++; };
  const std::string text = random_characters(36, random);
  EXPECT_EQ(std::set<char>(text.begin(), text.end()).size(), 36u);
  EXPECT_EQ(text.front(), 'a');
  EXPECT_EQ(text.back(), '9');
}

TEST(RandomCharacters, DrawsAgainPastTheLastWholeMultiple) {
  std::uint64_t calls = 0;
  const auto random = [&calls] { return ++calls == 1 ? UINT64_MAX : std::uint64_t{1}; };
  EXPECT_EQ(random_characters(1, random), "b");
  EXPECT_EQ(calls, 2u);
}

TEST(Counted, KnowsOneFromMany) {
  EXPECT_EQ(counted(1, "stack"), "1 stack");
  EXPECT_EQ(counted(0, "stack"), "0 stacks");
}

}  // namespace
}  // namespace bddlock::cli
