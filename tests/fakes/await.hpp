// Turns a call with a `done` into one that waits for its answer.
#pragma once

#include <future>
#include <utility>

#include "service/lane.hpp"

namespace bddlock::fakes {

// await<T>([&](service::Done<T> done) { service.find(name, std::move(done)); })
template <class T, class Start>
core::Result<T> await(Start start) {
  std::promise<core::Result<T>> promise;
  auto answer = promise.get_future();
  start(service::Done<T>{[promise = std::move(promise)](core::Result<T> result) mutable {
    promise.set_value(std::move(result));
  }});
  return answer.get();
}

}  // namespace bddlock::fakes
