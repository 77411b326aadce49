#include "wire/repo_document.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace bddlock::wire {

namespace json = boost::json;

json::object repo_document(const ShownRepo& repo) {
  json::object out{{"repoName", repo.repo_name.text()},
                   {"stacks", repo.stacks},
                   {"available", repo.available},
                   {"claimed", repo.claimed},
                   {"held", repo.held},
                   {"disabled", repo.disabled},
                   {"waiting", repo.waiting},
                   {"typicalClaimSeconds", nullptr}};
  if (repo.typical_claim) out["typicalClaimSeconds"] = repo.typical_claim->count();
  return out;
}

std::string to_text(const ShownRepo& repo) { return json::serialize(repo_document(repo)); }

std::string to_text(const RepoList& list) {
  json::array items;
  items.reserve(list.items.size());
  for (const ShownRepo& repo : list.items) items.push_back(repo_document(repo));
  json::object out{{"items", std::move(items)}, {"nextCursor", nullptr}};
  if (list.next_cursor) out["nextCursor"] = *list.next_cursor;
  return json::serialize(out);
}

}  // namespace bddlock::wire
