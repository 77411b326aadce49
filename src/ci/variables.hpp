// The environment of a CI job, as detection and export read it. An empty variable counts as unset:
// CIs set many that do not apply to "".
#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>

namespace bddlock::ci {

using Lookup = std::function<std::optional<std::string>(const std::string& name)>;

class Variables {
 public:
  explicit Variables(const Lookup& lookup) : lookup_(lookup) {}

  [[nodiscard]] std::string operator[](const std::string& name) const {
    return lookup_(name).value_or("");
  }

  // The first of these that is set.
  [[nodiscard]] std::string first(std::initializer_list<const char*> names) const {
    for (const char* name : names) {
      if (auto text = (*this)[name]; !text.empty()) return text;
    }
    return {};
  }

 private:
  const Lookup& lookup_;
};

}  // namespace bddlock::ci
