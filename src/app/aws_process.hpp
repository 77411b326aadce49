// What the folder aws takes from this process: its variables, files, clock and chance.
#pragma once

#include "aws/dynamodb.hpp"
#include "aws/surroundings.hpp"

namespace bddlock::app {

[[nodiscard]] aws::Surroundings aws_surroundings();

[[nodiscard]] aws::Tools aws_tools();

// Blocks the calling thread.
void sleep_for(std::chrono::milliseconds time);

}  // namespace bddlock::app
