// Names of stacks and repos. Strong types, so that one is never passed for the other, and the one
// rule for names that are new (DESIGN section 5). Names that are only looked up need no check: they
// are not found.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace bddlock::core {

template <class Tag>
class Name {
 public:
  Name() = default;
  explicit Name(std::string text) : text_(std::move(text)) {}
  [[nodiscard]] const std::string& text() const { return text_; }
  friend auto operator<=>(const Name&, const Name&) = default;

 private:
  std::string text_;
};

using StackName = Name<struct StackNameTag>;
using RepoName = Name<struct RepoNameTag>;

inline constexpr std::size_t name_bytes_max = 255;

// What is wrong with `text` as a new name, as the end of a sentence that begins with the field's
// name
// ("is empty", "is 300 bytes long; 255 are allowed"), or nothing. Allowed: 1 to 255 bytes of UTF-8
// without control characters (C0, DEL and C1) and without "/", but neither "." nor "..".
[[nodiscard]] std::optional<std::string> fault_in_name(std::string_view text);

// Whether CloudFormation would take it as a stack's name: a letter, then letters, digits and
// hyphens, 128 at most (AWS::CloudFormation CreateStack, parameter StackName). Only ever a warning.
[[nodiscard]] bool could_be_cloudformation_stack(std::string_view text);

[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace bddlock::core

template <class Tag>
struct std::hash<bddlock::core::Name<Tag>> {
  std::size_t operator()(const bddlock::core::Name<Tag>& name) const noexcept {
    return std::hash<std::string>{}(name.text());
  }
};
