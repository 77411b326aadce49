// All that a memory table holds, once: a table has two of these sides, one that its writer works on
// and one that its readers see. A commit carries what was touched from the first to the second, a
// rollback the other way; the records themselves are shared.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "stores/memory/event_log.hpp"
#include "stores/memory/request_index.hpp"
#include "stores/memory/stack_index.hpp"

namespace bddlock::stores::memory {

struct RepoRecord {
  service::RepoTotals totals{};
  std::int64_t waiting = 0;
  std::int64_t settled = 0;
  std::int64_t last_arrival = 0;
};

// What a batch changed.
struct Touched {
  std::set<core::StackName> stacks{};
  std::set<RequestKey> requests{};
  std::set<core::RepoName> repos{};
  std::set<core::StackName> retired{};
  std::set<std::string> marks{};
};

struct Side {
  StackIndex stacks{};
  RequestIndex requests{};
  EventLog events{};
  std::map<core::RepoName, RepoRecord> repos{};
  std::unordered_map<core::StackName, core::FencingToken> retired{};
  std::map<std::string, std::int64_t, std::less<>> marks{};

  // Null: the record goes. The repos' totals are kept up.
  void put_stack(const core::StackName& name, StackRecord record);
  void put_request(const RequestKey& key, RequestRecord record);

  // Makes what was touched as it is on the other side. Events that it lacks are appended, those
  // that it should not have are taken back.
  void become_as(const Side& other, const Touched& touched);
};

// Those with stacks or requests, in the order of names.
[[nodiscard]] std::vector<core::RepoName> list_repos(const Side& side,
                                                     const std::optional<core::RepoName>& after,
                                                     std::size_t limit);

}  // namespace bddlock::stores::memory
