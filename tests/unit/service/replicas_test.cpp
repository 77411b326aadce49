// Two servers on one table, each with a Service of its own: what one of them frees, grants or ends
// must be right for whoever waits at the other.
#include <gtest/gtest.h>

#include <future>

#include "fakes/await.hpp"
#include "fakes/fake_clock.hpp"
#include "service/service.hpp"
#include "unit/service/lender_fixture.hpp"

namespace bddlock::service {
namespace {

using core::Reply;
using fakes::await;

// Counts the looks for free stacks.
class CountingReader final : public StoreReader {
 public:
  explicit CountingReader(StoreReader& inner) : inner_(inner) {}
  Result<std::optional<Stack>> find(const StackName& name) override { return inner_.find(name); }
  Result<StackPage> list(const StackQuery& query) override { return inner_.list(query); }
  Result<core::FencingToken> retired_token(const StackName& name) override {
    return inner_.retired_token(name);
  }
  Result<std::optional<std::int64_t>> mark(std::string_view key) override {
    return inner_.mark(key);
  }
  Result<std::vector<RepoName>> repos(const std::optional<RepoName>& after,
                                      std::size_t limit) override {
    return inner_.repos(after, limit);
  }
  Result<RepoTotals> totals(const RepoName& repo) override { return inner_.totals(repo); }
  Result<std::vector<Stack>> available(const RepoName& repo, const core::StringMap& labels,
                                       std::size_t limit) override {
    return inner_.available(repo, labels, limit);
  }
  Result<std::vector<StackName>> free_names(const RepoName& repo) override {
    ++looks;
    return inner_.free_names(repo);
  }
  Result<std::vector<Stack>> due(Instant now, std::size_t limit) override {
    return inner_.due(now, limit);
  }
  Result<std::optional<core::Request>> find_request(const RepoName& repo,
                                                    const RequestId& id) override {
    return inner_.find_request(repo, id);
  }
  Result<std::vector<core::Request>> waiting(const RepoName& repo,
                                             const std::optional<QueuePlace>& after,
                                             std::size_t limit) override {
    return inner_.waiting(repo, after, limit);
  }
  Result<std::int64_t> count_waiting(const RepoName& repo) override {
    return inner_.count_waiting(repo);
  }
  Result<std::int64_t> count_waiting_before(const RepoName& repo,
                                            const QueuePlace& place) override {
    return inner_.count_waiting_before(repo, place);
  }
  Result<std::int64_t> last_arrival(const RepoName& repo) override {
    return inner_.last_arrival(repo);
  }
  Result<std::vector<core::Request>> ready_until_before(Instant at, std::size_t limit) override {
    return inner_.ready_until_before(at, limit);
  }
  Result<std::vector<core::Request>> settled_requests(
      const std::optional<std::pair<RepoName, RequestId>>& after, std::size_t limit) override {
    return inner_.settled_requests(after, limit);
  }
  Result<EventPage> events(const EventQuery& query) override { return inner_.events(query); }

  std::atomic<int> looks = 0;

 private:
  StoreReader& inner_;
};

class ReplicasTest : public testing::Test {
 protected:
  using Answer = std::future<Result<ClaimAnswer>>;

  std::unique_ptr<Service> server() {
    ServiceRules rules;
    rules.claims.is_shared = true;
    rules.claims.choices = 8;
    auto made = std::make_unique<Service>(
        *writes_, *reads_, clock_, [this] { return ++random_; }, rules,
        [](std::string_view what, const core::Error& error) {
          ADD_FAILURE() << what << ": " << error.detail;
        });
    EXPECT_TRUE(await<void>([&](auto done) { made->start(std::move(done)); }));
    return made;
  }

