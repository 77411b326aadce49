#include "wire/json_reader.hpp"

#include <algorithm>
#include <array>
#include <boost/json/parser.hpp>
#include <boost/json/serialize.hpp>

#include "core/name.hpp"
#include "wire/nearest.hpp"
#include "wire/plain_object.hpp"

namespace bddlock::wire {
namespace {

namespace json = boost::json;

constexpr std::string_view json_blanks = " \t\r\n";

std::string_view kind_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return "true or false";
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
      return "a number";
    case json::kind::string:
      return "a string";
    case json::kind::array:
      return "an array";
    case json::kind::object:
      return "an object";
  }
  return "something else";
}

std::string where(std::string_view text, std::size_t at) {
  if (at >= text.size()) return "at its end";
  return "at byte " + std::to_string(at + 1) + " of " + std::to_string(text.size());
}

std::string fault_of(const json::error_code& error, std::string_view text, std::size_t at) {
  if (error == json::error::too_deep) {
    return "is nested too deeply; " + std::to_string(nesting_max) + " levels are allowed";
  }
  if (error == json::error::incomplete) return "is no JSON: it ends too early";
  return "is no JSON: " + error.message() + " " + where(text, at);
}

Parsed<json::value> parse_value(std::string_view text, json::storage_ptr memory) {
  json::parse_options options;
  options.max_depth = nesting_max;
  // For the values that are not complete yet: small bodies are read without a heap of it.
  std::array<unsigned char, 2048> work;
  json::parser parser({}, options, work.data(), work.size());
  parser.reset(std::move(memory));
  json::error_code error;
  const std::size_t read = parser.write_some(text.data(), text.size(), error);
  if (error) return std::unexpected(fault_of(error, text, read));
  const std::size_t rest = text.find_first_not_of(json_blanks, read);
  if (rest != std::string_view::npos) {
    return std::unexpected("is no JSON: there is more behind the value, " + where(text, rest));
  }
  return parser.release();
}

}  // namespace

Parsed<json::object> parse_object(std::string_view text, json::storage_ptr memory) {
  if (auto plain = parse_plain_object(text, memory)) return std::move(*plain);
  if (text.find_first_not_of(json_blanks) == std::string_view::npos) {
    return std::unexpected("is empty; a JSON object is needed");
  }
  if (!core::is_utf8(text)) return std::unexpected("is no JSON: it is not valid UTF-8");
  auto value = parse_value(text, std::move(memory));
  if (!value) return std::unexpected(value.error());
  if (!value->is_object()) {
    return std::unexpected("must be a JSON object, not " + std::string(kind_of(*value)));
  }
  return std::move(value->get_object());
}

void KnownKeys::add_to_many(std::string_view key) {
  if (many_.empty()) many_.assign(first_.begin(), first_.end());
  many_.push_back(key);
}

std::span<const std::string_view> KnownKeys::all() const {
  if (many_.empty()) return std::span(first_).first(count_);
  return many_;
}

const json::value* ObjectReader::find(std::string_view key) {
  known_.add(key);
  return object_.if_contains(key);
}

const json::value* ObjectReader::require(std::string_view key) {
  const json::value* value = find(key);
  if (value == nullptr) {
    refuse(key, "is missing");
    some_missing_ = true;
  }
  return value;
}

std::string ObjectReader::required_string(std::string_view key) {
  const json::value* value = require(key);
  if (value == nullptr) return {};
  if (const json::string* text = value->if_string()) return std::string(*text);
  refuse(key, "must be a string, not " + std::string(kind_of(*value)));
  return {};
}

std::string ObjectReader::required_name(std::string_view key) {
  const std::size_t faults_before = faults_.size();
  std::string name = required_string(key);
  if (faults_.size() > faults_before) return {};
  if (const auto fault = core::fault_in_name(name)) refuse(key, *fault);
  return name;
}

bool ObjectReader::required_bool(std::string_view key) {
  const json::value* value = require(key);
  if (value == nullptr) return false;
  if (const bool* given = value->if_bool()) return *given;
  refuse(key, "must be true or false, not " + std::string(kind_of(*value)));
  return false;
}

std::int64_t ObjectReader::required_count(std::string_view key, std::int64_t most) {
  if (!object_.contains(key)) {
    static_cast<void>(require(key));
    return 0;
  }
  return optional_count(key, most).value_or(0);
}

const json::string* ObjectReader::string_at(std::string_view key) {
  const json::value* value = find(key);
  if (value == nullptr || value->is_null()) return nullptr;
  if (const json::string* text = value->if_string()) return text;
  refuse(key, "must be a string, not " + std::string(kind_of(*value)));
  return nullptr;
}

