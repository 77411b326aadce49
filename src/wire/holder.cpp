#include "wire/holder.hpp"

#include <array>
#include <utility>

#include "wire/rules.hpp"

namespace bddlock::wire {
namespace {

namespace json = boost::json;

struct Field {
  std::string_view key;
  std::string core::Holder::* member;
  Fault (*fault_in)(std::string_view);
};

constexpr std::array fields{
    Field{"ci", &core::Holder::ci, fault_in_line},
    Field{"job", &core::Holder::job, fault_in_line},
    Field{"jobUrl", &core::Holder::job_url, fault_in_link},
    Field{"repo", &core::Holder::repo, fault_in_line},
    Field{"branch", &core::Holder::branch, fault_in_line},
    Field{"commit", &core::Holder::commit, fault_in_line},
    Field{"actor", &core::Holder::actor, fault_in_line},
};

}  // namespace

json::object holder_document(const core::Holder& holder) {
  json::object out;
  for (const Field& field : fields) {
    const std::string& text = holder.*field.member;
    if (!text.empty()) out.emplace(field.key, text);
  }
  return out;
}

core::Holder read_holder(ObjectReader& outer, std::string_view key) {
  core::Holder holder;
  const json::object* object = outer.optional_object(key);
  if (object == nullptr) return holder;
  ObjectReader reader(*object, std::string(key) + ".");
  for (const Field& field : fields)
    holder.*field.member = reader.optional_text(field.key, field.fault_in).value_or("");
  reader.refuse_others();
  outer.absorb(reader);
  return holder;
}

core::Holder shown_holder(const json::object& document) {
  core::Holder holder;
  for (const Field& field : fields) {
    const json::value* value = document.if_contains(field.key);
    if (value != nullptr && value->is_string()) holder.*field.member = value->get_string();
  }
  return holder;
}

}  // namespace bddlock::wire
