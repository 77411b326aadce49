#include "contract/store_contract.hpp"
#include "fakes/sqlite_harness.hpp"

namespace bddlock::contract {

BDDLOCK_STORE_CONTRACT(Sqlite, fakes::SqliteHarness);

}  // namespace bddlock::contract
