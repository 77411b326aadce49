// The port's look at the history, on one connection. The table has no index but its ids: the
// history of a stack or repo is a walk back along before_of_stack or before_of_repo, and a time is
// looked up by halving, since times rise with the ids, but for a few breaks (schema.cpp).
#pragma once

#include <optional>

#include "service/store.hpp"
#include "stores/sqlite/database.hpp"

namespace bddlock::stores::sqlite {

class EventQueries {
 public:
  [[nodiscard]] Outcome<void> prepare(Database& database);

  [[nodiscard]] core::Result<service::EventPage> find(const service::EventQuery& query);
  // The last event of the stack, which may be forgotten by now; 0: none.
  [[nodiscard]] core::Result<std::int64_t> last_of(const core::StackName& stack);

 private:
  // The ids that are told: [first, last]; last < first: none.
  struct Range {
    std::int64_t first;
    std::int64_t last;
  };
  using Id = core::Result<std::int64_t>;

  [[nodiscard]] core::Result<Range> range();
  [[nodiscard]] core::Result<service::EventPage> find_all(const service::EventQuery& query,
                                                          Range range);
  [[nodiscard]] core::Result<service::EventPage> find_along(const service::EventQuery& query,
                                                            Range range);
  // Where the walk along a chain begins.
  [[nodiscard]] Id start_of_walk(const service::EventQuery& query, Range range);
  // Down the whole log: the largest id up to `id` whose time is wanted; less than range.first:
  // none.
  [[nodiscard]] Id wanted_at_or_before(std::int64_t id, const service::EventQuery& query,
                                       Range range);
  // The smallest id whose time is at or after `since`.
  [[nodiscard]] Id first_since(core::Instant since, Range range);
  // The first id of [begin, end), within which times rise, whose time is at or after `time`; or
  // end.
  [[nodiscard]] Id first_at_or_after(std::int64_t begin, std::int64_t end, core::Instant time);
  [[nodiscard]] Id begin_of_rise(std::int64_t id, Range range);
  // The time of the event `id`, or of the one before it where that id was skipped.
  [[nodiscard]] core::Result<core::Instant> time_at(std::int64_t id);

  Statement range_;
  Statement entry_;
  Statement down_;
  Statement time_;
  Statement rise_;
  Statement last_of_stack_;
  Statement last_of_repo_;
};

}  // namespace bddlock::stores::sqlite
