// What the contract's suites share: records with something in every field, and a fixture that saves
// in batches and reads all pages.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "service/store.hpp"

namespace bddlock::contract {

using core::Event;
using core::Instant;
using core::microseconds;
using core::RepoName;
using core::Request;
using core::RequestId;
using core::RequestState;
using core::seconds;
using core::Stack;
using core::StackName;
using core::State;
using service::Changes;
using service::EventQuery;
using service::QueuePlace;
using service::RequestChange;
using service::Saved;
using service::StackChange;
using service::StackQuery;

using Names = std::vector<std::string>;
using Ids = std::vector<std::int64_t>;

inline constexpr std::int64_t int64_max = std::numeric_limits<std::int64_t>::max();
inline constexpr std::int64_t int64_min = std::numeric_limits<std::int64_t>::min();

inline const Instant noon{microseconds{1'574'291'428'014'213}};

// UTF-8 of each length, quotes, what looks like JSON, SQL or a separator, and every control
// character that is not refused everywhere; a zero byte too, since nobody forbids it in a note.
inline const Names odd_texts = {"",
                                "plain",
                                "'; DROP TABLE stacks; --",
                                "\"{}[]\\,:",
                                "a\tb\nc\x01\x1f\x7f",
                                std::string("zero\0byte", 9),
                                "\xc3\xa4\xe2\x82\xac\xef\xbf\xbd\xf0\x9f\x8d\xba",
                                "a\xcc\x88",
                                " ",
                                std::string(1024, 'x'),
                                "\xef\xbb\xbf"
                                "bom"};

inline Stack stack_named(std::string name, std::string repo = "repo") {
  return {.stack_name = StackName{std::move(name)},
          .repo_name = RepoName{std::move(repo)},
          .last_used = noon};
}

// A different text in each field.
inline core::Holder full_holder() {
  return {.ci = "ci",
          .job = "job",
          .job_url = "https://ci/1",
          .repo = "holder's repo",
          .branch = "branch",
          .commit = "commit",
          .actor = "me"};
}

inline core::Claim claim_until(Instant expires_at, std::string request = "request") {
  core::Claim claim{
      .request_id = RequestId{std::move(request)}, .claimed_at = noon, .expires_at = expires_at};
  for (std::size_t i = 0; i < claim.key.bytes.size(); ++i)
    claim.key.bytes[i] = static_cast<std::uint8_t>(17 * i);
  return claim;
}

inline Stack claimed_until(std::string name, Instant expires_at) {
  Stack stack = stack_named(std::move(name));
  stack.state = State::claimed;
  stack.claim = claim_until(expires_at);
  return stack;
}

inline Request request_named(std::string id, std::int64_t arrival, int priority = 0,
                             std::string repo = "repo") {
  Request request{.repo_name = RepoName{std::move(repo)},
                  .request_id = RequestId{std::move(id)},
                  .arrival = arrival,
                  .arrived_at = noon,
                  .ready_until = noon};
  request.wish.priority = priority;
  return request;
}

inline Event event_of(std::string stack, std::string repo = "repo", Instant at = noon) {
  return {.at = at,
          .kind = core::EventKind::claimed,
          .stack_name = StackName{std::move(stack)},
          .repo_name = RepoName{std::move(repo)}};
}

template <class Harness>
class Contract : public testing::Test {
 protected:
  service::Store& store() { return harness_.store(); }
  service::StoreReader& reader() { return harness_.reader(); }
  void reopen() { harness_.reopen(); }

  // Saves in a batch of its own.
  Saved save(const Changes& changes) {
    EXPECT_TRUE(store().begin());
    const auto saved = store().save(changes);
    EXPECT_TRUE(saved) << saved.error().detail;
    EXPECT_TRUE(store().commit());
    return saved.value_or(Saved::version_moved);
  }
  Saved save(std::vector<StackChange> changes) {
    return save(Changes{.stacks = std::move(changes)});
  }
  Saved save(const Stack& next, core::Version expected) {
    return save(std::vector<StackChange>{{.next = next, .expected = expected}});
  }
  Saved remove(const Stack& stack, core::Version expected) {
    return save(std::vector<StackChange>{{.next = stack, .expected = expected, .remove = true}});
  }
  Saved save(const Request& next, core::Version expected) {
    return save(Changes{.requests = {{.next = next, .expected = expected}}});
  }
  Saved remove(const Request& request, core::Version expected) {
    return save(Changes{.requests = {{.next = request, .expected = expected, .remove = true}}});
  }

  void fill(const std::vector<Stack>& stacks) {
    in_saves(stacks, [](Changes& to, const Stack& stack) { to.stacks.push_back({.next = stack}); });
  }
  void fill(const std::vector<Request>& requests) {
    in_saves(requests,
             [](Changes& to, const Request& request) { to.requests.push_back({.next = request}); });
  }
  void tell(const std::vector<Event>& events) {
    in_saves(events, [](Changes& to, const Event& event) { to.events.push_back(event); });
  }
  // All records in one save, or in as few as the store takes.
  template <class Record, class Add>
  void in_saves(const std::vector<Record>& records, Add add) {
    for (std::size_t at = 0; at < records.size();) {
      Changes changes;
      for (std::size_t i = 0; at < records.size() && i < Harness::records_a_save_max; ++i)
        add(changes, records[at++]);
      ASSERT_EQ(save(changes), Saved::yes);
    }
  }

  std::optional<Stack> found(const std::string& name) { return found(reader(), name); }
  static std::optional<Stack> found(service::StoreReader& from, const std::string& name) {
    const auto stack = from.find(StackName{name});
    EXPECT_TRUE(stack) << stack.error().detail;
    return stack.value_or(std::nullopt);
  }

  std::optional<Request> found_request(const std::string& id, const std::string& repo = "repo") {
    return found_request(reader(), id, repo);
  }
  static std::optional<Request> found_request(service::StoreReader& from, const std::string& id,
                                              const std::string& repo = "repo") {
    const auto request = from.find_request(RepoName{repo}, RequestId{id});
    EXPECT_TRUE(request) << request.error().detail;
    return request.value_or(std::nullopt);
  }

  // The names of all pages.
  static Names listed(service::StoreReader& from, StackQuery query) {
    Names names;
    for (;;) {
      const auto page = from.list(query);
      EXPECT_TRUE(page) << page.error().detail;
      if (!page) return names;
      EXPECT_LE(page->items.size(), query.limit);
      for (const Stack& stack : page->items) names.push_back(stack.stack_name.text());
      if (!page->next_after) return names;
      EXPECT_TRUE(!query.after || *query.after < *page->next_after) << "the pages do not go on";
      query.after = page->next_after;
    }
  }
  Names listed(StackQuery query) { return listed(reader(), std::move(query)); }

  // The ids of all pages.
  static Ids told(service::StoreReader& from, EventQuery query) {
    Ids ids;
    for (;;) {
      const auto page = from.events(query);
      EXPECT_TRUE(page) << page.error().detail;
      if (!page) return ids;
      EXPECT_LE(page->items.size(), query.limit);
      for (const Event& event : page->items) ids.push_back(event.id);
      if (!page->next_before) return ids;
      EXPECT_TRUE(!query.before || *page->next_before < *query.before) << "the pages do not go on";
      query.before = page->next_before;
    }
  }
  Ids told(EventQuery query) { return told(reader(), std::move(query)); }

  static Names names_of(const core::Result<std::vector<Stack>>& stacks) {
    EXPECT_TRUE(stacks) << stacks.error().detail;
    Names names;
    if (stacks)
      for (const Stack& stack : *stacks) names.push_back(stack.stack_name.text());
    return names;
  }
  static Names names_of(const core::Result<std::vector<Request>>& requests) {
    EXPECT_TRUE(requests) << requests.error().detail;
    Names names;
    if (requests)
      for (const Request& request : *requests) names.push_back(request.request_id.text());
    return names;
  }

  Harness harness_;
};

}  // namespace bddlock::contract
