#include "stores/dynamodb/odd_items.hpp"

#include "core/instant.hpp"
#include "core/name.hpp"
#include "core/stack.hpp"
#include "stores/dynamodb/documents.hpp"

namespace bddlock::stores::dynamodb {
namespace {

constexpr std::string_view time_form = "such as 2019-11-20T23:10:28.014213, in UTC";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Python's fromisoformat, as the original has it, takes no zone's letter and a fraction of three or
// six digits only.
bool original_reads(std::string_view text) {
  constexpr std::size_t to_seconds = 19;
  if (text.size() == to_seconds) return true;
  std::string_view rest = text.substr(to_seconds);
  if (rest.ends_with("+00:00")) rest.remove_suffix(6);
  if (rest.empty()) return true;
  for (const char c : rest.substr(1))
    if (!is_digit(c)) return false;
  return rest.front() == '.' && (rest.size() == 4 || rest.size() == 7);
}

void look_at_names(const Item& item, std::vector<std::string>& odd) {
  const auto name = text_in(item, "stackName");
  const auto repo = text_in(item, "repoName");
  if (!name || core::fault_in_name(*name))
    odd.emplace_back(
        "has a name that the API refuses, so that nobody can name it: it is lent by its repo, and "
        "can be deleted in Amazon's console only");
  if (!repo || repo->empty())
    odd.emplace_back("has no repoName, so no job can ask for it: set it, or delete the item");
  else if (core::fault_in_name(*repo))
    odd.emplace_back("has a repoName that the API refuses: set another one, or delete the item");
}

void look_at_use(const Item& item, std::vector<std::string>& odd) {
  const bool has_mark = attribute(item, "isAvailable") != nullptr;
  if (has_mark && text_in(item, "isAvailable") != "x")
    odd.emplace_back(
        "has an isAvailable other than the text x, and counts as in use: set it to x, or remove "
        "it from the item");
  const auto used = text_in(item, "lastUsed");
  if (!used || !core::parse_seed_text(*used))
    odd.push_back(
        "has no lastUsed that can be read: no sweep ends a use of it, and the original's sweep "
        "fails at it: set it to a time, " +
        std::string(time_form));
  else if (!original_reads(*used))
    odd.push_back(
        "has a lastUsed that the original cannot read, at which its sweep fails: write it as " +
        std::string(time_form));
}

void look_at_ours(const Item& item, std::vector<std::string>& odd) {
  for (const char* name : {"version", "fencingToken", "usedAt"})
    if (attribute(item, name) != nullptr && number_in(item, name).value_or(-1) < 0)
      odd.push_back("has a " + std::string(name) + " that is no whole number: " +
                    (std::string_view(name) == "fencingToken"
                         ? "set it to one that is larger than all that were given"
                         : "remove it from the item"));
  const auto state = text_in(item, "state");
  if (attribute(item, "state") != nullptr && (!state || !core::parse_state(*state)))
    odd.emplace_back("has a state that there is not, and counts as isAvailable says: remove it");
  const auto claim = text_in(item, "claim");
  if (attribute(item, "claim") != nullptr && (!claim || !parse_claim(*claim)))
    odd.emplace_back(
        "has a claim that cannot be read, and is in use by nobody known: end it by `bdd-lock "
        "release NAME`");
}

}  // namespace

std::vector<std::string> oddities_of(const Item& item) {
  std::vector<std::string> odd;
  look_at_names(item, odd);
  look_at_use(item, odd);
  look_at_ours(item, odd);
  return odd;
}

}  // namespace bddlock::stores::dynamodb
