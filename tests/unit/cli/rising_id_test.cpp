#include "cli/rising_id.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace bddlock::cli {
namespace {

using std::chrono::milliseconds;

core::Instant at(std::int64_t since_1970_ms) { return core::Instant(milliseconds(since_1970_ms)); }

// Numbers that were written down beforehand.
std::string id_of(core::Instant now, std::vector<std::uint64_t> numbers) {
  std::size_t drawn = 0;
  const std::string id = rising_id(now, [&] { return numbers.at(drawn++); });
  EXPECT_EQ(drawn, numbers.size());
  return id;
}

constexpr std::uint64_t all_bits = UINT64_MAX;

TEST(RisingId, TellsTheTimeAsTheSpecificationOfUlidDoes) {
  EXPECT_EQ(id_of(at(1'469'918'176'385), {0, 0}), "01aryz6s41" + std::string(16, '0'));
}

TEST(RisingId, IsInTheOrderOfTimeHoweverChanceFalls) {
  constexpr std::int64_t today = 1'800'000'000'000;
  std::vector<std::int64_t> times{0, 1, today - 1};
  // A step of each digit, also where all below it turn over.
  for (int digit = 0; digit < 9; ++digit) times.push_back(today + (std::int64_t{1} << 5 * digit));
  for (int bits = 5; bits <= 48; bits += 5) times.push_back((std::int64_t{1} << bits) - 1);
  std::ranges::sort(times);
  for (const std::int64_t time : times)
    EXPECT_LT(id_of(at(time), {all_bits, all_bits}), id_of(at(time + 1), {0, 0})) << time;
  for (std::size_t i = 1; i < times.size(); ++i)
    EXPECT_LT(id_of(at(times[i - 1]), {all_bits, all_bits}), id_of(at(times[i]), {0, 0}))
        << times[i];
}

TEST(RisingId, IsAnotherWithEachOfTheEightyBitsOfChance) {
  std::set<std::string> ids{id_of(at(1), {0, 0})};
  for (int bit = 0; bit < 40; ++bit) {
    ids.insert(id_of(at(1), {std::uint64_t{1} << bit, 0}));
    ids.insert(id_of(at(1), {0, std::uint64_t{1} << bit}));
  }
  EXPECT_EQ(ids.size(), 81u);
}

TEST(RisingId, IsAlwaysOfTheSameLength) {
  using core::microseconds;
  for (const core::Instant now : {core::Instant::min(), core::Instant(microseconds(-1)), at(0),
                                  at(1'800'000'000'000), core::Instant::max()}) {
    EXPECT_EQ(id_of(now, {0, 0}).size(), 26u);
    EXPECT_EQ(id_of(now, {all_bits, all_bits}).size(), 26u);
  }
}

TEST(RisingId, TakesTimesThatItCannotTellForTheNearestOne) {
  EXPECT_EQ(id_of(core::Instant::min(), {0, 0}), id_of(at(0), {0, 0}));
  EXPECT_EQ(id_of(core::Instant::max(), {0, 0}), "7zzzzzzzzz" + std::string(16, '0'));
}

}  // namespace
}  // namespace bddlock::cli
