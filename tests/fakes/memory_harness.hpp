// The memory store as the contract suite and the model comparison want it
// (contract/store_contract.hpp).
#pragma once

#include "stores/memory/memory_store.hpp"

namespace bddlock::fakes {

struct MemoryHarness {
  service::Store& store() { return *table.store; }
  service::StoreReader& reader() { return *table.reader; }
  void reopen() {}  // nothing outlives it
  static constexpr bool keeps_over_reopen = false;

  stores::MemoryTable table = stores::make_memory_table();
};

}  // namespace bddlock::fakes
