#include "contract/store_contract.hpp"
#include "fakes/memory_harness.hpp"

namespace bddlock::contract {

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, StoreContract, fakes::MemoryHarness);

}  // namespace bddlock::contract
