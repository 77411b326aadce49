// The specification of the store port (service/store.hpp): a store is done when these suites are
// green on it.
//
// To run them on a store, write a Harness and instantiate:
//
//   struct MyHarness {
//     service::Store& store();         // the one writer
//     service::StoreReader& reader();  // what everybody else sees
//     void reopen();                   // closes and opens it again; empty if nothing outlives it
//     static constexpr bool keeps_over_reopen = true;
//     static constexpr bool has_batches = true;  // false: begin(), commit(), rollback() do nothing
//     static constexpr std::size_t records_a_save_max = ...;  // stacks, requests or events
//     static constexpr int smaller = 1;  // how many times smaller the large tables are to be
//   };
//   BDDLOCK_STORE_CONTRACT(MyStore, MyHarness);
//
// Each test gets a new Harness over an empty table.
#pragma once

#include "contract/batch_contract.hpp"
#include "contract/event_contract.hpp"
#include "contract/queue_contract.hpp"
#include "contract/repo_contract.hpp"
#include "contract/request_contract.hpp"
#include "contract/stack_contract.hpp"
#include "contract/stack_field_contract.hpp"

#define BDDLOCK_STORE_CONTRACT(name, harness)                        \
  INSTANTIATE_TYPED_TEST_SUITE_P(name, StackContract, harness);      \
  INSTANTIATE_TYPED_TEST_SUITE_P(name, StackFieldContract, harness); \
  INSTANTIATE_TYPED_TEST_SUITE_P(name, RepoContract, harness);       \
  INSTANTIATE_TYPED_TEST_SUITE_P(name, RequestContract, harness);    \
  INSTANTIATE_TYPED_TEST_SUITE_P(name, QueueContract, harness);      \
  INSTANTIATE_TYPED_TEST_SUITE_P(name, EventContract, harness);      \
  INSTANTIATE_TYPED_TEST_SUITE_P(name, BatchContract, harness)
