#include "stores/sqlite/queries.hpp"

namespace bddlock::stores::sqlite {

Outcome<void> Queries::prepare(Database& database, SeenRequest* seen) {
  if (auto prepared = stacks.prepare(database); !prepared) return prepared;
  if (auto prepared = requests.prepare(database, seen); !prepared) return prepared;
  if (auto prepared = events.prepare(database); !prepared) return prepared;
  if (auto prepared = repos.prepare(database); !prepared) return prepared;
  const Preparation statements[] = {{&mark_, "SELECT value FROM marks WHERE key = ?1"}};
  return database.prepare_all(statements);
}

core::Result<std::optional<std::int64_t>> Queries::mark(std::string_view key) {
  const ResetAtEnd reset(mark_);
  const auto row = mark_.bind(1, key).step();
  if (!row) return std::unexpected(unavailable(row.error()));
  if (!*row) return std::nullopt;
  return mark_.integer(0);
}

}  // namespace bddlock::stores::sqlite
