#include "app/token_parameter.hpp"

#include <gtest/gtest.h>

#include "unit/app/fake_parameter.hpp"

namespace bddlock::app {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;
using Tokens = std::vector<std::string>;

const aws::Instant start{seconds{1'900'000'000}};

class TokenParameterTest : public testing::Test {
 protected:
  FakeParameter fake_;
  TokenParameter parameter_{"/ci/token", seconds{60}, fake_.reader()};
};

TEST_F(TokenParameterTest, HoldsOneOrMoreTokens) {
  fake_.holds(" one\ntwo ");
  const auto read = parameter_.read(start);
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(*read, (Tokens{"one", "two"}));
  EXPECT_EQ(fake_.asked_for, "/ci/token");
  EXPECT_EQ(parameter_.warning(), std::nullopt);
}

TEST_F(TokenParameterTest, NamesItselfInErrorsAndNeverAToken) {
  const auto expect_error = [&](std::string_view says) {
    const auto read = parameter_.read(start);
    ASSERT_FALSE(read);
    EXPECT_NE(read.error().find("parameter /ci/token of AWS"), std::string::npos) << read.error();
    EXPECT_NE(read.error().find(says), std::string::npos) << read.error();
    EXPECT_EQ(read.error().find("hunter2"), std::string::npos) << read.error();
  };
  fake_.fails("SSM answers 400 ParameterNotFound; make it");
  expect_error("cannot be read: SSM answers 400 ParameterNotFound; make it");
  fake_.holds(" \n");
  expect_error("there is no token");
  fake_.holds("hunter2 \"hunter2\"");
  expect_error("leave quotes out");
  fake_.holds("hunter2,hunter2", "StringList");
  expect_error("make it a SecureString");
}

TEST_F(TokenParameterTest, ThatIsKeptInTheClearIsWarnedOf) {
  fake_.holds("one", "String");
  EXPECT_TRUE(parameter_.read(start));
  EXPECT_NE(parameter_.warning().value_or("").find("SecureString"), std::string::npos);
}

TEST_F(TokenParameterTest, IsAskedForAgainWhenItsAgeIsOver) {
  fake_.holds("one");
  ASSERT_TRUE(parameter_.read(start));
  fake_.holds("two");
  EXPECT_FALSE(parameter_.changed(start + seconds{60} - microseconds{1}));
  EXPECT_EQ(fake_.asked, 1);
  const auto changed = parameter_.changed(start + seconds{60});
  ASSERT_TRUE(changed && *changed);
  EXPECT_EQ(**changed, Tokens{"two"});
  EXPECT_FALSE(parameter_.changed(start + seconds{119}));
  EXPECT_EQ(fake_.asked, 2);
  EXPECT_FALSE(parameter_.changed(start + seconds{120})) << "asked, but it is the same";
  EXPECT_EQ(fake_.asked, 3);
}

TEST_F(TokenParameterTest, IsAskedForAtOnceAfterAStepOfTheClockBackwards) {
  fake_.holds("one");
  ASSERT_TRUE(parameter_.read(start));
  fake_.holds("two");
  EXPECT_TRUE(parameter_.changed(start - seconds{3600}));
}

TEST_F(TokenParameterTest, IsNotAskedForAtEachCallWhileItCannotBeRead) {
  fake_.holds("one");
  ASSERT_TRUE(parameter_.read(start));
  fake_.fails("down");
  const auto failed = parameter_.changed(start + seconds{60});
  ASSERT_TRUE(failed);
  EXPECT_FALSE(*failed);
  EXPECT_FALSE(parameter_.changed(start + seconds{61}));
  EXPECT_EQ(fake_.asked, 2);
  fake_.holds("one");
  EXPECT_FALSE(parameter_.changed(start + seconds{120})) << "as it was before it failed";
  fake_.holds("");
  EXPECT_FALSE(*parameter_.changed(start + seconds{180}));
}

}  // namespace
}  // namespace bddlock::app
