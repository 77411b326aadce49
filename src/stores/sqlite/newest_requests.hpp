// Which requests the table does certainly not have. Most ids begin with the time, as those do that
// the server and the command line make: a new one is above all that are there but a few that came
// at the same time. So the writer remembers those few and the highest of the others, and looks for
// nothing that is above it and none of them.
//
// It may remember too many, such as one that was rolled back or removed: that is looked for in
// vain. It never remembers too few, because nobody else writes to the table.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <utility>

#include "core/request.hpp"

namespace bddlock::stores::sqlite {

class NewestRequests {
 public:
  // More than come at the same time, at some 200 bytes each.
  static constexpr std::size_t remembered = 1024;

  // The highest id that the table has, in all repos; empty: it has none.
  void begin(core::RequestId highest);
  [[nodiscard]] bool has_begun() const { return highest_of_others_.has_value(); }

  // It is put into the table.
  void note(const core::RepoName& repo, const core::RequestId& id);
  [[nodiscard]] bool are_without(const core::RepoName& repo, const core::RequestId& id) const;

 private:
  std::optional<core::RequestId> highest_of_others_{};
  std::set<std::pair<core::RequestId, core::RepoName>> newest_{};  // all above it
};

}  // namespace bddlock::stores::sqlite
