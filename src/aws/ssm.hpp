// Reads a parameter of Amazon's Systems Manager (GetParameter of AmazonSSM 2014-11-06), decrypted
// where it is a SecureString. A call that failed in a way that passes is made again within a budget
// of tries and of time, with waits that double and are drawn at random. With the time, the budget's
// or what Tools says is left, ends the try that runs, too: whoever reads a parameter has others
// waiting.
//
// Threads: one call at a time. Calls block. Time and chance come in by Tools.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "aws/credential_chain.hpp"
#include "aws/error.hpp"
#include "aws/service.hpp"

namespace bddlock::aws {

struct Parameter {
  std::string value;  // never logged or shown
  std::string type;   // "SecureString", "String", "StringList"
};

class Ssm {
 public:
  Ssm(ServicePlace place, std::shared_ptr<CredentialChain> credentials, Tools tools,
      RetryBudget budget = {});

  // `name` may be an ARN too, and may end with ":VERSION" or ":LABEL". The error says what is wrong
  // and what to do about it, and holds nothing of the value. `should_stop`, if set, ends the call
  // soon after it returns true (net::ClientRequest says how).
  [[nodiscard]] Result<Parameter> get_parameter(const std::string& name,
                                                const std::function<bool()>& should_stop = {});

 private:
  struct Try;
  [[nodiscard]] Try once(net::Client& connection, const std::string& body, Instant begun,
                         const std::function<bool()>& should_stop);
  // For a call that began then.
  [[nodiscard]] std::chrono::milliseconds time_left(Instant begun) const;

  const ServicePlace place_;
  const std::shared_ptr<CredentialChain> credentials_;
  const Tools tools_;
  const RetryBudget budget_;
};

}  // namespace bddlock::aws
