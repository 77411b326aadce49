// Requests as records: each field, versions, ids that are equal in two repos.
#pragma once

#include "contract/contract_fixture.hpp"

namespace bddlock::contract {

template <class Harness>
class RequestContract : public Contract<Harness> {};

TYPED_TEST_SUITE_P(RequestContract);

inline Request full_request(std::string id) {
  Request request = request_named(std::move(id), 17, -5);
  request.state = RequestState::granted;
  request.wish = {.count = 16,
                  .stack_name = StackName{"alpha"},
                  .labels = {{"size", "large"}, {"zone", "b"}},
                  .prefer_branch = "main",
                  .prefer_commit = "abc",
                  .create_if_none = true,
                  .name_prefix = "new-",
                  .lease = seconds{77},
                  .priority = -5,
                  .holder = full_holder()};
  request.asked_priority = 5;  // as it was before somebody changed it
  request.arrived_at = noon + seconds{1};
  request.ready_until = noon + seconds{2};
  request.ended_at = noon + seconds{3};
  for (int i = 0; i < 16; ++i)
    request.claims.push_back(
        {StackName{"s" + std::to_string(16 - i)}, claim_until(noon).key, 100 + i});
  return request;
}

TYPED_TEST_P(RequestContract, FindsNothingInAnEmptyTable) {
  EXPECT_EQ(this->found_request("r"), std::nullopt);
  EXPECT_EQ(this->names_of(this->reader().waiting(RepoName{"repo"}, {}, 9)), Names{});
  EXPECT_EQ(this->names_of(this->reader().ready_until_before(Instant::max(), 9)), Names{});
  EXPECT_EQ(this->names_of(this->reader().settled_requests({}, 9)), Names{});
  EXPECT_EQ(this->reader().count_waiting(RepoName{"repo"}), 0);
  EXPECT_EQ(this->reader().count_waiting_before(RepoName{"repo"}, {}), 0);
  EXPECT_EQ(this->reader().last_arrival(RepoName{"repo"}), 0);
}

TYPED_TEST_P(RequestContract, KeepsEveryFieldAndGivesItVersionOne) {
  Request request = full_request("r");
  request.version = 99;  // ignored
  ASSERT_EQ(this->save(request, 0), Saved::yes);
  request.version = 1;
  EXPECT_EQ(this->found_request("r"), request);
  EXPECT_EQ(this->found_request(this->store(), "r"), request);
  EXPECT_EQ(this->reader().settled_requests({}, 9), std::vector{request});
  request.state = RequestState::waiting;
  ASSERT_EQ(this->save(request, 1), Saved::yes);
  request.version = 2;
  EXPECT_EQ(this->reader().waiting(request.repo_name, {}, 9), std::vector{request});
  EXPECT_EQ(this->reader().ready_until_before(Instant::max(), 9), std::vector{request});
  Request plain = request_named("r", 18);
  ASSERT_EQ(this->save(plain, 2), Saved::yes);
  plain.version = 3;
  EXPECT_EQ(this->found_request("r"), plain);
}

TYPED_TEST_P(RequestContract, KeepsEveryState) {
  core::Version version = 0;
  for (const RequestState state :
       {RequestState::ended, RequestState::waiting, RequestState::granted, RequestState::waiting}) {
    Request request = request_named("r", 1);
    request.state = state;
    ASSERT_EQ(this->save(request, version++), Saved::yes);
    EXPECT_EQ(this->found_request("r")->state, state);
  }
}

TYPED_TEST_P(RequestContract, KeepsOddTexts) {
  core::Version version = 0;
  for (const std::string& text : odd_texts) {
    Request request = full_request("r");
    core::Wish& wish = request.wish;
    core::Holder holder;
    for (std::string* field :
         {&wish.prefer_branch, &wish.prefer_commit, &wish.name_prefix, &holder.ci, &holder.job,
          &holder.job_url, &holder.repo, &holder.branch, &holder.commit, &holder.actor})
      *field = text;
    wish.holder = holder;
    wish.labels = {{text, text}, {text + "2", ""}, {"", text}};
    wish.stack_name = StackName{text};
    request.claims[3].stack_name = StackName{text};
    ASSERT_EQ(this->save(request, version++), Saved::yes);
    request.version = version;
    EXPECT_EQ(this->found_request("r"), request) << text;
  }
}

TYPED_TEST_P(RequestContract, KeepsNumbersToTheEndsOfTheirTypes) {
  core::Version version = 0;
  for (const std::int64_t number : {int64_max, int64_min, std::int64_t{0}, std::int64_t{-1}}) {
    Request request = full_request("r");
    request.arrival = number;
    request.arrived_at = request.ready_until = request.ended_at = Instant{microseconds{number}};
    request.wish.lease = seconds{number};
    request.wish.priority = number < 0 ? -100 : 100;
    request.asked_priority = number == 0 ? 100 : -100;
    request.claims[0].fencing_token = number;
    request.claims[0].key.bytes.fill(0xff);
    ASSERT_EQ(this->save(request, version++), Saved::yes);
    request.version = version;
    EXPECT_EQ(this->found_request("r"), request) << number;
  }
}

TYPED_TEST_P(RequestContract, RaisesTheVersionByOneAtEachSaveAndRefusesAnyOther) {
  for (core::Version version = 0; version < 5; ++version) {
    ASSERT_EQ(this->save(request_named("r", 1), version), Saved::yes);
    EXPECT_EQ(this->found_request("r")->version, version + 1);
  }
  for (const core::Version wrong : {core::Version{0}, core::Version{4}, core::Version{6}}) {
    EXPECT_EQ(this->save(request_named("r", 2), wrong), Saved::version_moved);
    EXPECT_EQ(this->remove(request_named("r", 2), wrong), Saved::version_moved);
  }
  EXPECT_EQ(this->found_request("r")->arrival, 1);
  EXPECT_EQ(this->save(request_named("new", 2), 1), Saved::version_moved);
  EXPECT_EQ(this->remove(request_named("new", 2), 1), Saved::version_moved);
  EXPECT_EQ(this->found_request("new"), std::nullopt);
}

TYPED_TEST_P(RequestContract, RemovesARequestSoThatItsIdIsFree) {
  ASSERT_EQ(this->save(request_named("r", 1), 0), Saved::yes);
  ASSERT_EQ(this->save(request_named("r", 1), 1), Saved::yes);
  ASSERT_EQ(this->remove(request_named("r", 1), 2), Saved::yes);
  EXPECT_EQ(this->found_request("r"), std::nullopt);
  EXPECT_EQ(this->reader().count_waiting(RepoName{"repo"}), 0);
  ASSERT_EQ(this->save(request_named("r", 2), 0), Saved::yes);
  EXPECT_EQ(this->found_request("r")->version, 1);
}

TYPED_TEST_P(RequestContract, TellsEqualIdsOfTwoReposApart) {
  // Repo and id together would read the same.
  this->fill({request_named("r", 1, 0, "one"), request_named("r", 2, 0, "two"),
              request_named("bc", 3, 0, "a"), request_named("c", 4, 0, "ab")});
  EXPECT_EQ(this->found_request("r", "one")->arrival, 1);
  EXPECT_EQ(this->found_request("r", "two")->arrival, 2);
  EXPECT_EQ(this->found_request("bc", "a")->arrival, 3);
  EXPECT_EQ(this->found_request("c", "ab")->arrival, 4);
  EXPECT_EQ(this->found_request("r", "three"), std::nullopt);
  EXPECT_EQ(this->found_request("R", "one"), std::nullopt);
  ASSERT_EQ(this->remove(request_named("r", 1, 0, "one"), 1), Saved::yes);
  EXPECT_EQ(this->found_request("r", "two")->arrival, 2);
}

TYPED_TEST_P(RequestContract, ListsSettledOnesInAnOrderThatNeverChanges) {
  std::vector<Request> requests;
  for (const char* repo : {"b", "a", "ab"})
    for (const char* id : {"3", "1", "b2"}) {
      requests.push_back(request_named(id, 1, 0, repo));
      requests.back().state = *id == '1' ? RequestState::granted : RequestState::ended;
    }
  requests.push_back(request_named("waits", 1, 0, "a"));
  this->fill(requests);
  using After = std::optional<std::pair<RepoName, RequestId>>;
  const auto settled = [&](After after, std::size_t limit) {
    const auto page = this->reader().settled_requests(after, limit);
    EXPECT_TRUE(page);
    return page.value_or(std::vector<Request>{});
  };
  const std::vector<Request> all = settled({}, 99);
  EXPECT_EQ(all.size(), 9u);
  for (const char* repo : {"a", "ab", "b"}) {  // whichever repo comes first
    Names ids;
    for (const Request& request : settled({{RepoName{repo}, RequestId{}}}, 99))
      if (request.repo_name == RepoName{repo}) ids.push_back(request.request_id.text());
    EXPECT_EQ(ids, (Names{"1", "3", "b2"})) << repo;
  }
  std::vector<Request> paged;
  for (After after;;) {
    const std::vector<Request> page = settled(after, 2);
    paged.insert(paged.end(), page.begin(), page.end());
    if (page.size() < 2) break;
    after = {page.back().repo_name, page.back().request_id};
  }
  EXPECT_EQ(paged, all);
  // One goes back into the queue, one goes: the rest stays as it was, behind either too.
  Request back = all[4];
  back.state = RequestState::waiting;
  ASSERT_EQ(this->save(back, 1), Saved::yes);
  ASSERT_EQ(this->remove(all[5], 1), Saved::yes);
  const std::vector<Request> rest(all.begin() + 6, all.end());
  EXPECT_EQ(settled({{all[3].repo_name, all[3].request_id}}, 9), rest);
  EXPECT_EQ(settled({{all[4].repo_name, all[4].request_id}}, 9), rest);
  EXPECT_EQ(settled({{all[5].repo_name, all[5].request_id}}, 9), rest);
  EXPECT_EQ(settled({{all[8].repo_name, all[8].request_id}}, 9), std::vector<Request>{});
  EXPECT_EQ(settled({}, 99).size(), 7u);
}

REGISTER_TYPED_TEST_SUITE_P(RequestContract, FindsNothingInAnEmptyTable,
                            KeepsEveryFieldAndGivesItVersionOne, KeepsEveryState, KeepsOddTexts,
                            KeepsNumbersToTheEndsOfTheirTypes,
                            RaisesTheVersionByOneAtEachSaveAndRefusesAnyOther,
                            RemovesARequestSoThatItsIdIsFree, TellsEqualIdsOfTwoReposApart,
                            ListsSettledOnesInAnOrderThatNeverChanges);

}  // namespace bddlock::contract
