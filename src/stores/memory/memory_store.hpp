// A table that lives as long as the process: for trying things out, and the reference that other
// stores are compared with. Any thread may read while one thread writes.
#pragma once

#include <memory>

#include "service/store.hpp"

namespace bddlock::stores {

// Both sides of one table. The reader sees what was committed.
struct MemoryTable {
  std::unique_ptr<service::Store> store;
  std::unique_ptr<service::StoreReader> reader;
};

[[nodiscard]] MemoryTable make_memory_table();

}  // namespace bddlock::stores
