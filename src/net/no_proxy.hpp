// NO_PROXY: which hosts are called directly. Pure.
#pragma once

#include <string>
#include <string_view>

namespace bddlock::net {

// Whether `list` names the host. Its entries are separated by commas or spaces; upper and lower
// case are the same, and so are an IP address's different spellings:
//   *                    every host
//   example.org          that name and all below it; .example.org and *.example.org are the same
//   10.1.2.3  fd00::1    that address (brackets may be around the second)
//   10.0.0.0/8  fd00::/8 all addresses of that network
// Each but the networks may end with :PORT, and then names that port only. An address matches only
// where the endpoint has one: names are not looked up for this. Where curl and Go differ (a dot or
// an asterisk before a name, ports) the wider reading is taken; docs/decisions/0005 has a table.
[[nodiscard]] bool is_in_no_proxy(std::string_view list, const std::string& host,
                                  const std::string& port);

}  // namespace bddlock::net
