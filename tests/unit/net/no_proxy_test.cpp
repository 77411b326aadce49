// The table of NO_PROXY, as curl and Go read it.
#include "net/no_proxy.hpp"

#include <gtest/gtest.h>

namespace bddlock::net {
namespace {

struct Row {
  const char* list;
  const char* host;
  bool direct;
  const char* port = "443";
};

constexpr Row rows[] = {
    {"", "example.org", false},
    {"*", "example.org", true},
    {"*", "10.0.0.1", true},
    {"a, *", "example.org", true},
    // Names, and all below them.
    {"example.org", "example.org", true},
    {"example.org", "EXAMPLE.ORG", true},
    {"Example.Org", "example.org", true},
    {"example.org", "a.b.example.org", true},
    {"example.org", "notexample.org", false},
    {"example.org", "example.org.evil.test", false},
    {"example.org", "org", false},
    {".example.org", "a.example.org", true},
    {".example.org", "example.org", true},
    {"*.example.org", "a.example.org", true},
    {"example.org.", "example.org", true},
    {"example.org", "example.org.", true},
    {".", "example.org", false},
    {"host", "host", true},
    // Lists.
    {"a.test,example.org,b.test", "example.org", true},
    {"a.test  example.org\tb.test", "example.org", true},
    {" , ,example.org, ", "example.org", true},
    {"a.test,b.test", "example.org", false},
    // Ports.
    {"example.org:443", "example.org", true},
    {"example.org:8443", "example.org", false},
    {"example.org:8443", "a.example.org", true, "8443"},
    {"*:8443", "example.org", true, "8443"},
    {"*:8443", "example.org", false},
    {"10.0.0.1:443", "10.0.0.1", true},
    {"10.0.0.1:80", "10.0.0.1", false},
    {"[fd00::1]:443", "fd00::1", true},
    {"[fd00::1]:80", "fd00::1", false},
    // Addresses.
    {"10.0.0.1", "10.0.0.1", true},
    {"10.0.0.1", "10.0.0.10", false},
    {"0.0.1", "10.0.0.1", false},
    {"::ffff:10.0.0.1", "10.0.0.1", true},
    {"fd00::1", "fd00:0:0::0001", true},
    {"[fd00::1]", "fd00::1", true},
    {"FD00::1", "fd00::1", true},
    {"fd00::1", "fd00::2", false},
    {"10.0.0.1", "example.org", false},
    // Networks.
    {"10.0.0.0/8", "10.255.0.1", true},
    {"10.0.0.0/8", "11.0.0.1", false},
    {"10.1.2.3/8", "10.9.9.9", true},
    {"192.168.4.0/22", "192.168.7.255", true},
    {"192.168.4.0/22", "192.168.8.0", false},
    {"10.0.0.1/32", "10.0.0.1", true},
    {"10.0.0.1/32", "10.0.0.2", false},
    {"0.0.0.0/0", "10.0.0.1", true},
    {"0.0.0.0/0", "fd00::1", false},
    {"::/0", "fd00::1", true},
    {"::/0", "10.0.0.1", false},
    {"fd00::/8", "fd12:3456::1", true},
    {"fd00::/8", "fe80::1", false},
    {"10.0.0.0/33", "10.0.0.1", false},
    {"10.0.0.0/x", "10.0.0.1", false},
    {"10.0.0.0/", "10.0.0.1", false},
    {"10.0.0.0/-1", "10.0.0.1", false},
    {"10.0.0.0/8", "example.org", false},
    {"example.org/8", "example.org", false},
};

TEST(NoProxy, NamesHostsAsCurlAndGoReadIt) {
  for (const auto& [list, host, direct, port] : rows)
    EXPECT_EQ(is_in_no_proxy(list, host, port), direct) << list << " and " << host << ":" << port;
}

}  // namespace
}  // namespace bddlock::net
