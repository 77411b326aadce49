#include "wire/nearest.hpp"

#include <gtest/gtest.h>

#include <array>

namespace bddlock::wire {
namespace {

constexpr std::array<std::string_view, 4> known{"stackName", "repoName", "isAvailable", "lastUsed"};

TEST(Nearest, FindsWhatWasMeant) {
  EXPECT_EQ(nearest("stackname", known), "stackName");
  EXPECT_EQ(nearest("stack_name", known), "stackName");
  EXPECT_EQ(nearest("available", known), "isAvailable");
  EXPECT_EQ(nearest("lastUse", known), "lastUsed");
  EXPECT_EQ(nearest("Repo", known), "repoName");
  EXPECT_EQ(nearest("re", known), std::nullopt);
}

TEST(Nearest, FindsNothingWhereNothingIsNear) {
  EXPECT_EQ(nearest("colour", known), std::nullopt);
  EXPECT_EQ(nearest("", known), std::nullopt);
  EXPECT_EQ(nearest(std::string(65, 'a'), known), std::nullopt);
  EXPECT_EQ(nearest("stackName", {}), std::nullopt);
}

TEST(Nearest, DoesNotTakeOneShortNameForAnother) {
  constexpr std::array<std::string_view, 2> shorts{"id", "to"};
  EXPECT_EQ(nearest("xy", shorts), std::nullopt);
}

TEST(UnknownName, SaysWhatIsNearOrWhatThereIs) {
  EXPECT_EQ(unknown_name_sentence("stackname", known),
            R"("stackname" is unknown; did you mean stackName?)");
  EXPECT_EQ(unknown_name_sentence("colour", known),
            R"("colour" is unknown; allowed: stackName, repoName, isAvailable and lastUsed)");
  EXPECT_EQ(unknown_name_sentence("colour", {}), R"("colour" is unknown; none is allowed here)");
}

TEST(Quoted, KeepsASentenceReadableWhateverItQuotes) {
  EXPECT_EQ(wire::quoted("caf\xC3\xA9"), "\"caf\xC3\xA9\"");
  EXPECT_EQ(wire::quoted("a\x1B[31m\n\x7F\xC2\x85z"), R"("a[31mz")");
  EXPECT_EQ(wire::quoted("a\xFF"), "\"a\xEF\xBF\xBD\"");
  EXPECT_EQ(wire::quoted(std::string(64, 'n')), '"' + std::string(64, 'n') + '"');
  EXPECT_EQ(wire::quoted(std::string(65, 'n')), '"' + std::string(64, 'n') + "...\"");
}

}  // namespace
}  // namespace bddlock::wire
