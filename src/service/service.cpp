// Called by api and the scheduler; calls the lanes, on which lending.cpp does the work.
#include "service/service.hpp"

#include <algorithm>
#include <mutex>
#include <unordered_set>
#include <utility>

namespace bddlock::service {
namespace {

using core::Error;
using core::Reply;
using core::Result;

// Small enough that a claim behind a slice waits for a few milliseconds only.
constexpr std::size_t slice_stacks_max = 500;
constexpr std::size_t page_stacks_max = 1000;

// Collects one repo's available names, each page a job of its own.
struct Listing {
  ReadLane& reads;
  StackQuery query;
  Done<std::vector<core::StackName>> done;
  std::vector<core::StackName> names = {};
};

void read_next_page(std::shared_ptr<Listing> listing) {
  ReadLane& reads = listing->reads;
  reads.submit([listing = std::move(listing)](StoreReader& reader) mutable {
    auto page = reader.list(listing->query);
    if (!page) return listing->done(std::unexpected(std::move(page.error())));
    for (core::Stack& stack : page->items) listing->names.push_back(std::move(stack.stack_name));
    if (!page->next_after) return listing->done(std::move(listing->names));
    listing->query.after = std::move(page->next_after);
    read_next_page(std::move(listing));
  });
}

using ImportAnswer = std::variant<Imported, NamesExist>;

// An import of more than one slice: `at` goes over the records twice, to look for names that are
// taken (unless it may replace them) and then to write.
struct Importing {
  WriteLane& writes;
  std::vector<core::Stack> records;
  bool replace;
  Done<ImportAnswer> done;
  Imported counts = {};
  std::size_t at = 0;

  // A slice that failed changed nothing; those before it are in the table all the same.
  [[nodiscard]] Error partly_done(Error error) const {
    if (counts.created + counts.replaced > 0) error.code = core::Errc::outcome_unknown;
    return error;
  }

  [[nodiscard]] std::vector<core::Stack> next_slice() {
    const auto begin = records.begin() + static_cast<std::ptrdiff_t>(at);
    at = std::min(at + slice_stacks_max, records.size());
    return {begin, records.begin() + static_cast<std::ptrdiff_t>(at)};
  }
};

void write_next_slice(std::shared_ptr<Importing> import) {
  WriteLane& writes = import->writes;
  submit<ImportAnswer>(
      writes,
      [slice = import->next_slice(), replace = import->replace](Store& store, core::Instant) {
        return import_slice(store, slice, replace);
      },
      [import](Result<ImportAnswer> answer) {
        if (!answer) return import->done(std::unexpected(import->partly_done(answer.error())));
        if (auto* taken = std::get_if<NamesExist>(&*answer)) {
          taken->imported_before = import->counts.created + import->counts.replaced;
          return import->done(std::move(answer));
        }
        import->counts.created += std::get<Imported>(*answer).created;
        import->counts.replaced += std::get<Imported>(*answer).replaced;
        if (import->at == import->records.size()) return import->done(import->counts);
        write_next_slice(import);
      });
}

void write_from_start(std::shared_ptr<Importing> import) {
  import->at = 0;
  write_next_slice(std::move(import));
}

Result<NamesExist> names_in_table(StoreReader& reader, const std::vector<core::Stack>& records) {
  NamesExist taken;
  for (const core::Stack& record : records) {
    const auto present = reader.find(record.stack_name);
    if (!present) return std::unexpected(present.error());
    if (*present) taken.names.push_back(record.stack_name);
  }
  return taken;
}

void check_next_slice(ReadLane& reads, std::shared_ptr<Importing> import) {
  reads.submit([&reads, import = std::move(import)](StoreReader& reader) mutable {
    auto taken = names_in_table(reader, import->next_slice());
    if (!taken) return import->done(std::unexpected(std::move(taken.error())));
    if (!taken->names.empty()) return import->done(std::move(*taken));
    if (import->at == import->records.size()) return write_from_start(std::move(import));
    check_next_slice(reads, std::move(import));
  });
}

std::vector<core::StackName> names_given_twice(const std::vector<core::Stack>& records) {
  std::unordered_set<core::StackName> seen;
  std::vector<core::StackName> twice;
  for (const core::Stack& record : records)
    if (!seen.insert(record.stack_name).second) twice.push_back(record.stack_name);
  return twice;
}

}  // namespace

// One sweep at a time, slice by slice; whoever comes while it runs gets its counts too.
class Service::Sweeper : public std::enable_shared_from_this<Sweeper> {
 public:
  Sweeper(WriteLane& writes, SweepRules rules, OnRemoved on_removed)
      : writes_(writes), rules_(rules), on_removed_(std::move(on_removed)) {}

  void join(Done<SweepCounts> done) {
    {
      const std::scoped_lock lock{mutex_};
      waiting_.push_back(std::move(done));
      if (std::exchange(running_, true)) return;
      counts_ = {};
    }
    run_slice(std::nullopt);
  }

