// The reads of the store port on one connection; the store and the reader share them.
#pragma once

#include <optional>
#include <string_view>

#include "stores/sqlite/event_queries.hpp"
#include "stores/sqlite/repo_queries.hpp"
#include "stores/sqlite/request_queries.hpp"
#include "stores/sqlite/stack_queries.hpp"

namespace bddlock::stores::sqlite {

// The mark that restore raises: no name may get a fencing token that is not above it.
inline constexpr std::string_view token_floor_key = "fencing_token_floor";
// The mark that recover() raises.
inline constexpr std::string_view recovered_key = "recovered";
// The mark of the last event's id, where the event itself may be gone: forgotten, or not in the
// back-up that was restored. No event gets an id that is not above it.
inline constexpr std::string_view event_floor_key = "event_id_floor";

struct Queries {
  // `seen`: of a writer; null for one that only reads.
  [[nodiscard]] Outcome<void> prepare(Database& database, SeenRequest* seen);

  [[nodiscard]] core::Result<std::optional<std::int64_t>> mark(std::string_view key);

  StackQueries stacks;
  RequestQueries requests;
  EventQueries events;
  RepoQueries repos;
  Statement mark_;
};

}  // namespace bddlock::stores::sqlite
