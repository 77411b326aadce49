#include "contract/store_contract.hpp"
#include "fakes/memory_harness.hpp"

namespace bddlock::contract {

BDDLOCK_STORE_CONTRACT(Memory, fakes::MemoryHarness);

}  // namespace bddlock::contract
