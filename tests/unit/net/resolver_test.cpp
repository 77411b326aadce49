#include "net/resolver.hpp"

#include <gtest/gtest.h>

namespace bddlock::net {
namespace {

Limits soon() { return {SteadyClock::now() + std::chrono::seconds(2)}; }

TEST(Resolver, NeedsNoLookUpForAddressesAndLocalhost) {
  const Limits past{SteadyClock::time_point()};
  for (const char* address : {"127.0.0.1", "::1", "2001:db8::1"})
    EXPECT_EQ(resolve(address, past).value(), std::vector<std::string>{address});
  for (const char* name : {"localhost", "LocalHost", "localhost."})
    EXPECT_EQ(resolve(name, past).value(), (std::vector<std::string>{"127.0.0.1", "::1"}));
}

// Whether there are name servers here or not, the answer is a sentence within the time.
TEST(Resolver, SaysThatAHostIsUnknownOrCannotBeLookedUp) {
  const auto start = std::chrono::steady_clock::now();
  const auto none = resolve("no-such-host.invalid", soon());
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().find("\"no-such-host.invalid\""), std::string::npos) << none.error();
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST(Resolver, EndsAtTheDeadline) {
  const auto none = resolve("no-such-host.invalid", {SteadyClock::now()});
  ASSERT_FALSE(none);
}

TEST(Resolver, EndsWhenItIsToldToStop) {
  Limits limits = soon();
  limits.should_stop = [] { return true; };
  const auto none = resolve("no-such-host.invalid", limits);
  ASSERT_FALSE(none);
  // Where no name server can be reached at all, that is known before the first wait.
  EXPECT_TRUE(none.error().find("stopped while looking up") != std::string::npos ||
              none.error().find("cannot look up") != std::string::npos)
      << none.error();
}

}  // namespace
}  // namespace bddlock::net
