// How a request stands at a moment, whether or not anything has written that down yet. Any thread.
#pragma once

#include <string_view>
#include <vector>

#include "core/request.hpp"
#include "service/store.hpp"

namespace bddlock::service {

// A request as its client sees it: an offer is a grant that nobody has collected yet.
enum class RequestStatus { waiting = 1, offered, granted, ended };
[[nodiscard]] std::string_view to_text(RequestStatus status);

// Of the stacks of an offered or granted request, `live` gets those whose claim lives (null: not
// wanted). In one that is over, and was not noted as such yet, state and ended_at are set. An offer
// whose time has come is one until it is taken back: its request is not over, it waits again.
[[nodiscard]] core::Result<RequestStatus> status_of(StoreReader& store, core::Request& request,
                                                    core::Instant now,
                                                    std::vector<core::Stack>* live);

}  // namespace bddlock::service
