// String maps (labels, attributes) and points in time in documents, both ways.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string_view>

#include "core/claim.hpp"
#include "wire/json_reader.hpp"

namespace bddlock::wire {

[[nodiscard]] boost::json::object map_document(const core::StringMap& map);

// "2019-11-20T23:10:28.014Z", or null.
[[nodiscard]] boost::json::value time_document(const std::optional<core::Instant>& at);

// The field `key`, an RFC 3339 time in UTC; null counts as absent.
[[nodiscard]] std::optional<core::Instant> read_time(ObjectReader& reader, std::string_view key);
[[nodiscard]] core::Instant required_time(ObjectReader& reader, std::string_view key);

// Any map of strings, for documents that a server made.
[[nodiscard]] core::StringMap read_map(ObjectReader& reader, std::string_view key);

}  // namespace bddlock::wire
