#include <algorithm>
#include <boost/json/array.hpp>
#include <map>
#include <utility>

#include "aws/sha256.hpp"
#include "stores/dynamodb/documents.hpp"
#include "stores/dynamodb/dynamodb_store.hpp"
#include "stores/dynamodb/port_reader.hpp"
#include "stores/dynamodb/shared.hpp"
#include "stores/dynamodb/transaction.hpp"

namespace bddlock::stores {
namespace dynamodb {
namespace {

using service::Changes;
using service::Saved;

constexpr std::chrono::milliseconds first_loss_wait{10};
constexpr std::chrono::milliseconds longest_loss_wait{320};
constexpr std::size_t deleted_at_once = 25;  // Amazon's limit of a BatchWriteItem

core::Instant event_time(const Item& item) {
  return parse_event(text_in(item, "body").value_or("")).at;
}

class DynamoDbStore final : public PortReader<service::Store> {
 public:
  DynamoDbStore(Table table, const DynamoDbOptions& options, std::shared_ptr<Shared> shared)
      : PortReader(Reads(table_, seen_, *shared)),
        table_(std::move(table)),
        random_(options.random),
        sleep_(options.sleep),
        shared_(std::move(shared)) {}

  core::Result<void> begin() override {
    seen_.begin();
    has_saved_ = false;
    lost_races_ = 0;
    return {};
  }

  core::Result<Saved> save(const Changes& changes) override {
    auto saved = after(save_once(changes));
    const bool done = saved && *saved == Saved::yes;
    if (done)
      note_saved(changes);
    else
      forget_what_was_remembered(changes);
    // Whatever came of it, what was read is the past now.
    for (const auto& change : changes.stacks) seen_.forget(change.next.stack_name);
    for (const auto& change : changes.requests) seen_.forget_arrival(change.next.repo_name);
    has_saved_ = has_saved_ || done;
    if (saved && !done) wait_after_lost_race();
    return saved;
  }

  std::optional<core::Stack> recall(const core::StackName& name) override {
    const auto item = shared_->recall(name);
    if (!item) return std::nullopt;
    seen_.note_remembered(*item);
    return reads_.by_own_clock(*item);
  }

  std::size_t records_a_save_max() const override { return dynamodb_stacks_a_save_max; }

  core::Result<void> put_mark(std::string_view key, std::int64_t value) override {
    auto row = row_key("mark", key);
    row.emplace("value", number_value(value));
    const auto done = table_.client().call(
        "PutItem", {{"TableName", table_.names().requests()}, {"Item", std::move(row)}});
    if (!done) return after(core::Result<void>(std::unexpected(to_core(done.error()))));
    has_saved_ = true;
    return {};
  }

  core::Result<std::int64_t> forget_events(core::Instant at, std::int64_t keep,
                                           std::size_t limit) override {
    return after(forget_oldest(at, keep, limit));
  }

 private:
  core::Result<Saved> save_once(const Changes& changes) {
    Transaction transaction(table_.names());
    for (const auto& add : {&DynamoDbStore::add_stacks, &DynamoDbStore::add_arrivals}) {
      const auto added = (this->*add)(transaction, changes);
      if (!added) return std::unexpected(added.error());
      if (!*added) return Saved::version_moved;
    }
    for (const auto& change : changes.requests) {
      if (change.remove)
        transaction.remove(change.next, change.expected);
      else
        transaction.put(change.next, change.expected);
    }
    return write(std::move(transaction), changes.events);
  }

  // The next try reads. Where it was not this process that changed a stack meanwhile, others use
  // the table too.
  void forget_what_was_remembered(const Changes& changes) {
    seen_.stop_remembering();
    for (const auto& change : changes.stacks) {
      const core::StackName& name = change.next.stack_name;
      if (seen_.is_remembered(name) && !shared_->has_later(name, change.expected))
        shared_->distrust_memory();
      shared_->forget(name);
    }
  }

  void note_saved(const Changes& changes) {
    for (const auto& change : changes.requests)
      if (!change.remove) shared_->note_repo(change.next.repo_name);
    for (const auto& change : changes.stacks) {
      if (change.remove) {
        shared_->forget(change.next.stack_name);
        continue;
      }
      if (change.next.state == core::State::available) seen_.note_freed(change.next);
      StackItem item = as_written(change.next, change.expected, lease_by(change.next));
      const auto told = written_events_.find(change.next.stack_name);
      item.last_event =
          told != written_events_.end() ? told->second : seen_.last_event(change.next.stack_name);
      shared_->note(item);
    }
  }

