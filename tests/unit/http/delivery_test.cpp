// Many answers at once: more than the server writes before it reads again.
#include <algorithm>

#include "raw_client.hpp"
#include "running_server.hpp"

namespace bddlock::http {
namespace {

constexpr std::size_t clients_count = 100;

// Keeps all requests until they are answered together, each with what it asked for.
class AnswersTogether : public testing::Test {
 protected:
  AnswersTogether()
      : server_([this](api::Request request, api::Respond respond) {
          const std::lock_guard lock(mutex_);
          kept_.emplace_back(std::move(request.target), std::move(respond));
        }) {}

  void connect_and_ask(std::size_t requests_each = 1) {
    for (std::size_t i = 0; i < clients_count; ++i) {
      std::string asked;
      for (std::size_t j = 0; j < requests_each; ++j) asked += get(target(i, j));
      clients_.emplace_back(server_.port).send(asked);
    }
    wait_for(clients_count * requests_each);
  }

  void answer_all_while_held() {
    server_.hold_answers();
    const std::lock_guard lock(mutex_);
    for (auto& [target, respond] : kept_) respond(plain(200, target));
    kept_.clear();
  }

  void expect_all_answered(std::size_t requests_each = 1) {
    for (std::size_t i = 0; i < clients_count; ++i)
      for (std::size_t j = 0; j < requests_each; ++j) {
        const auto answer = clients_[i].read_answer();
        ASSERT_TRUE(answer) << i;
        EXPECT_EQ(answer->body, target(i, j));
      }
  }

  static std::string target(std::size_t client, std::size_t request) {
    return "/" + std::to_string(client) + "/" + std::to_string(request);
  }

  RunningServer& server() { return server_; }

 private:
  void wait_for(std::size_t count) {
    for (;; std::this_thread::sleep_for(std::chrono::milliseconds(2))) {
      const std::lock_guard lock(mutex_);
      if (kept_.size() >= count) return;
    }
  }

  std::mutex mutex_;
  std::vector<std::pair<std::string, api::Respond>> kept_;
  RunningServer server_;
  std::vector<RawClient> clients_;
};

TEST_F(AnswersTogether, AllArrive) {
  connect_and_ask();
  answer_all_while_held();
  server().let_answers_go();
  expect_all_answered();
}

TEST_F(AnswersTogether, ArriveInTheirOrderOnEachConnection) {
  connect_and_ask(3);
  answer_all_while_held();
  server().let_answers_go();
  expect_all_answered(3);
}

TEST_F(AnswersTogether, AllArriveWhenTheServerStopsRightAfterThem) {
  connect_and_ask();
  answer_all_while_held();
  server().let_answers_go();
  server().stop();
  expect_all_answered();
}

TEST_F(AnswersTogether, AllArriveWhenTheServerStopsRightBeforeThem) {
  connect_and_ask();
  answer_all_while_held();
  server().stop();
  server().let_answers_go();
  expect_all_answered();
}

}  // namespace
}  // namespace bddlock::http
