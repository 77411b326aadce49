// The tokens of a running server: read from where the options say, and kept as they are there.
// Where that fails while it runs, the tokens that were valid before stay valid, and the log says
// why.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/auth.hpp"
#include "app/log.hpp"
#include "app/token_parameter.hpp"
#include "app/token_source.hpp"
#include "app/token_watch.hpp"
#include "cli/exit_code.hpp"
#include "cli/serve_options.hpp"
#include "service/clock.hpp"

namespace bddlock::app {

class ServerTokens {
 public:
  struct Complaint {
    cli::ExitCode code;
    std::string sentence;
  };

  // None with --no-auth. A parameter is waited for: some seconds at most.
  [[nodiscard]] static std::expected<std::unique_ptr<ServerTokens>, Complaint> read(
      const cli::ServeOptions& options, service::Clock& clock, Log& log);

  // Any thread may ask it.
  [[nodiscard]] api::TokenSet& set() { return set_; }

  // What is not as it should be about the place that they were read from.
  [[nodiscard]] std::vector<std::string> warnings() const;

  // From here on changes of a parameter count.
  void watch();

  // To be called about once a second: whether the file has changed. Does not block.
  void look();

 private:
  ServerTokens(service::Clock& clock, Log& log) : clock_(clock), log_(log) {}
  [[nodiscard]] std::expected<std::vector<std::string>, Complaint> first(
      const cli::ServeOptions& options);
  void replace(TokensRead read);

  service::Clock& clock_;
  Log& log_;
  api::TokenSet set_{{}};
  std::optional<TokenFile> file_;
  std::optional<TokenParameter> parameter_;
  std::optional<TokenWatch> watch_;  // ends before what it uses
};

}  // namespace bddlock::app
