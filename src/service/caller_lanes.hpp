// Lanes without a thread: each job runs in the call of submit(), on the thread that calls, one
// after the other. For a program that answers one request at a time, as a Lambda function does,
// over a store that has no batches. A job that a callback submits runs when the job before it is
// finished, still within the outermost submit(): nothing nests, however many slices a sweep has.
//
// Threads: one; all calls of both lanes come from it, and their callbacks go to it.
#pragma once

#include <memory>

#include "service/lane.hpp"

namespace bddlock::service {

struct CallerLanes {
  std::unique_ptr<WriteLane> writes;
  std::unique_ptr<ReadLane> reads;
};

// As make_batching_lane() with batches of one job, and make_read_lane(). After an unknown outcome
// the store's recover() comes before the next job.
[[nodiscard]] CallerLanes make_caller_lanes(Store& store, StoreReader& reader, Clock& clock);

}  // namespace bddlock::service
