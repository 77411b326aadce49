#include "wire/python_json.hpp"

#include <gtest/gtest.h>

namespace bddlock::wire {
namespace {

std::string written(std::string_view text) {
  std::string out;
  append_python_string(out, text);
  return out;
}

// What json.dumps of CPython 3.11 gives for each.
struct Row {
  std::string_view text;
  std::string_view json;
};
constexpr std::array rows{
    Row{"", R"("")"},
    Row{"testStack2192", R"("testStack2192")"},
    Row{"a/b <c> 'd' ~", R"("a/b <c> 'd' ~")"},
    Row{"\"\\", R"("\"\\")"},
    Row{"\n\r\t\f\b", R"("\n\r\t\f\b")"},
    Row{"\x01\x1f\x7f", R"("\u0001\u001f\u007f")"},
    Row{"\xC2\x80\xC3\xA9\xDF\xBF", R"("\u0080\u00e9\u07ff")"},
    Row{"\xE0\xA0\x80\xEF\xBF\xBF", R"("\u0800\uffff")"},
    Row{"\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", R"("\ud800\udc00\udbff\udfff")"},
    Row{"\xF0\x9F\x9A\x80", R"("\ud83d\ude80")"},
};

TEST(PythonJson, WritesStringsAsJsonDumpsDoes) {
  for (const Row& row : rows) EXPECT_EQ(written(row.text), row.json);
}

TEST(PythonJson, WritesAZeroByteAsAnEscape) {
  EXPECT_EQ(written(std::string_view("a\0b", 3)), R"("a\u0000b")");
}

TEST(PythonJson, WritesEachByteThatIsNoUtf8AsTheReplacementCharacter) {
  EXPECT_EQ(written("a\xFFz"), R"("a\ufffdz")");
  EXPECT_EQ(written("\xC0\xAF"), R"("\ufffd\ufffd")");                      // overlong
  EXPECT_EQ(written("\xED\xA0\x80"), R"("\ufffd\ufffd\ufffd")");            // a surrogate
  EXPECT_EQ(written("\xE2\x82"), R"("\ufffd\ufffd")");                      // cut off
  EXPECT_EQ(written("\xF4\x90\x80\x80"), R"("\ufffd\ufffd\ufffd\ufffd")");  // past U+10FFFF
}

}  // namespace
}  // namespace bddlock::wire
