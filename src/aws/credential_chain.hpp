// The credentials to use now: from the first source that has any, kept until shortly before they
// end. Threads: any; while one thread renews, the others go on with what there is.
#pragma once

#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "aws/credential_sources.hpp"

namespace bddlock::aws {

// Renewed from this long before their end on, and by chance up to the second time earlier; used
// until their end if they cannot be.
inline constexpr std::chrono::seconds renewal_before_end{300};
inline constexpr std::chrono::seconds renewal_jitter_max{120};
// Between two tries to renew credentials that still hold.
inline constexpr std::chrono::seconds renewal_interval{10};

class CredentialChain {
 public:
  explicit CredentialChain(Surroundings surroundings) : surroundings_(std::move(surroundings)) {}

  // The sources in the order of Amazon's tools: environment, web identity, profile, container,
  // instance. The error is a sentence for whoever runs the server.
  [[nodiscard]] std::expected<Credentials, std::string> get(Instant now);

  // A service said that these have expired: get() asks the source again, unless somebody else has
  // done so.
  void expired(const Credentials& credentials);

 private:
  [[nodiscard]] std::expected<Credentials, std::string> load() const;
  [[nodiscard]] std::expected<Credentials, std::string> renewed(Instant now);
  [[nodiscard]] Instant renewal_of(Instant end, Instant now) const;
  struct Held {
    Credentials credentials;
    bool is_due = false;
  };
  [[nodiscard]] std::optional<Held> held(Instant now);

  const Surroundings surroundings_;
  std::mutex loading_;
  std::mutex mutex_;  // of what stands below; never held while a source is asked
  std::optional<Credentials> held_;
  std::optional<Instant> next_renewal_;
};

}  // namespace bddlock::aws
