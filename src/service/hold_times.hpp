// How long the latest claims of each repo lasted, for estimates of waiting times. A memory only: it
// is filled from the history when a repo is first asked about, and kept up by the ends that pass.
// Threads: any.
#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/instant.hpp"
#include "core/name.hpp"
#include "service/store.hpp"

namespace bddlock::service {

class HoldTimes {
 public:
  static constexpr std::size_t remembered = 50;  // claims of each repo

  void note(const core::RepoName& repo, core::microseconds lasted);

  // The median of what is remembered; nothing without history. Reads the repo's history the first
  // time.
  [[nodiscard]] core::Result<std::optional<core::microseconds>> typical(StoreReader& store,
                                                                        const core::RepoName& repo);

 private:
  [[nodiscard]] core::Result<std::deque<core::microseconds>> read(StoreReader& store,
                                                                  const core::RepoName& repo) const;

  std::mutex mutex_;
  std::unordered_map<core::RepoName, std::deque<core::microseconds>> repos_;
};

// When the `position`th in line may expect a stack, if each of the present claims and all that
// follow last `typical`: `elapsed` says for how long each stack in use has been claimed. Pure.
[[nodiscard]] core::seconds estimate_wait(std::int64_t position, core::microseconds typical,
                                          std::vector<core::microseconds> elapsed);

}  // namespace bddlock::service
