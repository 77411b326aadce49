#include "wire/export_line.hpp"

#include <boost/json/serialize.hpp>

namespace bddlock::wire {
namespace {

namespace json = boost::json;

bool is_said_by_availability(core::State state) {
  return state == core::State::available || state == core::State::claimed;
}

bool read_availability(ObjectReader& reader) {
  const auto text = reader.optional_string("isAvailable");
  if (!text || *text == "x") return text.has_value();
  reader.refuse("isAvailable", R"(must be "x" (available) or absent (claimed))");
  return false;
}

core::State read_state(ObjectReader& reader, bool available) {
  const core::State said = available ? core::State::available : core::State::claimed;
  const auto text = reader.optional_string("state");
  if (!text) return said;
  const auto state = core::parse_state(*text);
  if (!state) {
    reader.refuse("state", "must be available, claimed, held or disabled");
  } else if ((*state == core::State::available) != available) {
    reader.refuse("state",
                  R"(does not fit isAvailable, which is "x" exactly for an available stack)");
  }
  return state.value_or(said);
}

core::Instant read_last_used(ObjectReader& reader, core::Instant now) {
  const auto text = reader.optional_string("lastUsed");
  if (!text) return now;
  if (const auto at = core::parse_seed_text(*text)) return *at;
  reader.refuse("lastUsed", R"(must be a UTC time such as "2019-11-20T23:10:28.014213")");
  return now;
}

}  // namespace

std::string export_line(const core::Stack& stack) {
  json::object out{{"stackName", stack.stack_name.text()}, {"repoName", stack.repo_name.text()}};
  if (stack.state == core::State::available) out.emplace("isAvailable", "x");
  out.emplace("lastUsed", core::to_seed_text(stack.last_used));
  out.emplace("fencingToken", stack.fencing_token);
  if (!is_said_by_availability(stack.state)) out.emplace("state", core::to_text(stack.state));
  return json::serialize(out);
}

Parsed<core::Stack> parse_export_line(std::string_view line, core::Instant now) {
  const auto object = parse_object(line);
  if (!object) return std::unexpected("the line " + object.error());
  ObjectReader reader(*object);
  core::Stack stack;
  stack.stack_name = core::StackName(reader.required_name("stackName"));
  stack.repo_name = core::RepoName(reader.required_name("repoName"));
  stack.state = read_state(reader, read_availability(reader));
  stack.last_used = read_last_used(reader, now);
  stack.fencing_token =
      reader.optional_count("fencingToken", core::fencing_token_import_max).value_or(0);
  reader.refuse_others();
  if (const auto fault = reader.fault()) return std::unexpected(*fault);
  return stack;
}

}  // namespace bddlock::wire
