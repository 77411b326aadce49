// Fencing tokens over a restore (invariant 3 of DESIGN section 3): none that was granted after the
// back-up was made may be granted again.
#pragma once

#include <string>

#include "stores/sqlite/database.hpp"
#include "stores/sqlite/locate.hpp"

namespace bddlock::stores::sqlite {

// Raises each token in `copy`, the tokens of removed names and the floor for names that it does not
// know by 1,000,000, and at least to what the table that stands at `path`, if it can be read, has
// granted; and the floor of event ids, by as much. `source` is the back-up, for the sentence if a
// token is too large for that.
[[nodiscard]] OrSentence<void> raise_tokens(Database& copy, const std::string& source,
                                            const std::string& path);

}  // namespace bddlock::stores::sqlite
