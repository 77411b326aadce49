#include "process/table.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

namespace bddlock::process {
namespace {

std::string stat_of(const std::string& name) {
  return "4711 (" + name +
         ") S 17 4700 4700 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 123456 1000 100 "
         "18446744073709551615 "
         "1 1 0\n";
}

TEST(ParseStat, TakesPidNameStateParentGroupAndStart) {
  const auto entry = parse_stat(stat_of("sleep"));
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->pid, 4711);
  EXPECT_EQ(entry->name, "sleep");
  EXPECT_EQ(entry->state, 'S');
  EXPECT_EQ(entry->parent, 17);
  EXPECT_EQ(entry->group, 4700);
  EXPECT_EQ(entry->started, 123'456u);
}

TEST(ParseStat, TakesNamesThatLookLikeTheRest) {
  for (const std::string name : {"a) S 1 1 1 (b", ")", "(", " ", "a b", "", ") R 1 2"}) {
    const auto entry = parse_stat(stat_of(name));
    ASSERT_TRUE(entry) << name;
    EXPECT_EQ(entry->name, name);
    EXPECT_EQ(entry->parent, 17);
  }
}

TEST(ParseStat, RefusesWhatIsCutOff) {
  const std::string whole = stat_of("sleep");
  const auto started = whole.find("123456");
  for (std::size_t length = 0; length < started; ++length)
    EXPECT_FALSE(parse_stat(whole.substr(0, length))) << whole.substr(0, length);
}

TEST(ProcessTable, HasThisProcess) {
  const auto table = process_table();
  const auto self = std::ranges::find(table, getpid(), &Entry::pid);
  ASSERT_NE(self, table.end());
  EXPECT_EQ(self->parent, getppid());
  EXPECT_EQ(self->group, getpgrp());
  EXPECT_TRUE(self->is_alive());
  EXPECT_EQ(process_entry(getpid())->started, self->started);
}

TEST(ProcessEntry, IsNoneForNobody) { EXPECT_FALSE(process_entry(0x7FFFFFFF)); }

}  // namespace
}  // namespace bddlock::process
