#include "ingest/registry.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace weerbaar::ingest {
namespace {

TEST(Registry, names_are_distinct_and_described) {
  std::set<std::string_view> names;
  for (const SourceFormat& format : source_formats()) {
    EXPECT_TRUE(names.insert(format.name).second) << format.name;
    EXPECT_FALSE(format.description.empty()) << format.name;
    EXPECT_EQ(format.description.find('\n'), std::string_view::npos) << format.name;
  }
}

TEST(Registry, makes_every_source_that_needs_no_mapping) {
  for (const SourceFormat& format : source_formats()) {
    const auto source = make_source(format.name, {});
    EXPECT_EQ(source.has_value(), !format.mapping_required) << format.name;
    if (source.has_value()) continue;
    EXPECT_EQ(source.error().code, Code::kInvalid);
    EXPECT_NE(source.error().text.find("--mapping"), std::string::npos) << source.error().text;
  }
}

TEST(Registry, an_empty_mapping_file_is_told_by_its_name) {
  for (const SourceFormat& format : source_formats()) {
    if (!format.mapping_required) continue;
    const auto source = make_source(format.name, {.mapping = "", .mapping_name = "m.toml"});
    ASSERT_FALSE(source.has_value());
    EXPECT_EQ(source.error().text.find("m.toml:"), 0U) << source.error().text;
  }
}

TEST(Registry, an_unknown_format_is_told_which_there_are) {
  const auto source = make_source("123456782", {});
  ASSERT_FALSE(source.has_value());
  EXPECT_EQ(source.error().code, Code::kInvalid);
  EXPECT_EQ(source.error().text.find("123456782"), std::string::npos);
  for (const SourceFormat& format : source_formats()) {
    EXPECT_NE(source.error().text.find(format.name), std::string::npos) << format.name;
  }
}

TEST(Registry, jsonl_refuses_a_mapping_that_it_would_ignore) {
  const auto source = make_source("jsonl", {.mapping = "a = 1", .mapping_name = "m.toml"});
  ASSERT_FALSE(source.has_value());
  EXPECT_NE(source.error().text.find("m.toml"), std::string::npos);
}

}  // namespace
}  // namespace weerbaar::ingest
