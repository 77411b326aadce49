#include "aws/surroundings.hpp"

#include <gtest/gtest.h>

#include "unit/aws/fake_surroundings.hpp"

namespace bddlock::aws {
namespace {

TEST(Network, TrustsTheCertificatesThatAreNamedForAmazon) {
  const auto ca_file = [](const Texts& variables) {
    return surroundings_from(surroundings_with(variables, {{"/c", "[default]\nca_bundle=/p.pem"}}))
        .net.ca_file;
  };
  EXPECT_EQ(ca_file({}), "");
  EXPECT_EQ(ca_file({{"SSL_CERT_FILE", "/s.pem"}}), "/s.pem");
  EXPECT_EQ(ca_file({{"SSL_CERT_FILE", "/s.pem"}, {"AWS_CONFIG_FILE", "/c"}}), "/p.pem");
  EXPECT_EQ(ca_file({{"AWS_CA_BUNDLE", "/a.pem"}, {"AWS_CONFIG_FILE", "/c"}}), "/a.pem");
}

TEST(Network, GoesThroughTheProxiesOfTheEnvironment) {
  EXPECT_EQ(
      surroundings_from(surroundings_with({{"HTTPS_PROXY", "http://p:1"}})).net.https_proxy.url,
      "http://p:1");
}

}  // namespace
}  // namespace bddlock::aws
