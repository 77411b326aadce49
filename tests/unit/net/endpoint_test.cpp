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

struct BadEndpoint {
  const char* text;
  const char* says;
};

TEST(Endpoint, ThatIsNoneIsRefusedWithTheReasonAndAnExample) {
  for (const auto& [text, says] : {
           BadEndpoint{"https://", "the host"},
           BadEndpoint{"https:/h", "must begin with http:// or https://"},
           BadEndpoint{"http://[dead]", "the host"},
           BadEndpoint{"http://[127.0.0.1]", "the host"},
           BadEndpoint{"http://[fe80::1%25a b]", "the host"},
           BadEndpoint{"", "must begin with http://"},
           BadEndpoint{"h:80", "must begin with http://"},
           BadEndpoint{"http:/h", "must begin with http://"},
           BadEndpoint{"ftp://h", "must begin with http://"},
           BadEndpoint{"http://", "the host"},
           BadEndpoint{"http://:80", "the host"},
           BadEndpoint{"http://a b", "the host"},
           BadEndpoint{"http://a\r\nb", "the host"},
           BadEndpoint{"http://::1", "the host"},
           BadEndpoint{"http://[::1", "the host"},
           BadEndpoint{"http://[]", "the host"},
           BadEndpoint{"http://[h]", "the host"},
           BadEndpoint{"http://[::1]80", "the port"},
           BadEndpoint{"http://h:", "the port"},
           BadEndpoint{"http://h:0", "the port"},
           BadEndpoint{"http://h:65536", "the port"},
           BadEndpoint{"http://h:8080x", "the port"},
           BadEndpoint{"http://h:-1", "the port"},
           BadEndpoint{"http://h:80:80", "the port"},
           BadEndpoint{"http://h/?a", "no query"},
           BadEndpoint{"http://h#a", "no query"},
           BadEndpoint{"http://h/a b", "percent-encoded"},
           BadEndpoint{"http://h/\xc3\xa4", "percent-encoded"},
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
