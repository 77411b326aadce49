#include "stores/sqlite/tokens.hpp"

#include <limits>

#include "stores/sqlite/queries.hpp"
#include "stores/sqlite/records.hpp"
#include "stores/sqlite/schema.hpp"

namespace bddlock::stores::sqlite {

namespace {

// DESIGN section 3: more grants than any stack gets between a back-up and its restore.
constexpr std::int64_t token_raise = 1'000'000;

// A token that cannot be raised would be granted again; there is none such but by a forged import.
constexpr const char* highest_token_sql = R"sql(
  SELECT max(coalesce((SELECT max(fencing_token) FROM stacks), 0),
             coalesce((SELECT max(fencing_token) FROM retired_tokens), 0),
             coalesce((SELECT value FROM marks WHERE key = 'fencing_token_floor'), 0))
)sql";

// The floor is for names that were created after the back-up and are unknown in it: their tokens
// began at the floor of that time, so they stay below it raised.
std::string raise_sql() {
  const std::string by = std::to_string(token_raise);
  return "UPDATE stacks SET fencing_token = fencing_token + " + by +
         ", version = version + 1;"
         "UPDATE retired_tokens SET fencing_token = fencing_token + " +
         by + ";INSERT INTO marks (key, value) VALUES ('" + std::string(token_floor_key) + "', " +
         by + ") ON CONFLICT DO UPDATE SET value = value + " + by +
         // Ids of events too: who remembers one from after the back-up must not meet another under
         // it.
         ";INSERT INTO marks (key, value) SELECT '" + std::string(event_floor_key) +
         "', max(coalesce((SELECT max(id) FROM events), 0), coalesce((SELECT value FROM marks "
         "WHERE key = '" +
         std::string(event_floor_key) + "'), 0)) + " + by +
         " WHERE true ON CONFLICT DO UPDATE SET value = excluded.value";
}

// What the old table knows, if it can be read, is exact, and may be above the raised tokens: when
// one back-up is restored twice, the grants between the two are in the old table only.
constexpr const char* old_tokens_sql =
    "SELECT stack_name, fencing_token FROM stacks "
    "UNION ALL SELECT stack_name, fencing_token FROM retired_tokens";
constexpr const char* old_floor_sql = "SELECT value FROM marks WHERE key = 'fencing_token_floor'";
constexpr const char* old_event_sql =
    "SELECT max(coalesce((SELECT max(id) FROM events), 0), "
    "           coalesce((SELECT value FROM marks WHERE key = 'event_id_floor'), 0))";
constexpr const char* lift_token_sql =
    "UPDATE stacks SET fencing_token = max(fencing_token, ?2) WHERE stack_name = ?1";
constexpr const char* lift_retired_sql =
    "INSERT INTO retired_tokens (stack_name, fencing_token) VALUES (?1, ?2) "
    "ON CONFLICT DO UPDATE SET fencing_token = max(fencing_token, excluded.fencing_token)";
constexpr const char* lift_floor_sql = "UPDATE marks SET value = max(value, ?2) WHERE key = ?1";

Outcome<void> run_with(Statement& statement, std::string_view key, std::int64_t value) {
  const ResetAtEnd reset(statement);
  const auto ran = statement.bind(1, key).bind(2, value).step();
  if (!ran) return std::unexpected(ran.error());
  return {};
}

// Faults of the old table end the reading and are no error: it may well be damaged, that is why one
// restores.
Outcome<void> take_over_tokens(Database& old, Database& copy) {
  Statement lift_token;
  Statement lift_retired;
  Statement lift_floor;
  const Preparation statements[] = {{&lift_token, lift_token_sql},
                                    {&lift_retired, lift_retired_sql},
                                    {&lift_floor, lift_floor_sql}};
  if (auto prepared = copy.prepare_all(statements); !prepared) return prepared;
  if (const auto floor = old.integer(old_floor_sql)) {
    if (auto lifted = run_with(lift_floor, token_floor_key, *floor); !lifted) return lifted;
  }
  if (const auto last = old.integer(old_event_sql)) {
    if (auto lifted = run_with(lift_floor, event_floor_key, *last); !lifted) return lifted;
  }
  auto rows = old.prepare(old_tokens_sql);
  if (!rows) return {};
  for (;;) {
    const auto row = rows->step();
    if (!row || !*row) return {};
    auto lifted = run_with(lift_token, rows->text(0), rows->integer(1));
    if (lifted && copy.changes() == 0) {
      lifted = run_with(lift_retired, rows->text(0), rows->integer(1));
    }
    if (!lifted) return lifted;
  }
}

// The tokens that granted requests remember of their claims, so that they still name them.
Outcome<void> raise_in_requests(Database& copy) {
  auto rows =
      copy.prepare(std::string("SELECT ") + request_columns + " FROM requests WHERE state <> 1");
  if (!rows) return std::unexpected(rows.error());
  auto update =
      copy.prepare("UPDATE requests SET body = ?3 WHERE repo_name = ?1 AND request_id = ?2");
  if (!update) return std::unexpected(update.error());
  std::string body;
  for (;;) {
    const auto row = rows->step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return {};
    auto request = request_of(*rows);
    if (!request) return std::unexpected(Fault{FaultKind::damaged, "a request cannot be read"});
    for (core::GrantedClaim& claim : request->claims) claim.fencing_token += token_raise;
    encode_body(*request, body);
    const ResetAtEnd reset(*update);
    const auto updated = update->bind(1, request->repo_name.text())
                             .bind(2, request->request_id.text())
                             .bind(3, Bytes{body})
                             .step();
    if (!updated) return std::unexpected(updated.error());
  }
}

Outcome<void> raise_all(Database& copy, const std::string& path) {
  if (auto begun = copy.run("BEGIN IMMEDIATE"); !begun) return begun;
  if (auto raised = copy.run(raise_sql()); !raised) return raised;
  if (auto raised = raise_in_requests(copy); !raised) return raised;
  auto old = Database::open(path, Access::read_only);
  const auto ours = old ? is_ours(*old) : Outcome<bool>(false);
  if (ours && *ours) {
    if (auto taken = take_over_tokens(*old, copy); !taken) return taken;
  }
  return copy.run("COMMIT");
}

}  // namespace

OrSentence<void> raise_tokens(Database& copy, const std::string& source, const std::string& path) {
  const auto highest = copy.integer(highest_token_sql);
  if (!highest) return std::unexpected(sentence(source, "restored", highest.error()));
  if (*highest > std::numeric_limits<std::int64_t>::max() - token_raise) {
    return std::unexpected("\"" + source +
                           "\" holds a fencing token that is too large to be raised by 1,000,000");
  }
  if (auto raised = raise_all(copy, path); !raised) {
    return std::unexpected(sentence(path, "restored", raised.error()));
  }
  return {};
}

}  // namespace bddlock::stores::sqlite
