// The port to a table of stacks: versioned records, and no opinions. A store decides nothing; it
// saves what it is told to if the record is still the one that was read. tests/contract is its
// specification: a new store is done when that suite is green.
//
// Threads: any thread may call a StoreReader. A Store belongs to one caller at a time where it has
// batches (memory, SQLite: the write lane's thread); one without batches may be called from any
// thread. Time: calls may block; none asks for the time. Errors: Errc::store_unavailable: nothing
// was changed. Errc::outcome_unknown: only from commit(), or from a save of a store without
// batches. "Not found" and "version moved on" are values, never errors.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/stack.hpp"

namespace bddlock::service {

// Which stacks to list. Unset: no restriction. In the order of names, byte by byte.
struct StackQuery {
  std::optional<core::RepoName> repo_name = std::nullopt;
  std::optional<core::State> state = std::nullopt;
  std::optional<core::StackName> after = std::nullopt;  // only names behind this one
  std::size_t limit = 1000;  // at most; a page may be shorter and yet not the last
};

struct StackPage {
  std::vector<core::Stack> items;
  std::optional<core::StackName> next_after;  // to go on with; nothing: this was the last page
};

class StoreReader {
 public:
  virtual ~StoreReader() = default;

  [[nodiscard]] virtual core::Result<std::optional<core::Stack>> find(
      const core::StackName& name) = 0;
  [[nodiscard]] virtual core::Result<StackPage> list(const StackQuery& query) = 0;

  // The last fencing token of a name that was deleted; 0 if the name never was.
  [[nodiscard]] virtual core::Result<core::FencingToken> retired_token(
      const core::StackName& name) = 0;

  // A small value kept beside the stacks under a fixed key, such as when the sweep last ran.
  [[nodiscard]] virtual core::Result<std::optional<std::int64_t>> mark(std::string_view key) = 0;
};

// One record to change. `expected` is the version that was read; 0: the name must not be there.
struct Change {
  core::Stack next;  // its version is ignored: the store writes expected + 1
  core::Version expected = 0;
  bool remove =
      false;  // then only next's name and fencing token count: the token is kept as retired
};

enum class Saved { yes = 1, version_moved };

class Store : public StoreReader {
 public:
  // All or none. version_moved: nothing was changed, because at least one record is not as
  // expected. A name twice in `changes` is a bug.
  [[nodiscard]] virtual core::Result<Saved> save(std::span<const Change> changes) = 0;

  [[nodiscard]] virtual core::Result<void> put_mark(std::string_view key, std::int64_t value) = 0;

  // A batch: saves between begin() and commit() are seen by this object's own reads at once, by
  // everybody else and after a crash once commit() has returned. After a failed save only
  // rollback() may follow. After a failed commit() nothing may be called but recover(), until that
  // succeeds. A store that makes each save durable by itself keeps these defaults.
  [[nodiscard]] virtual core::Result<void> begin() { return {}; }
  [[nodiscard]] virtual core::Result<void> commit() { return {}; }
  virtual void rollback() noexcept {}

  // Brings the store back after a failed commit(): returns only when it is settled, and will stay
  // settled over a crash, whether the lost batch is there. Until then store_unavailable; call it
  // again. Outside a batch it may be called at any time, and then says whether the store takes
  // changes (a full disk: no).
  [[nodiscard]] virtual core::Result<void> recover() { return {}; }
};

}  // namespace bddlock::service
