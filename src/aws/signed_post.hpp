// A signed POST to one of Amazon's services. Private to aws. Pure.
#pragma once

#include <string>

#include "aws/signature.hpp"
#include "net/client.hpp"

namespace bddlock::aws {

struct Post {
  Fields headers;  // Host and what the signature adds are put beside them
  std::string body;
};

// To "/" below the endpoint's prefix. Its time limit is the usual one.
[[nodiscard]] net::ClientRequest signed_post(const Post& post, const net::Endpoint& endpoint,
                                             const Scope& scope, const Credentials& credentials,
                                             Instant now);

}  // namespace bddlock::aws