  void add(const std::string& name, const std::string& repo = "repo", core::StringMap labels = {}) {
    const core::NewStack wanted{.stack_name = StackName{name},
                                .repo_name = RepoName{repo},
                                .available = true,
                                .labels = std::move(labels)};
    ASSERT_TRUE(await<Reply>([&](auto done) { a_->create(wanted, std::move(done)); }));
  }
  // What parks it returns once the request is in line.
  Answer call(Service& at, const std::string& id, core::seconds wait = 50s, Wish wish = {},
              const std::string& repo = "repo") {
    auto promise = std::make_shared<std::promise<Result<ClaimAnswer>>>();
    Answer answer = promise->get_future();
    at.claim({{RepoName{repo}, RequestId{id}}, std::move(wish), wait},
             [promise](auto result) { promise->set_value(std::move(result)); });
    settle(at);
    return answer;
  }
  std::string words(Answer& answer) {
    if (answer.wait_for(0s) != std::future_status::ready) return "nothing yet";
    return to_words(answer.get());
  }
  std::string claim(Service& at, const std::string& id, core::seconds wait = 0s) {
    Answer answer = call(at, id, wait);
    return words(answer);
  }
  void release(Service& at, const std::string& name) {
    const Stack stack = found(name);
    ASSERT_TRUE(stack.claim);
    const auto answer = await<Released>([&](auto done) {
      at.release(stack.stack_name, {.key = stack.claim->key}, std::move(done));
    });
    ASSERT_TRUE(answer && std::holds_alternative<ReleaseAnswer>(*answer));
  }
  Stack found(const std::string& name) {
    return table_.reader->find(StackName{name}).value().value_or(Stack{});
  }
  core::Request request(const std::string& id) {
    return table_.reader->find_request(RepoName{"repo"}, RequestId{id})
        .value()
        .value_or(core::Request{});
  }

  // Until all that was submitted so far, and what followed from it, is done.
  void settle(Service& at) {
    for (int i = 0; i < 5; ++i) {
      (void)await<void>([&](auto done) { at.put_mark("none", 1, std::move(done)); });
      (void)await<std::optional<std::int64_t>>(
          [&](auto done) { at.mark("none", std::move(done)); });
    }
  }
  void tick(Service& at) {
    at.tick();
    settle(at);
  }
  int looks_of_a_tick(Service& at) {
    const int before = reader_.looks;
    tick(at);
    return reader_.looks - before;
  }

