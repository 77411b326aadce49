// The port's reads, by Reads. `Port` is StoreReader or Store. Private to the folder.
#pragma once

#include "stores/dynamodb/reads.hpp"

namespace bddlock::stores::dynamodb {

template <class Port>
class PortReader : public Port {
 public:
  explicit PortReader(Reads reads) : reads_(reads) {}

  core::Result<std::optional<core::Stack>> find(const core::StackName& name) override {
    return after(reads_.find(name));
  }
  core::Result<service::StackPage> list(const service::StackQuery& query) override {
    return after(reads_.list(query));
  }
  core::Result<core::FencingToken> retired_token(const core::StackName& name) override {
    return after(reads_.number("retired", name.text(), "token"));
  }
  core::Result<std::optional<std::int64_t>> mark(std::string_view key) override {
    return after(reads_.mark(key));
  }
  core::Result<std::vector<core::RepoName>> repos(const std::optional<core::RepoName>& behind,
                                                  std::size_t limit) override {
    return after(reads_.repos(behind, limit));
  }
  core::Result<service::RepoTotals> totals(const core::RepoName& repo) override {
    return after(reads_.totals(repo));
  }
  core::Result<std::vector<core::Stack>> available(const core::RepoName& repo,
                                                   const core::StringMap& labels,
                                                   std::size_t limit) override {
    return after(reads_.available(repo, labels, limit));
  }
  core::Result<std::vector<core::Stack>> likely_available(const core::RepoName& repo,
                                                          const core::StringMap& labels,
                                                          std::size_t enough,
                                                          std::size_t limit) override {
    return after(reads_.likely_available(repo, labels, enough, limit));
  }
  core::Result<std::vector<core::StackName>> free_names(const core::RepoName& repo) override {
    return after(reads_.free_names(repo));
  }
  core::Result<std::vector<core::Stack>> due(core::Instant now, std::size_t limit) override {
    return after(reads_.due(now, limit));
  }
  core::Result<std::optional<core::Request>> find_request(const core::RepoName& repo,
                                                          const core::RequestId& id) override {
    return after(reads_.find_request(repo, id));
  }
  core::Result<std::vector<core::Request>> waiting(const core::RepoName& repo,
                                                   const std::optional<service::QueuePlace>& behind,
                                                   std::size_t limit) override {
    return after(reads_.waiting(repo, behind, limit));
  }
  core::Result<std::int64_t> count_waiting(const core::RepoName& repo) override {
    return after(reads_.count_waiting(repo, std::nullopt));
  }
  core::Result<std::int64_t> count_waiting_before(const core::RepoName& repo,
                                                  const service::QueuePlace& place) override {
    return after(reads_.count_waiting(repo, place));
  }
  core::Result<std::int64_t> last_arrival(const core::RepoName& repo) override {
    return after(reads_.last_arrival(repo));
  }
  core::Result<std::vector<core::Request>> ready_until_before(core::Instant at,
                                                              std::size_t limit) override {
    return after(reads_.ready_until_before(at, limit));
  }
  core::Result<std::vector<core::Request>> settled_requests(
      const std::optional<std::pair<core::RepoName, core::RequestId>>& behind,
      std::size_t limit) override {
    return after(reads_.settled_requests(behind, limit));
  }
  core::Result<service::EventPage> events(const service::EventQuery& query) override {
    return after(reads_.events(query));
  }

 protected:
  // What a job that has saved something is told when a later step of it fails.
  template <class T>
  core::Result<T> after(core::Result<T> result) const {
    if (!result && has_saved_) result.error().code = core::Errc::outcome_unknown;
    return result;
  }

  Reads reads_;
  bool has_saved_ = false;
};

}  // namespace bddlock::stores::dynamodb
