#include "contract/store_contract.hpp"
#include "fakes/dynamodb_harness.hpp"

namespace bddlock::contract {

BDDLOCK_STORE_CONTRACT(DynamoDb, fakes::DynamoDbHarness);

}  // namespace bddlock::contract
