#include "aws/place.hpp"

#include <gtest/gtest.h>

#include "unit/aws/fake_surroundings.hpp"

namespace bddlock::aws {
namespace {

TEST(Region, IsTheFirstThatIsSet) {
  const Texts file{{"/c", "[default]\nregion=eu-west-3"}};
  EXPECT_EQ(find_region(surroundings_with({{"AWS_REGION", "eu-west-1"},
                                           {"AWS_DEFAULT_REGION", "eu-west-2"},
                                           {"AWS_CONFIG_FILE", "/c"}},
                                          file)),
            "eu-west-1");
  EXPECT_EQ(
      find_region(surroundings_with(
          {{"AWS_REGION", ""}, {"AWS_DEFAULT_REGION", "eu-west-2"}, {"AWS_CONFIG_FILE", "/c"}},
          file)),
      "eu-west-2");
  EXPECT_EQ(find_region(surroundings_with({{"AWS_CONFIG_FILE", "/c"}}, file)), "eu-west-3");
}

TEST(Region, ThatIsMissingOrNoneSaysSo) {
  EXPECT_NE(find_region(surroundings_with({})).error().find("AWS_REGION"), std::string::npos);
  for (const char* text : {"evil.example.org/", "EU", "a b"})
    EXPECT_FALSE(find_region(surroundings_with({{"AWS_REGION", text}}))) << text;
}

TEST(Endpoint, IsAmazonsUnlessAnotherIsSet) {
  const auto address = [](const Texts& variables, const std::string& given = "",
                          const std::string& region = "eu-west-2") {
    const auto found = find_endpoint(surroundings_with(variables, {{"/c",
                                                                    "[default]\n"
                                                                    "endpoint_url=http://p"}}),
                                     "dynamodb", region, given);
    return found ? (found->tls ? "https://" : "http://") + found->host + ":" + found->port
                 : found.error();
  };
  EXPECT_EQ(address({}), "https://dynamodb.eu-west-2.amazonaws.com:443");
  EXPECT_EQ(address({}, "", "cn-north-1"), "https://dynamodb.cn-north-1.amazonaws.com.cn:443");
  EXPECT_EQ(address({{"AWS_CONFIG_FILE", "/c"}}), "http://p:80");
  const Texts all{{"AWS_CONFIG_FILE", "/c"},
                  {"AWS_ENDPOINT_URL", "http://all:1"},
                  {"AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:8000"}};
  EXPECT_EQ(address(all), "http://127.0.0.1:8000");
  EXPECT_EQ(address(all, "http://flag:2"), "http://flag:2");
  EXPECT_EQ(address({{"AWS_ENDPOINT_URL", "http://all:1"}}), "http://all:1");
  EXPECT_EQ(address({{"AWS_ENDPOINT_URL", "http://all:1"},
                     {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"}}),
            "https://dynamodb.eu-west-2.amazonaws.com:443");
  EXPECT_EQ(address({{"AWS_USE_FIPS_ENDPOINT", "true"}}),
            "https://dynamodb-fips.eu-west-2.amazonaws.com:443");
  EXPECT_EQ(address({{"AWS_USE_DUALSTACK_ENDPOINT", "TRUE"}}),
            "https://dynamodb.eu-west-2.api.aws:443");
  EXPECT_EQ(address({{"AWS_USE_DUALSTACK_ENDPOINT", "true"}}, "", "cn-north-1"),
            "https://dynamodb.cn-north-1.api.amazonwebservices.com.cn:443");
  EXPECT_EQ(address({{"AWS_USE_FIPS_ENDPOINT", "true"}, {"AWS_ENDPOINT_URL", "http://all:1"}}),
            "http://all:1");
  EXPECT_NE(address({}, "localhost:8000").find("http://"), std::string::npos);
}

TEST(Endpoint, OfEachServiceHasItsOwnVariableAndAddress) {
  const auto address = [](const std::string& service, const Texts& variables = {}) {
    return find_endpoint(surroundings_with(variables), service, "eu-west-2")->host;
  };
  EXPECT_EQ(address("ssm"), "ssm.eu-west-2.amazonaws.com");
  EXPECT_EQ(address("sts"), "sts.eu-west-2.amazonaws.com");
  EXPECT_EQ(address("sso"), "portal.sso.eu-west-2.amazonaws.com");
  const Texts one{{"AWS_ENDPOINT_URL_SSM", "http://ssm"}};
  EXPECT_EQ(address("ssm", one), "ssm");
  EXPECT_EQ(address("sts", one), "sts.eu-west-2.amazonaws.com");
}

TEST(Endpoint, OfAProfileMayBeWithFipsOrIpv6) {
  const auto found = find_endpoint(
      surroundings_with({{"AWS_CONFIG_FILE", "/c"}},
                        {{"/c", "[default]\nuse_fips_endpoint=true\nuse_dualstack_endpoint=true"}}),
      "dynamodb", "eu-west-2");
  EXPECT_EQ(found->host, "dynamodb-fips.eu-west-2.api.aws");
}

}  // namespace
}  // namespace bddlock::aws
