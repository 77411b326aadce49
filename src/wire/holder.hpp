// Who has or wants a stack, as the API v1 shows and reads it:
//   {"ci", "job", "jobUrl", "repo", "branch", "commit", "actor"}, those that are known.
#pragma once

#include <boost/json/object.hpp>

#include "core/claim.hpp"
#include "wire/json_reader.hpp"

namespace bddlock::wire {

[[nodiscard]] boost::json::object holder_document(const core::Holder& holder);

// The field `key` of what `outer` reads, an object by the rules of rules.hpp; null and absent give
// an empty one.
[[nodiscard]] core::Holder read_holder(ObjectReader& outer, std::string_view key);
// Of a document that a server made: fields that are unknown are ignored, and so are odd values.
[[nodiscard]] core::Holder shown_holder(const boost::json::object& document);

}  // namespace bddlock::wire