  fakes::FakeClock clock_{noon};
  std::atomic<std::uint64_t> random_ = 0;
  stores::MemoryTable table_ = stores::make_memory_table();
  CountingReader reader_{*table_.reader};
  std::unique_ptr<WriteLane> writes_ = make_batching_lane(*table_.store, clock_, {});
  std::unique_ptr<ReadLane> reads_ = make_read_lane(reader_, 1, {});
  LaneStop stop_lanes_{*writes_, *reads_};
  std::unique_ptr<Service> a_ = server();
  std::unique_ptr<Service> b_ = server();
};

TEST_F(ReplicasTest, AWaiterAtOneGetsWhatIsReleasedAtTheOther) {
  add("s");
  EXPECT_EQ(claim(*a_, "r1"), "granted s");
  Answer waiter = call(*b_, "r2");
  release(*a_, "s");
  EXPECT_EQ(words(waiter), "nothing yet");
  tick(*b_);
  EXPECT_EQ(words(waiter), "granted s");
}

// The look before found the same stack, and lent it.
TEST_F(ReplicasTest, TheNextLookFindsWhatWasLentAndReleasedSinceTheLast) {
  add("s");
  EXPECT_EQ(claim(*a_, "r1"), "granted s");
  Answer first = call(*b_, "w1");
  Answer second = call(*b_, "w2");
  release(*a_, "s");
  tick(*b_);
  EXPECT_EQ(words(first), "granted s");
  release(*a_, "s");
  EXPECT_EQ(words(second), "nothing yet");
  tick(*b_);
  EXPECT_EQ(words(second), "granted s");
}

TEST_F(ReplicasTest, AWaiterGetsWhatIsReleasedAtItsOwnServerAtOnce) {
  add("s");
  EXPECT_EQ(claim(*a_, "r1"), "granted s");
  Answer waiter = call(*a_, "r2");
  release(*a_, "s");
  EXPECT_EQ(words(waiter), "granted s");
}

TEST_F(ReplicasTest, AWaiterGetsWhatTimeEnds) {
  add("s");
  Answer first = call(*a_, "r1", 0s, {.lease = 2s});
  Answer waiter = call(*b_, "r2");
  clock_.advance(2s - 1us);
  tick(*a_);
  tick(*b_);
  EXPECT_EQ(words(waiter), "nothing yet");
  clock_.advance(1us);
  tick(*a_);  // has nobody who waits
  tick(*b_);
  EXPECT_EQ(words(waiter), "granted s");
}

TEST_F(ReplicasTest, LooksOnceForEachRepoWhereSomebodyWaitsHere) {
  add("s");
  add("t", "other");
  EXPECT_EQ(looks_of_a_tick(*b_), 0);
  EXPECT_EQ(claim(*a_, "r1"), "granted s");
  Answer others = call(*a_, "o1", 0s, {}, "other");
  std::vector<Answer> waiters;
  for (int i = 0; i < 3; ++i) waiters.push_back(call(*b_, "w" + std::to_string(i)));
  EXPECT_EQ(looks_of_a_tick(*b_), 1);
  waiters.push_back(call(*b_, "o2", 50s, {}, "other"));
  EXPECT_EQ(looks_of_a_tick(*b_), 2);
  EXPECT_EQ(looks_of_a_tick(*a_), 0);
  clock_.advance(51s);  // they have waited long enough
  tick(*b_);
  EXPECT_EQ(looks_of_a_tick(*b_), 0);
}

TEST_F(ReplicasTest, WhoCameFirstIsServedFirstWhereverTheyWait) {
  add("s");
  EXPECT_EQ(claim(*a_, "r1"), "granted s");
  Answer first = call(*a_, "w1");
  Answer second = call(*b_, "w2");
  Answer third = call(*a_, "w3");
  const auto sweep_over = [&] {
    tick(*b_);
    tick(*a_);
    tick(*b_);
  };
  release(*b_, "s");
  tick(*b_);  // it is not for the second, who waits here
  EXPECT_EQ(words(second), "nothing yet");
  sweep_over();
  EXPECT_EQ(words(first), "granted s");
  release(*a_, "s");
  sweep_over();
  EXPECT_EQ(words(second), "granted s");
  EXPECT_EQ(words(third), "nothing yet");
  release(*b_, "s");
  sweep_over();
  EXPECT_EQ(words(third), "granted s");
}

TEST_F(ReplicasTest, NobodyNewPassesWhoWaitsAtTheOther) {
  add("s");
  EXPECT_EQ(claim(*a_, "r1"), "granted s");
  Answer waiter = call(*b_, "w1");
  release(*a_, "s");
  EXPECT_EQ(claim(*a_, "new"), "none_available");
  tick(*b_);
  EXPECT_EQ(words(waiter), "granted s");
}

TEST_F(ReplicasTest, WhoRepeatsACallAtTheOtherGetsTheSameClaim) {
  add("s");
  add("t");
  const std::string first = claim(*a_, "r1");
  EXPECT_EQ(claim(*b_, "r1"), first);
  EXPECT_EQ(claim(*a_, "r1"), first);
}

// A waiter whose server died: its stack goes to it as an offer, and then to the next.
TEST_F(ReplicasTest, AStackForOneWhoseServerIsGoneGoesToTheNextInTime) {
  add("s");
  EXPECT_EQ(claim(*a_, "r1"), "granted s");
  auto dead = server();
  Answer lost = call(*dead, "w1");
  Answer next = call(*b_, "w2");
  release(*a_, "s");
  for (int second = 0; second < 20 && next.wait_for(0s) != std::future_status::ready; ++second) {
    tick(*b_);
    clock_.advance(1s);
  }
  EXPECT_EQ(words(next), "granted s");
  EXPECT_EQ(words(lost), "nothing yet");
}

TEST_F(ReplicasTest, AnOfferOfTheOtherIsCollectedByTheCallThatIsOpenHere) {
  add("s");
  EXPECT_EQ(claim(*a_, "r1"), "granted s");
  Answer first = call(*a_, "w1");
  Answer second = call(*b_, "w2");
  release(*b_, "s");
  for (int second_of_time = 0; second_of_time < 3; ++second_of_time) {  // the server of w1 is slow
    tick(*b_);
    clock_.advance(1s);
  }
  ASSERT_TRUE(core::is_offered(found("s")));
  tick(*a_);
  EXPECT_EQ(words(first), "granted s");
  EXPECT_FALSE(core::is_offered(found("s")));
  EXPECT_EQ(words(second), "nothing yet");
}

// What suits nobody who waits is tried now and then only.
TEST_F(ReplicasTest, DoesNotTryAtEachLookWhatNobodyWants) {
  add("s");
  add("plain");
  EXPECT_EQ(claim(*a_, "r1").substr(0, 7), "granted");
  Answer waiter =
      call(*b_, "w1", 50s, {.stack_name = found("s").claim ? StackName{"s"} : StackName{"plain"}});
  EXPECT_EQ(words(waiter), "nothing yet");
  for (int i = 0; i < 4; ++i) EXPECT_EQ(looks_of_a_tick(*b_), 1);
  EXPECT_EQ(words(waiter), "nothing yet");
}

TEST_F(ReplicasTest, AServerThatStartsLeavesWhoWaitsAtAnother) {
  add("s");
  EXPECT_EQ(claim(*a_, "r1"), "granted s");
  Answer waiter = call(*a_, "w1");
  const Instant ready_until = request("w1").ready_until;
  clock_.advance(1s);
  const auto late = server();
  EXPECT_EQ(request("w1").ready_until, ready_until);
  clock_.advance(40s);  // more than a silent one keeps its place
  tick(*late);
  EXPECT_EQ(request("w1").state, core::RequestState::waiting);
  EXPECT_EQ(request("w1").repo_name, RepoName{"repo"});
  EXPECT_EQ(claim(*late, "new"), "none_available");
  release(*late, "s");
  tick(*a_);
  EXPECT_EQ(words(waiter), "granted s");
}

TEST_F(ReplicasTest, WhoWaitedWhileNoServerRanIsGivenTimeToCallAgain) {
  add("s");
  EXPECT_EQ(claim(*a_, "r1"), "granted s");
  Answer waiter = call(*a_, "w1", 1s);
  clock_.advance(600s);
  const auto late = server();
  tick(*late);
  EXPECT_EQ(request("w1").ready_until, clock_.now() + core::retry_after + core::ready_grace);
}

TEST_F(ReplicasTest, SweepsOfSeveralAtOnceEndEachClaimOnce) {
  for (int i = 0; i < 10; ++i) {
    add(std::to_string(i));
    const auto reply = await<Reply>([&](auto done) {
      a_->apply(StackName{std::to_string(i)}, core::SeedClaim{}, std::move(done));
    });
    ASSERT_TRUE(reply && std::holds_alternative<core::Done>(*reply));
  }
  clock_.advance(7201s);
  std::promise<Result<SweepCounts>> one, other;
  a_->sweep([&](auto counts) { one.set_value(std::move(counts)); });
  b_->sweep([&](auto counts) { other.set_value(std::move(counts)); });
  const auto first = one.get_future().get();
  const auto second = other.get_future().get();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->released + second->released, 10);
}

// However many wait and whichever of the servers frees: nobody is passed over for good.
TEST_F(ReplicasTest, EverybodyIsServedInTheEnd) {
  add("s");
  add("t");
  std::vector<Answer> waiters;
  EXPECT_EQ(claim(*a_, "r1").substr(0, 7), "granted");
  EXPECT_EQ(claim(*b_, "r2").substr(0, 7), "granted");
  for (int i = 0; i < 12; ++i)
    waiters.push_back(call(i % 3 == 0 ? *a_ : *b_, "w" + std::to_string(i)));
  std::vector<std::string> served;
  for (int second = 0; second < 20; ++second) {
    for (const char* name : {"s", "t"})
      if (found(name).claim) release(second % 2 == 0 ? *a_ : *b_, name);
    tick(*a_);
    tick(*b_);
    for (std::size_t i = 0; i < waiters.size(); ++i)
      if (waiters[i].valid() && waiters[i].wait_for(0s) == std::future_status::ready) {
        EXPECT_EQ(to_words(waiters[i].get()).substr(0, 7), "granted");
        served.push_back(std::to_string(i));
      }
  }
  EXPECT_EQ(served.size(), waiters.size());
}

}  // namespace
}  // namespace bddlock::service
