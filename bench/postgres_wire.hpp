// The extended query protocol of PostgreSQL, as far as the load needs it: prepared statements whose
// parameters and results are text. Threads: any.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "session.hpp"

namespace bddlock::bench {

// What opens a connection: user `postgres`, database `bench`, and the statements `c` (claim) and
// `r` (release).
[[nodiscard]] std::string postgres_opening(std::string_view claim, std::string_view release);

// Bind, Execute and Sync in one piece.
[[nodiscard]] std::string postgres_execute(char name,
                                           std::initializer_list<std::string_view> parameters);

struct PostgresAnswer {
  Reply reply{};           // done, wrong (an error of the server), or incomplete
  std::string_view row{};  // the last row; empty: there was none
};
// Walks over the messages until the last ReadyForQuery that is due: two for the opening, else one.
[[nodiscard]] PostgresAnswer read_postgres(Call call, std::string_view received);

// The text of a column of a row; empty where the row has no such column.
[[nodiscard]] std::string_view column(std::string_view row, std::size_t index);

}  // namespace bddlock::bench
