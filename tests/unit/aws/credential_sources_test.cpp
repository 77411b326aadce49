// Each source against a local stand-in of the service that it asks.
#include "aws/credential_sources.hpp"

#include <gtest/gtest.h>

#include "unit/aws/stand_in.hpp"

namespace bddlock::aws {
namespace {

constexpr std::string_view keys_json =
    R"({"Code":"Success","AccessKeyId":"AK","SecretAccessKey":"SK","Token":"TK",)"
    R"("Expiration":"2030-01-01T00:00:00Z"})";

void expect_keys(const Found& found) {
  ASSERT_TRUE(found) << found.error();
  ASSERT_TRUE(*found);
  EXPECT_EQ((*found)->access_key_id, "AK");
  EXPECT_EQ((*found)->secret_access_key, "SK");
  EXPECT_EQ((*found)->session_token, "TK");
  EXPECT_EQ((*found)->expires_at, parse_expiration("2030-01-01T00:00:00Z"));
}

TEST(Environment, GivesBothKeysAndTheToken) {
  const auto found = from_environment(surroundings_with(
      {{"AWS_ACCESS_KEY_ID", "AK"}, {"AWS_SECRET_ACCESS_KEY", "SK"}, {"AWS_SESSION_TOKEN", "TK"}}));
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->secret_access_key, "SK");
  EXPECT_EQ((*found)->session_token, "TK");
  EXPECT_EQ((*found)->expires_at, std::nullopt);
  expect_none(from_environment(surroundings_with({{"AWS_ACCESS_KEY_ID", ""}})));
  expect_trouble(from_environment(surroundings_with({{"AWS_ACCESS_KEY_ID", "AK"}})), "set both");
}

constexpr std::string_view sts_answer =
    "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"
    "<AccessKeyId>AK</AccessKeyId><SecretAccessKey>S&amp;K</SecretAccessKey>"
    "<SessionToken>TK</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration>"
    "</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>";

Texts web_identity_variables(const StandIn& sts) {
  return {{"AWS_WEB_IDENTITY_TOKEN_FILE", "/token"},
          {"AWS_ROLE_ARN", "arn:aws:iam::1:role/ci"},
          {"AWS_REGION", "eu-west-2"},
          {"AWS_ENDPOINT_URL_STS", sts.url()}};
}

TEST(WebIdentity, IsChangedForCredentialsBySts) {
  StandIn sts(Texts{{"POST /", std::string(sts_answer)}});
  const auto found =
      from_web_identity(surroundings_with(web_identity_variables(sts), {{"/token", "a.b=c\n"}}));
  ASSERT_TRUE(found && *found) << found.error();
  EXPECT_EQ((*found)->secret_access_key, "S&K");
  EXPECT_EQ((*found)->expires_at, parse_expiration("2030-01-01T00:00:00Z"));
  ASSERT_EQ(sts.seen.size(), 1u);
  EXPECT_TRUE(sts.seen[0].ends_with(
      "\r\n\r\nAction=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn="
      "arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fci&RoleSessionName=bdd-lock&WebIdentityToken=a.b%3Dc"))
      << sts.seen[0];
}

TEST(WebIdentity, SaysWhatIsWrongAndNeverTheToken) {
  StandIn sts(Texts{{"POST /", "<nothing/>"}});
  Texts variables = web_identity_variables(sts);
  expect_trouble(from_web_identity(surroundings_with(variables)), "/token cannot be read");
  const Texts files{{"/token", "top-secret"}};
  const auto damaged = from_web_identity(surroundings_with(variables, files));
  expect_trouble(damaged, "has no access key");
  EXPECT_EQ(damaged.error().find("top-secret"), std::string::npos);
  variables["AWS_ENDPOINT_URL_STS"] = sts.url("/refused");
  expect_trouble(from_web_identity(surroundings_with(variables, files)), "STS answers 404");
  variables.erase("AWS_REGION");
  expect_trouble(from_web_identity(surroundings_with(variables, files)), "AWS_REGION");
  variables.erase("AWS_ROLE_ARN");
  expect_trouble(from_web_identity(surroundings_with(variables, files)), "no role is named");
  expect_none(from_web_identity(surroundings_with({})));
}

TEST(Container, GivesTheRoleOfATask) {
  StandIn service(Texts{{"GET /v2/credentials/abc?x=1", std::string(keys_json)}});
  auto surroundings =
      surroundings_with({{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/abc?x=1"}});
  surroundings.container_host = service.url();
  expect_keys(from_container(surroundings));
  EXPECT_EQ(service.seen.at(0).find("Authorization"), std::string::npos);
}

TEST(Container, GivesTheRoleOfAPodForItsToken) {
  StandIn service(Texts{{"GET /v1/credentials", std::string(keys_json)}});
  const Texts of_pod{{"AWS_CONTAINER_CREDENTIALS_FULL_URI", service.url("/v1/credentials")},
                     {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/token"},
                     {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "older"}};
  expect_keys(from_container(surroundings_with(of_pod, {{"/token", "pod-token\n"}})));
  EXPECT_NE(service.seen.at(0).find("Authorization: pod-token\r\n"), std::string::npos);
  expect_trouble(from_container(surroundings_with(of_pod)), "/token cannot be read");
  Texts by_variable = of_pod;
  by_variable.erase("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  expect_keys(from_container(surroundings_with(by_variable)));
  EXPECT_NE(service.seen.at(1).find("Authorization: older\r\n"), std::string::npos);
}

TEST(Container, IsNeverAskedThroughAProxy) {
  StandIn service(Texts{{"GET /", std::string(keys_json)}});
  auto surroundings = surroundings_with({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", service.url("/")}});
  surroundings.net.http_proxy = {"http://127.0.0.1:1", "http_proxy"};
  expect_keys(from_container(surroundings));
}

TEST(Container, SaysWhatIsWrong) {
  StandIn service(Texts{{"GET /text", "hello"}, {"GET /none", "{}"}});
  const auto of = [](const std::string& url) {
    return from_container(surroundings_with({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", url}}));
  };
  expect_trouble(of("http://example.org/x"), "plain HTTP to another machine");
  expect_trouble(of("http://127.0.0.1:1/"), "refused");
  expect_trouble(of("nonsense"), "http://");
  expect_trouble(of(service.url("/missing")), "answers 404");
  expect_trouble(of(service.url("/text")), "is no JSON object");
  expect_trouble(of(service.url("/none")), "has no access key");
  expect_trouble(
      from_container(surroundings_with({{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "evil"}})),
      "must begin with /");
  expect_none(from_container(surroundings_with({})));
}

constexpr const char* roles_line = "GET /latest/meta-data/iam/security-credentials/";

TEST(Instance, GivesItsRoleByTheSecondVersionOfTheService) {
  StandIn service(Texts{{"PUT /latest/api/token", "imds-token"},
                        {roles_line, "ci-role\n"},
                        {std::string(roles_line) + "ci-role", std::string(keys_json)}});
  const auto found =
      from_instance(surroundings_with({{"AWS_EC2_METADATA_SERVICE_ENDPOINT", service.url("/")}}));
  expect_keys(found);
  EXPECT_EQ((*found)->source, "the instance's role ci-role");
  ASSERT_EQ(service.seen.size(), 3u);
  EXPECT_NE(service.seen[0].find("X-aws-ec2-metadata-token-ttl-seconds: 21600"), std::string::npos);
  for (const std::size_t i : {1u, 2u})
    EXPECT_NE(service.seen[i].find("X-aws-ec2-metadata-token: imds-token\r\n"), std::string::npos);
}

TEST(Instance, IsNoSourceWhereThereIsNone) {
  expect_none(from_instance(surroundings_with({})));
  StandIn without_role(Texts{{"PUT /latest/api/token", "t"}});
  auto surroundings = surroundings_with({});
  surroundings.metadata_host = without_role.url();
  expect_none(from_instance(surroundings));
  StandIn only_version_1(Texts{{roles_line, "ci-role"}});
  surroundings.metadata_host = only_version_1.url();
  expect_none(from_instance(surroundings));
  EXPECT_EQ(only_version_1.seen.size(), 1u);
}

TEST(Instance, IsAskedByIpv6WhereThatIsSet) {
  StandIn service(Texts{{"PUT /latest/api/token", "t"},
                        {roles_line, "ci-role"},
                        {std::string(roles_line) + "ci-role", std::string(keys_json)}});
  auto surroundings = surroundings_with({{"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6"}});
  surroundings.metadata_host_ipv6 = service.url();
  expect_keys(from_instance(surroundings));
}

TEST(Instance, IsNotAskedWhereThatIsSwitchedOff) {
  StandIn service(Texts{{"PUT /latest/api/token", "t"}});
  auto surroundings = surroundings_with({{"AWS_EC2_METADATA_DISABLED", "true"}});
  surroundings.metadata_host = service.url();
  expect_none(from_instance(surroundings));
  EXPECT_TRUE(service.seen.empty());
}

TEST(Instance, SaysWhatIsWrongWithItsRole) {
  StandIn service(Texts{{"PUT /latest/api/token", "t"},
                        {roles_line, "ci-role"},
                        {std::string(roles_line) + "ci-role", R"({"Code":"Failed"})"}});
  auto surroundings = surroundings_with({});
  surroundings.metadata_host = service.url();
  expect_trouble(from_instance(surroundings), "has no access key");
}

}  // namespace
}  // namespace bddlock::aws
