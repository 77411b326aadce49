// The use cases as callers outside see them: asynchronous, each on its lane. Everything that
// answers requests (api) or works by the clock (scheduler) goes through here.
//
// Threads: any thread may call; `done` is called once, on a lane's thread, and must not block (a
// lane that does not take the job calls it within the call, see lane.hpp).
//
// Life: a Service is a handle; copies share one running sweep. The lanes outlive all of them, and
// what is under way when the last goes is still finished. Of the lanes the read lane goes first:
// its jobs may go on on the write lane.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "service/lane.hpp"
#include "service/lending.hpp"

namespace bddlock::service {

class Service {
 public:
  // Told of stacks that a sweep has removed, slice by slice as they are gone: only their records
  // went, and somebody should know the names of the real stacks. On a lane's thread; may be empty.
  using OnRemoved = std::function<void(const std::vector<core::StackName>&)>;

  Service(WriteLane& writes, ReadLane& reads, SweepRules rules, OnRemoved on_removed = {});

  void create(core::NewStack wanted, Done<core::Reply> done);
  void apply(core::StackName name, core::Command command, Done<core::Reply> done);

  // The whole table, slice by slice between other changes. One sweep at a time: a second call joins
  // the first and gets its counts.
  void sweep(Done<SweepCounts> done);

  // In slices between other changes. Without `replace`, names that are in the table (or twice in
  // `records`) refuse all of it before anything is changed; one that another caller creates
  // meanwhile stops it at its slice.
  void import(std::vector<core::Stack> records, bool replace,
              Done<std::variant<Imported, NamesExist>> done);

  void find(core::StackName name, Done<std::optional<core::Stack>> done);
  void list(StackQuery query, Done<StackPage> done);
  // Every available stack of the repo, from all pages.
  void available(core::RepoName repo, Done<std::vector<core::StackName>> done);

  // Whether the store really answers: reads from it, and asks the write lane whether its last batch
  // held.
  void probe(Done<void> done);

  // See StoreReader::mark and Store::put_mark.
  void mark(std::string key, Done<std::optional<std::int64_t>> done);
  void put_mark(std::string key, std::int64_t value, Done<void> done);

 private:
  class Sweeper;

  WriteLane& writes_;
  ReadLane& reads_;
  std::shared_ptr<Sweeper> sweeper_;  // shared with its slices on the lane
};

}  // namespace bddlock::service
