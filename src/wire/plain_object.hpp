// Reads the JSON objects that almost all clients send in a tenth of the time that Boost.JSON's
// parser needs. Whatever is not that plain is left to the parser, which reads it, or says what is
// wrong with it; so there is nothing here about faults.
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <optional>
#include <string_view>

namespace bddlock::wire {

inline constexpr std::size_t plain_object_bytes_max = 4096;

// The same object that the parser would make of `text`; nothing if the text has more in it than
// objects in one another (a few deep), with each key once; texts of visible ASCII and spaces
// without escapes; whole numbers from 0 of up to 15 digits; true, false and null. Or if it is
// longer than plain_object_bytes_max.
[[nodiscard]] std::optional<boost::json::object> parse_plain_object(
    std::string_view text, boost::json::storage_ptr memory);

}  // namespace bddlock::wire
