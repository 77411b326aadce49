// What stands in an item of the seed's table that neither this server nor the original writes:
// people edit items by hand. Such a stack is shown and is never a reason to lend one twice; this
// says what is odd about it, for `bdd-lock dynamodb check`. Pure.
#pragma once

#include <string>
#include <vector>

#include "stores/dynamodb/attribute.hpp"

namespace bddlock::stores::dynamodb {

// Ends of sentences that begin with the stack: what is wrong, what comes of it, and what to do.
[[nodiscard]] std::vector<std::string> oddities_of(const Item& item);

}  // namespace bddlock::stores::dynamodb
