// Credentials of a role for somebody who has logged in by a browser (`aws sso login`): the log-in's
// token, which Amazon's CLI keeps in ~/.aws/sso/cache, is changed for them by the access portal of
// IAM Identity Center (GetRoleCredentials). It is no longer valid after some hours; nothing here
// can renew it. Private to aws.
#pragma once

#include "aws/credential_sources.hpp"

namespace bddlock::aws {

// Of a profile with sso_account_id, sso_role_name and either sso_session or sso_start_url.
[[nodiscard]] Found from_sso(const Surroundings& surroundings, const Profile& profile);

// The name of the file that holds the token of a session's name, or of a start URL without one.
[[nodiscard]] std::string sso_cache_file(const std::string& key);

}  // namespace bddlock::aws
