#include <condition_variable>
#include <map>

#include "raw_client.hpp"
#include "running_server.hpp"

namespace bddlock::http {
namespace {

// Keeps requests back until the test says which to answer, from the test's own thread.
class Held {
 public:
  OnRequest keep() {
    return [this](api::Request request, api::Respond respond) {
      const std::lock_guard lock(mutex_);
      order_.push_back(request.target);
      waiting_.emplace(request.target, std::move(respond));
      changed_.notify_all();
    };
  }

  // Waits until that many have come, and returns how many there then are.
  std::size_t wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(5), [&] { return order_.size() >= count; });
    return order_.size();
  }

  void answer(const std::string& target) {
    std::unique_lock lock(mutex_);
    auto found = waiting_.extract(target);
    lock.unlock();
    found.mapped()(plain(200, "answer to " + target));
  }

  std::vector<std::string> order() {
    const std::lock_guard lock(mutex_);
    return order_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, api::Respond> waiting_;
  std::vector<std::string> order_;
};

TEST(Pipelining, AnswersInTheOrderOfTheRequestsWhateverTheOrderOfTheAnswers) {
  Held held;
  RunningServer server(held.keep());
  RawClient client(server.port);
  client.send(get("/a") + get("/b") + get("/c"));
  ASSERT_EQ(held.wait_for(3), 3U);
  EXPECT_EQ(held.order(), (std::vector<std::string>{"/a", "/b", "/c"}));
  held.answer("/c");
  held.answer("/b");
  held.answer("/a");
  for (const char* target : {"/a", "/b", "/c"})
    EXPECT_EQ(client.read_answer()->body, std::string("answer to ") + target);
}

TEST(Pipelining, HandsOutNoMoreRequestsThanTheLimitUntilOneIsAnswered) {
  Held held;
  RunningServer server(held.keep(), {.pipelined = 2});
  RawClient client(server.port);
  client.send(get("/a") + get("/b") + get("/c") + get("/d"));
  RawClient other(server.port);
  ASSERT_EQ(held.wait_for(2), 2U);
  other.send(get("/other"));  // once it has come, the first connection's bytes were all looked at
  ASSERT_EQ(held.wait_for(3), 3U);
  EXPECT_EQ(held.order(), (std::vector<std::string>{"/a", "/b", "/other"}));
  held.answer("/b");  // not the first: nothing leaves
  held.answer("/a");
  EXPECT_EQ(held.wait_for(5), 5U);
  held.answer("/c");
  held.answer("/d");
  held.answer("/other");
  for (const char* target : {"/a", "/b", "/c", "/d"})
    EXPECT_EQ(client.read_answer()->body, std::string("answer to ") + target);
}

TEST(Pipelining, OfThousandsOfRequestsLosesNone) {
  RunningServer server;
  RawClient client(server.port);
  std::string bytes;
  for (int i = 0; i < 3000; ++i) bytes += get("/" + std::to_string(i));
  std::jthread sender([&] { client.send(bytes); });
  for (int i = 0; i < 3000; ++i) {
    const auto answer = client.read_answer();
    ASSERT_TRUE(answer) << i;
    ASSERT_EQ(answer->body, "/" + std::to_string(i) + "|-|");
  }
}

TEST(Pipelining, TakesRequestsSplitAtAnyByte) {
  RunningServer server;
  RawClient client(server.port);
  const std::string two = get("/a", "Content-Length: 3\r\n") + "abc\r\n" + get("/b");
  for (std::size_t at = 1; at < two.size(); ++at) {
    client.send(two.substr(0, at));
    client.send(two.substr(at));
    ASSERT_EQ(client.read_answer()->body, "/a|-|abc") << at;
    ASSERT_EQ(client.read_answer()->body, "/b|-|") << at;
  }
}

TEST(Pipelining, AnswersWhatCameBeforeBadBytesAndThenThem) {
  Held held;
  RunningServer server(held.keep());
  RawClient client(server.port);
  client.send(get("/a") + "NONSENSE\r\n\r\n" + get("/never"));
  ASSERT_EQ(held.wait_for(1), 1U);
  held.answer("/a");
  EXPECT_EQ(client.read_answer()->status, 200U);
  EXPECT_EQ(client.read_answer()->status, 400U);
  EXPECT_EQ(client.end(), RawClient::End::closed);
  EXPECT_EQ(held.order().size(), 1U);
}

TEST(Pipelining, SendsContinueOnlyAfterTheAnswersBefore) {
  Held held;
  RunningServer server(held.keep());
  RawClient client(server.port);
  client.send(get("/a") + get("/b", "Expect: 100-continue\r\nContent-Length: 2\r\n"));
  ASSERT_EQ(held.wait_for(1), 1U);
  held.answer("/a");
  EXPECT_EQ(client.read_answer()->body, "answer to /a");
  EXPECT_EQ(client.read_answer()->status, 100U);
  client.send("hi");
  ASSERT_EQ(held.wait_for(2), 2U);
  held.answer("/b");
  EXPECT_EQ(client.read_answer()->body, "answer to /b");
}

}  // namespace
}  // namespace bddlock::http
