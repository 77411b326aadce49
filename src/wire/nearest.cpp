#include "wire/nearest.hpp"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "wire/utf8.hpp"

namespace bddlock::wire {
namespace {

constexpr std::size_t shown_bytes_max = 64;
constexpr std::size_t compared_bytes_max =
    64;  // longer is no slip of the finger, and the work is bounded

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Levenshtein's distance, row by row.
std::size_t edits_between(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (lower(a[i]) == lower(b[j]) ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

// "repo" for "repoName" is many edits away and yet what is meant.
bool is_beginning_of(std::string_view given, std::string_view name) {
  constexpr std::size_t bytes_min = 3;
  return given.size() >= bytes_min && given.size() <= name.size() &&
         edits_between(given, name.substr(0, given.size())) == 0;
}

std::string listed(std::span<const std::string_view> names) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out += i + 1 == names.size() ? " and " : ", ";
    out += names[i];
  }
  return out;
}

}  // namespace

std::optional<std::string_view> nearest(std::string_view given,
                                        std::span<const std::string_view> known) {
  if (given.size() > compared_bytes_max) return std::nullopt;
  std::optional<std::string_view> best;
  std::size_t edits_least = std::max<std::size_t>(2, given.size() / 3) + 1;
  for (const std::string_view name : known) {
    const std::size_t edits = is_beginning_of(given, name) ? 1 : edits_between(given, name);
    if (edits >= edits_least || edits >= name.size()) continue;
    best = name;
    edits_least = edits;
  }
  return best;
}

std::string unknown_name_sentence(std::string_view given, std::span<const std::string_view> known) {
  std::string out = quoted(given) + " is unknown; ";
  if (const auto near = nearest(given, known))
    return out += "did you mean " + std::string(*near) + "?";
  if (known.empty()) return out += "none is allowed here";
  return out += "allowed: " + listed(known);
}

std::string quoted(std::string_view given) {
  std::string out = "\"";
  for (std::size_t at = 0; at < given.size();) {
    const std::size_t start = at;
    const char32_t point = next_code_point(given, at);
    if (at > shown_bytes_max) {
      out += "...";
      break;
    }
    if (is_control(point)) continue;
    if (point == replacement_character) {
      out += "\xEF\xBF\xBD";
    } else {
      out += given.substr(start, at - start);
    }
  }
  return out += '"';
}

}  // namespace bddlock::wire
