// The settings of a command line as the service has them.
#pragma once

#include "cli/serve_options.hpp"
#include "service/rules.hpp"

namespace bddlock::app {

[[nodiscard]] service::ServiceRules rules_of(const cli::ServeOptions& options);

}  // namespace bddlock::app