  void wait_after_lost_race() {
    const auto limit =
        std::min(first_loss_wait * (1 << std::min(lost_races_++, 10)), longest_loss_wait);
    if (!sleep_) return;
    sleep_(std::chrono::milliseconds(random_() % (static_cast<std::uint64_t>(limit.count()) + 1)));
  }

  // As it was when it was read; read now where nobody has. Nothing: it is another by now.
  core::Result<std::optional<AsRead>> as_read(const core::StackName& name, core::Version expected) {
    if (!seen_.has(name)) {
      const auto found = reads_.find(name);
      if (!found) return std::unexpected(found.error());
    }
    const AsRead* found = seen_.find(name, expected);
    if (found == nullptr) return std::nullopt;
    return *found;
  }

  std::string lease_by(const core::Stack& next) const {
    return seen_.lease_by(next, table_.clock().server);
  }

  core::Result<bool> add_stacks(Transaction& to, const Changes& changes) {
    for (const auto& change : changes.stacks) {
      if (change.expected == 0 && !change.remove) {
        to.put(change.next, 0, nullptr, table_.clock().server);
        continue;
      }
      const auto before = as_read(change.next.stack_name, change.expected);
      if (!before) return std::unexpected(before.error());
      if (!*before) return false;
      if (change.remove)
        to.remove(change.next, **before);
      else
        to.put(change.next, change.expected, &**before, lease_by(change.next));
    }
    return true;
  }

  // One that does not wait comes back to no place, and one that stays in line keeps its arrival:
  // whoever gave it a new one has asked for the last.
  core::Result<bool> add_arrivals(Transaction& to, const Changes& changes) {
    std::map<core::RepoName, std::int64_t> last;
    for (const auto& change : changes.requests) {
      const core::RepoName& repo = change.next.repo_name;
      if (change.remove || (change.expected != 0 && !seen_.last_arrival(repo))) continue;
      const bool waits = change.next.state == core::RequestState::waiting;
      const auto at = last.try_emplace(repo, 0).first;
      if (waits) at->second = std::max(at->second, change.next.arrival);
    }
    for (const auto& [repo, arrival] : last) {
      if (arrival > 0) {
        const auto raised = raise_arrival(to, repo, arrival);
        if (!raised) return std::unexpected(raised.error());
      } else if (!shared_->has_repo(repo)) {
        to.make_known(repo);
      }
    }
    return true;
  }

  core::Result<void> raise_arrival(Transaction& to, const core::RepoName& repo,
                                   std::int64_t arrival) {
    auto read = seen_.last_arrival(repo);
    if (!read) {
      const auto now = reads_.last_arrival(repo);
      if (!now) return std::unexpected(now.error());
      read = *now;
    }
    if (arrival > *read) to.raise_arrival(repo, *read, arrival);
    return {};
  }

  // Ids are times in microseconds.
  [[nodiscard]] core::Instant after_last_of(const core::StackName& name) const {
    return core::Instant{core::microseconds{seen_.last_event(name) + 1}};
  }

  core::Result<Saved> write(Transaction transaction, const std::vector<core::Event>& events) {
    std::vector<std::int64_t> ids;
    written_events_.clear();
    for (core::Event event : events) {
      event.id = shared_->ids.take(std::max(event.at, after_last_of(event.stack_name)));
      written_events_[event.stack_name] = event.id;
      ids.push_back(event.id);
      transaction.add(event);
    }
    auto saved = send(std::move(transaction));
    const bool unused =
        saved ? *saved != Saved::yes : saved.error().code == core::Errc::store_unavailable;
    if (unused && !ids.empty()) shared_->ids.give_back(ids.front(), ids.back());
    return saved;
  }

  core::Result<Saved> send(Transaction transaction) {
    if (transaction.size() == 0) return Saved::yes;
    if (transaction.size() > actions_max)
      return std::unexpected(core::Error{core::Errc::store_unavailable,
                                         "a change of " + std::to_string(transaction.size()) +
                                             " items, which is more than DynamoDB takes at once"});
    const auto done = table_.client().call("TransactWriteItems", transaction.take(client_token()));
    if (done) return Saved::yes;
    if (done.error().trouble == aws::Trouble::condition_failed ||
        done.error().trouble == aws::Trouble::conflict)
      return Saved::version_moved;
    return std::unexpected(to_core(done.error()));
  }

