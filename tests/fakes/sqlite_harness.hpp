// The SQLite store as the contract suite and the model comparison want it
// (contract/store_contract.hpp).
#pragma once

#include <limits>
#include <stdexcept>

#include "stores/sqlite/sqlite_store.hpp"
#include "unit/stores/sqlite/table_folder.hpp"

namespace bddlock::fakes {

struct SqliteHarness {
  service::Store& store() { return *table.store; }
  service::StoreReader& reader() { return *table.reader; }
  void reopen() {
    table = {};
    table = open();
  }
  static constexpr bool keeps_over_reopen = true;
  static constexpr bool has_batches = true;
  static constexpr std::size_t records_a_save_max = std::numeric_limits<std::size_t>::max();
  static constexpr int smaller = 1;

  [[nodiscard]] stores::SqliteTable open() const {
    auto opened = stores::open_sqlite_table(folder.file());
    if (!opened) throw std::runtime_error(opened.error());
    return std::move(*opened);
  }

  tests::TableFolder folder;
  stores::SqliteTable table = open();
};

}  // namespace bddlock::fakes
