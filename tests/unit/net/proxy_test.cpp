// Which proxy a call takes, from settings to decision.
#include "net/proxy.hpp"

#include <gtest/gtest.h>

#include <map>

namespace bddlock::net {
namespace {

Surroundings from(const std::map<std::string, std::string>& variables) {
  return surroundings_from([&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  });
}

TEST(Surroundings, ComeFromTheVariablesThatCurlKnows) {
  const auto all = from({{"SSL_CERT_FILE", "/f"},
                         {"SSL_CERT_DIR", "/d"},
                         {"HTTPS_PROXY", "https://p:1"},
                         {"http_proxy", "p:2"},
                         {"NO_PROXY", "a,b"}});
  EXPECT_EQ(all.ca_file, "/f");
  EXPECT_EQ(all.ca_directory, "/d");
  EXPECT_EQ(all.https_proxy.url, "https://p:1");
  EXPECT_EQ(all.https_proxy.from, "HTTPS_PROXY");
  EXPECT_EQ(all.http_proxy.url, "p:2");
  EXPECT_EQ(all.http_proxy.from, "http_proxy");
  EXPECT_EQ(all.no_proxy, "a,b");
}

TEST(Surroundings, PreferSmallLettersAndTheKindOverAllAndTakeEmptyForNotSet) {
  const auto both = from({{"https_proxy", "small"},
                          {"HTTPS_PROXY", "large"},
                          {"ALL_PROXY", "all"},
                          {"no_proxy", "x"},
                          {"NO_PROXY", "y"}});
  EXPECT_EQ(both.https_proxy.url, "small");
  EXPECT_EQ(both.http_proxy.url, "all");
  EXPECT_EQ(both.http_proxy.from, "ALL_PROXY");
  EXPECT_EQ(both.no_proxy, "x");
  const auto empty = from({{"https_proxy", ""}, {"HTTPS_PROXY", ""}, {"all_proxy", "all"}});
  EXPECT_EQ(empty.https_proxy.from, "all_proxy");
}

// It is what a CGI program gets for a header "Proxy" from whoever calls it.
TEST(Surroundings, LeaveHttpProxyInCapitalsAlone) {
  EXPECT_EQ(from({{"HTTP_PROXY", "http://evil:1"}}).http_proxy.url, "");
}

TEST(Proxy, IsTakenApart) {
  struct Good {
    const char* url;
    const char* host;
    const char* port;
    bool tls;
    const char* authorization;
  };
  for (const auto& [url, host, port, tls, authorization] : {
           Good{"http://p.example:3128", "p.example", "3128", false, ""},
           Good{"HTTP://p/", "p", "80", false, ""},
           Good{"p:8080", "p", "8080", false, ""},
           Good{"p", "p", "80", false, ""},
           Good{"https://p", "p", "443", true, ""},
           Good{"http://[::1]:3128/x", "::1", "3128", false, ""},
           Good{"http://u:p@h:1", "h", "1", false, "Basic dTpw"},
           Good{"u:p@h:1", "h", "1", false, "Basic dTpw"},
           Good{"http://user@h", "h", "80", false, "Basic dXNlcjo="},
           Good{"http://u:a%40b%3a%2F@h", "h", "80", false, "Basic dTphQGI6Lw=="},
           Good{"http://u:a@b/c@h", "h", "80", false, "Basic dTphQGIvYw=="},
       }) {
    const auto proxy = parse_proxy({url, "https_proxy"});
    ASSERT_TRUE(proxy) << url << ": " << proxy.error();
    EXPECT_EQ(proxy->host, host) << url;
    EXPECT_EQ(proxy->port, port) << url;
    EXPECT_EQ(proxy->tls, tls) << url;
    EXPECT_EQ(proxy->authorization, authorization) << url;
    EXPECT_EQ(proxy->from, "https_proxy") << url;
  }
}

TEST(Proxy, ThatIsNoneIsRefusedByTheNameOfItsVariableWithoutItsSecret) {
  struct BadProxy {
    const char* url;
    const char* says;
  };
  for (const auto& [url, says] : {
           BadProxy{"socks5://s3cr3t@h:1", "SOCKS"},
           BadProxy{"http://", "has no valid host"},
           BadProxy{"http://u:s3cr3t@", "has no valid host"},
           BadProxy{"http://s3cr3t h", "has no valid host"},
           BadProxy{"s3cr3t\r\nX: y", "has no valid host"},
           BadProxy{"http://u:s3cr3t@h:0", "has a port"},
           BadProxy{"http://u:s3cr3t@h:x", "has a port"},
           BadProxy{"http://u:s3cr3t%@h", "has a %"},
           BadProxy{"http://u:s3cr3t%4@h", "has a %"},
           BadProxy{"http://u:s3cr3t%zz@h", "has a %"},
       }) {
    const auto proxy = parse_proxy({url, "HTTPS_PROXY"});
    ASSERT_FALSE(proxy) << url;
    EXPECT_NE(proxy.error().find(says), std::string::npos) << url << ": " << proxy.error();
    EXPECT_NE(proxy.error().find("HTTPS_PROXY"), std::string::npos) << proxy.error();
    EXPECT_EQ(proxy.error().find("s3cr3t"), std::string::npos) << proxy.error();
  }
}

TEST(ProxyFor, TakesTheOneOfTheEndpointsKind) {
  Surroundings both;
  both.http_proxy = {"http://plain:1", "http_proxy"};
  both.https_proxy = {"http://tunnel:2", "HTTPS_PROXY"};
  EXPECT_EQ(proxy_for({"h.test", "80", "", false}, both).value()->host, "plain");
  EXPECT_EQ(proxy_for({"h.test", "443", "", true}, both).value()->host, "tunnel");
  EXPECT_FALSE(proxy_for({"h.test", "443", "", true}, {}).value());
  both.no_proxy = "h.test";
  EXPECT_FALSE(proxy_for({"h.test", "443", "", true}, both).value());
}

TEST(ProxyFor, IsNoneForThisMachineItself) {
  Surroundings some;
  some.https_proxy = {"http://tunnel:2", "HTTPS_PROXY"};
  for (const char* host : {"localhost", "LOCALHOST", "localhost.", "127.0.0.1", "127.9.9.9", "::1",
                           "::ffff:127.0.0.1"})
    EXPECT_FALSE(proxy_for({host, "443", "", true}, some).value()) << host;
  for (const char* host : {"localhost.test", "128.0.0.1", "::2", "0.0.0.0"})
    EXPECT_TRUE(proxy_for({host, "443", "", true}, some).value()) << host;
}

TEST(ProxyFor, MindsABadSettingOnlyWhereItCounts) {
  Surroundings bad;
  bad.https_proxy = {"socks5://h", "ALL_PROXY"};
  EXPECT_FALSE(proxy_for({"h.test", "443", "", true}, bad));
  EXPECT_TRUE(proxy_for({"h.test", "80", "", false}, bad));
  EXPECT_TRUE(proxy_for({"localhost", "443", "", true}, bad));
}

}  // namespace
}  // namespace bddlock::net
