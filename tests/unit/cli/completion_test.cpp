// What the shells' scripts are made of. That the shells take them is tried by the end-to-end tests.
#include "cli/completion.hpp"

#include <gtest/gtest.h>

#include "fake_world.hpp"

namespace bddlock::cli::testing {
namespace {

std::vector<Command> commands_of(const Environment& env, FakeWorld& world) {
  return all_commands(env, world.server_commands());
}

TEST(Completion, KnowsEveryCommandAndOptionInEachShell) {
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    FakeWorld world;
    ASSERT_EQ(world.run({"completion", shell}), 0) << world.said();
    const std::string script = world.out.str();
    const Environment env = world.environment();
    for (const Command& command : commands_of(env, world)) {
      expect_in(command.name, script);
      for (const Option& option : command.options) {
        if (option.is_argument || option.name.empty()) continue;
        expect_in(shell == "fish" ? "'__bdd_lock_is " + command.name + "' -l " + option.name
                                  : "--" + option.name,
                  script);
      }
    }
  }
}

// A list that went stale would offer what is refused.
TEST(Completion, OffersOnlyWhatTheCommandTakes) {
  FakeWorld world;
  const Environment env = world.environment();
  int lists = 0;
  for (const Command& command : commands_of(env, world)) {
    for (const Option& option : command.options) {
      for (const std::string& choice : option.choices) {
        const Fault fault = option.assign(choice, Source::flag);
        EXPECT_FALSE(fault) << command.name << " --" << option.name << " " << *fault;
      }
      if (option.choices.empty()) continue;
      ++lists;
      EXPECT_TRUE(option.assign("nonsense", Source::flag)) << command.name << " " << option.name;
    }
  }
  EXPECT_GE(lists, 12);
}

TEST(Completion, TellsFilesStacksAndReposApart) {
  FakeWorld world;
  const Environment env = world.environment();
  const auto offer = [&](const std::string& name, const std::string& option) {
    for (const Command& command : commands_of(env, world))
      for (const Option& one : command.options)
        if (command.name == name && one.name == option) return offer_of(command, one);
    ADD_FAILURE() << name << " " << option;
    return Offer::any;
  };
  EXPECT_EQ(offer("show", "NAME"), Offer::stacks);
  EXPECT_EQ(offer("create", "NAME"), Offer::any);
  EXPECT_EQ(offer("list", "repo"), Offer::repos);
  EXPECT_EQ(offer("import", "FILE"), Offer::files);
  EXPECT_EQ(offer("backup", "TARGET"), Offer::files);
  EXPECT_EQ(offer("list", "token-file"), Offer::files);
  EXPECT_EQ(offer("list", "state"), Offer::choices);
  EXPECT_EQ(offer("disable", "now"), Offer::nothing);
  EXPECT_EQ(offer("history", "since"), Offer::any);
}

TEST(Completion, ForAnotherShellSaysWhichThereAre) {
  FakeWorld world;
  EXPECT_EQ(world.run({"completion", "tcsh"}), 64);
  expect_in("\"tcsh\" is no shell that it knows: bash, zsh and fish are allowed", world.said());
  FakeWorld other;
  EXPECT_EQ(other.run({"completion"}), 64);
  expect_in("completion needs SHELL: bash, zsh or fish", other.said());
}

}  // namespace
}  // namespace bddlock::cli::testing
