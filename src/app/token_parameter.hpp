// The tokens in a parameter of Amazon's Systems Manager, as the original keeps its own (a
// SecureString). Read anew when its value has grown older than an age: by whoever asks changed()
// from time to time, as the Lambda function does, or by a TokenWatch. Messages name the parameter,
// never a token.
//
// Threads: one call at a time. Calls wait for a network, ten seconds at most.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "aws/ssm.hpp"

namespace bddlock::app {

using TokensRead = std::expected<std::vector<std::string>, std::string>;

class TokenParameter {
 public:
  using ReadParameter = std::function<aws::Result<aws::Parameter>(
      const std::string& name, const std::function<bool()>& should_stop)>;

  // `age`: how old a value may grow before changed() asks again.
  TokenParameter(std::string name, std::chrono::seconds age, ReadParameter read_parameter);

  // The parameter's tokens. The error is a sentence: what is wrong and how to mend it.
  [[nodiscard]] TokensRead read(aws::Instant now);

  // Asks now. Nothing if it is as it was when it was last read; what cannot be read is an error
  // each time, and the tokens that were read before are then still the right ones.
  [[nodiscard]] std::optional<TokensRead> look(aws::Instant now,
                                               const std::function<bool()>& should_stop = {});

  // The same, but nothing, and no call, before the age is over since somebody asked, successful or
  // not; after a step of the clock backwards it asks at once.
  [[nodiscard]] std::optional<TokensRead> changed(aws::Instant now,
                                                  const std::function<bool()>& should_stop = {});

  // A sentence if the value can be read by whoever may read parameters. After a read.
  [[nodiscard]] std::optional<std::string> warning() const;

  [[nodiscard]] std::chrono::seconds age() const { return age_; }

 private:
  [[nodiscard]] TokensRead ask(aws::Instant now, const std::function<bool()>& should_stop);

  const std::string name_;
  const std::chrono::seconds age_;
  const ReadParameter read_parameter_;
  std::optional<aws::Instant> asked_at_;
  std::vector<std::string> tokens_;  // as last read
  std::string type_;
};

// Of this process's environment: its region, credentials and AWS_ENDPOINT_URL_SSM. Asks nobody yet.
// `time_left`: see aws::Tools.
[[nodiscard]] std::expected<TokenParameter, std::string> open_token_parameter(
    const std::string& name, std::chrono::seconds age,
    std::function<std::chrono::milliseconds()> time_left = {});

}  // namespace bddlock::app
