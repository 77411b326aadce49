#include "fakes/memory_harness.hpp"
#include "model/model_test.hpp"

namespace bddlock::model {
namespace {

TEST(Model, AnswersAsTheMemoryStoreDoes) { run_model<fakes::MemoryHarness>(); }

}  // namespace
}  // namespace bddlock::model
