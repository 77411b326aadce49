// The items of one TransactWriteItems. Pure.
#pragma once

#include <boost/json/array.hpp>
#include <string>

#include "core/event.hpp"
#include "core/request.hpp"
#include "stores/dynamodb/stack_item.hpp"
#include "stores/dynamodb/table.hpp"

namespace bddlock::stores::dynamodb {

inline constexpr std::size_t actions_max = 100;  // Amazon's limit

class Transaction {
 public:
  explicit Transaction(const TableNames& names)
      : stacks_(names.stacks), requests_(names.requests()) {}

  // The item, and what is due of it.
  void put(const core::Stack& next, core::Version expected, const AsRead* as_read,
           const std::string& lease_by);
  // The item, what was due of it; its last token is kept.
  void remove(const core::Stack& stack, const AsRead& as_read);
  // The item, and until when it is ready.
  void put(const core::Request& next, core::Version expected);
  void remove(const core::Request& request, core::Version expected);
  void add(const core::Event& event);
  // The repo has requests, whatever their arrival.
  void make_known(const core::RepoName& repo);
  // `read` is what it was; the race that it closes: two replicas give two requests one arrival.
  void raise_arrival(const core::RepoName& repo, std::int64_t read, std::int64_t arrival);

  [[nodiscard]] std::size_t size() const { return actions_.size(); }
  // With this client token DynamoDB does it once within ten minutes, however often it is sent.
  [[nodiscard]] json::object take(const std::string& client_token);
  // For what does no harm if it is asked for again.
  [[nodiscard]] json::object take();

 private:
  void add_action(std::string_view kind, json::object action);
  void put_row(json::object row);
  void delete_row(std::string_view pk, std::string_view sk);
  void keep_id(const core::Event& event);
  void set_due(const core::Stack& stack, core::Version version);

  const std::string stacks_;
  const std::string requests_;
  json::array actions_;
};

}  // namespace bddlock::stores::dynamodb
