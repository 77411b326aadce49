// The life of a function's sandbox: an invocation after the other, until it is ended from outside.
#pragma once

#include "lambda/handler.hpp"
#include "lambda/log.hpp"
#include "lambda/runtime_api.hpp"

namespace bddlock::lambda {

// Returns only where the Runtime API is gone or wants an end; why is in the log. An answer that it
// does not take is tried once more as the invocation's error, then it is given up.
void serve_invocations(RuntimeApi& runtime, Handler& handler, Log& log);

}  // namespace bddlock::lambda
