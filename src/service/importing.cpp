// Called by service.cpp: an import, in slices between other changes.
#include <algorithm>
#include <unordered_set>

#include "service/service_state.hpp"

namespace bddlock::service {

using core::Result;

namespace {

// An import of more than one slice: `at` goes over the records twice, to look for names that are
// taken (unless it may replace them) and then to write. `State` is Service::State.
template <class State>
struct Importing {
  std::shared_ptr<State> state;
  std::vector<core::Stack> records;
  bool replace;
  Done<ImportAnswer> done;
  Imported counts = {};
  std::size_t at = 0;

  // A slice that failed changed nothing; those before it are in the table all the same.
  [[nodiscard]] core::Error partly_done(core::Error error) const {
    if (counts.created + counts.replaced > 0) error.code = core::Errc::outcome_unknown;
    return error;
  }

  [[nodiscard]] std::vector<core::Stack> next_slice() {
    const auto begin = records.begin() + static_cast<std::ptrdiff_t>(at);
    at = std::min(at + state->rules.import_slice_max, records.size());
    return {begin, records.begin() + static_cast<std::ptrdiff_t>(at)};
  }
};

template <class State>
void write_next_slice(std::shared_ptr<Importing<State>> import) {
  State& state = *import->state;
  state.template run<ImportAnswer>(
      [slice = import->next_slice(), replace = import->replace](Lender& lending, Store& store,
                                                                core::Instant now, Woken& woken) {
        return lending.import_slice(store, slice, replace, now, woken);
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

Result<NamesExist> names_in_table(StoreReader& reader, const std::vector<core::Stack>& records) {
  NamesExist taken;
  for (const core::Stack& record : records) {
    const auto present = reader.find(record.stack_name);
    if (!present) return std::unexpected(present.error());
    if (*present) taken.names.push_back(record.stack_name);
  }
  return taken;
}

template <class State>
void check_next_slice(std::shared_ptr<Importing<State>> import) {
  State& state = *import->state;
  state.template look<NamesExist>(
      [slice = import->next_slice()](Lender&, StoreReader& reader, core::Instant) {
        return names_in_table(reader, slice);
      },
      [import](Result<NamesExist> taken) {
        if (!taken) return import->done(std::unexpected(std::move(taken.error())));
        if (!taken->names.empty()) return import->done(std::move(*taken));
        if (import->at < import->records.size()) return check_next_slice(import);
        import->at = 0;
        write_next_slice(import);
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

void Service::State::import(std::vector<core::Stack> records, bool replace,
                            Done<ImportAnswer> done) {
  if (!replace) {
    if (auto twice = names_given_twice(records); !twice.empty())
      return done(NamesExist{std::move(twice)});
  }
  const bool one_slice = records.size() <= rules.import_slice_max;
  auto import = std::make_shared<Importing<State>>(shared_from_this(), std::move(records), replace,
                                                   std::move(done));
  if (replace || one_slice) return write_next_slice(std::move(import));
  check_next_slice(std::move(import));
}

}  // namespace bddlock::service
