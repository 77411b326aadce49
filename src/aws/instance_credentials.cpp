#include "aws/credential_document.hpp"
#include "aws/credential_sources.hpp"
#include "aws/url_call.hpp"
#include "net/text.hpp"

namespace bddlock::aws {
namespace {

constexpr std::string_view roles_path = "/latest/meta-data/iam/security-credentials/";
constexpr std::string_view token_seconds = "21600";

std::unexpected<std::string> instance_trouble(const std::string& why) {
  return std::unexpected("the instance's credentials cannot be had: " + why);
}

class MetadataService {
 public:
  explicit MetadataService(const Surroundings& surroundings)
      : surroundings_(without_proxies(surroundings.net)),
        host_(surroundings.text("AWS_EC2_METADATA_SERVICE_ENDPOINT")) {
    const bool by_ipv6 =
        net::lowered(surroundings.text("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")) == "ipv6";
    if (host_.empty())
      host_ = by_ipv6 ? surroundings.metadata_host_ipv6 : surroundings.metadata_host;
    while (host_.ends_with('/')) host_.pop_back();
  }

  // False: there is no such service, as on all machines that are none of Amazon's.
  bool take_token() {
    const auto answer =
        call_url({.method = "PUT",
                  .url = host_ + "/latest/api/token",
                  .headers = {{"X-aws-ec2-metadata-token-ttl-seconds", std::string(token_seconds)}},
                  .time_limit = std::chrono::seconds{1}},
                 surroundings_);
    if (!answer || answer->status != 200) return false;
    token_ = answer->body;
    return true;
  }

  [[nodiscard]] auto get(std::string_view path) const {
    return call_url({.url = host_ + std::string(path),
                     .headers = {{"X-aws-ec2-metadata-token", token_}},
                     .time_limit = std::chrono::seconds{5}},
                    surroundings_);
  }

 private:
  net::Surroundings surroundings_;
  std::string host_;
  std::string token_;
};

Found credentials_of_role(const MetadataService& service, std::string role) {
  role = role.substr(0, role.find_first_of("\r\n"));
  const auto answer = service.get(std::string(roles_path) + role);
  if (!answer) return instance_trouble(answer.error().detail);
  if (answer->status != 200)
    return instance_trouble("its metadata service answers " + std::to_string(answer->status));
  auto credentials = parse_credential_json(answer->body);
  if (!credentials) return instance_trouble("the answer of its role " + credentials.error());
  credentials->source = "the instance's role " + role;
  return std::move(*credentials);
}

}  // namespace

Found from_instance(const Surroundings& surroundings) {
  if (net::lowered(surroundings.text("AWS_EC2_METADATA_DISABLED")) == "true") return std::nullopt;
  MetadataService service(surroundings);
  if (!service.take_token()) return std::nullopt;
  const auto role = service.get(roles_path);
  if (!role) return instance_trouble(role.error().detail);
  if (role->status == 404 || role->body.empty()) return std::nullopt;
  if (role->status != 200)
    return instance_trouble("its metadata service answers " + std::to_string(role->status));
  return credentials_of_role(service, role->body);
}

}  // namespace bddlock::aws
