// Copies of a table as single files; back-up and restore share it.
#pragma once

#include <string>

#include "stores/sqlite/database.hpp"
#include "stores/sqlite/locate.hpp"

namespace bddlock::stores::sqlite {

// Copies the table at `source` into the empty file `target` and leaves the copy open. Refuses what
// is not ours or newer than this program. The copy has no WAL: it is one file.
[[nodiscard]] OrSentence<Database> copy_table(const std::string& source, const std::string& target);

// Reads all of the copy, and closes it. A copy that is damaged says so about the source.
[[nodiscard]] OrSentence<void> finish_copy(Database copy, const std::string& source,
                                           const std::string& target);

}  // namespace bddlock::stores::sqlite
