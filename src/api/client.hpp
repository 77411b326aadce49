// The other end of a connection, as far as a request that waits cares: whether it is still there.
// One for each connection; whoever speaks HTTP makes it and says when the client is gone. Threads:
// any. No callback is called under the lock; each is called at most once.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <unordered_map>

namespace bddlock::api {

class Client {
 public:
  using Watch = std::uint64_t;

  // To be begun before the work that may end it: end() may then come first.
  [[nodiscard]] Watch begin();
  // Calls `on_gone` when the client goes, at once if it has gone already, and not at all after
  // end().
  void watch(Watch watch, std::move_only_function<void()> on_gone);
  // The request is answered.
  void end(Watch watch);

  // The client is gone, or reads no more answers. Again: nothing happens.
  void note_gone();

 private:
  std::mutex mutex_;  // of what stands below
  bool gone_ = false;
  Watch last_ = 0;
  std::unordered_map<Watch, std::move_only_function<void()>> watches_;
};

}  // namespace bddlock::api
