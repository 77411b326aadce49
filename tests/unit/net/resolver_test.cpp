#include "net/resolver.hpp"

#include <gtest/gtest.h>

namespace bddlock::net {
namespace {

auto soon() { return std::chrono::steady_clock::now() + std::chrono::seconds(2); }

TEST(Resolver, NeedsNoLookUpForAddressesAndLocalhost) {
  const auto past = std::chrono::steady_clock::time_point();
  for (const char* address : {"127.0.0.1", "::1", "2001:db8::1"})
    EXPECT_EQ(resolve(address, past).value(), std::vector<std::string>{address});
  EXPECT_EQ(resolve("localhost", past).value(), (std::vector<std::string>{"127.0.0.1", "::1"}));
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
  const auto none = resolve("no-such-host.invalid", std::chrono::steady_clock::now());
  ASSERT_FALSE(none);
}

}  // namespace
}  // namespace bddlock::net
