// Called by json_reader.cpp.
#include "wire/plain_object.hpp"

#include <cstdint>
#include <utility>

#include "core/plain.hpp"

namespace bddlock::wire {
namespace {

namespace json = boost::json;

constexpr int plain_nesting_max = 4;
constexpr std::size_t digits_max = 15;
constexpr std::size_t members_typical = 8;

// Takes things off the front of the text. Each function returns whether it was there and plain;
// after the first false nothing may be asked any more.
class PlainReader {
 public:
  PlainReader(std::string_view text, const json::storage_ptr& memory)
      : rest_(text), memory_(memory) {}

  bool read_object(json::object& out, int nesting = 1) {
    if (nesting > plain_nesting_max || !take('{')) return false;
    if (take('}')) return true;
    out.reserve(members_typical);
    do {
      if (!read_member(out, nesting)) return false;
    } while (take(','));
    return take('}');
  }

  bool at_end() {
    skip_blanks();
    return rest_.empty();
  }

 private:
  bool read_member(json::object& out, int nesting) {
    std::string_view key;
    if (!read_text(key) || !take(':')) return false;
    skip_blanks();
    if (rest_.starts_with('"')) {
      std::string_view text;
      return read_text(text) && add(out, key, json::string_view(text.data(), text.size()));
    }
    if (rest_.starts_with('{')) {
      json::object inner(memory_);
      return read_object(inner, nesting + 1) && add(out, key, std::move(inner));
    }
    if (take_word("true")) return add(out, key, true);
    if (take_word("false")) return add(out, key, false);
    if (take_word("null")) return add(out, key, nullptr);
    std::int64_t number = 0;
    return read_number(number) && add(out, key, number);
  }

  // Of a key that is given twice the last counts: the parser sees to that.
  template <class Value>
  static bool add(json::object& out, std::string_view key, Value&& value) {
    return out.emplace(key, std::forward<Value>(value)).second;
  }

  bool read_text(std::string_view& out) {
    if (!take('"')) return false;
    const std::size_t bytes = core::plain_bytes(rest_);
    if (bytes == rest_.size() || rest_[bytes] != '"') return false;
    out = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes + 1);
    return true;
  }

  // A sign, a fraction or an exponent is left over, and then what follows is not what is wanted.
  bool read_number(std::int64_t& out) {
    std::size_t digits = 0;
    for (; digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9'; ++digits) {
      if (digits == digits_max) return false;
      out = out * 10 + (rest_[digits] - '0');
    }
    if (digits == 0 || (digits > 1 && rest_.front() == '0')) return false;
    rest_.remove_prefix(digits);
    return true;
  }

  bool take_word(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  bool take(char wanted) {
    skip_blanks();
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void skip_blanks() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t' ||
                              rest_.front() == '\r' || rest_.front() == '\n'))
      rest_.remove_prefix(1);
  }

  std::string_view rest_;
  const json::storage_ptr& memory_;
};

}  // namespace

std::optional<json::object> parse_plain_object(std::string_view text, json::storage_ptr memory) {
  if (text.size() > plain_object_bytes_max) return std::nullopt;
  std::optional<json::object> out(std::in_place, memory);
  PlainReader reader(text, memory);
  if (!reader.read_object(*out) || !reader.at_end()) return std::nullopt;
  return out;
}

}  // namespace bddlock::wire