 private:
  void run_slice(std::optional<core::StackName> after) {
    submit<SweepSlice>(
        writes_,
        [rules = rules_, after = std::move(after)](Store& store, core::Instant now) {
          return sweep_slice(store, rules, after, slice_stacks_max, now);
        },
        [self = shared_from_this()](Result<SweepSlice> slice) {
          if (!slice) return self->answer(std::unexpected(self->partly_done(slice.error())));
          self->add(std::move(slice->counts));
          if (!slice->next_after) return self->answer(std::move(self->counts_));
          self->run_slice(std::move(slice->next_after));
        });
  }

  void add(SweepCounts slice) {
    counts_.released += slice.released;
    counts_.removed += slice.removed;
    if (!slice.removed_names.empty() && on_removed_) on_removed_(slice.removed_names);
    std::ranges::move(slice.removed_names, std::back_inserter(counts_.removed_names));
  }

  // A slice that failed changed nothing; what those before it ended stays ended.
  [[nodiscard]] Error partly_done(Error error) const {
    if (counts_.released + counts_.removed == 0) return error;
    error.code = core::Errc::outcome_unknown;
    error.detail += "; before that " + std::to_string(counts_.released) + " were released and " +
                    std::to_string(counts_.removed) + " removed";
    return error;
  }

  void answer(const Result<SweepCounts>& counts) {
    std::vector<Done<SweepCounts>> waiting;
    {
      const std::scoped_lock lock{mutex_};
      waiting.swap(waiting_);
      running_ = false;
    }
    for (auto& done : waiting) done(counts);
  }

  WriteLane& writes_;
  const SweepRules rules_;
  const OnRemoved on_removed_;
  SweepCounts counts_;  // of the sweep that runs
  std::mutex mutex_;    // of what stands below
  std::vector<Done<SweepCounts>> waiting_;
  bool running_ = false;
};

Service::Service(WriteLane& writes, ReadLane& reads, SweepRules rules, OnRemoved on_removed)
    : writes_(writes),
      reads_(reads),
      sweeper_(std::make_shared<Sweeper>(writes, rules, std::move(on_removed))) {}

void Service::create(core::NewStack wanted, Done<Reply> done) {
  submit<Reply>(
      writes_,
      [wanted = std::move(wanted)](Store& store, core::Instant now) {
        return service::create(store, wanted, now);
      },
      std::move(done));
}

void Service::apply(core::StackName name, core::Command command, Done<Reply> done) {
  submit<Reply>(
      writes_,
      [name = std::move(name), command](Store& store, core::Instant now) {
        return service::apply(store, name, command, now);
      },
      std::move(done));
}

void Service::sweep(Done<SweepCounts> done) { sweeper_->join(std::move(done)); }

void Service::import(std::vector<core::Stack> records, bool replace, Done<ImportAnswer> done) {
  if (!replace) {
    if (auto twice = names_given_twice(records); !twice.empty())
      return done(NamesExist{std::move(twice)});
  }
  const bool one_slice = records.size() <= slice_stacks_max;
  auto import = std::make_shared<Importing>(writes_, std::move(records), replace, std::move(done));
  if (replace || one_slice) return write_next_slice(std::move(import));
  check_next_slice(reads_, std::move(import));
}

void Service::find(core::StackName name, Done<std::optional<core::Stack>> done) {
  reads_.submit([name = std::move(name), done = std::move(done)](StoreReader& reader) mutable {
    done(reader.find(name));
  });
}

void Service::list(StackQuery query, Done<StackPage> done) {
  reads_.submit([query = std::move(query), done = std::move(done)](StoreReader& reader) mutable {
    done(reader.list(query));
  });
}

void Service::available(core::RepoName repo, Done<std::vector<core::StackName>> done) {
  StackQuery query{
      .repo_name = std::move(repo), .state = core::State::available, .limit = page_stacks_max};
  read_next_page(std::make_shared<Listing>(reads_, std::move(query), std::move(done)));
}

void Service::probe(Done<void> done) {
  reads_.submit([&writes = writes_, done = std::move(done)](StoreReader& reader) mutable {
    const auto mark = reader.mark("probe");
    if (!mark) return done(std::unexpected(mark.error()));
    if (!writes.healthy())
      return done(std::unexpected(
          Error{core::Errc::store_unavailable, "the store did not take the last change"}));
    done({});
  });
}

void Service::mark(std::string key, Done<std::optional<std::int64_t>> done) {
  reads_.submit([key = std::move(key), done = std::move(done)](StoreReader& reader) mutable {
    done(reader.mark(key));
  });
}

void Service::put_mark(std::string key, std::int64_t value, Done<void> done) {
  // submit() wants a value to hand on; there is none.
  submit<bool>(
      writes_,
      [key = std::move(key), value](Store& store, core::Instant) -> Result<bool> {
        if (auto put = store.put_mark(key, value); !put) return std::unexpected(put.error());
        return true;
      },
      [done = std::move(done)](Result<bool> put) mutable {
        if (!put) return done(std::unexpected(std::move(put.error())));
        done({});
      });
}

}  // namespace bddlock::service
