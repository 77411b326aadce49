// The history of one side of a memory table. Each entry knows the one before it of its stack and of
// its repo, so that the history of either is a walk back along a chain.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include "service/store.hpp"

namespace bddlock::stores::memory {

// Never changed once it is made, so that both sides of a table share it.
using EventRecord = std::shared_ptr<const core::Event>;

class EventLog {
 public:
  // 0: nothing was ever in it.
  [[nodiscard]] std::int64_t last_id() const { return base_ + std::ssize(entries_) - 1; }
  [[nodiscard]] std::int64_t first_id() const { return first_; }
  [[nodiscard]] const EventRecord& record(std::int64_t id) const { return entry(id).event; }

  // Its id must be last_id() + 1.
  void append(EventRecord event);
  // Takes the newest back until `id` is the last.
  void take_back_to(std::int64_t id);

  // Events before `id` are not told any more. They stay until drop_forgotten(), so that this can be
  // taken back by a smaller `id`.
  void start_at(std::int64_t id) { first_ = id; }
  void drop_forgotten();
  // The first id to be kept by the rules of Store::forget_events.
  [[nodiscard]] std::int64_t keep_from(core::Instant at, std::int64_t keep,
                                       std::size_t limit) const;

  [[nodiscard]] service::EventPage find(const service::EventQuery& query) const;

 private:
  struct Entry {
    EventRecord event;
    std::int64_t before_of_stack;  // 0: none
    std::int64_t before_of_repo;
  };
  [[nodiscard]] const Entry& entry(std::int64_t id) const {
    return entries_[static_cast<std::size_t>(id - base_)];
  }
  [[nodiscard]] core::Instant at(std::int64_t id) const { return entry(id).event->at; }

  template <class Chain>
  [[nodiscard]] service::EventPage find_along(const Chain& chain,
                                              const service::EventQuery& query) const;
  // Down the whole log: the largest id up to `id` whose time is wanted; smaller than first_: none.
  [[nodiscard]] std::int64_t wanted_at_or_before(std::int64_t id,
                                                 const service::EventQuery& query) const;
  // The smallest id whose time is at or after `since`.
  [[nodiscard]] std::int64_t first_since(core::Instant since) const;
  // The first id of [begin, end), within which times rise, whose time is at or after `time`; or
  // end.
  [[nodiscard]] std::int64_t first_at_or_after(std::int64_t begin, std::int64_t end,
                                               core::Instant time) const;
  [[nodiscard]] std::int64_t begin_of_rise(std::int64_t id) const;

  std::deque<Entry> entries_;
  std::int64_t base_ = 1;   // the id of the first entry
  std::int64_t first_ = 1;  // what is before it is forgotten
  // Where time fell (a server was started with another clock): from one of these ids to the next
  // it rises, so that a time is looked up in a few steps in each.
  std::vector<std::int64_t> falls_;
  std::unordered_map<core::StackName, std::int64_t> last_of_stack_;
  std::unordered_map<core::RepoName, std::int64_t> last_of_repo_;
};

}  // namespace bddlock::stores::memory
