// Where a claim is kept between the steps of a job: a small JSON file of mode 0600 for each job, as
// a claimId in it ends the claim. It is written before the request is sent, with the requestId and
// no claims, so that a step that was killed in between can find out what became of it. Errors are
// sentences with the file's name and what to do.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ci/variables.hpp"

namespace bddlock::cli {

struct KeptClaim {
  std::string claim_id;
  std::string stack_name;
  std::int64_t fencing_token = 0;
  std::string expires_at;  // RFC 3339, as the server said it
  friend bool operator==(const KeptClaim&, const KeptClaim&) = default;
};

// The process that extends the claims in the background. Process ids are used again: only one that
// started at that time is it.
struct Extender {
  pid_t pid = 0;
  std::uint64_t started = 0;  // clock ticks since boot, /proc/PID/stat
  friend bool operator==(const Extender&, const Extender&) = default;
};

struct ClaimFile {
  std::string job_key;  // whose it is
  std::string endpoint;
  std::string repo;
  std::string request_id;
  std::vector<KeptClaim> claims = {};  // none: asked for, and not known to be granted
  std::optional<Extender> extender = {};
  friend bool operator==(const ClaimFile&, const ClaimFile&) = default;
};

[[nodiscard]] std::string to_text(const ClaimFile& file);
// The error says what is wrong, as the end of a sentence: "is no JSON: …", "has no requestId".
[[nodiscard]] std::expected<ClaimFile, std::string> parse_claim_file(std::string_view text);

struct ClaimPlace {
  std::string folder;
  std::string name;
  bool is_own_folder = false;  // made by this program, for nobody else
  uid_t owner = 0;             // whose all of it must be

  [[nodiscard]] std::string path() const { return folder + "/" + name; }
};

// `named` (--claim-file) or a file named after the job in a folder of this program: in
// XDG_RUNTIME_DIR if that is this user's, else in TMPDIR, else in ~/.cache, else in /tmp.
[[nodiscard]] ClaimPlace claim_place(const ci::Lookup& lookup, uid_t owner,
                                     const std::string& job_key, const std::string& named);

// The job's claim file, or nothing if there is none. A file of another user, or that others can
// write, is not believed; neither is one of another job or a damaged one.
[[nodiscard]] std::expected<std::optional<ClaimFile>, std::string> read_claim_file(
    const ClaimPlace& place, const std::string& job_key);

// Either all of it is there and on the disk, or what stood there before is untouched.
[[nodiscard]] std::expected<void, std::string> write_claim_file(const ClaimPlace& place,
                                                                const ClaimFile& file);

// That there is none is no error.
[[nodiscard]] std::expected<void, std::string> remove_claim_file(const ClaimPlace& place);

}  // namespace bddlock::cli
