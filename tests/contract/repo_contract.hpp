// Repos: which there are, and how many stacks each has.
#pragma once

#include "contract/contract_fixture.hpp"

namespace bddlock::contract {

template <class Harness>
class RepoContract : public Contract<Harness> {
 protected:
  static Names repos(service::StoreReader& from, std::optional<RepoName> after = {},
                     std::size_t limit = 100) {
    const auto repos = from.repos(after, limit);
    EXPECT_TRUE(repos) << repos.error().detail;
    Names names;
    if (repos)
      for (const RepoName& repo : *repos) names.push_back(repo.text());
    return names;
  }
  Names repos(std::optional<RepoName> after = {}, std::size_t limit = 100) {
    return repos(this->reader(), std::move(after), limit);
  }

  // "available/claimed/held/disabled", and whether `stacks` is their sum.
  static std::string totals(service::StoreReader& from, const std::string& repo = "repo") {
    const auto totals = from.totals(RepoName{repo});
    EXPECT_TRUE(totals) << totals.error().detail;
    if (!totals) return "";
    EXPECT_EQ(totals->stacks,
              totals->available + totals->claimed + totals->held + totals->disabled);
    return std::to_string(totals->available) + "/" + std::to_string(totals->claimed) + "/" +
           std::to_string(totals->held) + "/" + std::to_string(totals->disabled);
  }
  std::string totals(const std::string& repo = "repo") { return totals(this->reader(), repo); }

