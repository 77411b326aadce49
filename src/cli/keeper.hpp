// Extends a claim from a thread of its own while a command runs, until it is told to stop or the
// claim is lost. The thread talks to nobody but the server: what it has to say waits here, and it
// pokes whoever is to read it.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "cli/lease.hpp"

namespace bddlock::cli {

// What became of the claim so far.
struct Keeping {
  milliseconds ends_at{0};               // Lease::ends_at
  std::optional<std::string> lost = {};  // the server says that it is over: why
  std::vector<std::string> words = {};   // for people, each once
};

class Keeper {
 public:
  // Makes the Remote, which belongs to the thread.
  using Open = std::function<std::expected<Remote, Trouble>(const Environment&)>;

  // `poke` is called from the thread when there is something new.
  Keeper(const Environment& env, const Open& open, std::string claim_id, Lease lease,
         std::function<void()> poke);
  ~Keeper() { stop(); }
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  [[nodiscard]] Keeping look();
  // Ends a call that is under way, and returns when the thread has ended.
  void stop();

 private:
  void keep();
  [[nodiscard]] bool wait_until_due();
  void extend_once(Remote& remote);
  void note_failure(const Trouble& trouble);
  [[nodiscard]] milliseconds call_limit();
  [[nodiscard]] bool is_stopped();

  std::ostringstream unheard_;  // Remote complains of each try; this thread must not print
  Environment env_;
  Open open_;
  std::string claim_id_;
  std::function<void()> poke_;
  std::mutex mutex_;  // of all below
  std::condition_variable changed_;
  Lease lease_;
  Keeping keeping_;
  bool is_stopped_ = false;
  std::thread thread_;
};

}  // namespace bddlock::cli
