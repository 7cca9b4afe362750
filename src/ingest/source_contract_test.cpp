// What every source must do, tried on every case under sources/<folder>/cases/<case>/ (docs/howto/add-a-source.md):
//   input.*          the bytes; the extension is the format, when there is a format of that name, else <folder> is
//   mapping.toml     for formats that take one
//   expected.jsonl   the events, one line of to_json() each; absent when there are none
//   refusals.txt     "line: reason" of each refusal; absent when there are none
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/check.h"
#include "domain/access_event_json.h"
#include "ingest/line_splitter.h"
#include "ingest/registry.h"

namespace weerbaar::ingest {
namespace {

namespace fs = std::filesystem;

using Lines = std::vector<std::string>;
// Makes a fresh source for each run over the input.
using Make = std::function<std::unique_ptr<Source>()>;

constexpr size_t kPrefixesMax = 400;
constexpr size_t kDigitsInReasonMax = 5;

// ---------------------------------------------------------------------------------------------------- running a source

struct Results {
  Lines events;    // to_json()
  Lines refusals;  // "line: reason"
  Lines raws;      // of the refusals
  Lines problems;  // rules broken by a single event or refusal
  // How many of them came out before finish().
  size_t events_fed = 0;
  size_t refusals_fed = 0;

  [[nodiscard]] bool same_as(const Results& other) const {
    return events == other.events && refusals == other.refusals && raws == other.raws;
  }
};

size_t longest_run_of_digits(std::string_view text) {
  size_t longest = 0;
  size_t run = 0;
  for (const char c : text) {
    run = c >= '0' && c <= '9' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

// Takes away what a source has made, as the intake does, so that a text that it did not keep dangles.
void collect(Output& output, Results& results) {
  for (const AccessEvent& event : output.events.events()) {
    if (const Status status = validate(event); !status) {
      results.problems.push_back("an event breaks a rule: " + status.error().text);
    }
    results.events.push_back(to_json(event));
  }
  for (const Refusal& refusal : output.refusals) {
    if (refusal.line == 0) results.problems.push_back("a refusal has no line: " + refusal.reason);
    if (refusal.reason.empty()) results.problems.push_back("a refusal has no reason");
    if (refusal.raw.empty()) results.problems.push_back("a refusal has lost its record: " + refusal.reason);
    if (refusal.raw.size() > kLineBytesMax) results.problems.push_back("a record is longer than kLineBytesMax");
    if (longest_run_of_digits(refusal.reason) > kDigitsInReasonMax) {
      results.problems.push_back("a reason may hold an identification number: " + refusal.reason);
    }
    results.refusals.push_back(fmt::format("{}: {}", refusal.line, refusal.reason));
    results.raws.push_back(refusal.raw);
  }
  output.events.clear();
  output.refusals.clear();
}

Results run(const Make& make, std::string_view input, const std::function<size_t()>& piece_bytes) {
  const std::unique_ptr<Source> source = make();
  Output output;
  Results results;
  while (!input.empty()) {
    // A buffer of its own, so that the address sanitizer sees a view that outlives the call.
    const std::string piece(input.substr(0, piece_bytes()));
    input.remove_prefix(piece.size());
    source->feed(piece, output);
    collect(output, results);
  }
  results.events_fed = results.events.size();
  results.refusals_fed = results.refusals.size();
  source->finish(output);
  collect(output, results);
  return results;
}

Results run_whole(const Make& make, std::string_view input) {
  return run(make, input, [size = input.size()] { return size; });
}

// ------------------------------------------------------------------------------------------------------- the contract

Lines problems_with_cuts(const Make& make, std::string_view input, const Results& whole) {
  Lines problems;
  if (!run(make, input, [] { return size_t{1}; }).same_as(whole)) {
    problems.emplace_back("fed one byte at a time, it gives something else");
  }
  for (const size_t piece_max : {3U, 40U, 700U, 9'000U}) {
    std::mt19937 random(static_cast<unsigned>(piece_max));
    if (!run(make, input, [&] { return random() % piece_max + 1; }).same_as(whole)) {
      problems.push_back(fmt::format("fed in random pieces of at most {} bytes, it gives something else", piece_max));
    }
  }
  return problems;
}

// What may differ when the input is cut off, besides the last refusal, of which only a part was there: nothing; the
// last event, where the end of the input ends a line too; or, for a source that joins records which lie far apart, all
// that it held back until the end.
enum class HoldsBack { kNothing, kLastEvent, kAnything };

// The first `count` of `part` must be the first of `all`.
bool begins_like(const Lines& part, size_t count, const Lines& all) {
  return count <= all.size() &&
         std::equal(part.begin(), part.begin() + static_cast<std::ptrdiff_t>(count), all.begin());
}

Lines problems_with_prefixes(const Make& make, std::string_view input, const Results& whole, HoldsBack holds_back) {
  Lines problems;
  const size_t step = input.size() / kPrefixesMax + 1;
  const auto settled = [holds_back](const Lines& results, size_t fed, bool last_may_differ) {
    if (holds_back == HoldsBack::kAnything) return fed;
    return results.size() - (last_may_differ && !results.empty() ? 1 : 0);
  };
  for (size_t size = 0; size < input.size(); size += step) {
    const Results part = run_whole(make, input.substr(0, size));
    const bool event_may_differ = holds_back == HoldsBack::kLastEvent;
    if (!begins_like(part.events, settled(part.events, part.events_fed, event_may_differ), whole.events) ||
        !begins_like(part.refusals, settled(part.refusals, part.refusals_fed, true), whole.refusals)) {
      problems.push_back(fmt::format("cut off after {} bytes, it gives something else before the cut", size));
    }
    problems.insert(problems.end(), part.problems.begin(), part.problems.end());
  }
  return problems;
}

// The JSON form of each event must be JSON Lines that read back as the same event.
Lines problems_with_json(const Results& whole) {
  Lines problems;
  const Make jsonl = [] { return make_source("jsonl", {}).value(); };
  for (const std::string& event : whole.events) {
    if (event.size() > kLineBytesMax) continue;
    const Results again = run_whole(jsonl, event);
    if (again.events != Lines{event}) {
      problems.push_back("the JSON form of an event does not read back as it: " + event +
                         (again.refusals.empty() ? "" : " " + again.refusals[0]));
    }
  }
  return problems;
}

// What is wrong with a source, whatever it should give for this input.
Lines problems_of(const Make& make, std::string_view input, HoldsBack holds_back) {
  const Results whole = run_whole(make, input);
  Lines problems = whole.problems;
  for (const Lines& more : {problems_with_cuts(make, input, whole),
                            problems_with_prefixes(make, input, whole, holds_back), problems_with_json(whole)}) {
    problems.insert(problems.end(), more.begin(), more.end());
  }
  return problems;
}

// ---------------------------------------------------------------------------------------------------------- the cases

struct Case {
  std::string folder;
  std::string name;
  std::string format;
  fs::path directory;
};

void PrintTo(const Case& tried, std::ostream* out) {
  *out << tried.folder << '/' << tried.name;
}

bool is_format(std::string_view name) {
  return std::ranges::find(source_formats(), name, &SourceFormat::name) != source_formats().end();
}

fs::path input_of(const fs::path& directory) {
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.path().stem() == "input") return entry.path();
  }
  return {};
}

std::vector<fs::path> folders_in(const fs::path& directory) {
  std::vector<fs::path> folders;
  if (!fs::is_directory(directory)) return folders;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.is_directory()) folders.push_back(entry.path());
  }
  std::ranges::sort(folders);
  return folders;
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const fs::path& source : folders_in(fs::path(WEERBAAR_SOURCE_DIR) / "src/ingest/sources")) {
    for (const fs::path& directory : folders_in(source / "cases")) {
      std::string extension = input_of(directory).extension().string();
      if (!extension.empty()) extension.erase(0, 1);
      const std::string folder = source.filename().string();
      cases.push_back({folder, directory.filename().string(), is_format(extension) ? extension : folder, directory});
    }
  }
  return cases;
}

