// The recorded events of tests/data/lambda.
#pragma once

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace bddlock::lambda {

inline std::string recorded_event(const std::string& name) {
  std::ifstream file(BDDLOCK_SOURCE_DIR "/tests/data/lambda/" + name + ".json");
  std::ostringstream text;
  text << file.rdbuf();
  if (!file || text.str().empty()) throw std::runtime_error("no recorded event " + name);
  return text.str();
}

}  // namespace bddlock::lambda
