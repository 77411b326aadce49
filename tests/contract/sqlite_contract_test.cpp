#include "contract/store_contract.hpp"
#include "fakes/sqlite_harness.hpp"

namespace bddlock::contract {

INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, StoreContract, fakes::SqliteHarness);

}  // namespace bddlock::contract
