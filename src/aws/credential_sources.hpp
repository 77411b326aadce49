// Where credentials come from, one function for each source that Amazon's own tools know. Each may
// wait for a network, but no longer than a few seconds.
//
// The answer: credentials; nothing where the source is not set up here; or a sentence about what is
// wrong with one that is. Sentences and `source` never hold a secret.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "aws/credentials.hpp"
#include "aws/profile.hpp"
#include "aws/surroundings.hpp"

namespace bddlock::aws {

using Found = std::expected<std::optional<Credentials>, std::string>;

// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN.
[[nodiscard]] Found from_environment(const Surroundings& surroundings);

// AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN, AWS_ROLE_SESSION_NAME, as EKS sets them for service
// accounts: the token is changed for credentials by STS (AssumeRoleWithWebIdentity). The file is
// read anew each time, as its token is renewed in place.
[[nodiscard]] Found from_web_identity(const Surroundings& surroundings);

// By what the profile says, in this order: its role_arn, assumed (AssumeRole of STS) with the
// credentials of its source_profile, which may name a further one, or of its credential_source; its
// role_arn by its web_identity_token_file; its keys; what its credential_process prints; the log-in
// that `aws sso login` left (sso_session, or sso_start_url alone). Roles that need the code of a
// device (mfa_serial) are refused with a sentence.
[[nodiscard]] Found from_profile(const Surroundings& surroundings);

// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI (ECS) or AWS_CONTAINER_CREDENTIALS_FULL_URI (EKS pod
// identity), with AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE or AWS_CONTAINER_AUTHORIZATION_TOKEN. By
// plain HTTP only inside the machine: loopback, 169.254.170.2, 169.254.170.23 and
// [fd00:ec2::23].
[[nodiscard]] Found from_container(const Surroundings& surroundings);

// The role of an EC2 instance, by its metadata service, version 2 only (IMDSv2), at
// AWS_EC2_METADATA_SERVICE_ENDPOINT where that is set, or by IPv6 where
// AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is "IPv6". Nothing if AWS_EC2_METADATA_DISABLED is
// "true", if nobody answers within a second, or if the instance has no role.
[[nodiscard]] Found from_instance(const Surroundings& surroundings);

}  // namespace bddlock::aws
