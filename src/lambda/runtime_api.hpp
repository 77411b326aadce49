// The Runtime API of AWS Lambda, version 2018-06-01: where a function's invocations come from and
// its answers go to (AWS's page "Using the Lambda runtime API for custom runtimes"). It is plain
// HTTP inside the sandbox.
//
// A call that does not come through is made again, with growing waits: the other end is on the same
// machine, and whoever waits for the answer has nobody else. Threads: one at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>

#include "net/client.hpp"

namespace bddlock::lambda {

struct Invocation {
  std::string request_id;
  std::string trace_id;          // X-Ray's; often empty
  std::int64_t deadline_ms = 0;  // since 1970: then the sandbox is ended; 0: not said
  std::string payload;
};

// What an invocation, or the start of the function, failed with.
struct FunctionError {
  std::string type;     // "UnknownEvent"
  std::string message;  // a sentence
};

// The Runtime API answered otherwise than it should, or not at all. The detail is for the log.
struct RuntimeTrouble {
  std::string detail;
  // Whether the function must end: the API is gone, or said so (500).
  bool is_fatal = true;
};

class RuntimeApi {
 public:
  using Sleep = std::function<void(std::chrono::milliseconds)>;
  template <class T>
  using Result = std::expected<T, RuntimeTrouble>;

  // `endpoint` is AWS_LAMBDA_RUNTIME_API's host and port.
  RuntimeApi(net::Endpoint endpoint, Sleep sleep);

  // Waits for the next invocation, for as long as it takes: the sandbox is frozen meanwhile.
  [[nodiscard]] Result<Invocation> next();
  // An invocation's answer, a JSON document. Not fatal where the API takes it no more, since the
  // time of the invocation is over, or finds it too large.
  [[nodiscard]] Result<void> answer(const std::string& request_id, std::string document);
  [[nodiscard]] Result<void> fail(const std::string& request_id, const FunctionError& error);
  // The function cannot start; it is to end after this.
  [[nodiscard]] Result<void> fail_start(const FunctionError& error);

 private:
  [[nodiscard]] Result<net::ClientResponse> call(const net::ClientRequest& request);
  [[nodiscard]] Result<void> post(std::string target, std::string body,
                                  std::string_view error_type);

  net::Client client_;
  Sleep sleep_;
};

}  // namespace bddlock::lambda
