// Amazon's DynamoDB Local (tools/dynamodb-local), started by the first test of a program that needs
// it and ended with the program. Throws if it does not start: a run without it is a failure.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>

#include "aws/dynamodb.hpp"

namespace bddlock::fakes {

class DynamoDbLocal {
 public:
  static DynamoDbLocal& instance() {
    static DynamoDbLocal server;
    return server;
  }

  DynamoDbLocal(const DynamoDbLocal&) = delete;
  DynamoDbLocal& operator=(const DynamoDbLocal&) = delete;
  ~DynamoDbLocal() {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }

  // A client that waits for nothing between its tries; of what stands before it at `port`, if any.
  [[nodiscard]] std::shared_ptr<aws::DynamoDb> client(std::uint16_t port = 0) const {
    aws::Surroundings nowhere{
        .variable = [](const std::string& name) -> std::optional<std::string> {
          if (name == "AWS_ACCESS_KEY_ID" || name == "AWS_SECRET_ACCESS_KEY") return "test";
          return std::nullopt;
        },
        .read_file = [](const std::string&) { return std::nullopt; }};
    return std::make_shared<aws::DynamoDb>(
        aws::ServicePlace{{"127.0.0.1", std::to_string(port == 0 ? port_ : port), "", false},
                          "eu-west-2"},
        std::make_shared<aws::CredentialChain>(std::move(nowhere)),
        aws::Tools{.now =
                       [] {
                         return std::chrono::floor<std::chrono::microseconds>(
                             std::chrono::system_clock::now());
                       },
                   .random = std::mt19937_64{std::random_device{}()},
                   .sleep = [](std::chrono::milliseconds) {}},
        aws::RetryBudget{.try_time_limit = std::chrono::seconds{60}});
  }

  // Each test has tables of its own.
  [[nodiscard]] std::string new_table_name() {
    return "stacks-" + std::to_string(getpid()) + "-" + std::to_string(++tables_);
  }

 private:
  DynamoDbLocal() : port_(free_port()), child_(start(port_)) { wait_until_it_answers(); }

  static std::uint16_t free_port() {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at = loopback(0);
    bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at);
    socklen_t size = sizeof at;
    getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size);
    close(fd);
    return ntohs(at.sin_port);
  }

  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return at;
  }

  static pid_t start(std::uint16_t port) {
    const std::string program = BDDLOCK_SOURCE_DIR "/tools/dynamodb-local";
    const std::string number = std::to_string(port);
    const pid_t child = fork();
    if (child != 0) return child;
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // also where the tests are killed
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(nowhere, STDOUT_FILENO);
    execl(program.c_str(), program.c_str(), number.c_str(), nullptr);
    _exit(127);
  }

  void wait_until_it_answers() const {
    for (int tries = 0; tries < 1200; ++tries) {
      if (waitpid(child_, nullptr, WNOHANG) != 0) break;
      const int fd = socket(AF_INET, SOCK_STREAM, 0);
      const sockaddr_in at = loopback(port_);
      const bool answers = connect(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
      close(fd);
      if (answers) return;
      std::this_thread::sleep_for(std::chrono::milliseconds{100});
    }
    throw std::runtime_error(
        "DynamoDB Local does not start: run tools/install-deps test and tools/dynamodb-local 8000");
  }

  const std::uint16_t port_;
  const pid_t child_;
  int tables_ = 0;
};

}  // namespace bddlock::fakes
