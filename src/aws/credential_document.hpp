// Credentials as services send them. Private to aws. The errors are ends of sentences and repeat
// nothing of the text.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "aws/credentials.hpp"

namespace bddlock::aws {

// The JSON of the container and instance services: AccessKeyId, SecretAccessKey, Token, Expiration.
[[nodiscard]] std::expected<Credentials, std::string> parse_credential_json(std::string_view text);

// The same as a program of credential_process prints it, with SessionToken, and Version 1.
[[nodiscard]] std::expected<Credentials, std::string> parse_credential_program(
    std::string_view text);

// The JSON of the access portal: {"roleCredentials": {"accessKeyId": …, "expiration": …}}, with
// milliseconds since 1970.
[[nodiscard]] std::expected<Credentials, std::string> parse_credential_portal(
    std::string_view text);

// The XML of STS: the same in <Credentials>, but with SessionToken.
[[nodiscard]] std::expected<Credentials, std::string> parse_credential_xml(std::string_view text);

// What stands between <tag> and </tag>, with XML's five named entities replaced; empty if it is
// not there.
[[nodiscard]] std::string xml_text(std::string_view text, std::string_view tag);

}  // namespace bddlock::aws
