#include "app/token_watch.hpp"

#include <gtest/gtest.h>

#include <future>

#include "unit/app/fake_parameter.hpp"

namespace bddlock::app {
namespace {

using std::chrono::seconds;

const aws::Instant watched_at{seconds{1'900'000'000}};

TEST(TokenWatch, TellsEachChangeAndEachFailureOnAThreadOfItsOwn) {
  FakeParameter fake;
  fake.holds("one");
  TokenParameter parameter("p", seconds{0}, fake.reader());
  ASSERT_TRUE(parameter.read(watched_at));
  std::promise<TokensRead> changed;
  std::promise<TokensRead> failed;
  TokenWatch watch(
      parameter, [] { return watched_at; },
      [&, changes = 0, failures = 0](TokensRead read) mutable {
        if (read && changes++ == 0) changed.set_value(std::move(read));
        if (!read && failures++ == 0) failed.set_value(std::move(read));
      });
  fake.holds("two");
  EXPECT_EQ(changed.get_future().get(), (std::vector<std::string>{"two"}));
  fake.fails("down");
  EXPECT_FALSE(failed.get_future().get());
}

TEST(TokenWatch, EndsWhileItWaitsForTheNextLookAndWhileItLooks) {
  FakeParameter fake;
  TokenParameter seldom("p", seconds{86'400}, fake.reader());
  {
    TokenWatch watch(seldom, [] { return watched_at; }, [](const TokensRead&) {});
  }
  EXPECT_EQ(fake.asked, 0);

  std::promise<void> looking;
  TokenParameter slow("p", seconds{0},
                      [&](const std::string&, const std::function<bool()>& should_stop) {
                        looking.set_value();
                        while (!should_stop()) std::this_thread::yield();
                        return aws::Result<aws::Parameter>(std::unexpected(aws::Error{}));
                      });
  bool told = false;
  {
    TokenWatch watch(slow, [] { return watched_at; }, [&](const TokensRead&) { told = true; });
    looking.get_future().wait();
  }
  EXPECT_FALSE(told);
}

}  // namespace
}  // namespace bddlock::app
