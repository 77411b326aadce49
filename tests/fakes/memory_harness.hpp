// The memory store as the contract suite and the model comparison want it
// (contract/store_contract.hpp).
#pragma once

#include <limits>

#include "stores/memory/memory_store.hpp"

namespace bddlock::fakes {

struct MemoryHarness {
  service::Store& store() { return *table.store; }
  service::StoreReader& reader() { return *table.reader; }
  void reopen() {}  // nothing outlives it
  static constexpr bool keeps_over_reopen = false;
  static constexpr bool has_batches = true;
  static constexpr std::size_t records_a_save_max = std::numeric_limits<std::size_t>::max();
  static constexpr int smaller = 1;

  stores::MemoryTable table = stores::make_memory_table();
};

}  // namespace bddlock::fakes
