#include "aws/place.hpp"

#include <algorithm>

#include "aws/profile.hpp"
#include "net/text.hpp"

namespace bddlock::aws {
namespace {

std::string in_capitals(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
  return text;
}

bool is_on(const Surroundings& surroundings, const std::string& variable,
           const std::string& setting) {
  std::string text = surroundings.text(variable);
  if (text.empty()) text = load_profile(surroundings).setting(setting);
  return net::lowered(text) == "true";
}

std::string configured_url(const Surroundings& surroundings, const std::string& service) {
  if (surroundings.text("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") == "true") return {};
  for (const std::string& name :
       {"AWS_ENDPOINT_URL_" + in_capitals(service), std::string("AWS_ENDPOINT_URL")})
    if (std::string url = surroundings.text(name); !url.empty()) return url;
  return load_profile(surroundings).setting("endpoint_url");
}

// "Service endpoints and quotas" of the AWS General Reference. Dual-stack addresses are those that
// have IPv6 too.
std::string own_address(const Surroundings& surroundings, const std::string& service,
                        const std::string& region) {
  const bool in_china = region.starts_with("cn-");
  const bool dual_stack =
      is_on(surroundings, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
  std::string host = service == "sso" ? "portal.sso" : service;
  if (is_on(surroundings, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")) host += "-fips";
  const std::string domain = dual_stack ? (in_china ? ".api.amazonwebservices.com.cn" : ".api.aws")
                                        : (in_china ? ".amazonaws.com.cn" : ".amazonaws.com");
  return "https://" + host + "." + region + domain;
}

}  // namespace

bool is_region(std::string_view text) {
  return !text.empty() && text.size() < 64 &&
         std::ranges::all_of(
             text,
             [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

std::expected<std::string, std::string> find_region(const Surroundings& surroundings) {
  std::string region = surroundings.text("AWS_REGION");
  if (region.empty()) region = surroundings.text("AWS_DEFAULT_REGION");
  if (region.empty()) region = load_profile(surroundings).setting("region");
  if (region.empty())
    return std::unexpected(
        "no AWS region is set: set AWS_REGION, or `region` in the profile (aws configure)");
  if (!is_region(region))
    return std::unexpected("\"" + region + "\" is no AWS region; one is for example eu-west-2");
  return region;
}

std::expected<net::Endpoint, std::string> find_endpoint(const Surroundings& surroundings,
                                                        const std::string& service,
                                                        const std::string& region,
                                                        const std::string& given) {
  std::string url = given.empty() ? configured_url(surroundings, service) : given;
  if (url.empty()) url = own_address(surroundings, service, region);
  return net::parse_endpoint(url);
}

}  // namespace bddlock::aws
