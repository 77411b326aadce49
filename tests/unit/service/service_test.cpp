#include "service/service.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <latch>

#include "fakes/await.hpp"
#include "fakes/fake_clock.hpp"
#include "fakes/faulty_reader.hpp"
#include "fakes/faulty_store.hpp"
#include "stores/memory/memory_store.hpp"

namespace bddlock::service {
namespace {

using namespace std::chrono_literals;
using core::Errc;
using core::Reply;
using core::RepoName;
using core::Result;
using core::Stack;
using core::StackName;
using core::State;
using fakes::await;

class ServiceTest : public testing::Test {
 protected:
  Result<Reply> create(const std::string& name, const std::string& repo = "repo",
                       bool available = true) {
    return await<Reply>([&](auto done) {
      service_.create({StackName{name}, RepoName{repo}, available}, std::move(done));
    });
  }
  Result<Reply> apply(const std::string& name, core::Command command) {
    return await<Reply>(
        [&](auto done) { service_.apply(StackName{name}, command, std::move(done)); });
  }
  Result<SweepCounts> sweep() {
    return await<SweepCounts>([&](auto done) { service_.sweep(std::move(done)); });
  }
  Result<ImportAnswer> import(std::vector<Stack> records, bool replace) {
    return await<ImportAnswer>(
        [&](auto done) { service_.import(std::move(records), replace, std::move(done)); });
  }
  Result<std::vector<StackName>> available(const std::string& repo) {
    return await<std::vector<StackName>>(
        [&](auto done) { service_.available(RepoName{repo}, std::move(done)); });
  }
  Result<void> probe() {
    return await<void>([&](auto done) { service_.probe(std::move(done)); });
  }

  std::vector<Stack> records(int count, State state = State::available) {
    std::vector<Stack> all;
    for (int i = 0; i < count; ++i)
      all.push_back({.stack_name = StackName{std::to_string(1'000'000 + i)},
                     .repo_name = RepoName{"many"},
                     .state = state,
                     .last_used = clock_.now()});
    return all;
  }

  void expect_imported(const Result<ImportAnswer>& answer, int created, int replaced) {
    ASSERT_TRUE(answer) << answer.error().detail;
    ASSERT_TRUE(std::holds_alternative<Imported>(*answer));
    EXPECT_EQ(std::get<Imported>(*answer).created, created);
    EXPECT_EQ(std::get<Imported>(*answer).replaced, replaced);
  }

  // Keeps the write lane busy until the latch is counted down; returns once it is.
  void occupy_writes(std::latch& gate) {
    std::promise<void> inside;
    submit<bool>(
        *writes_,
        [&](Store&, core::Instant) {
          inside.set_value();
          gate.wait();
          return Result<bool>{true};
        },
        [](Result<bool>) {});
    inside.get_future().wait();
  }

