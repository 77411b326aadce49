// Which CI this process runs in, and which of its jobs it is: the holder of a claim, and keys that
// are the same for each step of the job and for no other. From environment variables alone; which
// of them, and their traps, is in systems.cpp. Pure.
#pragma once

#include <expected>
#include <string>

#include "ci/variables.hpp"

namespace bddlock::ci {

// All texts are lines of valid UTF-8, 1024 bytes at most: longer ones are cut.
struct CiJob {
  // github, gitlab, circleci, jenkins, buildkite, azure or bitbucket; empty: none was detected, and
  // then `job` is the host and `actor` the user.
  std::string ci = {};
  std::string job = {};      // for people: "CI / bdd-tests"
  std::string job_url = {};  // http or https, or empty
  std::string repo = {};     // "acme/shop"
  std::string branch = {};   // of a pull request its source; or the tag that the job runs for
  std::string commit = {};
  std::string actor = {};  // who started it

  // The job with its attempt, 1 to 128 of [A-Za-z0-9._:-]. All steps of it have the same; no other
  // job on this machine has it. It names the claim file.
  std::string key = {};
  // What --request-id auto takes: no other job anywhere has it, and a step that is run again in the
  // same job has the same. The error is a sentence: where the CI does not say enough to tell jobs
  // apart, two of them under one id would get one stack.
  std::expected<std::string, std::string> request_key = {};
};

// Who runs this program, for where there is no CI.
struct LocalUser {
  std::string host;
  std::string user;
};

// BDD_LOCK_JOB_KEY is added to both keys: for what a CI does not tell, as the leg of a matrix.
[[nodiscard]] CiJob detect(const Lookup& lookup, const LocalUser& local);

}  // namespace bddlock::ci
