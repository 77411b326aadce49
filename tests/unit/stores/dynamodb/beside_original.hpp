// Does exactly the original's writes to a table.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "fakes/dynamodb_harness.hpp"

namespace bddlock::stores {

class Original {
 public:
  explicit Original(fakes::DynamoDbHarness& harness) : harness_(harness) {}

  bool create(const std::string& name, const std::string& repo, const std::string& now) {
    return call("PutItem", {{"Item", boost::json::object{{"stackName", text(name)},
                                                         {"repoName", text(repo)},
                                                         {"isAvailable", text("x")},
                                                         {"lastUsed", text(now)}}},
                            {"ConditionExpression", "attribute_not_exists(stackName)"}});
  }
  bool claim(const std::string& name, const std::string& now) {
    return update(name, "remove isAvailable set lastUsed = :now", "isAvailable = :x",
                  {{":now", text(now)}, {":x", text("x")}});
  }
  bool release(const std::string& name, const std::string& now) {
    return update(name, "set isAvailable = :x, lastUsed = :now",
                  "attribute_not_exists(isAvailable) and attribute_exists(stackName)",
                  {{":now", text(now)}, {":x", text("x")}});
  }

 private:
  static boost::json::value text(const std::string& text) { return {{"S", text}}; }

  bool update(const std::string& name, const std::string& update, const std::string& condition,
              boost::json::object values) {
    return call("UpdateItem", {{"Key", boost::json::object{{"stackName", text(name)}}},
                               {"UpdateExpression", update},
                               {"ConditionExpression", condition},
                               {"ExpressionAttributeValues", std::move(values)}});
  }
  bool call(std::string_view operation, boost::json::object input) {
    input.emplace("TableName", harness_.name);
    const auto done = harness_.client->call(operation, input);
    EXPECT_TRUE(done || done.error().trouble == aws::Trouble::condition_failed)
        << done.error().detail;
    return done.has_value();
  }

  fakes::DynamoDbHarness& harness_;
};

}  // namespace bddlock::stores
