#include "cli/completion.hpp"

namespace bddlock::cli {

// --help names what stands for the value, and that says what to offer.
Offer offer_of(const Command& command, const Option& option) {
  if (!option.choices.empty()) return Offer::choices;
  const std::string& what = option.is_argument ? option.name : option.value;
  if (what.empty()) return Offer::nothing;
  if (what == "FILE" || what == "TARGET" || what == "SOURCE") return Offer::files;
  if (what == "REPO") return Offer::repos;
  if (what == "NAME" && command.name != "create") return Offer::stacks;  // its name is a new one
  return Offer::any;
}

}  // namespace bddlock::cli
