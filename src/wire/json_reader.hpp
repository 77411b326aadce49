// Reads JSON objects and says what is wrong with them: which field, what stands there and what is
// allowed, in one sentence for the person who sent it. Faults are collected, so that one answer
// names them all.
#pragma once

#include <array>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/claim.hpp"

namespace bddlock::wire {

// A document, or a sentence about what is wrong with its text.
template <class T>
using Parsed = std::expected<T, std::string>;

inline constexpr std::size_t nesting_max = 32;

// The largest integer that every JSON reader takes for what it is (RFC 8259, section 6).
inline constexpr std::int64_t count_max = (std::int64_t{1} << 53) - 1;

// The text as one JSON object (RFC 8259, no extensions; of a key given twice the last counts, as in
// Python). The error says where the text stops being one: "is no JSON: syntax error at byte 17".
// `memory` must live as long as the object.
[[nodiscard]] Parsed<boost::json::object> parse_object(std::string_view text,
                                                       boost::json::storage_ptr memory = {});

// Memory for an object that is read and forgotten at once: a piece of its owner's stack first, and
// from the heap what is more than that. It is given back as a whole, so an object in it costs
// nothing to destroy.
class ShortMemory {
 public:
  ShortMemory() : resource_(bytes_.data(), bytes_.size()) {}
  ShortMemory(const ShortMemory&) = delete;
  ShortMemory& operator=(const ShortMemory&) = delete;

  [[nodiscard]] boost::json::storage_ptr pointer() { return &resource_; }

 private:
  std::array<unsigned char, 4096> bytes_;
  boost::json::monotonic_resource resource_;
};

// The keys that somebody asked for. The first ones, which are all that most objects have, are kept
// without a visit to the heap.
class KnownKeys {
 public:
  void add(std::string_view key) {
    if (count_ < first_.size())
      first_[count_++] = key;
    else
      add_to_many(key);
  }
  [[nodiscard]] std::span<const std::string_view> all() const;

 private:
  void add_to_many(std::string_view key);

  std::array<std::string_view, 12> first_;
  std::size_t count_ = 0;
  std::vector<std::string_view> many_;  // all of them, once there are more
};

// Asks an object for its fields. A field with a fault gives an empty value, and fault() says why;
// look at it before using any. Borrows the object and the keys.
class ObjectReader {
 public:
  explicit ObjectReader(const boost::json::object& object) : ObjectReader(object, {}) {}
  // Of an object inside another: `within` ("holder.") stands before each of its fields in messages.
  // Its faults reach the outer one's by absorb().
  ObjectReader(const boost::json::object& object, std::string within)
      : object_(object), within_(std::move(within)) {}

  [[nodiscard]] std::string required_string(std::string_view key);
  [[nodiscard]] std::string required_name(std::string_view key);  // by core::fault_in_name
  [[nodiscard]] bool required_bool(std::string_view key);
  [[nodiscard]] std::int64_t required_count(std::string_view key,
                                            std::int64_t most = count_max);  // from 0
  [[nodiscard]] std::optional<std::string> optional_string(
      std::string_view key);  // null counts as absent
  [[nodiscard]] std::optional<std::int64_t> optional_count(std::string_view key,
                                                           std::int64_t most = count_max);

  // Of the API v1: null counts as absent in all of these.
  [[nodiscard]] std::optional<std::int64_t> optional_integer(std::string_view key,
                                                             std::int64_t at_least,
                                                             std::int64_t at_most);
  [[nodiscard]] std::int64_t required_integer(std::string_view key, std::int64_t at_least,
                                              std::int64_t at_most);
  [[nodiscard]] std::optional<bool> optional_bool(std::string_view key);
  // A string that `fault_in` finds nothing wrong with (rules.hpp).
  [[nodiscard]] std::optional<std::string> optional_text(
      std::string_view key, std::optional<std::string> (*fault_in)(std::string_view));
  [[nodiscard]] const boost::json::object* optional_object(std::string_view key);
  // An object whose values are strings.
  [[nodiscard]] std::optional<core::StringMap> optional_map(
      std::string_view key, std::optional<std::string> (*fault_in)(const core::StringMap&));

  // Whether the field is there, null or not.
  [[nodiscard]] bool has(std::string_view key) const { return object_.contains(key); }
  [[nodiscard]] bool has_null(std::string_view key) const;

  // Every field that was not asked for until now is a fault; each names the nearest known one.
  void refuse_others();

  // A fault that the caller found: `what` is the end of a sentence that begins with the field's
  // name.
  void refuse(std::string_view key, std::string_view what);

  void absorb(const ObjectReader& inner);

  [[nodiscard]] bool some_missing() const { return some_missing_; }
  // All faults in the order of asking, or nothing: "repoName is missing; isAvailable must be …".
  [[nodiscard]] std::optional<std::string> fault() const;

 private:
  [[nodiscard]] const boost::json::value* find(std::string_view key);
  [[nodiscard]] const boost::json::value* require(std::string_view key);
  // Null where it is absent, null, or (a fault) no string.
  [[nodiscard]] const boost::json::string* string_at(std::string_view key);

  const boost::json::object& object_;
  std::string within_;
  KnownKeys known_;
  std::vector<std::string> faults_;
  bool some_missing_ = false;
};

}  // namespace bddlock::wire
