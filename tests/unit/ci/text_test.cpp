#include "ci/text.hpp"

#include <gtest/gtest.h>

namespace bddlock::ci {
namespace {

TEST(CleanLine, IsOneLineOfValidUtf8) {
  EXPECT_EQ(clean_line("plain"), "plain");
  EXPECT_EQ(clean_line("a\r\nb\tc\x7f"), "a  b c ");
  EXPECT_EQ(clean_line("\xc2\x85x"), " x");
  EXPECT_EQ(clean_line("\xff\xc3"), "??");
  EXPECT_EQ(clean_line("a\xef\xbf\xbd"), "a\xef\xbf\xbd");
}

TEST(CleanLine, IsCutBetweenCharacters) {
  EXPECT_EQ(clean_line("aäb", 2), "a");
  EXPECT_EQ(clean_line("aäb", 3), "aä");
  EXPECT_EQ(clean_line("", 0), "");
}

TEST(LinkOrNothing, TakesHttpAndHttpsOfAHost) {
  for (const std::string link : {"https://a", "http://a.b:8080/c?d=e#f", "https://[::1]/x%20y"})
    EXPECT_EQ(link_or_nothing(link), link);
  const std::string longest = "https://a/" + std::string(1014, 'x');
  EXPECT_EQ(link_or_nothing(longest), longest);
}

TEST(LinkOrNothing, RefusesTheRest) {
  for (const std::string text : {"", "a", "https://", "https:///", "http://?x", "javascript:x",
                                 "https://a b", "https://a\n", "https://a\xc3", "https://a/'\\"}) {
    EXPECT_EQ(link_or_nothing(text), "") << text;
  }
}

TEST(RepoOfRemote, IsItsPathAlone) {
  EXPECT_EQ(repo_of_remote("https://github.com/acme/shop.git"), "acme/shop");
  EXPECT_EQ(repo_of_remote("https://ada:pa/s@s@host/acme/shop"), "acme/shop");
  EXPECT_EQ(repo_of_remote("https://ada:secret@host/acme/shop.git/"), "acme/shop");
  EXPECT_EQ(repo_of_remote("https://host/acme/shop.git?token=secret"), "acme/shop");
  EXPECT_EQ(repo_of_remote("git@github.com:acme/shop.git"), "acme/shop");
  EXPECT_EQ(repo_of_remote("git@host:/srv/shop.git"), "srv/shop");
  EXPECT_EQ(repo_of_remote("ssh://git@host:22/acme/shop.git"), "acme/shop");
  EXPECT_EQ(repo_of_remote("https://host"), "");
  EXPECT_EQ(repo_of_remote("/srv/shop"), "");
  EXPECT_EQ(repo_of_remote(""), "");
}

TEST(WithoutRef, LeavesTheName) {
  EXPECT_EQ(without_ref("refs/heads/a/b"), "a/b");
  EXPECT_EQ(without_ref("refs/tags/v1"), "v1");
  EXPECT_EQ(without_ref("refs/pull/1/merge"), "1/merge");
  EXPECT_EQ(without_ref("main"), "main");
}

TEST(WithoutHttps, KeepsOtherAddressesApart) {
  EXPECT_EQ(without_https("https://gitlab.com/"), "gitlab.com");
  EXPECT_EQ(without_https("http://gitlab.com"), "http://gitlab.com");
}

TEST(Joined, HasNothingBetweenOneText) {
  EXPECT_EQ(joined("a", "/", "b"), "a/b");
  EXPECT_EQ(joined("", "/", "b"), "b");
  EXPECT_EQ(joined("a", "/", ""), "a");
}

}  // namespace
}  // namespace bddlock::ci
