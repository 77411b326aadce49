// Writes and reads the fields of the documents. Private to the folder.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/claim.hpp"

namespace bddlock::stores::dynamodb {

// Leaves out what is empty: "", 0, false, {}.
class Writer {
 public:
  Writer& text(std::string_view key, std::string_view value);
  Writer& number(std::string_view key, std::int64_t value);
  Writer& flag(std::string_view key, bool value);
  // In microseconds since 1970; always written, as 0 is a time too.
  Writer& time(std::string_view key, core::Instant at);
  Writer& map(std::string_view key, const core::StringMap& map);
  Writer& key(std::string_view key, const core::ClaimKey& secret);
  Writer& holder(std::string_view key, const core::Holder& holder);
  Writer& value(std::string_view key, boost::json::value value);

  [[nodiscard]] std::string text() const;
  [[nodiscard]] const boost::json::object& object() const { return object_; }

 private:
  boost::json::object object_;
};

// Gives what is empty for whatever is not there or of another type.
class Fields {
 public:
  explicit Fields(std::string_view text);
  explicit Fields(const boost::json::value& value);

  [[nodiscard]] bool has(std::string_view key) const { return object_.contains(key); }
  [[nodiscard]] std::string text(std::string_view key) const;
  [[nodiscard]] std::int64_t number(std::string_view key) const;
  [[nodiscard]] bool flag(std::string_view key) const;
  [[nodiscard]] bool has_time(std::string_view key) const;
  [[nodiscard]] core::Instant time(std::string_view key) const;
  [[nodiscard]] core::StringMap map(std::string_view key) const;
  [[nodiscard]] core::ClaimKey key(std::string_view key) const;
  [[nodiscard]] core::Holder holder(std::string_view key) const;
  [[nodiscard]] Fields inner(std::string_view key) const;
  [[nodiscard]] const boost::json::array& list(std::string_view key) const;
  [[nodiscard]] core::StringMap all_texts() const;

 private:
  boost::json::object object_;
};

}  // namespace bddlock::stores::dynamodb