std::string read_all(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

Lines lines_of(const std::string& text) {
  Lines lines;
  LineSplitter splitter;
  splitter.feed(text);
  splitter.finish();
  while (const auto line = splitter.next()) lines.emplace_back(line->text);
  return lines;
}

std::string joined(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

void expect_lines(const fs::path& file, const Lines& actual) {
  const Lines expected = lines_of(read_all(file));
  const auto [wanted, got] = std::ranges::mismatch(expected, actual);
  if (wanted == expected.end() && got == actual.end()) return;
  ADD_FAILURE() << file << (fs::exists(file) ? " differs" : " is missing") << " from line "
                << wanted - expected.begin() + 1
                << " on.\nExpected: " << (wanted == expected.end() ? "no more" : *wanted)
                << "\nCame out: " << (got == actual.end() ? "no more" : *got) << "\nAll that came out:\n"
                << joined(actual);
}

Result<Make> maker_of(const Case& tried) {
  SourceOptions options;
  if (fs::exists(tried.directory / "mapping.toml")) {
    options = {.mapping = read_all(tried.directory / "mapping.toml"), .mapping_name = "mapping.toml"};
  }
  WEERBAAR_TRY(make_source(tried.format, options));
  return [format = tried.format, options] { return make_source(format, options).value(); };
}

// One statement, or one span and its log records, make one event; they may lie anywhere in the input.
HoldsBack holds_back(const Case& tried) {
  if (tried.format == "pgaudit" || tried.format == "otlp" || tried.format == "ldv") return HoldsBack::kAnything;
  // An object that something else follows in its line is refused, and by itself it is an event, the right one.
  const bool whole_before_its_end = tried.folder == "jsonl" && tried.name == "broken-json";
  const bool lax = read_all(tried.directory / "mapping.toml").contains("last_line_may_lack_its_end = true");
  return lax || whole_before_its_end ? HoldsBack::kLastEvent : HoldsBack::kNothing;
}

class SourceContract : public testing::TestWithParam<Case> {};

TEST_P(SourceContract, holds) {
  const Case& tried = GetParam();
  const fs::path input_file = input_of(tried.directory);
  ASSERT_FALSE(input_file.empty()) << "there is no input.* in " << tried.directory;
  const auto make = maker_of(tried);
  ASSERT_TRUE(make.has_value()) << tried.directory << ": " << make.error().text;
  ASSERT_TRUE(fs::exists(tried.directory / "expected.jsonl") || fs::exists(tried.directory / "refusals.txt"))
      << tried.directory << " expects nothing: add expected.jsonl or refusals.txt, if need be an empty one";
  const std::string input = read_all(input_file);
  const Results whole = run_whole(*make, input);
  expect_lines(tried.directory / "expected.jsonl", whole.events);
  expect_lines(tried.directory / "refusals.txt", whole.refusals);
  EXPECT_EQ(problems_of(*make, input, holds_back(tried)), Lines{});
}

std::string name_of(const testing::TestParamInfo<Case>& info) {
  std::string name = info.param.folder + "_" + info.param.name;
  std::replace_if(name.begin(), name.end(), [](char c) { return c == '-' || c == '.'; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Case, SourceContract, testing::ValuesIn(all_cases()), name_of);

TEST(SourceContractCoverage, every_source_has_two_cases_and_one_with_bad_input) {
  struct Seen {
    int cases = 0;
    int bad = 0;
  };
  // Two names may stand for one source.
  std::map<SourceFactory, Seen> seen;
  for (const Case& tried : all_cases()) {
    const auto format = std::ranges::find(source_formats(), tried.format, &SourceFormat::name);
    ASSERT_NE(format, source_formats().end()) << tried.directory << " belongs to no format of the registry";
    ++seen[format->create].cases;
    if (!read_all(tried.directory / "refusals.txt").empty()) ++seen[format->create].bad;
  }
  for (const SourceFormat& format : source_formats()) {
    EXPECT_GE(seen[format.create].cases, 2) << format.name;
    EXPECT_GE(seen[format.create].bad, 1) << format.name << " has no case with bad input";
  }
}

// ----------------------------------------------------------------------------- canaries: the contract catches
// offenders

enum class Flaw {
  kNone,
  kDependsOnCuts,   // takes the end of a piece for the end of a line
  kKeepsNoText,     // its events point into the piece
  kShowsContent,    // repeats the line in the reason
  kLosesTheRecord,  // refuses without the record
  kBreaksRules,     // events without a system
  kWritesNoJson,    // an attribute whose value is no JSON
  kCountsAhead,     // the first event depends on what follows it
  kTakesHalves,     // takes a line that was cut short for a whole one
};

// A line is the id of an event and a ';'; one with a '!' is refused, and one without ';'.
class FlawedSource final : public Source {
 public:
  explicit FlawedSource(Flaw flaw) : flaw_(flaw) {}

  void feed(std::string_view bytes, Output& output) override {
    bytes_ += bytes.size();
    if (flaw_ == Flaw::kDependsOnCuts) {
      LineSplitter splitter;
      splitter.feed(bytes);
      splitter.finish();
      while (const auto line = splitter.next()) take(*line, output);
      return;
    }
    splitter_.feed(bytes);
    while (const auto line = splitter_.next()) take(*line, output);
  }

  void finish(Output& output) override {
    splitter_.finish();
    while (const auto line = splitter_.next()) take(*line, output);
    if (flaw_ != Flaw::kCountsAhead) return;
    output.events.add(event_of(output.events.keep(std::to_string(bytes_))));
    for (const std::string& id : held_) output.events.add(event_of(output.events.keep(id)));
  }

 private:
  [[nodiscard]] AccessEvent event_of(std::string_view id) const {
    AccessEvent event;
    event.id = id;
    event.source = "flawed";
    event.actor.id = "u1";
    if (flaw_ != Flaw::kBreaksRules) event.system = "S";
    return event;
  }

  void take(const Line& line, Output& output) {
    if (line.text.empty()) return;
    if (line.text.contains('!')) {
      output.refuse(line.number, flaw_ == Flaw::kShowsContent ? std::string(line.text) : "it has an exclamation mark",
                    flaw_ == Flaw::kLosesTheRecord ? "" : line.text);
      return;
    }
    if (!line.text.ends_with(';') && flaw_ != Flaw::kTakesHalves) {
      output.refuse(line.number, "it has no semicolon", line.text);
      return;
    }
    if (flaw_ == Flaw::kCountsAhead) {
      held_.emplace_back(line.text);
      return;
    }
    AccessEvent event = event_of(flaw_ == Flaw::kKeepsNoText ? shared_id(line.text) : output.events.keep(line.text));
    const Attribute wrong[] = {{"a", "not json"}};
    if (flaw_ == Flaw::kWritesNoJson) event.attributes = output.events.keep(std::span<const Attribute>(wrong));
    output.events.add(event);
  }

  // One place for all ids, as when an adapter hands out views of its own buffer.
  std::string_view shared_id(std::string_view id) {
    shared_.assign(id.substr(0, 3));
    return shared_;
  }

  Flaw flaw_;
  LineSplitter splitter_;
  std::string shared_;
  Lines held_;
  size_t bytes_ = 0;
};

Lines problems_of_flaw(Flaw flaw) {
  return problems_of([flaw] { return std::make_unique<FlawedSource>(flaw); }, "aaa;\nbbb;\n123456782!;\nccc;\r\nddd;",
                     HoldsBack::kNothing);
}

TEST(SourceContractCanary, a_source_without_flaw_passes) {
  EXPECT_EQ(problems_of_flaw(Flaw::kNone), Lines{});
}

TEST(SourceContractCanary, every_flaw_is_caught) {
  for (const Flaw flaw : {Flaw::kDependsOnCuts, Flaw::kKeepsNoText, Flaw::kShowsContent, Flaw::kLosesTheRecord,
                          Flaw::kBreaksRules, Flaw::kWritesNoJson, Flaw::kCountsAhead, Flaw::kTakesHalves}) {
    EXPECT_FALSE(problems_of_flaw(flaw).empty()) << static_cast<int>(flaw);
  }
}

}  // namespace
}  // namespace weerbaar::ingest
