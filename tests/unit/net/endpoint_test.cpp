#include <gtest/gtest.h>

#include "net/client.hpp"

namespace bddlock::net {
namespace {

void expect_parts(std::string_view text, std::string_view host, std::string_view port,
                  std::string_view prefix, bool tls = false) {
  const auto endpoint = parse_endpoint(text);
  ASSERT_TRUE(endpoint) << endpoint.error();
  EXPECT_EQ(endpoint->host, host) << text;
  EXPECT_EQ(endpoint->port, port) << text;
  EXPECT_EQ(endpoint->prefix, prefix) << text;
  EXPECT_EQ(endpoint->tls, tls) << text;
}

TEST(Endpoint, IsTakenApart) {
  expect_parts("http://127.0.0.1:8080", "127.0.0.1", "8080", "");
  expect_parts("http://localhost", "localhost", "80", "");
  expect_parts("http://a-b.example.org:1/", "a-b.example.org", "1", "");
  expect_parts("HTTP://h:65535/dev/", "h", "65535", "/dev");
  expect_parts("http://h/a/b%20c//", "h", "80", "/a/b%20c");
  expect_parts("http://[::1]:8080/x", "::1", "8080", "/x");
  expect_parts("http://[2001:db8::1]", "2001:db8::1", "80", "");
  expect_parts("http://[fe80::1%25lo]", "fe80::1%lo", "80", "");
  expect_parts("http://[fe80::1%lo]", "fe80::1%lo", "80", "");
  expect_parts("https://locks.example.org/dev", "locks.example.org", "443", "/dev", true);
  expect_parts("HTTPS://h:8443", "h", "8443", "", true);
  expect_parts("https://[::1]/x/", "::1", "443", "/x", true);
}

struct Bad {
  const char* text;
  const char* says;
};

TEST(Endpoint, ThatIsNoneIsRefusedWithTheReasonAndAnExample) {
  for (const auto& [text, says] : {
           Bad{"https://", "the host"},
           Bad{"https:/h", "must begin with http:// or https://"},
           Bad{"http://[dead]", "the host"},
           Bad{"http://[127.0.0.1]", "the host"},
           Bad{"http://[fe80::1%25a b]", "the host"},
           Bad{"", "must begin with http://"},
           Bad{"h:80", "must begin with http://"},
           Bad{"http:/h", "must begin with http://"},
           Bad{"ftp://h", "must begin with http://"},
           Bad{"http://", "the host"},
           Bad{"http://:80", "the host"},
           Bad{"http://a b", "the host"},
           Bad{"http://a\r\nb", "the host"},
           Bad{"http://::1", "the host"},
           Bad{"http://[::1", "the host"},
           Bad{"http://[]", "the host"},
           Bad{"http://[h]", "the host"},
           Bad{"http://[::1]80", "the port"},
           Bad{"http://h:", "the port"},
           Bad{"http://h:0", "the port"},
           Bad{"http://h:65536", "the port"},
           Bad{"http://h:8080x", "the port"},
           Bad{"http://h:-1", "the port"},
           Bad{"http://h:80:80", "the port"},
           Bad{"http://h/?a", "no query"},
           Bad{"http://h#a", "no query"},
           Bad{"http://h/a b", "percent-encoded"},
           Bad{"http://h/\xc3\xa4", "percent-encoded"},
       }) {
    const auto endpoint = parse_endpoint(text);
    ASSERT_FALSE(endpoint) << text;
    EXPECT_NE(endpoint.error().find(says), std::string::npos) << text << ": " << endpoint.error();
    EXPECT_NE(endpoint.error().find("for example http://"), std::string::npos) << endpoint.error();
  }
}

TEST(Endpoint, WithAPasswordIsRefusedWithoutRepeatingIt) {
  const auto endpoint = parse_endpoint("http://user:hunter2@h");
  ASSERT_FALSE(endpoint);
  EXPECT_NE(endpoint.error().find("no user or password"), std::string::npos);
  EXPECT_EQ(endpoint.error().find("hunter2"), std::string::npos);
}

TEST(Endpoint, ThatMayHoldASecretIsRefusedWithoutRepeatingIt) {
  for (const char* text :
       {"https://user:s3cr3t@h", "http://h/?token=s3cr3t", "http://h/#s3cr3t", "s3cr3t",
        "https://h/?s3cr3t", "http://user:s3/cr3t@h", "http://user:12/s3cr3t@h"}) {
    const auto endpoint = parse_endpoint(text);
    ASSERT_FALSE(endpoint) << text;
    EXPECT_EQ(endpoint.error().find("cr3t"), std::string::npos) << endpoint.error();
  }
}

}  // namespace
}  // namespace bddlock::net
