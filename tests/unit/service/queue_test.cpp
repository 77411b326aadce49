// Who waits is served in order, while somebody listens (DESIGN section 6, "Order").
#include "unit/service/lender_fixture.hpp"

namespace bddlock::service {
namespace {

class QueueTest : public LenderTest {
 protected:
  // One stack "a", claimed by "owner".
  void occupy_one() {
    add("a");
    owner_ = granted("owner", {.lease = 86400s});
  }
  Stack owner_;
};

TEST_F(QueueTest, ServesThoseWhoWaitInTheOrderOfTheirArrival) {
  occupy_one();
  for (const char* id : {"r1", "r2", "r3"}) EXPECT_EQ(wait_for(id), "queued");
  EXPECT_EQ(position("r1"), 1);
  EXPECT_EQ(position("r3"), 3);
  Stack last = owner_;
  for (const char* id : {"r1", "r2", "r3"}) {
    now_ += 1s;
    EXPECT_EQ(release(last), "released");
    EXPECT_EQ(woken(), std::string{id} + ": a");
    last = granted(id);
    EXPECT_EQ(last.claim->claimed_at, now_);
    EXPECT_EQ(last.claim->expires_at, now_ + 900s);
  }
  EXPECT_EQ(line(), "");
}

TEST_F(QueueTest, WhatComesFreeIsMadeUpWithNewStacksIfThereIsRoom) {
  for (const char* name : {"a", "b", "c"}) add(name);
  const Stack a = granted("owner-a", {.lease = 86400s});
  const Stack b = granted("owner-b", {.lease = 86400s});
  granted("owner-c", {.lease = 86400s});
  // Room for less than it wants: it waits.
  wait_for("several", {.count = static_cast<int>(rules_.stacks_per_repo_max) - 1,
                       .create_if_none = true,
                       .name_prefix = "new-"});
  EXPECT_EQ(line(), "several");
  release(a);
  EXPECT_EQ(line(), "several");
  release(b);
  EXPECT_EQ(line(), "");
}

TEST_F(QueueTest, ServesTheLargerPriorityFirst) {
  occupy_one();
  wait_for("low", {.priority = -1});
  wait_for("first");
  wait_for("high", {.priority = 1});
  wait_for("second");
  EXPECT_EQ(line(), "high first second low");
  EXPECT_EQ(position("low"), 4);
}

TEST_F(QueueTest, GivesAFreeStackToTheFirstThatItSuits) {
  add("a", {{"size", "s"}});
  add("b", {{"size", "xl"}});
  const Stack a = granted("owner-a", {.stack_name = StackName{"a"}});
  const Stack b = granted("owner-b", {.stack_name = StackName{"b"}});
  wait_for("big", {.labels = {{"size", "xl"}}});
  wait_for("this", {.stack_name = StackName{"b"}});
  wait_for("any");
  release(a);
  EXPECT_EQ(woken(), "any: a");
  release(b);
  EXPECT_EQ(woken(), "big: b");
  EXPECT_EQ(line(), "this");
}

TEST_F(QueueTest, ANewcomerDoesNotPassThoseWhoWait) {
  occupy_one();
  wait_for("r1");
  release(owner_);
  EXPECT_EQ(claim("newcomer"), "none_available");
  EXPECT_EQ(state("a"), State::claimed);
  EXPECT_EQ(granted("r1").claim->request_id, RequestId{"r1"});
}

TEST_F(QueueTest, ServesManyAtOnce) {
  add_all({"a", "b", "c"});
  EXPECT_EQ(claim("owner", {.count = 3, .lease = 40s}), "granted a b c");
  for (int i = 0; i < 5; ++i) wait_for("r" + std::to_string(i));
  now_ += 40s;  // all three claims end at once, and nobody has swept
  EXPECT_EQ(wait_for("late"), "queued");
  EXPECT_EQ(woken_.size(), 3u);
  EXPECT_EQ(woken().substr(0, 2), "r0");
  EXPECT_EQ(line(), "r3 r4 late");
}

TEST_F(QueueTest, TakesATenThousandWaitersInExactOrder) {
  occupy_one();
  for (int i = 0; i < 10'000; ++i) {
    open_.insert(std::to_string(i));
    ASSERT_TRUE(lender_->claim(*table_.store, {key(std::to_string(i)), {}, 50s}, now_, woken_));
  }
  Stack last = owner_;
  for (int i = 0; i < 10'000; ++i) {
    const core::Release release{.key = last.claim->key};
    ASSERT_TRUE(lender_->release(*table_.store, last.stack_name, release, now_, woken_));
    ASSERT_EQ(woken_.size(), 1u);
    ASSERT_EQ(woken_[0].key.request_id.text(), std::to_string(i));
    last = woken_[0].stacks[0];
    woken_.clear();
  }
}

// --- ready

TEST_F(QueueTest, OneWithoutAnOpenCallIsReadyForFiveSeconds) {
  for (const bool in_time : {true, false}) {
    const std::string id = in_time ? "early" : "late";
    add(id);
    const Stack stack = granted("owner-" + id, {.stack_name = StackName{id}, .lease = 3600s});
    wait_for(id, {.stack_name = StackName{id}});
    hang_up(id);
    now_ += in_time ? 5s - 1us : core::microseconds{5s};
    release(stack);
    EXPECT_EQ(state(id), in_time ? State::claimed : State::available);
    EXPECT_EQ(woken(), "");
  }
}

TEST_F(QueueTest, PassesOverOneThatIsNotReady) {
  occupy_one();
  wait_for("gone");
  wait_for("here");
  hang_up("gone");
  now_ += 5s;
  release(owner_);
  EXPECT_EQ(woken(), "here: a");
  EXPECT_EQ(line(), "gone");
}

TEST_F(QueueTest, IsReadyWhileItsCallIsOpenAndFiveSecondsLonger) {
  occupy_one();
  EXPECT_EQ(claim("r1", {}, 50s), "queued");  // its call goes unnoticed by is_open
  now_ += 55s - 1us;
  EXPECT_TRUE(lender_->is_ready(*request("r1"), now_));
  now_ += 1us;
  EXPECT_FALSE(lender_->is_ready(*request("r1"), now_));
}

TEST_F(QueueTest, AnotherOpenCallKeepsItReady) {
  occupy_one();
  claim("r1", {}, 50s);
  ASSERT_TRUE(lender_->call_ended(store_, key("r1"), now_ + 20s, now_));
  EXPECT_EQ(request("r1")->ready_until, now_ + 25s);
  ASSERT_TRUE(lender_->call_ended(store_, key("r1"), std::nullopt, now_));
  EXPECT_EQ(request("r1")->ready_until, now_ + 5s);
  ASSERT_TRUE(lender_->call_ended(store_, key("none"), std::nullopt, now_));
}

TEST_F(QueueTest, ARepeatMakesItReadyAgainInItsPlace) {
  occupy_one();
  wait_for("r1");
  wait_for("r2");
  hang_up("r1");
  now_ += 20s;
  EXPECT_EQ(claim("r1", {}, 0s), "queued");
  EXPECT_EQ(line(), "r1 r2");
  now_ += 5s - 1us;
  release(owner_);
  EXPECT_EQ(history("a"), "created claimed released offered");
}

TEST_F(QueueTest, ARepeatMayTakeWhatNobodyReadyWanted) {
  occupy_one();
  wait_for("r1");
  hang_up("r1");
  now_ += 5s;
  release(owner_);
  EXPECT_EQ(state("a"), State::available);
  EXPECT_EQ(claim("r1"), "granted a");
  EXPECT_FALSE(found("a")->claim->offered);
}

// --- offers

TEST_F(QueueTest, AGrantWithoutAnOpenCallIsAnOfferForFiveSeconds) {
  occupy_one();
  wait_for("r1", {.lease = 60s});
  hang_up("r1");
  now_ += 1s;
  release(owner_);
  const Stack offered = *found("a");
  EXPECT_TRUE(offered.claim->offered);
  EXPECT_EQ(offered.claim->expires_at, now_ + 5s);
  now_ += 5s - 1us;
  const Stack collected = granted("r1", {.lease = 60s});
  EXPECT_EQ(collected.claim->key, offered.claim->key);
  EXPECT_EQ(collected.fencing_token, offered.fencing_token);
  EXPECT_EQ(collected.claim->claimed_at, now_);
  EXPECT_EQ(collected.claim->expires_at, now_ + 60s);
  EXPECT_EQ(history("a"), "created claimed released offered collected");
}

TEST_F(QueueTest, AnOfferThatNobodyCollectsGoesToTheNext) {
  occupy_one();
  wait_for("r1");
  wait_for("r2");
  hang_up("r1");
  release(owner_);
  EXPECT_EQ(woken(), "");
  now_ += 5s - 1us;
  tick();
  EXPECT_EQ(woken(), "");
  now_ += 1us;
  tick();
  EXPECT_EQ(woken(), "r2: a");
  EXPECT_EQ(history("a"), "created claimed released offered offer_lapsed claimed");
  EXPECT_EQ(line(), "r1");  // it keeps its place
}

TEST_F(QueueTest, TheRepeatOfALapsedOfferIsBackInItsPlace) {
  occupy_one();
  for (const char* id : {"r1", "r2", "r3"}) wait_for(id);
  hang_up("r1");
  release(owner_);
  now_ += 5s;
  EXPECT_EQ(claim("r1"), "queued");  // too late: r2 has it
  EXPECT_EQ(woken(), "r2: a");
  EXPECT_EQ(line(), "r1 r3");
}

TEST_F(QueueTest, ALongPollThatIsOpenWhenTheOfferLapsesIsServedInItsPlace) {
  occupy_one();
  for (const char* id : {"r1", "r2"}) wait_for(id);
  hang_up("r1");
  release(owner_);
  now_ += 5s;
  EXPECT_EQ(wait_for("r1"), "granted a");
  EXPECT_EQ(found("a")->fencing_token, 3);
}

TEST_F(QueueTest, ALapsedOfferIsTakenAgainIfNobodyElseWaits) {
  occupy_one();
  wait_for("r1");
  hang_up("r1");
  release(owner_);
  now_ += 5s;
  EXPECT_EQ(claim("r1"), "granted a");
  EXPECT_EQ(found("a")->fencing_token, 3);
}

TEST_F(QueueTest, AnOfferOfSeveralLapsesAsAWhole) {
  add_all({"a", "b"});
  const auto owner = call("owner", {.count = 2});
  wait_for("r1", {.count = 2});
  hang_up("r1");
  for (const Stack& stack : std::get<Granted>(*owner).stacks) release(stack);
  EXPECT_TRUE(found("a")->claim->offered && found("b")->claim->offered);
  now_ += 5s;
  tick();
  EXPECT_EQ(state("a"), State::available);
  EXPECT_EQ(state("b"), State::available);
  EXPECT_EQ(line(), "r1");
  EXPECT_EQ(claim("r1", {.count = 2}), "granted a b");
}

TEST_F(QueueTest, AnOfferOfSeveralEndsAsAWholeIfAnAdminTakesOneStack) {
  add_all({"a", "b"});
  const auto owner = call("owner", {.count = 2});
  wait_for("r1", {.count = 2});
  hang_up("r1");
  for (const Stack& stack : std::get<Granted>(*owner).stacks) release(stack);
  EXPECT_EQ(apply("a", core::Disable{"broken", true}), "done 2");
  EXPECT_EQ(state("a"), State::disabled);
  EXPECT_EQ(state("b"), State::available);
  EXPECT_EQ(line(), "r1");
}

TEST_F(QueueTest, ANewcomerDoesNotGetThePlaceOfAnOfferThatMayLapse) {
  occupy_one();
  wait_for("r1");
  hang_up("r1");
  release(owner_);       // offered to r1; nobody waits now
  wait_for("newcomer");  // a newer place than r1's, whatever the queue says
  now_ += 5s;
  EXPECT_EQ(claim("r1"), "queued");
  EXPECT_EQ(woken(), "newcomer: a");
  EXPECT_LT(request("r1")->arrival, request("newcomer")->arrival);
}

// --- places

TEST_F(QueueTest, KeepsThePlaceOfOneThatIsNotReadyForThirtySeconds) {
  occupy_one();
  wait_for("r1");
  wait_for("r2");
  hang_up("r1");  // ready until 5 s from now
  now_ += 35s - 1us;
  tick();
  tick();
  EXPECT_EQ(wait_for("r1"), "queued");
  EXPECT_EQ(line(), "r1 r2");
}

TEST_F(QueueTest, ForgetsThePlaceAfterThirtySeconds) {
  occupy_one();
  for (const char* id : {"r1", "r2"}) wait_for(id);
  hang_up("r1");
  now_ += 35s;
  EXPECT_EQ(wait_for("r1"), "queued");  // as a new one at the back, swept or not
  EXPECT_EQ(line(), "r2 r1");
  hang_up("r2");
  now_ += 35s;
  tick();
  tick();
  EXPECT_EQ(request("r2"), std::nullopt);
}

TEST_F(QueueTest, TheOpenCallOfAForgottenOneDoesNotBringItsPlaceBack) {
  occupy_one();
  wait_for("r1");
  wait_for("r2");
  hang_up("r1");
  now_ += 35s;
  open_.insert("r1");  // parked, and its job has still to run
  release(owner_);
  EXPECT_EQ(woken(), "r2: a");
}

TEST_F(QueueTest, ANewRequestMayAskForSomethingElseThanTheForgottenOne) {
  occupy_one();
  wait_for("r1");
  hang_up("r1");
  now_ += 35s - 1us;
  EXPECT_EQ(claim("r1", {.lease = 1s}, 50s), "request_conflict");
  now_ += 1us;
  EXPECT_EQ(claim("r1", {.lease = 1s}, 50s), "queued");
  EXPECT_EQ(request("r1")->wish.lease, 1s);
}

TEST_F(QueueTest, ForgetsOneWhoseOfferLapsedLongAgo) {
  occupy_one();
  wait_for("r1");
  hang_up("r1");
  release(owner_);
  now_ += 35s;  // nothing swept it
  EXPECT_EQ(claim("other"), "granted a");
  EXPECT_EQ(request("r1"), std::nullopt);
}

// --- restart

TEST_F(QueueTest, ARestartGivesThoseWhoWaitTheTimeToCallAgain) {
  occupy_one();
  for (const char* id : {"r1", "r2"}) wait_for(id);
  hang_up("r1");
  open_.clear();
  now_ += 10h;
  restart();
  EXPECT_FALSE(lender_->restart_waiting(store_, now_, 1000).value());
  now_ += 35s - 1us;
  EXPECT_EQ(wait_for("r2"), "queued");
  EXPECT_EQ(wait_for("r1"), "queued");
  EXPECT_EQ(line(), "r1 r2");
}

TEST_F(QueueTest, ARestartForgetsTheCallsThatWereOpen) {
  occupy_one();
  wait_for("r1");  // ready for 55 s
  open_.clear();
  restart();
  ASSERT_TRUE(lender_->restart_waiting(store_, now_, 1000));
  EXPECT_EQ(request("r1")->ready_until, now_ + 5s);
}

TEST_F(QueueTest, ARestartGivesAnOfferItsTimeAgain) {
  occupy_one();
  wait_for("r1");
  wait_for("r2");
  hang_up("r1");
  release(owner_);
  open_.clear();
  now_ += 10h;
  restart();
  ASSERT_TRUE(lender_->restart_waiting(store_, now_, 1000));
  tick();
  EXPECT_EQ(found("a")->claim->request_id, RequestId{"r1"});
  now_ += 5s - 1us;
  EXPECT_EQ(claim("r1"), "granted a");
}

TEST_F(QueueTest, ARestartGoesThroughAllReposInSlices) {
  for (int i = 0; i < 7; ++i) {
    const RepoName repo{"repo-" + std::to_string(i)};
    ASSERT_TRUE(
        lender_->create(store_, {StackName{"s" + std::to_string(i)}, repo, false}, now_, woken_));
    ASSERT_TRUE(lender_->claim(store_, {{repo, RequestId{"r"}}, {}, 50s}, now_, woken_));
  }
  now_ += 1h;
  restart();
  int slices = 1;
  while (lender_->restart_waiting(store_, now_, 4).value()) ++slices;
  EXPECT_GT(slices, 2);
  EXPECT_TRUE(table_.reader->ready_until_before(now_ + 5s - 1us, 10)->empty());
  EXPECT_EQ(table_.reader->ready_until_before(now_ + 5s, 10)->size(), 7u);
}

// --- several at once

TEST_F(QueueTest, ARequestForSeveralIsNotStarvedBySmallOnesBehindIt) {
  add_all({"a", "b", "c"});
  const Stack a = granted("owner-a", {.stack_name = StackName{"a"}});
  const Stack b = granted("owner-b", {.stack_name = StackName{"b"}});
  granted("owner-c", {.stack_name = StackName{"c"}});
  wait_for("two", {.count = 2});
  wait_for("one");
  release(a);
  EXPECT_EQ(woken(), "");  // kept for two
  EXPECT_EQ(state("a"), State::available);
  EXPECT_EQ(claim("newcomer"), "none_available");
  release(b);
  EXPECT_EQ(woken(), "two: a b");
}

TEST_F(QueueTest, ARequestForSeveralKeepsNothingFromThoseBeforeIt) {
  add_all({"a", "b"});
  const Stack a = granted("owner-a", {.stack_name = StackName{"a"}});
  granted("owner-b", {.stack_name = StackName{"b"}});
  wait_for("two", {.count = 2});
  wait_for("high", {.priority = 1});
  release(a);
  EXPECT_EQ(woken(), "high: a");
}

TEST_F(QueueTest, ANewcomerOfHigherPriorityPassesARequestForSeveral) {
  add_all({"a", "b"});
  granted("owner-b", {.stack_name = StackName{"b"}});
  wait_for("two", {.count = 2});
  EXPECT_EQ(claim("same"), "none_available");
  EXPECT_EQ(claim("high", {.priority = 1}), "granted a");
}

TEST_F(QueueTest, ARequestForSeveralKeepsOnlyWhatSuitsIt) {
  add("a", {{"size", "xl"}});
  add("b", {{"size", "xl"}});
  add("c");
  granted("owner-b", {.stack_name = StackName{"b"}});
  wait_for("two", {.count = 2, .labels = {{"size", "xl"}}});
  EXPECT_EQ(claim("newcomer"), "granted c");
  EXPECT_EQ(claim("another"), "none_available");
}

TEST_F(QueueTest, ARequestForSeveralThatWentAwayKeepsNothing) {
  add_all({"a", "b"});
  granted("owner-b", {.stack_name = StackName{"b"}});
  wait_for("two", {.count = 2});
  wait_for("one");
  EXPECT_EQ(woken(), "");
  hang_up("two");
  now_ += 5s - 1us;
  tick();
  EXPECT_EQ(woken(), "");
  now_ += 1us;
  tick();
  EXPECT_EQ(woken(), "one: a");
}

TEST_F(QueueTest, ARequestForSeveralThatThePoolCannotSatisfyIsSkippedAndSaysSo) {
  add_all({"a", "b"});
  const Stack a = granted("owner-a", {.stack_name = StackName{"a"}});
  const Stack b = granted("owner-b", {.stack_name = StackName{"b"}});
  wait_for("two", {.count = 2});
  wait_for("one");
  EXPECT_EQ(lender_->place(*table_.reader, key("two"), now_)->value().never, "");
  EXPECT_EQ(apply("b", core::Disable{"broken", true}), "done 1");
  release(a);
  EXPECT_EQ(woken(), "one: a");
  EXPECT_NE(lender_->place(*table_.reader, key("two"), now_)->value().never, "");
  EXPECT_EQ(lender_->place(*table_.reader, key("one"), now_)->value_or(Queued{}).never, "");
  EXPECT_EQ(apply("b", core::Remove{}), "done 1");
  EXPECT_NE(lender_->place(*table_.reader, key("two"), now_)->value().never, "");
}

TEST_F(QueueTest, ANewcomerDoesNotPassWhoWaitsBehindOneThatHasJustFallenSilent) {
  add_all({"a", "b"});
  granted("owner-b", {.stack_name = StackName{"b"}});
  wait_for("two", {.count = 2});
  wait_for("one");
  hang_up("two");
  now_ += 5s;  // "a" is kept no longer, and no tick has come since
  EXPECT_EQ(claim("newcomer"), "none_available");
  EXPECT_EQ(woken(), "one: a");
}

TEST_F(QueueTest, ANewcomerDoesNotPassWhoIsReadyAgainAfterARestart) {
  occupy_one();
  wait_for("r1");
  hang_up("r1");
  now_ += 10s;
  release(owner_);  // nobody is ready, so it stays free
  restart();
  ASSERT_TRUE(lender_->restart_waiting(store_, now_, 1000));
  EXPECT_EQ(claim("newcomer"), "none_available");
  EXPECT_EQ(claim("r1"), "granted a");
}

TEST_F(QueueTest, WhatWasKeptForOneThatBecameImpossibleGoesToTheNext) {
  const std::vector<core::Command> commands{core::Disable{"broken", false},
                                            core::Disable{"broken", true},
                                            core::Describe{.labels = core::StringMap{}}};
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const std::string n = std::to_string(i);
    const core::StringMap pool{{"pool", n}};
    add("a" + n, pool);
    add("b" + n, pool);
    granted("owner" + n, {.stack_name = StackName{"b" + n}});
    wait_for("two" + n, {.count = 2, .labels = pool});
    wait_for("one" + n, {.labels = pool});
    EXPECT_EQ(woken(), "");
    EXPECT_EQ(apply("b" + n, commands[i]), "done 1");
    EXPECT_EQ(woken(), "one" + n + ": a" + n) << i;
  }
}

// --- what else frees a stack

TEST_F(QueueTest, AnAdminsReleaseHandsOver) {
  occupy_one();
  wait_for("r1");
  EXPECT_EQ(apply("a", core::AdminRelease{1}), "done 1");
  EXPECT_EQ(woken(), "r1: a");
}

TEST_F(QueueTest, TheEndOfAHoldHandsOver) {
  occupy_one();
  EXPECT_EQ(release(owner_, 40s), "held");
  wait_for("r1");
  now_ += 40s - 1us;
  tick();
  EXPECT_EQ(woken(), "");
  now_ += 1us;
  tick();
  EXPECT_EQ(woken(), "r1: a");
}

TEST_F(QueueTest, ACreatedStackGoesToTheFirstInLine) {
  occupy_one();
  wait_for("r1");
  add("b");
  EXPECT_EQ(woken(), "r1: b");
}

TEST_F(QueueTest, AnEnabledStackGoesToTheFirstInLine) {
  occupy_one();
  add("b");
  EXPECT_EQ(apply("b", core::Disable{"broken"}), "done 0");
  wait_for("r1");
  EXPECT_EQ(apply("b", core::Enable{}), "done 0");
  EXPECT_EQ(woken(), "r1: b");
}

TEST_F(QueueTest, AStackThatGetsTheWishedLabelsGoesToTheFirstInLine) {
  add_all({"a", "b"});
  EXPECT_EQ(apply("a", core::Describe{.labels = core::StringMap{{"x", "y"}}}), "done 0");
  granted("owner", {.labels = {{"x", "y"}}});
  wait_for("r1", {.labels = {{"x", "y"}}});
  EXPECT_EQ(apply("b", core::Describe{.labels = core::StringMap{{"x", "y"}}}), "done 0");
  EXPECT_EQ(woken(), "r1: b");
}

TEST_F(QueueTest, AnImportedStackGoesToTheFirstInLine) {
  occupy_one();
  wait_for("r1");
  const Stack record{.stack_name = StackName{"b"}, .repo_name = repo_};
  ASSERT_TRUE(lender_->import_slice(store_, {record}, false, now_, woken_));
  EXPECT_EQ(woken(), "r1: b");
}

TEST_F(QueueTest, ASeedReleaseHandsOverToTheQueue) {
  add("a");
  EXPECT_EQ(apply("a", core::SeedClaim{}), "done 1");
  wait_for("r1");
  EXPECT_EQ(apply("a", core::SeedRelease{}), "done 1");
  EXPECT_EQ(woken(), "r1: a");
}

TEST_F(QueueTest, TimeHandsOverToTheQueue) {
  add("a");
  const Stack stack = granted("owner", {.lease = 10s});
  wait_for("r1");
  now_ = stack.claim->expires_at - 1us;
  tick();
  EXPECT_EQ(woken(), "");
  now_ += 1us;
  tick();
  EXPECT_EQ(woken(), "r1: a");
}

TEST_F(QueueTest, AnExtensionThatCameTooLateHandsOverToTheQueue) {
  add("a");
  const Stack stack = granted("owner", {.lease = 10s});
  wait_for("r1");
  now_ = stack.claim->expires_at;
  EXPECT_EQ(extend(stack), "lost expired");
  EXPECT_EQ(woken(), "r1: a");
}

TEST_F(QueueTest, RoomInThePoolLetsAWaitingRequestCreate) {
  rules_.stacks_per_repo_max = 2;
  restart();
  add_all({"a", "b"});
  EXPECT_EQ(claim("owner", {.count = 1}).substr(0, 7), "granted");
  EXPECT_EQ(apply("b", core::Disable{"old", true}).substr(0, 4), "done");
  EXPECT_EQ(apply("a", core::Disable{"old", true}).substr(0, 4), "done");
  wait_for("r1", {.create_if_none = true, .name_prefix = "new-"});
  wait_for("r2", {.create_if_none = true, .name_prefix = "new-"});
  EXPECT_EQ(woken(), "");
  EXPECT_EQ(apply("a", core::Remove{}).substr(0, 4), "done");
  EXPECT_TRUE(woken().starts_with("r1: new-"));
  EXPECT_EQ(line(), "r2");
}

// --- withdrawing and priorities

TEST_F(QueueTest, AWithdrawnRequestIsForgotten) {
  occupy_one();
  wait_for("r1");
  EXPECT_EQ(withdraw("r1"), "withdrawn");
  EXPECT_EQ(line(), "");
  EXPECT_EQ(withdraw("r1"), "request_unknown");
}

TEST_F(QueueTest, WithdrawingARequestForSeveralFreesWhatItKept) {
  add_all({"a", "b"});
  granted("owner-b", {.stack_name = StackName{"b"}});
  wait_for("two", {.count = 2});
  wait_for("one");
  EXPECT_EQ(withdraw("two"), "withdrawn");
  EXPECT_EQ(woken(), "one: a");
}

TEST_F(QueueTest, AWithdrawnOfferGoesToTheNext) {
  occupy_one();
  wait_for("r1");
  wait_for("r2");
  hang_up("r1");
  release(owner_);
  EXPECT_EQ(withdraw("r1"), "withdrawn");
  EXPECT_EQ(woken(), "r2: a");
  EXPECT_EQ(request("r1"), std::nullopt);
}

TEST_F(QueueTest, AGrantedRequestIsNotWithdrawn) {
  occupy_one();
  EXPECT_EQ(withdraw("owner"), "granted a");
  EXPECT_EQ(state("a"), State::claimed);
  release(owner_);
  EXPECT_EQ(withdraw("owner"), "request_ended");
}

TEST_F(QueueTest, APriorityMayBeChangedWhileItWaits) {
  occupy_one();
  for (const char* id : {"r1", "r2"}) wait_for(id);
  EXPECT_EQ(to_words(lender_->reprioritise(store_, key("r2"), 5, now_, woken_)), "queued");
  EXPECT_EQ(line(), "r2 r1");
  EXPECT_EQ(wait_for("r2"), "queued");  // its client still asks with its own
  EXPECT_EQ(line(), "r2 r1");
  EXPECT_EQ(to_words(lender_->reprioritise(store_, key("owner"), 5, now_, woken_)), "granted a");
  EXPECT_EQ(to_words(lender_->reprioritise(store_, key("none"), 5, now_, woken_)),
            "request_unknown");
}

TEST_F(QueueTest, APriorityMayBeChangedWhenAnOfferIsOverAndItWaitsAgain) {
  occupy_one();
  for (const char* id : {"r1", "r2"}) wait_for(id);
  for (const char* id : {"r1", "r2"}) hang_up(id);
  release(owner_);  // offered to r1
  now_ += 5s;
  EXPECT_EQ(to_words(lender_->reprioritise(store_, key("r1"), -1, now_, woken_)), "queued");
  EXPECT_EQ(request("r1")->wish.priority, -1);
}

TEST_F(QueueTest, LosingPriorityGivesWhatItKeptToOthers) {
  add_all({"a", "b"});
  granted("owner-b", {.stack_name = StackName{"b"}});
  wait_for("two", {.count = 2});
  wait_for("one");
  EXPECT_EQ(to_words(lender_->reprioritise(store_, key("two"), -1, now_, woken_)), "queued");
  EXPECT_EQ(woken(), "one: a");
}

TEST_F(QueueTest, SaysHowARequestStandsAndCollectsNothing) {
  const auto standing = [&](const char* id) {
    return to_words(lender_->standing(store_, key(id), now_, woken_));
  };
  occupy_one();
  wait_for("r1");
  EXPECT_EQ(standing("r1"), "queued");
  hang_up("r1");
  release(owner_);
  EXPECT_EQ(standing("r1"), "granted a");
  EXPECT_TRUE(found("a")->claim->offered);
  EXPECT_EQ(standing("owner"), "request_ended");
  EXPECT_EQ(standing("none"), "request_unknown");
}

TEST_F(QueueTest, CollectsForACallWhoseTimeIsOver) {
  occupy_one();
  wait_for("r1");
  EXPECT_EQ(to_words(lender_->collect(store_, key("r1"), now_, woken_)), "queued");
  hang_up("r1");
  release(owner_);
  EXPECT_EQ(to_words(lender_->collect(store_, key("r1"), now_, woken_)), "granted a");
  EXPECT_FALSE(found("a")->claim->offered);
  EXPECT_EQ(to_words(lender_->collect(store_, key("owner"), now_, woken_)), "request_ended");
  EXPECT_EQ(to_words(lender_->collect(store_, key("none"), now_, woken_)), "request_unknown");
}

}  // namespace
}  // namespace bddlock::service
