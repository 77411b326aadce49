// In which region, and at which address, Amazon's services are called. Pure but for the files of
// profiles.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "aws/surroundings.hpp"
#include "net/client.hpp"

namespace bddlock::aws {

// Whether it looks like one: a region becomes part of a host's name.
[[nodiscard]] bool is_region(std::string_view text);

// AWS_REGION, AWS_DEFAULT_REGION or the profile's `region`. The error is a sentence.
[[nodiscard]] std::expected<std::string, std::string> find_region(const Surroundings& surroundings);

// `given` where it is not empty; else AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL and the
// profile's endpoint_url, unless AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is "true"; else Amazon's own
// address of the service in the region, with FIPS or IPv6 where AWS_USE_FIPS_ENDPOINT,
// AWS_USE_DUALSTACK_ENDPOINT or the profile's use_fips_endpoint, use_dualstack_endpoint are "true".
// `service` is in small letters ("dynamodb"). The error is a sentence.
[[nodiscard]] std::expected<net::Endpoint, std::string> find_endpoint(
    const Surroundings& surroundings, const std::string& service, const std::string& region,
    const std::string& given = {});

}  // namespace bddlock::aws