std::optional<std::string> ObjectReader::optional_string(std::string_view key) {
  const json::string* text = string_at(key);
  if (text == nullptr) return std::nullopt;
  return std::optional<std::string>(std::in_place, *text);
}

std::optional<std::int64_t> ObjectReader::optional_count(std::string_view key, std::int64_t most) {
  const json::value* value = find(key);
  if (value == nullptr) return std::nullopt;
  const std::int64_t* given = value->if_int64();
  if (given != nullptr && *given >= 0 && *given <= most) return *given;
  refuse(key, "must be a whole number from 0 to " + std::to_string(most));
  return std::nullopt;
}

std::optional<std::int64_t> ObjectReader::optional_integer(std::string_view key,
                                                           std::int64_t at_least,
                                                           std::int64_t at_most) {
  const json::value* value = find(key);
  if (value == nullptr || value->is_null()) return std::nullopt;
  const std::int64_t* given = value->if_int64();
  if (given != nullptr && *given >= at_least && *given <= at_most) return *given;
  refuse(key, "must be a whole number from " + std::to_string(at_least) + " to " +
                  std::to_string(at_most) +
                  (value->is_number() ? ", not " + json::serialize(*value) : ""));
  return std::nullopt;
}

std::int64_t ObjectReader::required_integer(std::string_view key, std::int64_t at_least,
                                            std::int64_t at_most) {
  if (!object_.contains(key) || has_null(key)) {
    refuse(key, "is missing");
    known_.add(key);
    some_missing_ = true;
    return at_least;
  }
  return optional_integer(key, at_least, at_most).value_or(at_least);
}

std::optional<bool> ObjectReader::optional_bool(std::string_view key) {
  const json::value* value = find(key);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (const bool* given = value->if_bool()) return *given;
  refuse(key, "must be true or false, not " + std::string(kind_of(*value)));
  return std::nullopt;
}

std::optional<std::string> ObjectReader::optional_text(
    std::string_view key, std::optional<std::string> (*fault_in)(std::string_view)) {
  const json::string* text = string_at(key);
  if (text == nullptr) return std::nullopt;
  const auto fault = fault_in(*text);
  if (!fault) return std::optional<std::string>(std::in_place, *text);
  refuse(key, *fault);
  return std::nullopt;
}

const json::object* ObjectReader::optional_object(std::string_view key) {
  const json::value* value = find(key);
  if (value == nullptr || value->is_null()) return nullptr;
  if (const json::object* object = value->if_object()) return object;
  refuse(key, "must be an object, not " + std::string(kind_of(*value)));
  return nullptr;
}

std::optional<core::StringMap> ObjectReader::optional_map(
    std::string_view key, std::optional<std::string> (*fault_in)(const core::StringMap&)) {
  const json::object* object = optional_object(key);
  if (object == nullptr) return std::nullopt;
  core::StringMap map;
  for (const auto& [name, value] : *object) {
    const json::string* text = value.if_string();
    if (text == nullptr) {
      refuse(key, "must have strings for values; that of " + quoted(name) + " is " +
                      std::string(kind_of(value)));
      return std::nullopt;
    }
    map.emplace(name, *text);
  }
  const auto fault = fault_in(map);
  if (!fault) return map;
  refuse(key, *fault);
  return std::nullopt;
}

bool ObjectReader::has_null(std::string_view key) const {
  const json::value* value = object_.if_contains(key);
  return value != nullptr && value->is_null();
}

void ObjectReader::refuse_others() {
  for (const auto& [key, value] : object_) {
    const auto known = known_.all();
    if (std::ranges::find(known, std::string_view(key)) != known.end()) continue;
    std::string place = "the field ";
    if (!within_.empty()) place = "in " + within_.substr(0, within_.size() - 1) + " " + place;
    faults_.push_back(place + unknown_name_sentence(key, known));
  }
}

void ObjectReader::refuse(std::string_view key, std::string_view what) {
  faults_.push_back(within_ + std::string(key) + " " + std::string(what));
}

void ObjectReader::absorb(const ObjectReader& inner) {
  faults_.insert(faults_.end(), inner.faults_.begin(), inner.faults_.end());
  some_missing_ = some_missing_ || inner.some_missing_;
}

std::optional<std::string> ObjectReader::fault() const {
  if (faults_.empty()) return std::nullopt;
  constexpr std::size_t faults_shown_max = 8;
  std::string out = faults_.front();
  for (std::size_t i = 1; i < std::min(faults_.size(), faults_shown_max); ++i) {
    out += "; " + faults_[i];
  }
  return out;
}

}  // namespace bddlock::wire
