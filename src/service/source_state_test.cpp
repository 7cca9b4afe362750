#include "service/source_state.h"

#include <gtest/gtest.h>

#include "os/memory.h"

namespace weerbaar::service {
namespace {

SourceStates sample() {
  SourceStates states;
  SourceState& state = states["gateway"];
  state.heard = {1'780'000'000'123'456, 789};
  state.silent_since = {1'780'000'000'123'456, 789};
  state.silences = 3;
  state.silent_seconds = 4'000;
  RecordCounter counter(5, {1'780'000'000'000'000, 0});
  counter.add(9, {1'780'000'001'000'000, 0});
  counter.look();
  counter.told(counter.look());
  counter.add(1, {1'780'000'100'000'000, 1});
  counter.add(UINT64_MAX, {1'780'000'101'000'000, 0});
  state.counters[0x1f] = counter.state();
  return states;
}

std::string lines_of(const SourceStates& states) {
  std::string text;
  for (const auto& [source, state] : states) {
    text += source_line(source, state);
    for (const auto& [counter, run] : state.counters) text += counter_line(source, counter, run);
  }
  return text;
}

TEST(SourceState, is_read_as_it_was_written_and_the_last_line_counts) {
  os::MemoryFileSystem files;
  ASSERT_TRUE(files.make_directory("data/sources"));
  SourceStates older = sample();
  older["gateway"].silences = 1;
  older["gateway"].counters[0x1f].last = 7;
  const std::string text = lines_of(older) + lines_of(sample()) + R"({"sum":"00)";
  ASSERT_TRUE(os::write_file_atomically(files, source_state_path("data"), as_bytes(text)));
  const auto read = read_source_states(files, "data");
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->sources, sample());
  EXPECT_EQ(read->unreadable, 0U);
}

TEST(SourceState, a_line_that_was_changed_or_cut_anywhere_is_not_read) {
  std::string text = lines_of(sample());
  for (size_t end = text.find('\n'); end != text.npos; end = text.find('\n')) {
    const std::string line = text.substr(0, end);
    text.erase(0, end + 1);
    SourceStates states;
    ASSERT_TRUE(read_state_line(line, states));
    for (size_t i = 0; i < line.size(); ++i) {
      SourceStates none;
      EXPECT_FALSE(read_state_line(std::string_view(line).substr(0, i), none)) << i;
      std::string changed = line;
      changed[i] = static_cast<char>(changed[i] ^ 1);
      EXPECT_FALSE(read_state_line(changed, none)) << i;
      EXPECT_TRUE(none.empty());
    }
  }
}

TEST(SourceState, a_file_of_the_first_version_is_read) {
  const auto bytes = os::read_file(os::real_file_system(),
                                   WEERBAAR_SOURCE_DIR "/tests/fixtures/formats/source-state/v1.jsonl", 1 << 16);
  ASSERT_TRUE(bytes.has_value());
  os::MemoryFileSystem files;
  ASSERT_TRUE(files.make_directory("data/sources"));
  ASSERT_TRUE(os::write_file_atomically(files, source_state_path("data"), *bytes));
  const auto read = read_source_states(files, "data");
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->unreadable, 0U);
  EXPECT_EQ(read->sources, sample());
}

TEST(SourceState, no_file_is_no_source) {
  os::MemoryFileSystem files;
  const auto read = read_source_states(files, "data");
  ASSERT_TRUE(read.has_value());
  EXPECT_TRUE(read->sources.empty());
}

}  // namespace
}  // namespace weerbaar::service
