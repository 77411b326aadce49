// What the tests of this folder do with a table, in a line each.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "service/store.hpp"
#include "stores/sqlite/database.hpp"
#include "stores/sqlite/open.hpp"
#include "unit/stores/sqlite/table_folder.hpp"

namespace bddlock::tests {

inline service::StackChange new_stack(const std::string& name, core::FencingToken token = 0) {
  return {.next = {.stack_name = core::StackName(name),
                   .repo_name = core::RepoName("repo"),
                   .fencing_token = token}};
}

inline void run_sql(const std::string& file, const std::string& sql) {
  auto database = stores::sqlite::Database::open(file, stores::sqlite::Access::create);
  ASSERT_TRUE(database);
  const auto ran = database->run(sql);
  ASSERT_TRUE(ran) << ran.error().detail;
}

inline core::Result<service::Saved> save_one(service::Store& store,
                                             const service::StackChange& change) {
  return store.save({.stacks = {change}});
}

// Saves in one batch; the result is commit()'s.
inline core::Result<void> commit_stacks(service::Store& store,
                                        const std::vector<std::string>& names) {
  if (auto begun = store.begin(); !begun) return begun;
  for (const std::string& name : names) {
    const auto saved = save_one(store, new_stack(name));
    if (!saved) {
      store.rollback();
      return std::unexpected(saved.error());
    }
    EXPECT_EQ(*saved, service::Saved::yes) << name;
  }
  return store.commit();
}

inline stores::SqliteTable open_or_fail(const std::string& file, const char* vfs = nullptr) {
  auto opened = stores::sqlite::open_table(file, {vfs});
  if (!opened) {
    ADD_FAILURE() << opened.error();
    std::abort();
  }
  return std::move(*opened);
}

// Why the file could not be opened; empty: it could.
inline std::string refusal(const std::string& file, const char* vfs = nullptr) {
  const auto opened = stores::sqlite::open_table(file, {vfs});
  return opened ? std::string() : opened.error();
}

inline std::optional<core::Stack> found(service::StoreReader& reader, const std::string& name) {
  const auto stack = reader.find(core::StackName(name));
  EXPECT_TRUE(stack) << stack.error().detail;
  return stack ? *stack : std::nullopt;
}

inline bool has(service::StoreReader& reader, const std::string& name) {
  return found(reader, name).has_value();
}

}  // namespace bddlock::tests