  std::string client_token() {
    std::string bytes;
    for (int i = 0; i < 2; ++i)
      for (std::uint64_t number = random_(), j = 0; j < 8; ++j, number >>= 8)
        bytes += static_cast<char>(number & 0xff);
    return aws::to_hex(bytes);
  }

  core::Result<std::int64_t> forget_oldest(core::Instant at, std::int64_t keep, std::size_t limit) {
    auto input =
        query_of(table_.names().requests(), "allEvents = :all", {{":all", text_value("all")}});
    input.emplace("IndexName", "eventsInOrder");
    if (limit == 0) return 0;
    auto total = count_events(input, keep);
    if (!total) return total;
    std::vector<json::object> keys;
    input.emplace("Limit", limit);
    const auto read = table_.each_page("Query", std::move(input), [&](const json::array& items) {
      for (const json::value& value : items) {
        const Item& item = value.as_object();
        const bool is_kept = event_time(item) >= at && *total <= keep;
        if (is_kept || keys.size() == limit) return false;
        keys.push_back(json::object{{"pk", item.at("pk")}, {"sk", item.at("sk")}});
        --*total;
      }
      return keys.size() < limit;
    });
    if (!read) return std::unexpected(read.error());
    const auto deleted = delete_rows(keys);
    if (!deleted) return std::unexpected(deleted.error());
    return std::ssize(keys);
  }

  // To count is to read all of them, so while there are far fewer than are kept it is done only now
  // and then.
  core::Result<std::int64_t> count_events(const json::object& input, std::int64_t keep) {
    constexpr std::int64_t far = 100'000;
    constexpr int uncounted_max = 100;
    if (uncounted_ > 0 && keep - counted_ > far) {
      --uncounted_;
      return counted_;
    }
    const auto total = table_.count(input);
    if (!total) return total;
    counted_ = *total;
    uncounted_ = uncounted_max;
    return total;
  }

  core::Result<void> delete_rows(const std::vector<json::object>& keys) {
    for (std::size_t at = 0; at < keys.size(); at += deleted_at_once) {
      json::array deletions;
      for (std::size_t i = at; i < std::min(at + deleted_at_once, keys.size()); ++i)
        deletions.push_back(json::object{{"DeleteRequest", json::object{{"Key", keys[i]}}}});
      const auto deleted = write_batch(std::move(deletions));
      if (!deleted) return deleted;
    }
    return {};
  }

  core::Result<void> write_batch(json::array writes) {
    json::object left{{table_.names().requests(), std::move(writes)}};
    for (int tries = 0; tries < 8 && !left.empty(); ++tries) {
      if (tries > 0) table_.client().wait_for_rest(tries);
      auto output = table_.client().call("BatchWriteItem", {{"RequestItems", std::move(left)}});
      if (!output) return std::unexpected(to_core(output.error()));
      const json::value* rest = output->if_contains("UnprocessedItems");
      left = rest != nullptr && rest->is_object() ? rest->get_object() : json::object{};
    }
    if (left.empty()) return {};
    return std::unexpected(
        core::Error{core::Errc::outcome_unknown, "DynamoDB goes on leaving out items of a batch"});
  }

  Seen seen_;
  const Table table_;
  const std::function<std::uint64_t()> random_;
  const std::function<void(std::chrono::milliseconds)> sleep_;
  const std::shared_ptr<Shared> shared_;
  int lost_races_ = 0;                                      // of this job
  std::map<core::StackName, std::int64_t> written_events_;  // of the last save: the newest of each
  std::int64_t counted_ = 0;                                // events, the last time
  int uncounted_ = 0;  // how many times more that is good enough
};

class DynamoDbReader final : public PortReader<service::StoreReader> {
 public:
  explicit DynamoDbReader(Table table) : PortReader(Reads(table_)), table_(std::move(table)) {}

 private:
  const Table table_;
};

}  // namespace
}  // namespace dynamodb

DynamoDbTable make_dynamodb_table(std::shared_ptr<aws::DynamoDb> client,
                                  const DynamoDbOptions& options) {
  const dynamodb::Table table(std::move(client),
                              {.stacks = options.table, .has_repo_index = options.has_repo_index},
                              {options.server, options.clock_skew});
  const auto shared = std::make_shared<dynamodb::Shared>(options.next_id);
  const auto make = [&] {
    return std::make_unique<dynamodb::DynamoDbStore>(table, options, shared);
  };
  DynamoDbTable made{make(), std::make_unique<dynamodb::DynamoDbReader>(table)};
  while (made.more.size() + 1 < options.stores) made.more.push_back(make());
  return made;
}

}  // namespace bddlock::stores
