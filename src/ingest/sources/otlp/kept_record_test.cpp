#include "ingest/sources/otlp/kept_record.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace weerbaar::ingest::otlp {
namespace {

std::vector<std::string> all_inputs() {
  std::vector<std::string> inputs;
  for (const char* const folder : {"/src/ingest/sources/otlp/cases", "/tests/fuzz/corpus/ingest_otlp_fuzz"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(std::string(WEERBAAR_SOURCE_DIR) + folder)) {
      const std::string name = entry.path().filename().string();
      if (!entry.is_regular_file() || name.starts_with("expected") || name.starts_with("refusals")) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
  }
  return inputs;
}

TEST(OtlpKeptRecord, the_json_of_a_record_makes_the_same_record_again) {
  const Mapping mapping;
  size_t records = 0;
  for (const std::string& input : all_inputs()) {
    Output output;
    for (const KeptRecord& kept : read_kept_records(input, mapping, output)) {
      Output again_output;
      const auto again = read_kept_records(kept.json(), mapping, again_output);
      ASSERT_EQ(again.size(), 1U) << kept.json();
      EXPECT_TRUE(again_output.refusals.empty()) << kept.json();
      EXPECT_EQ(again[0].record.hash(), kept.record.hash()) << kept.json();
      EXPECT_EQ(again[0].record.resource().attributes, kept.record.resource().attributes);
      EXPECT_EQ(again[0].json(), kept.json());
      EXPECT_EQ(kept.json().find('\n'), std::string::npos);
      ++records;
    }
  }
  EXPECT_GT(records, 50U);
}

TEST(OtlpKeptRecord, an_input_of_many_objects_gives_all_its_records_and_refusals) {
  const std::string line = R"({"trace_id":"5b8efff798038103d269b633813fc60c","span_id":"eee19b7ec3c1b174","name":"n",)"
                           R"("start_time":1544712660000,"attributes":{"enduser.id":"u1"},"resource":{"name":"svc"}})";
  Output output;
  const auto kept = read_kept_records(line + "\n{\"resourceSpans\":7}\n" + line + "\n{", Mapping(), output);
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_EQ(kept[1].record.head().line, 3U);
  EXPECT_EQ(output.refusals.size(), 2U);
}

}  // namespace
}  // namespace weerbaar::ingest::otlp
