// One server with many threads that change a table at the same time (make_concurrent_lane).
#include <gtest/gtest.h>

#include <barrier>
#include <map>
#include <set>
#include <thread>

#include "fakes/await.hpp"
#include "fakes/fake_clock.hpp"
#include "fakes/locked_store.hpp"
#include "service/service.hpp"
#include "stores/memory/memory_store.hpp"

namespace bddlock::service {
namespace {

using namespace std::chrono_literals;

class ConcurrentRace : public testing::Test {
 protected:
  static constexpr int stores = 6;
  static constexpr int clients = 12;

  ConcurrentRace() {
    std::vector<Store*> handles;
    for (int i = 0; i < stores; ++i) {
      handles_.push_back(std::make_unique<fakes::LockedStore>(*table_.store, mutex_));
      handles.push_back(handles_.back().get());
    }
    writes_ = make_concurrent_lane(handles, clock_, {});
    ServiceRules rules;
    rules.claims.is_shared = true;
    rules.claims.choices = 8;
    service_ =
        std::make_unique<Service>(*writes_, *reads_, clock_, [this] { return ++random_; }, rules);
  }
  ~ConcurrentRace() override { LaneStop{*writes_, *reads_}.stop(); }

  void add(const std::string& name) {
    const core::NewStack wanted{core::StackName{name}, core::RepoName{"repo"}, true};
    ASSERT_TRUE(
        fakes::await<core::Reply>([&](auto done) { service_->create(wanted, std::move(done)); }));
  }
  core::Result<ClaimAnswer> claim(const std::string& id, core::seconds wait) {
    return fakes::await<ClaimAnswer>([&](auto done) {
      service_->claim({{core::RepoName{"repo"}, core::RequestId{id}}, {}, wait}, std::move(done));
    });
  }
  bool release(const core::Stack& stack) {
    const auto released = fakes::await<Released>([&](auto done) {
      service_->release(stack.stack_name, {.key = stack.claim->key}, std::move(done));
    });
    return released && std::holds_alternative<ReleaseAnswer>(*released);
  }
  // A grant, used and given back; false: two had it at once, or a token was given twice.
  bool use(const core::Stack& stack) {
    {
      const std::scoped_lock lock{seen_mutex_};
      const std::string& name = stack.stack_name.text();
      if (in_use_[name]++ != 0 || !tokens_.emplace(name, stack.fencing_token).second) return false;
    }
    std::this_thread::yield();
    {
      const std::scoped_lock lock{seen_mutex_};
      --in_use_[stack.stack_name.text()];
    }
    return release(stack);
  }

  stores::MemoryTable table_ = stores::make_memory_table();
  std::mutex mutex_;
  std::vector<std::unique_ptr<fakes::LockedStore>> handles_;
  fakes::FakeClock clock_;
  std::atomic<std::uint64_t> random_ = 0;
  std::unique_ptr<WriteLane> writes_;
  std::unique_ptr<ReadLane> reads_ = make_read_lane(*table_.reader, 2, {});
  std::unique_ptr<Service> service_;
  std::mutex seen_mutex_;
  std::map<std::string, int> in_use_;
  std::set<std::pair<std::string, core::FencingToken>> tokens_;
};

TEST_F(ConcurrentRace, NoStackIsLentTwice) {
  for (const char* name : {"s", "t", "u"}) add(name);
  std::atomic<int> granted = 0;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < clients; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 40; ++i) {
        const auto answer = claim(std::to_string(t) + "-" + std::to_string(i), 0s);
        if (!answer) continue;  // it lost too many races
        const auto* got = std::get_if<Granted>(&*answer);
        if (got == nullptr) continue;
        ++granted;
        if (!use(got->stacks.front())) ++wrong;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(granted, 0);
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(tokens_.size(), static_cast<std::size_t>(granted));
}

// A stack that comes free while somebody gets into line is found by the look of the next tick.
TEST_F(ConcurrentRace, EverybodyWhoWaitsIsServed) {
  for (const char* name : {"s", "t"}) add(name);
  std::atomic<int> wrong = 0;
  std::atomic<int> done = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < clients; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 10; ++i) {
        const std::string id = std::to_string(t) + "-" + std::to_string(i);
        auto answer = claim(id, 50s);
        while (!answer) answer = claim(id, 50s);
        const auto* got = std::get_if<Granted>(&*answer);
        if (got == nullptr || !use(got->stacks.front())) ++wrong;
      }
      ++done;
    });
  while (done < clients) {
    service_->tick();
    std::this_thread::yield();
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(tokens_.size(), static_cast<std::size_t>(clients * 10));
}

}  // namespace
}  // namespace bddlock::service
