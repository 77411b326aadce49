#include "cli/keeper.hpp"

#include <algorithm>
#include <utility>

namespace bddlock::cli {

namespace {

// A machine that slept is noticed so soon: a condition variable's clock stands still meanwhile.
constexpr milliseconds look_up_every{1'000};

}  // namespace

Keeper::Keeper(const Environment& env, const Open& open, std::string claim_id, Lease lease,
               std::function<void()> poke)
    : env_(env),
      open_(open),
      claim_id_(std::move(claim_id)),
      poke_(std::move(poke)),
      lease_(std::move(lease)) {
  env_.err = &unheard_;
  keeping_.ends_at = lease_.ends_at();
  thread_ = std::thread([this] { keep(); });
}

Keeping Keeper::look() {
  const std::lock_guard lock(mutex_);
  Keeping now = keeping_;
  keeping_.words.clear();
  return now;
}

void Keeper::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

milliseconds Keeper::call_limit() {
  const std::lock_guard lock(mutex_);
  return lease_.call_limit();
}

bool Keeper::is_stopped() {
  const std::lock_guard lock(mutex_);
  return is_stopped_;
}

void Keeper::keep() {
  auto remote = open_(env_);
  if (!remote) return note_failure(remote.error());  // it was opened before with these settings
  while (wait_until_due()) extend_once(*remote);
}

// False: there is nothing more to do.
bool Keeper::wait_until_due() {
  std::unique_lock lock(mutex_);
  while (!is_stopped_ && !keeping_.lost) {
    const milliseconds left = lease_.due() - env_.since_boot();
    if (left <= milliseconds(0)) return true;
    changed_.wait_for(lock, std::min(left, look_up_every));
  }
  return false;
}

void Keeper::extend_once(Remote& remote) {
  const auto extension =
      extend_claim(remote, claim_id_, std::nullopt,
                   {.whole = call_limit(), .should_stop = [this] { return is_stopped(); }});
  if (is_stopped()) return;
  if (!extension) return note_failure(extension.error());
  {
    const std::lock_guard lock(mutex_);
    if (lease_.is_failing()) keeping_.words.emplace_back("the claim is extended again");
    lease_.extended(*extension);
    keeping_.ends_at = lease_.ends_at();
  }
  poke_();
}

void Keeper::note_failure(const Trouble& trouble) {
  {
    const std::lock_guard lock(mutex_);
    if (trouble.exit == ExitCode::claim_lost) {
      keeping_.lost = trouble.message;
    } else {
      const bool is_first = !lease_.is_failing();
      lease_.failed(env_.since_boot());
      if (is_first) keeping_.words.push_back("the claim could not be extended: " + trouble.message);
    }
  }
  poke_();
}

}  // namespace bddlock::cli
