#include "aws/signed_post.hpp"

#include "net/request_text.hpp"

namespace bddlock::aws {

net::ClientRequest signed_post(const Post& post, const net::Endpoint& endpoint, const Scope& scope,
                               const Credentials& credentials, Instant now) {
  Signable signable{
      .method = "POST", .path = endpoint.prefix + "/", .headers = post.headers, .body = post.body};
  signable.headers.emplace_back("Host", net::host_header(endpoint));
  Fields headers = post.headers;
  for (auto& added : sign(signable, scope, credentials, now)) headers.push_back(std::move(added));
  return {.method = "POST", .target = "/", .headers = std::move(headers), .body = post.body};
}

}  // namespace bddlock::aws
