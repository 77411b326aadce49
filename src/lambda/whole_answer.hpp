// An answer that comes piece by piece, put together: Lambda hands on whole documents only.
#pragma once

#include "api/message.hpp"

namespace bddlock::lambda {

// The same answer with all of its body, or 503 where a piece could not be had: nothing of it was
// sent yet. Reads no further than what Lambda lets through (gateway_answer.hpp). REQUIRES: each
// piece comes within the call that asks for it, as it does from lanes without threads.
[[nodiscard]] api::Response whole_answer(api::Response response);

}  // namespace bddlock::lambda
