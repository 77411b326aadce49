// Does what an export plan says: writes the CI's files, prints, calls its program.
#pragma once

#include <expected>
#include <string>

#include "ci/export_plan.hpp"
#include "cli/environment.hpp"

namespace bddlock::cli {

// Files first, then calls, then what is printed; values that were left out are told on stderr. The
// error is a sentence; of the file that it names nothing was changed, the ones before have their
// text.
[[nodiscard]] std::expected<void, std::string> carry_out(const ci::ExportPlan& plan,
                                                         const Environment& env);

// Removes what an earlier claim left in the form's own file, if it has one: to be called before a
// claim is asked for.
[[nodiscard]] std::expected<void, std::string> forget_export(ci::ExportForm form,
                                                             const ci::ExportMeans& means);

// All of `text` at the end of a file, in a line of its own; or nothing, and the error says why. A
// file that is not there is made, for its owner alone.
[[nodiscard]] std::expected<void, std::string> append_to_file(const std::string& path,
                                                              std::string_view text);

}  // namespace bddlock::cli
