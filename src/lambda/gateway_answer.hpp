// The answer to a request as gateways take it. Pure.
#pragma once

#include <string>

#include "api/message.hpp"

namespace bddlock::lambda {

// Lambda hands on no answer above 6 MB (its page "Lambda quotas").
inline constexpr std::size_t answer_bytes_max = 6 * 1024 * 1024;

// The same document does for both payload formats, since no header of ours stands there twice. A
// body that is no UTF-8 goes as Base64; `to_head`: there is none. One that would be too large is
// answered 501 instead.
[[nodiscard]] std::string gateway_answer(const api::Response& response, bool to_head);

}  // namespace bddlock::lambda
