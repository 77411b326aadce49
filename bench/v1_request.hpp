// The calls of the API v1 that the load makes, and their answers. Threads: one at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bddlock::bench {

class V1Requests {
 public:
  explicit V1Requests(const std::string& token);

  // POST /v1/repos/REPO/claims for any stack, as the command line's `claim` sends it: with an id
  // and a holder.
  [[nodiscard]] std::string claim(std::string_view repo_name, std::string_view request_id,
                                  unsigned wait_seconds) const;
  // POST /v1/claims/CLAIMID/release.
  [[nodiscard]] std::string release(std::string_view claim_id) const;
  // GET /v1/repos/REPO.
  [[nodiscard]] std::string show_repo(std::string_view repo_name) const;

 private:
  [[nodiscard]] std::string with_body(std::string_view path, std::string_view body) const;

  std::string head_;  // of every request, behind its first line
};

struct LentStack {  // views into the answer
  std::string_view claim_id;
  std::string_view stack_name;
  std::uint64_t fencing_token = 0;
};

// Of the body of a 200: nothing unless it is one claim of this request and repo.
[[nodiscard]] std::optional<LentStack> read_claim(std::string_view body,
                                                  std::string_view request_id,
                                                  std::string_view repo_name);

[[nodiscard]] bool is_release_of(std::string_view body, std::string_view stack_name,
                                 std::uint64_t fencing_token);

}  // namespace bddlock::bench
