#include "fakes/sqlite_harness.hpp"
#include "model/model_test.hpp"

namespace bddlock::model {
namespace {

TEST(Model, AnswersAsTheSqliteStoreDoes) { run_model<fakes::SqliteHarness>(); }

}  // namespace
}  // namespace bddlock::model
