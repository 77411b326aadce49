#include "app/aws_process.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <thread>

#include "app/program_output.hpp"
#include "app/random.hpp"

namespace bddlock::app {
namespace {

std::optional<std::string> variable_of_process(const std::string& name) {
  const char* text = std::getenv(name.c_str());
  if (text == nullptr) return std::nullopt;
  return std::string(text);
}

std::optional<std::string> text_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

aws::Instant wall_clock() {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

}  // namespace

void sleep_for(std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }

aws::Surroundings aws_surroundings() {
  return aws::surroundings_from(
      {.variable = variable_of_process,
       .read_file = text_of_file,
       .now = wall_clock,
       .random = random_number,
       .run_program = [](const std::vector<std::string>& words) { return program_output(words); }});
}

aws::Tools aws_tools() { return {.now = wall_clock, .random = random_number, .sleep = sleep_for}; }

}  // namespace bddlock::app
