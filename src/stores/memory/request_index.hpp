// The requests of one side of a memory table, with the orders that the port asks for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "service/store.hpp"

namespace bddlock::stores::memory {

// Never changed once it is made, so that both sides of a table share it.
using RequestRecord = std::shared_ptr<const core::Request>;
using RequestKey = std::pair<core::RepoName, core::RequestId>;

class RequestIndex {
 public:
  // Null: not there.
  [[nodiscard]] RequestRecord find(const RequestKey& key) const;
  // Null: it goes.
  void put(const RequestKey& key, RequestRecord record);

  [[nodiscard]] std::vector<core::Request> waiting(const core::RepoName& repo,
                                                   const std::optional<service::QueuePlace>& after,
                                                   std::size_t limit) const;
  [[nodiscard]] std::int64_t count_before(const core::RepoName& repo,
                                          const service::QueuePlace& place) const;
  [[nodiscard]] std::vector<core::Request> ready_until_before(core::Instant at,
                                                              std::size_t limit) const;
  [[nodiscard]] std::vector<core::Request> settled(const std::optional<RequestKey>& after,
                                                   std::size_t limit) const;

 private:
  using Slot = const RequestRecord*;

  static RequestKey key_of(Slot slot) { return {(*slot)->repo_name, (*slot)->request_id}; }

  // The order of granting in each repo. A larger priority is first, so it is negated.
  struct InLine {
    using is_transparent = void;
    using Key = std::tuple<const core::RepoName&, int, std::int64_t>;
    static Key key(Slot slot) {
      return {(*slot)->repo_name, -(*slot)->wish.priority, (*slot)->arrival};
    }
    static Key key(const Key& key) { return key; }
    bool operator()(Slot left, Slot right) const {
      const Key a = key(left);
      const Key b = key(right);
      return a != b ? a < b : (*left)->request_id < (*right)->request_id;
    }
    bool operator()(const auto& left, const auto& right) const { return key(left) < key(right); }
  };
  struct ByReadiness {
    bool operator()(Slot left, Slot right) const {
      const core::Request& a = **left;
      const core::Request& b = **right;
      return std::tie(a.ready_until, a.repo_name, a.request_id) <
             std::tie(b.ready_until, b.repo_name, b.request_id);
    }
  };

  void take_out(Slot slot);
  void enter(Slot slot);

  std::map<RequestKey, RequestRecord> records_;
  std::set<Slot, InLine> line_;
  std::set<Slot, ByReadiness> by_readiness_;     // of those that wait
  std::map<RequestKey, RequestRecord> settled_;  // those that do not wait
};

}  // namespace bddlock::stores::memory
