#include "fakes/dynamodb_harness.hpp"
#include "model/model_test.hpp"

namespace bddlock::model {
namespace {

TEST(Model, AnswersAsTheDynamoDbStoreDoes) { run_model<fakes::DynamoDbHarness>(400); }

}  // namespace
}  // namespace bddlock::model