  fakes::FakeClock clock_;
  stores::MemoryTable table_ = stores::make_memory_table();
  fakes::FaultyStore store_{*table_.store};
  std::unique_ptr<WriteLane> writes_ =
      make_batching_lane(store_, clock_, {.recovery_interval = 1ms});
  std::unique_ptr<ReadLane> reads_ = make_read_lane(*table_.reader, 2, {});
  LaneStop stop_lanes_{*writes_, *reads_};
  Service service_{*writes_, *reads_, clock_, [] { return 0; }};
};

TEST_F(ServiceTest, LendsAStackAndTakesItBack) {
  ASSERT_TRUE(create("alpha"));
  EXPECT_EQ(available("repo"), std::vector{StackName{"alpha"}});
  EXPECT_TRUE(std::holds_alternative<core::Done>(apply("alpha", core::SeedClaim{}).value()));
  EXPECT_EQ(available("repo"), std::vector<StackName>{});
  const auto found = await<std::optional<Stack>>(
      [&](auto done) { service_.find(StackName{"alpha"}, std::move(done)); });
  EXPECT_EQ(found.value()->state, State::claimed);
  EXPECT_EQ(found.value()->last_used, clock_.now());
  EXPECT_TRUE(std::holds_alternative<core::Done>(apply("alpha", core::SeedRelease{}).value()));
  const auto page = await<StackPage>([&](auto done) { service_.list({}, std::move(done)); });
  EXPECT_EQ(page->items.size(), 1u);
}

TEST_F(ServiceTest, FindsEveryAvailableStackOfALargeRepo) {
  auto many = records(2500);
  many[7].state = State::claimed;
  expect_imported(import(many, false), 2500, 0);
  ASSERT_TRUE(create("other", "another"));
  const auto names = available("many");
  ASSERT_TRUE(names);
  EXPECT_EQ(names->size(), 2499u);
  EXPECT_TRUE(std::ranges::is_sorted(*names));
  EXPECT_EQ(available("unknown"), std::vector<StackName>{});
}

TEST_F(ServiceTest, SweepsAWholeLargeTable) {
  expect_imported(import(records(1700, State::claimed), false), 1700, 0);
  EXPECT_EQ(sweep()->released, 0);
  clock_.advance(7200s);
  EXPECT_EQ(sweep()->released, 0);
  clock_.advance(1us);
  EXPECT_EQ(sweep()->released, 1700);
  EXPECT_EQ(available("many")->size(), 1700u);
}

TEST_F(ServiceTest, LetsOtherChangesGoBetweenTheSlicesOfASweep) {
  expect_imported(import(records(1700), false), 1700, 0);
  std::latch gate{1};
  occupy_writes(gate);
  std::promise<bool> swept;
  std::atomic<bool> sweep_done = false;
  std::promise<bool> claimed;
  service_.sweep([&](Result<SweepCounts> counts) {
    sweep_done = true;
    swept.set_value(counts.has_value());
  });
  service_.apply(StackName{"1001699"}, core::SeedClaim{},
                 [&](Result<Reply>) { claimed.set_value(!sweep_done); });
  gate.count_down();
  EXPECT_TRUE(claimed.get_future().get());
  EXPECT_TRUE(swept.get_future().get());
}

TEST_F(ServiceTest, LetsASecondSweepJoinTheFirst) {
  expect_imported(import(records(3, State::claimed), false), 3, 0);
  clock_.advance(7201s);
  std::latch gate{1};
  occupy_writes(gate);
  std::promise<std::int64_t> first;
  std::promise<std::int64_t> second;
  service_.sweep([&](Result<SweepCounts> counts) { first.set_value(counts->released); });
  service_.sweep([&](Result<SweepCounts> counts) { second.set_value(counts->released); });
  gate.count_down();
  EXPECT_EQ(first.get_future().get(), 3);
  EXPECT_EQ(second.get_future().get(), 3);
  EXPECT_EQ(store_.lists, 1);  // one sweep went over the table
  EXPECT_EQ(sweep()->released, 0);
  EXPECT_EQ(store_.lists, 2);
}

TEST_F(ServiceTest, SweepsAgainAfterASweepThatFailed) {
  expect_imported(import(records(3, State::claimed), false), 3, 0);
  clock_.advance(7201s);
  store_.lists_to_fail = 1;
  const auto failed = sweep();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::store_unavailable);
  EXPECT_EQ(sweep()->released, 3);
}

TEST_F(ServiceTest, RemovesWhatWasUnusedForTooLongAndNamesIt) {
  Service removing{
      *writes_, *reads_, clock_, [] { return 0; }, {.sweep = {.remove_unused_for = 24h}}};
  ASSERT_TRUE(create("alpha"));
  ASSERT_TRUE(create("beta", "repo", false));
  clock_.advance(24h + 1us);
  const auto counts = await<SweepCounts>([&](auto done) { removing.sweep(std::move(done)); });
  ASSERT_TRUE(counts);
  EXPECT_EQ(counts->released, 1);
  EXPECT_EQ(counts->removed, 1);
  EXPECT_EQ(counts->removed_names, std::vector{StackName{"alpha"}});
}

TEST_F(ServiceTest, ImportsALargeTableOnlyIfNoneOfItsNamesExists) {
  ASSERT_TRUE(create("1001499"));
  const auto refused = import(records(1500), false);
  ASSERT_TRUE(refused);
  ASSERT_TRUE(std::holds_alternative<NamesExist>(*refused));
  EXPECT_EQ(std::get<NamesExist>(*refused).names, std::vector{StackName{"1001499"}});
  EXPECT_EQ(available("many"), std::vector<StackName>{});
  expect_imported(import(records(1500), true), 1499, 1);
  EXPECT_EQ(available("many")->size(), 1500u);
}

TEST_F(ServiceTest, SaysWhatAnImportHasDoneWhenANameIsTakenWhileItRuns) {
  // One thread: a read that is awaited has let every slice of the check before it go by.
  const auto reads = make_read_lane(*table_.reader, 1, {});
  Service importing{*writes_, *reads, clock_, [] { return 0; }};
  std::latch gate{1};
  occupy_writes(gate);
  std::promise<Result<ImportAnswer>> answer;
  importing.import(records(1200), false,
                   [&](Result<ImportAnswer> got) { answer.set_value(std::move(got)); });
  for (int slices = 0; slices <= 3; ++slices)
    (void)await<std::optional<Stack>>(
        [&](auto done) { importing.find(StackName{"none"}, std::move(done)); });
  importing.create({StackName{"1001100"}, RepoName{"repo"}, true}, [](Result<Reply>) {});
  gate.count_down();
  const auto refused = answer.get_future().get();
  ASSERT_TRUE(refused && std::holds_alternative<NamesExist>(*refused));
  EXPECT_EQ(std::get<NamesExist>(*refused).names, std::vector{StackName{"1001100"}});
  EXPECT_EQ(std::get<NamesExist>(*refused).imported_before, 1000);
}

TEST_F(ServiceTest, SaysThatTheOutcomeIsUnknownIfASweepFailsAfterAPartOfItIsDone) {
  std::vector<StackName> told;
  Service sweeping{*writes_,
                   *reads_,
                   clock_,
                   [] { return 0; },
                   {.sweep = {.expiry = 7200s, .remove_unused_for = 60s}},
                   {},
                   [&](const std::vector<StackName>& names) {
                     told.insert(told.end(), names.begin(), names.end());
                     store_.lists_to_fail = 1;  // of the next slice
                   }};
  expect_imported(import(records(1200), false), 1200, 0);
  clock_.advance(61s);
  const auto counts = await<SweepCounts>([&](auto done) { sweeping.sweep(std::move(done)); });
  ASSERT_FALSE(counts);
  EXPECT_EQ(counts.error().code, core::Errc::outcome_unknown);
  EXPECT_EQ(told.size(), 500u);  // and whoever reads the log knows which
}

TEST_F(ServiceTest, RefusesAnImportThatNamesAStackTwiceUnlessItMayReplace) {
  auto twice = records(1200);
  twice.back().stack_name = twice.front().stack_name;
  const auto refused = import(twice, false);
  ASSERT_TRUE(std::holds_alternative<NamesExist>(refused.value()));
  EXPECT_EQ(std::get<NamesExist>(*refused).names, std::vector{twice.front().stack_name});
  EXPECT_EQ(available("many"), std::vector<StackName>{});
  expect_imported(import(twice, true), 1199, 1);
  expect_imported(import({}, false), 0, 0);
}

TEST_F(ServiceTest, KeepsMarks) {
  const auto put = await<void>([&](auto done) { service_.put_mark("key", 5, std::move(done)); });
  EXPECT_TRUE(put);
  const auto mark =
      await<std::optional<std::int64_t>>([&](auto done) { service_.mark("key", std::move(done)); });
  EXPECT_EQ(mark.value(), 5);
  store_.marks_to_fail = 1;
  EXPECT_FALSE(await<void>([&](auto done) { service_.put_mark("key", 6, std::move(done)); }));
}

TEST_F(ServiceTest, IsReadyOnlyIfTheLastBatchHeld) {
  EXPECT_TRUE(probe());
  store_.recoveries_to_fail = 1'000'000'000;
  store_.commits_to_fail_done = 1;
  EXPECT_EQ(create("alpha").error().code, Errc::outcome_unknown);
  EXPECT_EQ(probe().error().code, Errc::store_unavailable);
  EXPECT_EQ(create("beta").error().code, Errc::store_unavailable);
  store_.recoveries_to_fail = 0;
  EXPECT_TRUE(create("beta"));
  EXPECT_TRUE(probe());
}

TEST_F(ServiceTest, ReportsAReaderThatFails) {
  fakes::FaultyReader broken{*table_.reader};
  broken.calls_to_fail = 1'000'000;
  const auto reads = make_read_lane(broken, 1, {});
  Service service{*writes_, *reads, clock_, [] { return 0; }};
  EXPECT_FALSE(await<void>([&](auto done) { service.probe(std::move(done)); }));
  EXPECT_FALSE(await<std::vector<StackName>>(
      [&](auto done) { service.available(RepoName{"repo"}, std::move(done)); }));
  EXPECT_FALSE(await<std::optional<Stack>>(
      [&](auto done) { service.find(StackName{"alpha"}, std::move(done)); }));
  const auto import = await<ImportAnswer>(
      [&](auto done) { service.import(records(1500), false, std::move(done)); });
  ASSERT_FALSE(import);
  EXPECT_EQ(import.error().code, Errc::store_unavailable);
}

TEST_F(ServiceTest, FinishesWhatIsUnderWayWhenItAndThenTheLanesGo) {
  expect_imported(import(records(3000, State::claimed), false), 3000, 0);
  clock_.advance(7201s);
  std::promise<bool> swept;
  std::promise<bool> listed;
  {
    Service short_lived = service_;
    short_lived.sweep([&](Result<SweepCounts> counts) { swept.set_value(counts.has_value()); });
    short_lived.available(RepoName{"many"}, [&](Result<std::vector<StackName>> names) {
      listed.set_value(names.has_value());
    });
  }
  stop_lanes_.stop();
  // Done, or told that the server stops; but answered.
  EXPECT_EQ(swept.get_future().wait_for(0s), std::future_status::ready);
  EXPECT_EQ(listed.get_future().wait_for(0s), std::future_status::ready);
}

}  // namespace
}  // namespace bddlock::service
