#include "aws/surroundings.hpp"

#include "aws/profile.hpp"

namespace bddlock::aws {

Surroundings surroundings_from(Surroundings surroundings) {
  surroundings.net = net::surroundings_from(surroundings.variable);
  std::string bundle = surroundings.text("AWS_CA_BUNDLE");
  if (bundle.empty()) bundle = load_profile(surroundings).setting("ca_bundle");
  if (!bundle.empty()) surroundings.net.ca_file = std::move(bundle);
  return surroundings;
}

}  // namespace bddlock::aws
