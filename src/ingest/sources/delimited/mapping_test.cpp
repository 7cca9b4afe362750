#include "ingest/sources/delimited/mapping.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "os/file_system.h"

namespace weerbaar::ingest::delimited {
namespace {

constexpr std::string_view kFields = R"(
[fields]
id = { column = "SEQ" }
time = { column = "TIME", format = "%Y-%m-%d %H:%M:%S", zone = "UTC" }
actor.id = { column = "USER" }
action = { constant = "read" }
system = { constant = "BVR" }
)";
constexpr std::string_view kCsv = "format = \"csv\"\nsource = \"bvr\"\n";
constexpr std::string_view kFixed = R"(format = "fixed"
source = "bvr"
)";
constexpr std::string_view kColumns = R"(
[columns]
SEQ = { start = 1, length = 8 }
TIME = { start = 9, length = 19 }
USER = { start = 28, length = 8 }
)";

Result<Mapping> read(std::string text, Format format = Format::kCsv) {
  return read_mapping({std::move(text), "bvr.toml"}, format, os::real_file_system());
}

std::string csv(std::string_view top, std::string_view bottom) {
  return std::string(kCsv).append(top).append(kFields).append(bottom);
}

std::string fixed(std::string_view top, std::string_view columns) {
  return std::string(kFixed).append(top).append(columns).append(kFields);
}

// The error must start with its place and hold the words.
void expect_error(const std::string& text, Format format, std::string_view place, std::vector<std::string> words) {
  const auto mapping = read(text, format);
  ASSERT_FALSE(mapping.has_value()) << text;
  EXPECT_EQ(mapping.error().code, Code::kInvalid);
  EXPECT_TRUE(mapping.error().text.starts_with("bvr.toml:" + std::string(place))) << mapping.error().text << '\n'
                                                                                  << text;
  for (const std::string& word : words) {
    EXPECT_NE(mapping.error().text.find(word), std::string::npos) << mapping.error().text << " lacks " << word;
  }
}

TEST(Mapping, a_csv_has_these_defaults) {
  const Mapping mapping = read(csv("", "")).value();
  EXPECT_EQ(mapping.source, "bvr");
  EXPECT_EQ(mapping.code_page->name(), "utf-8");
  EXPECT_EQ(mapping.dialect.delimiter, ",");
  EXPECT_EQ(mapping.dialect.quote, '"');
  EXPECT_EQ(mapping.dialect.skip_lines, 0U);
  EXPECT_TRUE(mapping.header);
  EXPECT_FALSE(mapping.dialect.last_line_may_lack_its_end);
  EXPECT_EQ(mapping.trim, Trim::kNone);
  EXPECT_EQ(mapping.time->ambiguous, Ambiguous::kEarlier);
}

TEST(Mapping, a_fixed_file_has_these_defaults) {
  const Mapping mapping = read(fixed("", kColumns), Format::kFixed).value();
  EXPECT_EQ(mapping.record_length, 0U);
  EXPECT_FALSE(mapping.dialect.quote.has_value());
  EXPECT_FALSE(mapping.pad_short_lines);
  EXPECT_FALSE(mapping.dialect.last_line_may_lack_its_end);
  EXPECT_EQ(mapping.trim, Trim::kRight);
  ASSERT_EQ(mapping.columns.size(), 3U);
  EXPECT_EQ(mapping.columns[1].name, "TIME");
  EXPECT_EQ(mapping.columns[1].start, 8U);
  EXPECT_EQ(mapping.columns[1].length, 19U);
}

TEST(Mapping, delimiters_are_taken_in_the_code_page) {
  EXPECT_EQ(read(csv("code_page = \"cp037\"\ndelimiter = \";\"\n", ""))->dialect.delimiter, "\x5E");
  EXPECT_EQ(read(csv("code_page = \"latin-1\"\ndelimiter = \"¦\"\n", ""))->dialect.delimiter, "\xA6");
  EXPECT_EQ(read(csv("delimiter = \"\\t\"\nquote = \"\"\n", ""))->dialect.quote, std::nullopt);
}

