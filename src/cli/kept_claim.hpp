// A claim that the steps of a job share: claimed in the queue of the API v1 by one step, kept in
// the job's claim file, handed to the later ones as variables, and extended in the background.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ci/export_form.hpp"
#include "cli/claim_any.hpp"
#include "cli/client_settings.hpp"
#include "core/request.hpp"

namespace bddlock::cli {

struct KeptOptions {
  std::optional<ci::ExportForm> form = {};
  std::string export_file;
  std::string claim_file;
  core::StringMap labels;
  std::string prefer_branch;
  std::optional<seconds> lease = {};
  std::optional<seconds> max = {};
  bool background = false;

  // One of these was given, so the claim is to be kept.
  [[nodiscard]] bool is_wanted() const {
    return form || background || lease || max || !labels.empty() || !prefer_branch.empty() ||
           !export_file.empty();
  }
};

// --export, --export-file, --claim-file, --background, --max, --lease, --label, --prefer-branch.
[[nodiscard]] std::vector<Option> kept_options(KeptOptions& options);
[[nodiscard]] Fault fault_in(const KeptOptions& options);

// Claims, keeps, exports. `shown` is what stdout gets, unless the export's form has stdout; called
// with the stack's name and whether it is new. Returns the exit code; where it is none of the
// good, no stack is claimed, or the message says which.
using Shown = std::function<std::string(const Claimed& claimed)>;
[[nodiscard]] int claim_and_keep(const Environment& env, const ClientSettings& client,
                                 const ClaimWish& wish, const KeptOptions& options,
                                 const Shown& shown);

}  // namespace bddlock::cli
