#include "aws/credential_sources.hpp"

namespace bddlock::aws {

Found from_environment(const Surroundings& surroundings) {
  Credentials keys{.access_key_id = surroundings.text("AWS_ACCESS_KEY_ID"),
                   .secret_access_key = surroundings.text("AWS_SECRET_ACCESS_KEY"),
                   .session_token = surroundings.text("AWS_SESSION_TOKEN"),
                   .source = "AWS_ACCESS_KEY_ID"};
  if (keys.access_key_id.empty() && keys.secret_access_key.empty()) return std::nullopt;
  if (keys.access_key_id.empty() || keys.secret_access_key.empty())
    return std::unexpected(
        "only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set; set both");
  return keys;
}

}  // namespace bddlock::aws
