#include <fmt/format.h>

#include "style/checks.h"

namespace weerbaar::style {
namespace {

const std::string kLayers = "# who may include whom\nbase:\ntrail: base\ntrail/format: base\nserver: base trail\n";

Tree with_layers(Tree tree) {
  tree["src/LAYERS"] = kLayers;
  return tree;
}

std::string repeat(std::string_view text, size_t times) {
  std::string result;
  while (times-- > 0) result += text;
  return result;
}

// A file with one function of that many lines, between other things with braces.
std::string function_of_lines(size_t lines) {
  return "namespace weerbaar {\nstruct Pair {\n  int a_{0};\n};\nconst int kTable[] = {1, 2};\n\n" +
         ("int answer(const Pair& pair) {\n" + repeat("  use(pair, \"}\", '{');  // }\n", lines - 2) + "}\n") +
         "}  // namespace weerbaar\n";
}

Check layers() {
  const std::string includes_trail = "#include <vector>\n#include \"trail/log.h\"\n";
  return {"includes_obey_the_layers",
          check_layers,
          {
              {{"src/base/a.h", ""}},  // no LAYERS
              with_layers({{"src/base/a.cpp", includes_trail}, {"src/trail/log.h", ""}}),
              with_layers({{"src/trail/format/a.cpp", includes_trail}, {"src/trail/log.h", ""}}),
              with_layers({{"src/trail/a.cpp", "#include \"trail/format/b.h\"\n"}, {"src/trail/format/b.h", ""}}),
              with_layers({{"src/server/a.cpp", "#include \"trail/lost.h\"\n"}}),
              with_layers({{"src/server/a.cpp", "#  include \"b.h\"\n"}, {"src/server/b.h", ""}}),
              with_layers({{"src/elsewhere/a.cpp", ""}}),
              with_layers({{"src/server/a.cpp", "#include \"support/b.h\"\n"}, {"tests/support/b.h", ""}}),
              with_layers({{"src/server/a_test.cpp", "#include \"support/lost.h\"\n"}}),
              {{"src/LAYERS", "base: trail\ntrail:\n"}},
              {{"src/LAYERS", "base\n"}},
          },
          {
              with_layers({{"src/server/a.cpp", includes_trail},
                           {"src/trail/log.h", "#include \"base/b.h\"\n"},
                           {"src/base/b.h", "// not: #include \"trail/log.h\"\n"}}),
              with_layers({{"src/trail/log.cpp", includes_trail}, {"src/trail/log.h", ""}}),
              with_layers({{"src/trail/format/a_test.cpp", includes_trail}, {"src/trail/log.h", ""}}),
              with_layers({{"src/server/a_test.cpp", "#include \"support/b.h\"\n"}, {"tests/support/b.h", ""}}),
          }};
}

Check sizes() {
  const std::string too_long = function_of_lines(kFunctionLinesMax + 1);
  const std::string constructor =
      "T::T(int a) : a_{a},\n  b_(f({1, 2})) {\n" + repeat("  g();\n", kFunctionLinesMax) + "}\n";
  const std::string member = "class T {\n public:\n  [[nodiscard]] bool f() const override {\n" +
                             repeat("    if (a) { b(); }\n", kFunctionLinesMax) + "  }\n};\n";
  const std::string fuzz = "extern \"C\" int f(const uint8_t* data) {\n" + repeat("g();\n", kFunctionLinesMax) + "}\n";
  const std::string deduced =
      "template <class T>\nauto f(T t) -> Result<T> {\n" + repeat("g();\n", kFunctionLinesMax) + "}\n";
  return {"functions_and_files_stay_small",
          check_sizes,
          {
              {{"src/a/b.cpp", too_long}},
              {{"src/a/b.cpp", "const char* a = R\"x({ \")x\";\n" + too_long}},
              {{"src/a/b.cpp", constructor}},
              {{"src/a/b.h", member}},
              {{"src/a/b.cpp", fuzz}},
              {{"src/a/b.cpp", deduced}},
              {{"src/a/b.cpp", "int a = 1'000;\n" + too_long}},
              {{"src/a/b.h", repeat("int a;\n", kFileLinesMax + 1)}},
              {{"src/a/b.cpp", "int f() {\n"}},
          },
          {
              {{"src/a/b.cpp", function_of_lines(kFunctionLinesMax)}},
              {{"src/a/b.cpp", "class T {\n" + repeat("  int f() { return 1; }\n", 300) + "};\n"}},
              {{"src/a/b.cpp", "const int kTable[] = {\n" + repeat("  1,\n", 300) + "};\n"}},
              {{"src/a/b.cpp", "#define A \\\n  {\n" + repeat("int a;\n", 700)}},
              {{"src/a/b.cpp", repeat("int a;\n", kFileLinesMax)}},
              {{"tests/a.cpp", repeat("int a;\n", kFileLinesMax + 1)}},
          }};
}

Check headers() {
  const std::string good = "// What it is for.\n#pragma once\n\n// Never: using namespace std;\nusing Bytes = int;\n";
  return {"headers_begin_with_a_comment_and_keep_names_to_themselves",
          check_headers,
          {
              {{"src/a/b.h", "#pragma once\n"}},
              {{"src/a/b.h", "// What it is for.\nint a;\n"}},
              {{"src/a/b.h", good + "using namespace std;\n"}},
          },
          {{{"src/a/b.h", good}}, {{"src/a/b.cpp", "using namespace std;\n"}}}};
}

Check names() {
  return {"names_say_what_a_thing_is",
          check_names,
          {
              {{"src/a/b.h", "class KeyManager {\n"}},
              {{"src/a/b.h", "struct [[nodiscard]] A {};\nenum class StringUtils { kA };\n"}},
              {{"src/a/b.h", "using Helper = int;\n"}},
              {{"src/a/b.h", "namespace util {\n"}},
              {{"src/a/string_util.cpp", ""}},
              {{"src/helpers/a.cpp", ""}},
          },
          {
              {{"src/a/utilisation.h", "class KeyStore {};  // the KeyManager of old\n"}},
              {{"src/a/b.h", "struct Utilisation {};\nint managers = 3;\n"}},
          }};
}

Check everything_is_built() {
  const std::string commands = R"([{"command": "g++ -c /x/src/trail/a.cpp", "file": "/x/src/trail/a.cpp"}])";
  return {"every_source_file_is_built",
          check_everything_is_built,
          {
              {{kCompileCommands, commands}, {"src/trail/a.cpp", ""}, {"src/trail/b.cpp", ""}},
              {{kCompileCommands, commands}, {"src/trail/aa.cpp", ""}},
              {{"src/trail/a.cpp", ""}},
          },
          {{{kCompileCommands, commands}, {"src/trail/a.cpp", ""}, {"src/trail/b.h", ""}}}};
}

Check tests_stand_beside() {
  return {"a_test_stands_beside_what_it_tests",
          check_tests_stand_beside,
          {
              {{"src/a/b_test.cpp", ""}},
              {{"src/a/b_test.cpp", ""}, {"src/c/b.h", ""}},
              {{"src/a/b_more_test.cpp", ""}, {"src/a/more.h", ""}},
              {{"src/a_c/b_test.cpp", ""}, {"src/a.h", ""}},
          },
          {
              {{"src/a/b_test.cpp", ""}, {"src/a/b.h", ""}},
              {{"src/a/b_test.cpp", ""}, {"src/a/b.cpp", ""}},
              {{"src/a/b_more_test.cpp", ""}, {"src/a/b.h", ""}},
          }};
}

Check fuzz_corpora() {
  const Tree good = {{kFuzzers, "trail_format_note_fuzz /x/trail_format_note_fuzz\n"},
                     {"tests/fuzz/corpus/trail_format_note_fuzz/seed", "a"}};
  Tree other = good;
  other.erase("tests/fuzz/corpus/trail_format_note_fuzz/seed");
  other["tests/fuzz/corpus/trail_format_note_fuzz2/seed"] = "a";
  return {"every_fuzz_target_has_seeds", check_fuzz_corpora, {other, {{"README.md", ""}}}, {good, {{kFuzzers, ""}}}};
}

Check sources() {
  const std::string folder = "src/ingest/sources/cef/";
  const Tree good = {{"src/ingest/registry.cpp", "#include \"ingest/sources/cef/cef.h\"\n"},
                     {folder + "cef.h", ""},
                     {folder + "cases/one.in", ""},
                     {folder + "cases/one.out", ""},
                     {folder + "cases/two/in", ""}};
  Tree unlisted = good;
  unlisted["src/ingest/registry.cpp"] = "";
  Tree one_case = good;
  one_case.erase(folder + "cases/two/in");
  return {"every_source_is_listed_and_has_cases", check_sources, {unlisted, one_case}, {good}};
}

Check source_namespaces() {
  const std::string header = "src/ingest/sources/cef/reader.h";
  const Tree good = {
      {"src/ingest/registry.cpp", "{\"cef\", create_cef},\n"},
      {header, "#include <vector>\nnamespace weerbaar::ingest::cef {\nclass Reader {\n  int a_{0};\n};\n}\n"},
      {"src/ingest/sources/cef/cef.cpp",
       "namespace weerbaar::ingest {\nnamespace cef {\nnamespace {\nclass Cef {};\n}\n}\n"
       "Result<int> create_cef(const A& a) {\n  return f({1, 2});\n}\n}\n"},
      {"src/ingest/sources/cef/cef_test.cpp", "namespace weerbaar::ingest {\nclass Line {};\n}\n"},
      {"src/ingest/source.h", "namespace weerbaar::ingest {\nclass Source {};\n}\n"},
  };
  const auto with = [&](const std::string& text) {
    Tree tree = good;
    tree[header] = text;
    return tree;
  };
  return {"every_source_stands_in_its_own_namespace",
          check_source_namespaces,
          {
              with("namespace weerbaar::ingest {\nclass Reader {\n};\n}\n"),
              with("namespace weerbaar::ingest {\nnamespace cef {\n}\nint read(int a);\n}\n"),
              with("namespace weerbaar::ingest {\nnamespace {\nstruct Reader {};\n}\n}\n"),
              with("namespace weerbaar::ingest {\nint create_other(int a);\n}\n"),
              // Copied, and not renamed.
              with("namespace weerbaar::ingest::jsonl {\nclass Reader {};\n}\n"),
              with("namespace weerbaar::ingest::cef2 {\nclass Reader {};\n}\n"),
              with("class Reader {};\n"),
          },
          {good, {{"src/ingest/sources/a.h", "class A {};\n"}}}};
}

Check promises() {
  const std::string later =
      "TO"
      "DO";
  return {"nothing_is_promised_for_later",
          check_promises,
          {{{"src/a/b.cpp", "// " + later + ": later\n"}},
           {{"README.md", "a\n" + later + "\n"}},
           {{"dev",
             "# FIX"
             "ME\n"}}},
          {{{"src/a/b.cpp", "int " + later + "S;  // mktemp XXXXXX\n"}}, {{"tests/fuzz/corpus/a/b", later}}}};
}

Check machine_paths() {
  const std::string home =
      "/ho"
      "me/";
  return {"no_file_names_a_path_of_one_machine",
          check_machine_paths,
          {{{"docs/a.md", "see " + home + "ann/notes\n"}},
           {{"dev",
             "cd /wo"
             "rk/main\n"}},
           {{"src/a/b.cpp",
             "open(\"/ro"
             "ot/x\");"}}},
          {{{"docs/a.md", "https://example.com" + home + "page and ~/notes\n"}},
           {{"dev",
             "ls src/wo"
             "rk/x ${HOME}" +
                 home}}}};
}

Check links() {
  return {
      "every_link_between_documents_leads_somewhere",
      check_links,
      {
          {{"README.md", "[a](docs/lost.md)\n"}},
          {{"docs/a.md", "[a](b.md) and [c](c.md#part)\n"}, {"docs/b.md", ""}},
          {{"README.md", "<img alt=\"\" src=\"docs/lost.svg\">\n"}},
          {{"README.md", "# Here\n[a](#there)\n"}},
          {{"README.md", "[a](docs/b.md#part)\n"}, {"docs/b.md", "Part\n# Parts\n"}},
      },
      {
          {{"README.md", "# Here\n[a](docs/b.md#a-part-of-b) [b](docs/) [c](#here) [d](https://example.com/x.md)\n"},
           {"docs/b.md", "## A part of `b`!\n"}},
          {{"docs/adr/a.md", "[a](../b.md) ![p](../p.svg \"title\")\n"}, {"docs/b.md", ""}, {"docs/p.svg", ""}},
          {{"README.md", "`[a](lost.md)`\n```\n[a](lost.md)\n```\n"}},
      }};
}

Check commands() {
  const std::string dev =
      "cmd_help() {\n  cat <<'HELP'\nUsage\n\n  help      this\n  test      all\nHELP\n}\ncmd_test() {\n}\n";
  return {"documents_name_the_commands_that_exist",
          check_commands,
          {
              {{"README.md", ""}},
              {{"dev", dev + "cmd_secret() {\n}\n"}},
              {{"dev", "cmd_help() {\n  cat <<'HELP'\n  help      this\n  gone      it\nHELP\n}\n"}},
              {{"dev", dev}, {"README.md", "Run `./dev demo`.\n"}},
          },
          {{{"dev", dev}, {"README.md", "Run `./dev test`; ./dev help; ./dev COMMAND\n"}}}};
}

Check assurance() {
  const std::string table = "| claim | shown by |\n|---|---|\n| It adds | `Sum.adds_what_it_gets`, label `slow` |\n";
  const std::string test = "TEST_F(Sum,\n       adds_what_it_gets) {}  // slow\n";
  return {"every_claim_names_a_test_that_exists",
          check_assurance,
          {
              {{"src/a/b_test.cpp", test}},
              {{"ASSURANCE.md", table}, {"src/a/b_test.cpp", "TEST(Other, adds_what_it_gets) {}  // slow\n"}},
              {{"ASSURANCE.md", table}, {"src/a/b_test.cpp", "TEST(Sum, adds_what_it_gets) {}\n"}},
              {{"ASSURANCE.md", table + "| It subtracts | of course |\n"}, {"src/a/b_test.cpp", test}},
          },
          {{{"ASSURANCE.md", table}, {"src/a/b_test.cpp", test}}}};
}

Check format_samples() {
  const Tree good = {{"docs/formats/INDEX", "# name: versions\nsegment: 1 2\n"},
                     {"docs/formats/segment.md", ""},
                     {"tests/fixtures/formats/segment/v1.seg", "a"},
                     {"tests/fixtures/formats/segment/v2/a", "a"}};
  Tree lost = good;
  lost.erase("tests/fixtures/formats/segment/v2/a");
  lost["tests/fixtures/formats/segment/v22/a"] = "";
  Tree unlisted = good;
  unlisted["docs/formats/package.md"] = "";
  Tree undescribed = good;
  undescribed.erase("docs/formats/segment.md");
  return {"every_version_of_a_format_is_kept", check_format_samples, {lost, unlisted, undescribed}, {good, {}}};
}

Check detector_figures() {
  const Tree good = {{"src/examine/detect/registry.cpp", "    {\"two-places\", \"two_places\", make_two_places},\n"},
                     {"docs/signals.md", "<!-- figures -->\n| `two-places` | 3 |\n<!-- end of figures -->\n"}};
  Tree outside = good;
  outside["docs/signals.md"] = "| `two-places` | sees |\n<!-- figures -->\n<!-- end of figures -->\n";
  Tree absent = good;
  absent.erase("docs/signals.md");
  return {"every_detector_has_its_figures", check_detector_figures, {outside, absent}, {good, {}}};
}

}  // namespace

std::vector<Check> checks() {
  return {layers(),
          sizes(),
          headers(),
          names(),
          everything_is_built(),
          tests_stand_beside(),
          fuzz_corpora(),
          sources(),
          source_namespaces(),
          promises(),
          machine_paths(),
          links(),
          commands(),
          format_samples(),
          assurance(),
          detector_figures()};
}

}  // namespace weerbaar::style