TEST(Mapping, fields_may_be_written_in_tables_or_with_dots) {
  const Mapping dotted = read(csv("", "actor.unit = { column = \"U\" }\nworkplace.ip = { column = \"IP\" }\n")).value();
  const Mapping tables = read(csv("", "[fields.workplace]\nip = { column = \"IP\" }\n")).value();
  EXPECT_EQ(dotted.fields.size(), 6U);
  EXPECT_EQ(tables.fields.size(), 5U);
  EXPECT_EQ(dotted.columns.size(), 5U);
}

TEST(Mapping, every_field_of_the_access_event_can_be_mapped) {
  const Mapping mapping = read(csv("", R"(actor.type = { constant = "service" }
actor.function = { column = "X" }
actor.unit = { column = "X" }
actor.on_behalf_of = { column = "X" }
component = { column = "X" }
query = { column = "X" }
records = { constant = 5 }
purpose.processing_activity = { column = "X" }
purpose.case = { column = "X" }
purpose.legal_basis = { column = "X" }
purpose.reason = { column = "X" }
purpose.break_glass = { constant = true }
outcome = { constant = "denied" }
workplace.terminal = { column = "X" }
workplace.ip = { column = "X" }
workplace.location = { column = "X" }
trace.trace_id = { column = "X" }
trace.span_id = { column = "X" }
trace.parent_span_id = { column = "X" }
data = { constant = ["income", "debt"] }
)"))
                              .value();
  EXPECT_EQ(mapping.fields.size(), 23U);
  EXPECT_EQ(mapping.data->constant->size(), 2U);
}

TEST(Mapping, wrong_toml_is_told_with_its_place) {
  expect_error("format = \"csv\"\nsource = bvr\n", Format::kCsv, "2:", {});
  expect_error("format = \"csv\"\nformat = \"csv\"\n", Format::kCsv, "2:", {});
  expect_error("\xFF", Format::kCsv, "1:", {});
  expect_error("[*", Format::kCsv, "1:", {});
  expect_error("format = \"csv\"\nsource = café\n", Format::kCsv, "2:13:", {"ASCII"});
  expect_error("a.*", Format::kCsv, "1:", {});
}

TEST(Mapping, what_is_missing_is_named) {
  expect_error("", Format::kCsv, "", {"format"});
  expect_error("format = \"csv\"\n", Format::kCsv, "", {"source"});
  expect_error(std::string(kCsv), Format::kCsv, "", {"[fields]"});
  expect_error(std::string(kCsv) + "[fields]\nid = { column = \"A\" }\n", Format::kCsv, "3:", {"actor.id"});
  const std::string text = csv("", "");
  for (const char* field : {"id =", "time =", "actor.id =", "action =", "system ="}) {
    std::string without = text;
    const size_t at = without.find(std::string("\n") + field);
    without.erase(at, without.find('\n', at + 1) - at);
    const std::string name(field, std::string_view(field).size() - 2);
    expect_error(without, Format::kCsv, "", {"field " + name + " is missing"});
  }
  expect_error(fixed("", ""), Format::kFixed, "", {"[columns]"});
  expect_error(csv("header = false\n", ""), Format::kCsv, "", {"columns is missing"});
}

TEST(Mapping, a_mapping_of_the_other_format_is_refused) {
  expect_error(csv("", ""), Format::kFixed, "1:10:", {"csv", "fixed", "--format"});
  expect_error(fixed("", kColumns), Format::kCsv, "1:10:", {"csv", "fixed", "--format"});
}

TEST(Mapping, unknown_keys_are_told_which_there_are) {
  expect_error(csv("delimeter = \";\"\n", ""), Format::kCsv, "3:1:", {"delimeter", "delimiter"});
  expect_error(csv("record_length = 80\n", ""), Format::kCsv, "3:1:", {"record_length"});
  expect_error(fixed("delimiter = \";\"\n", kColumns), Format::kFixed, "3:1:", {"delimiter"});
  expect_error(csv("", "actor.name = { column = \"A\" }\n"), Format::kCsv, "10:7:", {"actor.name", "actor.function"});
  expect_error(csv("", "who = { column = \"A\" }\n"), Format::kCsv, "10:1:", {"who", "actor.id"});
  expect_error(csv("", "source = { constant = \"x\" }\n"), Format::kCsv, "10:1:", {"field source is unknown"});
  expect_error(csv("", "query = { colum = \"A\" }\n"), Format::kCsv, "10:11:", {"colum", "column"});
  expect_error(csv("", "[[subjects]]\ntype = \"bsn\"\ncolumn = \"A\"\nvalues = { a = \"b\" }\n"), Format::kCsv,
               "13:1:", {"values"});
}

TEST(Mapping, wrong_types_and_values_are_refused) {
  const std::pair<const char*, std::vector<std::string>> tops[] = {
      {"code_page = \"cp038\"\n", {"code_page", "cp1140"}},
      {"code_page = 37\n", {"code_page", "text"}},
      {"delimiter = \";;\"\n", {"delimiter"}},
      {"delimiter = \"\"\n", {"delimiter"}},
      {"delimiter = \"\\n\"\n", {"line end"}},
      {"delimiter = \"\\\"\"\n", {"same"}},
      {"quote = \"€\"\n", {"quote"}},
      {"header = 1\n", {"header", "true"}},
      {"skip_lines = -1\n", {"skip_lines", "0"}},
      {"skip_lines = \"1\"\n", {"skip_lines"}},
      {"last_line_may_lack_its_end = 1\n", {"last_line_may_lack_its_end must be true or false"}},
      {"trim = \"left\"\n", {"trim", "right"}},
      {"columns = [\"A\"]\n", {"columns", "header"}},
  };
  for (const auto& [top, words] : tops) expect_error(csv(top, ""), Format::kCsv, "", words);
  const std::pair<const char*, std::vector<std::string>> bottoms[] = {
      {"query = \"A\"\n", {"query", "table"}},
      {"query = {}\n", {"query", "one of column"}},
      {"query = { column = \"A\", constant = \"b\" }\n", {"one of column"}},
      {"query = { constant = \"b\", default = \"c\" }\n", {"constant"}},
      {"query = { constant = 1.5 }\n", {"constant", "text"}},
      {"query = { column = \"\" }\n", {"name"}},
      {"query = { columns = [] }\n", {"list"}},
      {"query = { column = \"A\", separator = \"-\" }\n", {"separator"}},
      {"query = { column = \"A\", pad = 0 }\n", {"pad", "1"}},
      {"query = { column = \"A\", pad = 9, values = {} }\n", {"pad", "values"}},
      {"query = { column = \"A\", empty = \"-\" }\n", {"empty", "list"}},
      {"outcome = { column = \"A\", values = { x = \"ok\" } }\n", {"outcome", "ok", "success, denied, failure"}},
      {"outcome = { column = \"A\", default = \"ok\" }\n", {"outcome", "ok"}},
      {"actor.type = { constant = \"robot\" }\n", {"actor.type", "robot", "service"}},
      {"records = { constant = \"many\" }\n", {"records", "many"}},
      {"purpose.break_glass = { column = \"A\", values = { J = \"ja\" } }\n", {"break_glass", "ja", "true"}},
      {"trace.span_id = { constant = \"12\" }\n", {"trace.span_id", "16"}},
      {"actor = \"A\"\n", {}},
      {"subjects = 1\n", {}},
      {"[subjects]\ntype = \"bsn\"\n", {"[[subjects]]"}},
      {"[[subjects]]\ncolumn = \"A\"\n", {"type"}},
      {"[[subjects]]\ntype = \"sofi\"\ncolumn = \"A\"\n", {"sofi", "bsn"}},
      {"[[subjects]]\ntype = \"bsn\"\n", {"one of column"}},
      {"[attributes]\na = \"b\"\n", {"attribute a", "table"}},
      {"[attributes]\na = { column = \"A\", type = \"float\" }\n", {"type", "integer"}},
  };
  for (const auto& [bottom, words] : bottoms) expect_error(csv("", bottom), Format::kCsv, "", words);
}

TEST(Mapping, ids_by_hash_exclude_other_ways) {
  std::string text = csv("", "");
  const size_t at = text.find("{ column = \"SEQ\" }");
  text.replace(at, 18, "{ hash = true }");
  EXPECT_TRUE(read(text)->id_by_hash);
  text.replace(text.find("true }"), 6, "false }");
  expect_error(text, Format::kCsv, "5:", {"hash"});
  text.replace(text.find("false }"), 7, "true, column = \"SEQ\" }");
  expect_error(text, Format::kCsv, "5:", {"column"});
}

TEST(Mapping, times_are_checked_with_their_zone) {
  const auto with_time = [](std::string_view time) {
    std::string text = csv("", "");
    const size_t at = text.find("time = ");
    return text.replace(at, text.find('\n', at) - at, "time = " + std::string(time));
  };
  const auto refuse = [&](std::string_view time, std::vector<std::string> words) {
    expect_error(with_time(time), Format::kCsv, "6:", std::move(words));
  };
  refuse("{ column = \"T\", zone = \"UTC\" }", {"format"});
  refuse("{ column = \"T\", format = \"%Y-%m-%d %H:%M\" }", {"zone"});
  refuse("{ column = \"T\", format = \"%Y-%m-%d %H:%M%z\", zone = \"UTC\" }", {"zone"});
  refuse("{ column = \"T\", format = \"%Y-%m-%d\", zone = \"UTC\" }", {"%H"});
  refuse("{ column = \"T\", format = \"%y-%m-%d %H:%M\", zone = \"UTC\" }", {"century"});
  refuse("{ column = \"T\", format = \"%Y-%m-%d %H:%M\", zone = \"Mars/One\" }", {"Mars/One", "tzdata"});
  refuse("{ column = \"T\", format = \"%Y-%m-%d %H:%M\", zone = \"UTC\", ambiguous = \"first\" }",
         {"ambiguous", "later"});
  refuse("{ column = \"T\", format = \"%Y-%m-%d %H:%M\", zone = \"UTC\", default = \"now\" }", {"default"});
  EXPECT_TRUE(read(with_time("{ column = \"T\", format = \"%y-%m-%d %H:%M\", zone = \"UTC\", century = 20 }")));
  EXPECT_FALSE(read(with_time("{ column = \"T\", format = \"%Y-%m-%d %H:%M%z\" }"))->time->zone.has_value());
}

TEST(Mapping, columns_that_are_not_defined_are_told_which_there_are) {
  expect_error(csv("header = false\ncolumns = [\"SEQ\", \"TIME\"]\n", ""), Format::kCsv,
               "9:23:", {"USER", "SEQ, TIME"});
  std::string columns(kColumns);
  columns.erase(columns.find("USER"));
  expect_error(fixed("", columns), Format::kFixed, "11:23:", {"USER", "SEQ, TIME"});
  expect_error(csv("header = false\ncolumns = [\"SEQ\", \"SEQ\"]\n", ""), Format::kCsv, "4:11:", {"SEQ", "twice"});
}

TEST(Mapping, columns_that_cannot_be_are_refused) {
  const std::string more(kColumns);
  expect_error(fixed("", more + "F = { start = 35, length = 1 }\n"), Format::kFixed, "8:5:", {"USER", "F", "35"});
  expect_error(fixed("record_length = 34\n", more), Format::kFixed, "8:8:", {"USER", "34"});
  expect_error(fixed("record_length = 0\n", more), Format::kFixed, "3:", {"record_length"});
  expect_error(fixed("record_length = 80\nskip_lines = 1\n", more), Format::kFixed, "4:", {"skip_lines"});
  expect_error(fixed("record_length = 80\npad_short_lines = true\n", more), Format::kFixed, "4:", {"pad_short_lines"});
  expect_error(fixed("record_length = 80\nlast_line_may_lack_its_end = true\n", more), Format::kFixed,
               "4:", {"last_line_may_lack_its_end", "is for lines"});
  expect_error(fixed("", more + "F = { start = 0, length = 1 }\n"), Format::kFixed, "8:", {"start"});
  expect_error(fixed("", more + "F = { start = 36 }\n"), Format::kFixed, "8:", {"F", "length"});
  expect_error(fixed("", more + "F = 36\n"), Format::kFixed, "8:", {"F"});
  expect_error(fixed("", more + "F = { start = 36, length = 1, type = 1 }\n"), Format::kFixed, "8:", {"type"});
}

TEST(Mapping, a_mapping_that_is_too_large_is_refused) {
  expect_error(csv("", "#" + std::string(kMappingBytesMax, 'x')), Format::kCsv, "", {"larger"});
}

}  // namespace
}  // namespace weerbaar::ingest::delimited
