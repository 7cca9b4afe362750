#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>

#include "style/checks.h"
#include "style/cpp_text.h"

namespace weerbaar::style {

// Found by GoogleTest through its argument: what it writes for the parameter of a failed test.
void PrintTo(const Check& check, std::ostream* stream) {
  *stream << check.claim;
}

namespace {

Tree read_project() {
  Tree tree = read_tree(WEERBAAR_SOURCE_DIR);
  for (const std::string& path : {kCompileCommands, kFuzzers}) {
    if (auto text = read_text(WEERBAAR_BUILD_DIR / std::filesystem::path(path).filename())) tree[path] = *text;
  }
  return tree;
}

const Tree& project() {
  static const Tree tree = read_project();
  return tree;
}

std::string to_text(const Findings& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += fmt::format("{}:{}: {}\n", finding.path, finding.line, finding.text);
  }
  return text;
}

std::string to_text(const Tree& tree) {
  std::string text;
  for (const auto& [path, content] : tree) text += fmt::format("--- {}\n{}\n", path, content.substr(0, 400));
  return text;
}

class House : public testing::TestWithParam<Check> {};

TEST_P(House, keeps_its_rule) {
  ASSERT_FALSE(project().empty()) << "no files found under " << WEERBAAR_SOURCE_DIR;
  const Findings findings = GetParam().run(project());
  EXPECT_TRUE(findings.empty()) << to_text(findings);
}

TEST_P(House, would_see_the_rule_broken) {
  EXPECT_FALSE(GetParam().bad.empty());
  for (const Tree& canary : GetParam().bad) {
    // Each breaks the rule once: one finding, and not by chance another.
    const Findings findings = GetParam().run(canary);
    EXPECT_EQ(findings.size(), 1U) << to_text(findings) << to_text(canary);
  }
}

TEST_P(House, lets_good_work_pass) {
  EXPECT_FALSE(GetParam().good.empty());
  for (const Tree& example : GetParam().good) {
    const Findings findings = GetParam().run(example);
    EXPECT_TRUE(findings.empty()) << to_text(findings) << to_text(example);
  }
}

INSTANTIATE_TEST_SUITE_P(rules, House, testing::ValuesIn(checks()),
                         [](const testing::TestParamInfo<Check>& check) { return check.param.claim; });

TEST(CppText, finds_functions_with_their_lines) {
  const auto functions = functions_of(
      "template <class T>\n"
      "T twice(T t) {\n"
      "  return each([&] { return t; });\n"
      "}\n"
      "class A final : public B {\n"
      " public:\n"
      "  explicit A(int a) : B(a), a_{a} {}\n"
      "  bool operator==(const A& other) const noexcept {\n"
      "    return a_ == other.a_;\n"
      "  }\n"
      "};\n"
      "extern \"C\" {\n"
      "int plain() { return '{'; }\n"
      "}\n");
  ASSERT_TRUE(functions.balanced);
  std::string seen;
  for (const auto& [name, line, lines] : functions.found) seen += fmt::format("{}:{}+{} ", name, line, lines);
  EXPECT_EQ(seen, "twice:1+4 A:7+1 operator:8+3 plain:13+1 ");
}

bool formatter_is_installed() {
  return output_of("command -v clang-format-19").has_value();
}

// Names of the files among `arguments` that clang-format would change, a line each.
std::string badly_laid_out(const std::string& arguments) {
  const std::string command = fmt::format(
      "cd '{}' && clang-format-19 --dry-run {} 2>&1 | sed -n 's/^\\([^ :]*\\):.*: warning: code should.*/\\1/p' | sort "
      "-u",
      WEERBAAR_SOURCE_DIR, arguments);
  return output_of(command).value_or("clang-format-19 could not be run\n");
}

TEST(Layout, every_cpp_file_is_as_clang_format_makes_it) {
  if (!formatter_is_installed()) GTEST_SKIP() << "clang-format-19 is not installed";
  std::string files;
  for (const auto& [path, content] : project()) {
    if (path.ends_with(".h") || path.ends_with(".cpp")) files += " '" + path + "'";
  }
  EXPECT_EQ(badly_laid_out(files), "") << "./dev format mends it";
}

TEST(Layout, the_formatter_would_see_a_file_laid_out_otherwise) {
  if (!formatter_is_installed()) GTEST_SKIP() << "clang-format-19 is not installed";
  const std::string path = testing::TempDir() + "weerbaar_layout_canary.cpp";
  const std::string argument = fmt::format("--style=file:.clang-format '{}'", path);
  std::ofstream(path) << "int  f( ){return 1 ;}\n";
  EXPECT_EQ(badly_laid_out(argument), path + "\n");
  std::ofstream(path) << "int f();\n";
  EXPECT_EQ(badly_laid_out(argument), "");
}

}  // namespace
}  // namespace weerbaar::style
