// Writing to the history: the writer gives each event its id and its place in the chains.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/event.hpp"
#include "stores/sqlite/queries.hpp"

namespace bddlock::stores::sqlite {

class History {
 public:
  [[nodiscard]] Outcome<void> prepare(Database& database);

  // The id it got. `before_of_stack` and `before_of_repo`: the last event of either, 0 if none.
  [[nodiscard]] core::Result<std::int64_t> append(Queries& queries, const core::Event& event,
                                                  std::int64_t before_of_stack,
                                                  std::int64_t before_of_repo);

  // As Store::forget_events.
  [[nodiscard]] core::Result<std::int64_t> forget(core::Instant at, std::int64_t keep,
                                                  std::size_t limit);

  // The batch was rolled back: what is remembered here of the table's end may be wrong.
  void look_again() { end_.reset(); }

 private:
  struct End {
    std::int64_t last_id = 0;       // the next one is above it
    std::int64_t last_present = 0;  // the last one that is there; 0: none is
    std::int64_t last_at = 0;
  };

  [[nodiscard]] core::Result<End*> end(Queries& queries);
  [[nodiscard]] core::Result<void> note_break(std::int64_t id, std::int64_t skipped);
  // How many events there are; ids that were skipped are none.
  [[nodiscard]] core::Result<std::int64_t> count();

  std::optional<End> end_;
  std::string body_;
  Statement append_;
  Statement last_;
  Statement break_;
  Statement count_;
  Statement oldest_;
  Statement remove_;
  Statement remove_breaks_;
  Statement put_floor_;
};

}  // namespace bddlock::stores::sqlite
