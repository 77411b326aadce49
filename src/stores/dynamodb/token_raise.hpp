// What a table needs that was restored from a back-up (DESIGN, invariant 3): it does not know of
// the tokens that were granted after the back-up was made, so that each token it knows of is raised
// by a million. Both tables are read whole; each record is changed by itself, and servers may run
// meanwhile. If it ends early it may be run again: what is raised twice does no harm.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "aws/dynamodb.hpp"

namespace bddlock::stores {

inline constexpr std::int64_t dynamodb_token_raise = 1'000'000;

struct RaisedTokens {
  std::int64_t stacks = 0;
  std::int64_t deleted_names = 0;  // whose last tokens are kept
};

// The error is a sentence without a full stop.
[[nodiscard]] std::expected<RaisedTokens, std::string> raise_fencing_tokens(
    std::shared_ptr<aws::DynamoDb> client, const std::string& table);

}  // namespace bddlock::stores
