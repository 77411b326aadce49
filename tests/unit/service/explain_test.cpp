#include "service/explain.hpp"

#include <gmock/gmock.h>

#include "unit/service/lender_fixture.hpp"

namespace bddlock::service {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ExplainTest : public LenderTest {
 protected:
  Explanation explain(const std::string& id) {
    auto told = lender_->explain(*table_.reader, key(id), now_);
    EXPECT_TRUE(told && *told);
    return told && *told ? std::move(**told) : Explanation{};
  }
  static std::string in_words(const Explanation& told) {
    std::string words;
    for (const SuitableStack& suitable : told.suitable)
      words += (words.empty() ? "" : ", ") + suitable.stack.stack_name.text() + " " +
               std::string{to_text(suitable.why)};
    return words;
  }
};

TEST_F(ExplainTest, KnowsNothingOfARequestThatIsNotThere) {
  EXPECT_EQ(lender_->explain(*table_.reader, key("none"), now_).value().has_value(), false);
}

TEST_F(ExplainTest, SaysWhoHasTheSuitableStacksAndUntilWhen) {
  add_all({"a", "b", "c", "d", "e"});
  add("f", {{"os", "windows"}});
  granted("late", {.stack_name = StackName{"a"}, .lease = 900s});
  granted("early",
          {.stack_name = StackName{"b"}, .lease = 60s, .holder = core::Holder{.job = "build 7"}});
  EXPECT_EQ(release(granted("held", {.stack_name = StackName{"c"}}), 300s), "held");
  EXPECT_EQ(apply("d", core::Disable{"broken"}), "done 0");
  EXPECT_EQ(apply("e", core::SeedClaim{}), "done 1");
  granted("windows", {.labels = {{"os", "windows"}}});
  wait_for("r1", {.labels = {{"os", "windows"}}});
  wait_for("r2");
  const Explanation told = explain("r2");
  EXPECT_EQ(told.status, RequestStatus::waiting);
  EXPECT_EQ(told.place->position, 2);
  EXPECT_TRUE(told.open);
  EXPECT_TRUE(told.ready);
  EXPECT_EQ(in_words(told), "b claimed, c held, a claimed, f claimed, e claimed, d disabled");
  EXPECT_EQ(told.suitable_in_all, 6);
  EXPECT_EQ(told.suitable[0].stack.claim->holder->job, "build 7");
  EXPECT_THAT(told.first,
              ElementsAre(HasSubstr("1 request is before it"),
                          HasSubstr("such as b, which build 7 has until 2020-01-06T12:01:00")));
  EXPECT_EQ(in_words(explain("r1")), "f claimed");
}

TEST_F(ExplainTest, SaysThatItsClientMustCallAgain) {
  add("a");
  const Stack owner = granted("owner", {.lease = 3600s});
  wait_for("r1");
  hang_up("r1");
  now_ += 5s - 1us;
  EXPECT_TRUE(explain("r1").ready);
  now_ += 1us;
  EXPECT_EQ(release(owner), "released");
  const Explanation told = explain("r1");
  EXPECT_FALSE(told.ready);
  EXPECT_FALSE(told.open);
  EXPECT_EQ(in_words(told), "a free");
  EXPECT_THAT(told.first, ElementsAre(HasSubstr("its client must call again")));
}

TEST_F(ExplainTest, SaysWhatIsKeptForThoseBefore) {
  add_all({"a", "b"});
  granted("owner", {.stack_name = StackName{"b"}});
  wait_for("two", {.count = 2});
  wait_for("one");
  EXPECT_EQ(in_words(explain("one")), "a reserved, b claimed");
  EXPECT_EQ(in_words(explain("two")), "a free, b claimed");
  EXPECT_THAT(explain("two").first, ElementsAre(HasSubstr("2 suitable stacks must be free")));
}

TEST_F(ExplainTest, SaysWhatIsOfferedToAnother) {
  add("a");
  const Stack owner = granted("owner");
  wait_for("r1");
  wait_for("r2");
  hang_up("r1");
  EXPECT_EQ(release(owner), "released");
  EXPECT_EQ(in_words(explain("r2")), "a offered");
  EXPECT_EQ(explain("r1").status, RequestStatus::offered);
  EXPECT_EQ(explain("r1").claims.size(), 1u);
}

TEST_F(ExplainTest, SaysThatAStackMustBeEnabled) {
  add("a");
  EXPECT_EQ(apply("a", core::Disable{"broken"}), "done 0");
  wait_for("r1");
  EXPECT_THAT(explain("r1").first, ElementsAre(HasSubstr("has to be enabled, such as a")));
}

TEST_F(ExplainTest, SaysThatItCanNeverBeGranted) {
  add_all({"a", "b"});
  granted("owner-a", {.stack_name = StackName{"a"}});
  wait_for("r1", {.count = 2});
  EXPECT_EQ(apply("b", core::Remove{}), "done 0");
  const Explanation told = explain("r1");
  EXPECT_THAT(told.first[0], HasSubstr("the repo repo has 1 stacks, and 2 are wanted at once"));
}

TEST_F(ExplainTest, ShowsTwentyStacksAtMostAndCountsAll) {
  for (int i = 0; i < 30; ++i) add(std::to_string(100 + i));
  EXPECT_EQ(claim("owner", {.count = 16}).substr(0, 7), "granted");
  EXPECT_EQ(claim("other", {.count = 14}).substr(0, 7), "granted");
  wait_for("r1");
  EXPECT_EQ(explain("r1").suitable.size(), 20u);
  EXPECT_EQ(explain("r1").suitable_in_all, 30);
}

TEST_F(ExplainTest, ShowsTheClaimsOfAGrantedRequestAndThatAnEndedOneIsOver) {
  add("a");
  const Stack stack = granted("r1", {.lease = 60s});
  EXPECT_EQ(explain("r1").status, RequestStatus::granted);
  EXPECT_EQ(explain("r1").claims, std::vector{stack});
  EXPECT_THAT(explain("r1").first, IsEmpty());
  now_ += 60s - 1us;
  EXPECT_EQ(explain("r1").status, RequestStatus::granted);
  now_ += 1us;
  EXPECT_EQ(explain("r1").status, RequestStatus::ended);
}

TEST_F(ExplainTest, SaysWhenARequestEndedThoughNothingHasWrittenThatDown) {
  add_all({"a", "b"});
  const auto both = call("r1", {.count = 2, .lease = 60s});
  const std::vector<Stack> stacks = std::get<Granted>(*both).stacks;
  now_ += 20s;
  EXPECT_EQ(release(stacks[0]), "released");
  EXPECT_EQ(explain("r1").status, RequestStatus::granted);
  EXPECT_EQ(explain("r1").request.ended_at, Instant{});
  now_ += 3600s;
  EXPECT_EQ(explain("r1").status, RequestStatus::ended);
  EXPECT_EQ(explain("r1").request.ended_at, noon + 60s);
  tidy();
  EXPECT_EQ(request("r1")->ended_at, noon + 60s);
  EXPECT_EQ(explain("r1").request.ended_at, noon + 60s);
}

TEST_F(ExplainTest, TakesAnOfferWhoseTimeHasComeForOneUntilItIsTakenBack) {
  add("a");
  const Stack owner = granted("owner");
  wait_for("r1");
  hang_up("r1");
  EXPECT_EQ(release(owner), "released");
  now_ += 5s;
  EXPECT_EQ(explain("r1").status, RequestStatus::offered);
  for (int i = 0; i < 2; ++i) (void)tick();  // the first loses its race
  EXPECT_EQ(explain("r1").status, RequestStatus::waiting);
}

TEST(RequestStatus, HasItsWords) {
  EXPECT_EQ(to_text(RequestStatus::waiting), "waiting");
  EXPECT_EQ(to_text(RequestStatus::offered), "offered");
  EXPECT_EQ(to_text(RequestStatus::granted), "granted");
  EXPECT_EQ(to_text(RequestStatus::ended), "ended");
}

}  // namespace
}  // namespace bddlock::service
