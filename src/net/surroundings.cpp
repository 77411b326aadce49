// Called by cli.
#include "net/surroundings.hpp"

#include <initializer_list>

namespace bddlock::net {
namespace {

using Variable = std::function<std::optional<std::string>(const std::string&)>;

// The first of them that is set.
ProxySetting first_of(const Variable& variable, std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (auto text = variable(name); text && !text->empty()) return {std::move(*text), name};
  return {};
}

}  // namespace

Surroundings surroundings_from(const Variable& variable) {
  return {
      .ca_file = variable("SSL_CERT_FILE").value_or(""),
      .ca_directory = variable("SSL_CERT_DIR").value_or(""),
      .https_proxy = first_of(variable, {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}),
      .http_proxy = first_of(variable, {"http_proxy", "all_proxy", "ALL_PROXY"}),
      .no_proxy = first_of(variable, {"no_proxy", "NO_PROXY"}).url,
  };
}

}  // namespace bddlock::net