  static Stack in_state(std::string name, State state) {
    Stack stack = stack_named(std::move(name));
    stack.state = state;
    return stack;
  }
};

TYPED_TEST_SUITE_P(RepoContract);

TYPED_TEST_P(RepoContract, ListsReposThatHaveStacksOrRequests) {
  EXPECT_EQ(this->repos(), Names{});
  this->fill({stack_named("a", "two"), stack_named("b", "two"), stack_named("c", "Two")});
  this->fill({request_named("r", 1, 0, "one"), request_named("r", 1, 0, "two")});
  EXPECT_EQ(this->repos(), (Names{"Two", "one", "two"}));
  EXPECT_EQ(this->repos({}, 2), (Names{"Two", "one"}));
  EXPECT_EQ(this->repos(RepoName{"Two"}), (Names{"one", "two"}));
  EXPECT_EQ(this->repos(RepoName{"o"}, 1), Names{"one"});
  EXPECT_EQ(this->repos(RepoName{"two"}), Names{});
  ASSERT_EQ(this->remove(request_named("r", 1, 0, "one"), 1), Saved::yes);
  ASSERT_EQ(this->remove(stack_named("c", "Two"), 1), Saved::yes);
  EXPECT_EQ(this->repos(), Names{"two"});
}

TYPED_TEST_P(RepoContract, ListsARepoWhoseRequestsAreAllSettled) {
  Request request = request_named("r", 1);
  this->fill({request});
  request.state = RequestState::ended;
  ASSERT_EQ(this->save(request, 1), Saved::yes);
  EXPECT_EQ(this->repos(), Names{"repo"});
  ASSERT_EQ(this->remove(request, 2), Saved::yes);
  EXPECT_EQ(this->repos(), Names{});
}

TYPED_TEST_P(RepoContract, ForgetsARepoOnceItsLastStackWentElsewhere) {
  this->fill({stack_named("a", "old")});
  ASSERT_EQ(this->save(stack_named("a", "new"), 1), Saved::yes);
  EXPECT_EQ(this->repos(), Names{"new"});
}

TYPED_TEST_P(RepoContract, ListsManyReposInPages) {
  std::vector<Stack> stacks;
  Names all;
  for (int i = 0; i < 500; ++i) {
    all.push_back("repo " + std::to_string(1000 + i));
    stacks.push_back(stack_named(std::to_string(i), all.back()));
  }
  this->fill(stacks);
  Names got;
  for (std::optional<RepoName> after;;) {
    const Names page = this->repos(after, 37);
    got.insert(got.end(), page.begin(), page.end());
    if (page.size() < 37) break;
    after = RepoName{page.back()};
  }
  EXPECT_EQ(got, all);
}

TYPED_TEST_P(RepoContract, CountsStacksByState) {
  EXPECT_EQ(this->totals(), "0/0/0/0");
  this->fill({this->in_state("a", State::available), this->in_state("b", State::available),
              this->in_state("c", State::claimed), this->in_state("d", State::held),
              this->in_state("e", State::disabled), stack_named("f", "other")});
  EXPECT_EQ(this->totals(), "2/1/1/1");
  EXPECT_EQ(this->totals("other"), "1/0/0/0");
  EXPECT_EQ(this->totals("unknown"), "0/0/0/0");
  ASSERT_EQ(this->save(this->in_state("a", State::claimed), 1), Saved::yes);
  EXPECT_EQ(this->totals(), "1/2/1/1");
  ASSERT_EQ(this->save(this->in_state("a", State::claimed), 2), Saved::yes);
  EXPECT_EQ(this->totals(), "1/2/1/1");
  ASSERT_EQ(this->remove(this->in_state("e", State::disabled), 1), Saved::yes);
  EXPECT_EQ(this->totals(), "1/2/1/0");
  ASSERT_EQ(this->save(stack_named("f", "repo"), 1), Saved::yes);
  EXPECT_EQ(this->totals(), "2/2/1/0");
  EXPECT_EQ(this->totals("other"), "0/0/0/0");
}

TYPED_TEST_P(RepoContract, CountsNothingThatWasNotSaved) {
  this->fill({stack_named("a")});
  EXPECT_EQ(this->save({{.next = this->in_state("b", State::held)},
                        {.next = this->in_state("a", State::claimed), .expected = 9}}),
            Saved::version_moved);
  EXPECT_EQ(this->remove(stack_named("a"), 2), Saved::version_moved);
  EXPECT_EQ(this->totals(), "1/0/0/0");
}

TYPED_TEST_P(RepoContract, CountsInABatchAndForgetsItWithIt) {
  if constexpr (!TypeParam::has_batches) return;
  this->fill({stack_named("a"), stack_named("b", "other")});
  for (const bool keep : {false, true}) {
    ASSERT_TRUE(this->store().begin());
    ASSERT_EQ(
        this->store().save({.stacks = {{.next = this->in_state("a", State::claimed), .expected = 1},
                                       {.next = stack_named("b"), .expected = 1},
                                       {.next = stack_named("c")}}}),
        Saved::yes);
    EXPECT_EQ(this->totals(this->store(), "repo"), "2/1/0/0");
    EXPECT_EQ(this->totals(this->store(), "other"), "0/0/0/0");
    EXPECT_EQ(this->repos(this->store()), Names{"repo"});
    EXPECT_EQ(this->totals(), "1/0/0/0");
    EXPECT_EQ(this->repos(), (Names{"other", "repo"}));
    if (keep) {
      ASSERT_TRUE(this->store().commit());
    } else {
      this->store().rollback();
    }
    EXPECT_EQ(this->totals(), keep ? "2/1/0/0" : "1/0/0/0");
    EXPECT_EQ(this->totals(this->store(), "repo"), keep ? "2/1/0/0" : "1/0/0/0");
    EXPECT_EQ(this->repos(this->store()).size(), keep ? 1u : 2u);
  }
  if constexpr (TypeParam::keeps_over_reopen) {
    this->reopen();
    EXPECT_EQ(this->totals(), "2/1/0/0");
    EXPECT_EQ(this->totals("other"), "0/0/0/0");
  }
}

REGISTER_TYPED_TEST_SUITE_P(RepoContract, ListsReposThatHaveStacksOrRequests,
                            ListsARepoWhoseRequestsAreAllSettled,
                            ForgetsARepoOnceItsLastStackWentElsewhere, ListsManyReposInPages,
                            CountsStacksByState, CountsNothingThatWasNotSaved,
                            CountsInABatchAndForgetsItWithIt);

}  // namespace bddlock::contract
