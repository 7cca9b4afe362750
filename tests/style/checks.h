// The rules of the house that a machine can check. Each is a function from a tree of files to what is wrong in it, and
// stands in the list with examples that it must catch and examples that it must let pass: a check that has gone blind
// fails the tests like a broken rule does.
#pragma once

#include <string>
#include <vector>

#include "style/tree.h"

namespace weerbaar::style {

struct Finding {
  std::string path;
  size_t line;  // from 1; 0 when it is about the whole file
  std::string text;
};
using Findings = std::vector<Finding>;

// What the build knows, laid into the tree beside the sources: CMake's compile commands, and a line for each fuzz
// target that begins with its name.
inline const std::string kCompileCommands = "build/compile_commands.json";
inline const std::string kFuzzers = "build/fuzzers.txt";

// --- the C++ code: source_checks.cpp
// ----------------------------------------------------------------------------------

inline constexpr size_t kFunctionLinesMax = 70;
inline constexpr size_t kFileLinesMax = 800;

// Every #include "x/…" under src names a file there, of a folder that src/LAYERS allows. The most specific folder of a
// path counts (trail/format, not trail). Tests, fuzz targets and benchmarks may include any module. LAYERS itself goes
// downwards: a line names only folders of the lines above it.
Findings check_layers(const Tree& tree);
// Functions and files under src stay within kFunctionLinesMax and kFileLinesMax.
Findings check_sizes(const Tree& tree);
// A header begins with a comment, has #pragma once, and no `using namespace`.
Findings check_headers(const Tree& tree);
// No type, alias, namespace or file under src is named after nothing: manager, helper, util.
Findings check_names(const Tree& tree);
// Every .cpp under src is compiled: kCompileCommands has it.
Findings check_everything_is_built(const Tree& tree);
// x_test.cpp, or x_more_test.cpp for more of x, stands beside x.h or x.cpp.
Findings check_tests_stand_beside(const Tree& tree);
// Every fuzz target of kFuzzers has seeds in tests/fuzz/corpus/<target>/.
Findings check_fuzz_corpora(const Tree& tree);
// Every source of events is in the registry and has at least two cases.
Findings check_sources(const Tree& tree);
// What a source names stands in weerbaar::ingest::<folder>; in weerbaar::ingest only the functions of the registry.
// Test code names nothing that is linked.
Findings check_source_namespaces(const Tree& tree);

// --- everything else: project_checks.cpp
// ------------------------------------------------------------------------------

// No words that promise work for later.
Findings check_promises(const Tree& tree);
// No absolute paths of the machine that a file was written on.
Findings check_machine_paths(const Tree& tree);
// Every link in a Markdown file to another file of the project leads somewhere.
Findings check_links(const Tree& tree);
// `./dev help` names exactly the commands that dev has, and the documents name no others.
Findings check_commands(const Tree& tree);
// Every row of a table in ASSURANCE.md names in its last cell, in `backquotes`, what shows its claim: a test as
// Suite.claim, or another word of the test files.
Findings check_assurance(const Tree& tree);
// docs/formats/INDEX lists the formats that we write, "name: version version …", and for each version a file that was
// written in it is kept under tests/fixtures/formats/<name>/v<version>….
Findings check_format_samples(const Tree& tree);
// Every detector of the registry has a row between the marks of the figures in docs/signals.md.
Findings check_detector_figures(const Tree& tree);

// --- the list: canaries.cpp
// -------------------------------------------------------------------------------------------

struct Check {
  std::string claim;  // the name of the test
  Findings (*run)(const Tree& tree);
  std::vector<Tree> bad;   // it must find one thing in each
  std::vector<Tree> good;  // and nothing in any of these
};

std::vector<Check> checks();

}  // namespace weerbaar::style
