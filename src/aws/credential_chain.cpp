#include "aws/credential_chain.hpp"

namespace bddlock::aws {
namespace {

bool is_over(const Credentials& credentials, Instant now) {
  return credentials.expires_at && now >= *credentials.expires_at;
}

}  // namespace

std::expected<Credentials, std::string> CredentialChain::load() const {
  for (const auto source :
       {from_environment, from_web_identity, from_profile, from_container, from_instance}) {
    auto found = source(surroundings_);
    if (!found) return std::unexpected(std::move(found.error()));
    if (*found) return std::move(**found);
  }
  return std::unexpected(
      "no AWS credentials were found; looked in the environment (AWS_ACCESS_KEY_ID), for a web "
      "identity, in the shared config and credentials files, and for the role of a container and "
      "of an instance");
}

// Some time before their end, not the same for all who got theirs at the same time.
Instant CredentialChain::renewal_of(Instant end, Instant now) const {
  const std::chrono::seconds longest = renewal_jitter_max;
  const auto sooner = surroundings_.random ? surroundings_.random() %
                                                 (static_cast<std::uint64_t>(longest.count()) + 1)
                                           : 0;
  const Instant due = end - renewal_before_end - std::chrono::seconds{sooner};
  return std::max(due, now + renewal_interval);
}

// What is good, and whether the one who asks is to renew it.
std::optional<CredentialChain::Held> CredentialChain::held(Instant now) {
  const std::scoped_lock lock{mutex_};
  if (!held_ || is_over(*held_, now)) return std::nullopt;
  const bool is_due = next_renewal_ && now >= *next_renewal_;
  if (is_due) next_renewal_ = now + renewal_interval;
  return Held{*held_, is_due};
}

std::expected<Credentials, std::string> CredentialChain::get(Instant now) {
  if (auto good = held(now)) {
    if (good->is_due) return renewed(now);
    return std::move(good->credentials);
  }
  const std::scoped_lock one_at_a_time{loading_};
  // Somebody else may have loaded them while this thread waited.
  if (auto good = held(now)) return std::move(good->credentials);
  return renewed(now);
}

// The old ones, to their end, if there are no new ones.
std::expected<Credentials, std::string> CredentialChain::renewed(Instant now) {
  auto loaded = load();
  const std::scoped_lock lock{mutex_};
  if (!loaded || is_over(*loaded, now)) {
    if (held_ && !is_over(*held_, now)) return *held_;
    if (loaded) return std::unexpected("the credentials of " + loaded->source + " have expired");
    return loaded;
  }
  held_ = *loaded;
  next_renewal_.reset();
  if (loaded->expires_at) next_renewal_ = renewal_of(*loaded->expires_at, now);
  return loaded;
}

void CredentialChain::expired(const Credentials& credentials) {
  const std::scoped_lock lock{mutex_};
  if (held_ && held_->access_key_id == credentials.access_key_id &&
      held_->session_token == credentials.session_token)
    held_.reset();
}

}  // namespace bddlock::aws
