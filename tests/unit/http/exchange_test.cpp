#include "http/exchange.hpp"

#include <gtest/gtest.h>

namespace bddlock::http {
namespace {

void use(Exchange& exchange, std::size_t target_bytes) {
  exchange.number = 7;
  exchange.method = "POST";
  exchange.target.assign(target_bytes, 't');
  exchange.form = {.framing = Framing::chunked, .head = true, .close = true, .http_1_0 = true};
  exchange.response.status = 200;
  exchange.response.body = "body";
  exchange.response.headers.emplace_back("Allow", "GET");
  exchange.response.code = "code";
  exchange.response.log_target = "/log";
  exchange.answered = exchange.pulling = exchange.header_written = true;
  exchange.source = std::make_shared<api::Pull>();
  exchange.piece = "piece";
  exchange.body_bytes = 4;
}

void expect_new(const Exchange& exchange) {
  EXPECT_EQ(exchange.number, 0U);
  EXPECT_EQ(exchange.method + exchange.target, "");
  EXPECT_EQ(exchange.form.framing, Framing::length);
  EXPECT_FALSE(exchange.form.head || exchange.form.close || exchange.form.http_1_0);
  const api::Response& response = exchange.response;
  EXPECT_EQ(response.status, api::Response{}.status);
  EXPECT_EQ(response.body + response.code + response.log_target, "");
  EXPECT_TRUE(response.headers.empty());
  EXPECT_FALSE(exchange.answered || exchange.pulling || exchange.header_written);
  EXPECT_FALSE(exchange.source || exchange.piece);
  EXPECT_EQ(exchange.body_bytes, 0U);
}

TEST(SpareExchanges, AreAsNewOnes) {
  SpareExchanges spare;
  Exchanges in_use;
  use(spare.add_to(in_use), 100);
  const Exchange* first = &in_use.front();
  spare.take_from(in_use);
  EXPECT_TRUE(in_use.empty());
  const Exchange& again = spare.add_to(in_use);
  EXPECT_EQ(&again, first);
  expect_new(again);
}

TEST(SpareExchanges, KeepNoLongTarget) {
  SpareExchanges spare;
  Exchanges in_use;
  use(spare.add_to(in_use), 8000);
  spare.take_from(in_use);
  EXPECT_LT(spare.add_to(in_use).target.capacity(), 1000U);
}

TEST(SpareExchanges, AreTakenFromTheFrontAndAddedAtTheEnd) {
  SpareExchanges spare;
  Exchanges in_use;
  for (std::uint64_t number : {1U, 2U, 3U}) spare.add_to(in_use).number = number;
  spare.take_from(in_use);
  spare.add_to(in_use).number = 4;
  std::vector<std::uint64_t> numbers;
  for (const Exchange& exchange : in_use) numbers.push_back(exchange.number);
  EXPECT_EQ(numbers, (std::vector<std::uint64_t>{2, 3, 4}));
}

}  // namespace
}  // namespace bddlock::http
