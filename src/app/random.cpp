#include "app/random.hpp"

#include <sys/random.h>

#include <array>
#include <cstdlib>

namespace bddlock::app {

std::uint64_t random_number() {
  // A page of them at a time: a system call for each would cost more than the number is used for.
  thread_local std::array<std::uint64_t, 32> numbers;
  thread_local std::size_t left = 0;
  if (left == 0) {
    // Up to 256 bytes never come short and never block once the kernel is seeded (getrandom(2)).
    if (getrandom(numbers.data(), sizeof numbers, 0) != static_cast<ssize_t>(sizeof numbers)) {
      std::abort();
    }
    left = numbers.size();
  }
  return numbers[--left];
}

}  // namespace bddlock::app
