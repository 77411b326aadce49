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

// Those that need not be renewed yet, or are being renewed already.
std::optional<Credentials> CredentialChain::held(Instant now) {
  const std::scoped_lock lock{mutex_};
  if (!held_ || is_over(*held_, now)) return std::nullopt;
  if (!next_renewal_ || now < *next_renewal_) return held_;
  next_renewal_ = now + renewal_interval;
  return std::nullopt;
}

std::expected<Credentials, std::string> CredentialChain::get(Instant now) {
  if (auto good = held(now)) return std::move(*good);
  const std::scoped_lock one_at_a_time{loading_};
  // Somebody else may have loaded them while this thread waited.
  {
    const std::scoped_lock lock{mutex_};
    if (held_ && !is_over(*held_, now) &&
        (!held_->expires_at || now < *held_->expires_at - renewal_before_end))
      return *held_;
  }
  auto loaded = load();
  const std::scoped_lock lock{mutex_};
  if (!loaded || is_over(*loaded, now)) {
    if (held_ && !is_over(*held_, now)) return *held_;
    if (loaded) return std::unexpected("the credentials of " + loaded->source + " have expired");
    return loaded;
  }
  held_ = *loaded;
  next_renewal_.reset();
  if (loaded->expires_at)
    next_renewal_ = std::max(*loaded->expires_at - renewal_before_end, now + renewal_interval);
  return loaded;
}

void CredentialChain::expired(const Credentials& credentials) {
  const std::scoped_lock lock{mutex_};
  if (held_ && held_->access_key_id == credentials.access_key_id &&
      held_->session_token == credentials.session_token)
    held_.reset();
}

}  // namespace bddlock::aws
