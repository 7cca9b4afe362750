#include "ingest/sources/delimited/delimited.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "domain/access_event_json.h"
#include "ingest/sources/delimited/code_page.h"

namespace weerbaar::ingest {
namespace {

using Texts = std::vector<std::string>;

struct Results {
  Texts events;
  Texts refusals;  // "line: reason"
  Texts raws;
};

Results run(SourceFactory create, const std::string& mapping, std::string_view input) {
  const auto source = create({mapping, "m.toml"});
  Results results;
  EXPECT_TRUE(source.has_value()) << source.error().text;
  if (!source) return results;
  Output output;
  (*source)->feed(input, output);
  (*source)->finish(output);
  for (const AccessEvent& event : output.events.events()) results.events.push_back(to_json(event));
  for (const Refusal& refusal : output.refusals) {
    results.refusals.push_back(std::to_string(refusal.line) + ": " + refusal.reason);
    results.raws.push_back(refusal.raw);
  }
  return results;
}

// A mapping of the columns id, time, user and x, with more of it added.
std::string csv_mapping(std::string_view top, std::string_view fields) {
  return "format = \"csv\"\nsource = \"s\"\n" + std::string(top) +
         "[fields]\nid = { column = \"id\" }\n"
         "time = { column = \"time\", format = \"%Y-%m-%d %H:%M\", zone = \"+01:00\" }\n"
         "actor.id = { column = \"user\" }\naction = { constant = \"read\" }\nsystem = { constant = \"S\" }\n" +
         std::string(fields);
}

// The JSON of the only event when the cell of column x is `cell`, from behind the system; or the refusal.
std::string with_x(std::string_view fields, std::string_view cell) {
  const Results results =
      run(create_csv, csv_mapping("", fields), "id,time,user,x\n1,2026-03-02 08:14,u1," + std::string(cell) + "\n");
  EXPECT_EQ(results.events.size() + results.refusals.size(), 1U);
  if (results.events.empty()) return results.refusals.at(0);
  return results.events[0].substr(results.events[0].find("\"S\"") + 3);
}

TEST(Delimited, without_mapping_there_is_no_source) {
  for (const SourceFactory create : {create_csv, create_fixed}) {
    const auto source = create({});
    ASSERT_FALSE(source.has_value());
    EXPECT_EQ(source.error().code, Code::kInvalid);
    EXPECT_TRUE(source.error().text.starts_with("mapping:")) << source.error().text;
  }
}

TEST(Delimited, a_text_is_mapped_defaulted_padded_or_left_out) {
  const char* mapped = "component = { column = \"x\", values = { A = \"first\", \"\" = \"none\" } }\n";
  EXPECT_EQ(with_x(mapped, "A"), ",\"component\":\"first\"}");
  EXPECT_EQ(with_x(mapped, ""), ",\"component\":\"none\"}");
  EXPECT_EQ(with_x(mapped, "B"),
            "2: column \"x\", component: the value is not in values: add it to the mapping, or give "
            "a default");
  const char* fallback = "component = { column = \"x\", default = \"other\", empty = [\"-\"] }\n";
  EXPECT_EQ(with_x(fallback, ""), ",\"component\":\"other\"}");
  EXPECT_EQ(with_x(fallback, "-"), ",\"component\":\"other\"}");
  EXPECT_EQ(with_x(fallback, "B"), ",\"component\":\"B\"}");
  const char* both = "component = { column = \"x\", values = { A = \"first\" }, default = \"other\" }\n";
  EXPECT_EQ(with_x(both, "B"), ",\"component\":\"other\"}");
  EXPECT_EQ(with_x(both, ""), ",\"component\":\"other\"}");
  EXPECT_EQ(with_x("component = { column = \"x\", values = { A = \"\" } }\n", "A"), "}");
  const char* padded = "component = { column = \"x\", pad = 4 }\n";
  EXPECT_EQ(with_x(padded, "12"), ",\"component\":\"0012\"}");
  EXPECT_EQ(with_x(padded, "12345"), ",\"component\":\"12345\"}");
  EXPECT_EQ(with_x(padded, "1A"), ",\"component\":\"1A\"}");
  EXPECT_EQ(with_x(padded, ""), "}");
}

TEST(Delimited, columns_are_joined_unless_all_are_empty) {
  const char* joined = "component = { columns = [\"x\", \"y\"], separator = \"/\" }\n";
  const auto component = [&](std::string_view cells) {
    const Results results = run(create_csv, csv_mapping("", joined),
                                "id,time,user,x,y\n1,2026-03-02 08:14,u1," + std::string(cells) + "\n");
    return results.events.at(0).substr(results.events[0].find("\"S\"") + 3);
  };
  EXPECT_EQ(component("a,b"), ",\"component\":\"a/b\"}");
  EXPECT_EQ(component("a,"), ",\"component\":\"a/\"}");
  EXPECT_EQ(component(","), "}");
}

TEST(Delimited, an_empty_cell_is_no_subject) {
  const char* subjects = "[[subjects]]\ntype = \"bsn\"\ncolumn = \"x\"\npad = 9\nempty = [\"000000000\", \"0\"]\n";
  EXPECT_EQ(with_x(subjects, "12345672"), ",\"subjects\":[{\"type\":\"bsn\",\"id\":\"012345672\"}]}");
  for (const char* nobody : {"", "0", "000000000"}) EXPECT_EQ(with_x(subjects, nobody), "}");
}

TEST(Delimited, attributes_are_json_scalars) {
  EXPECT_EQ(with_x("[attributes]\na = { column = \"x\" }\n", "\"\"\"q\"\" \\\""),
            ",\"attributes\":{\"a\":\"\\\"q\\\" \\\\\"}}");
  EXPECT_EQ(with_x("[attributes]\na = { column = \"x\", type = \"integer\" }\n", "-007"),
            ",\"attributes\":{\"a\":-7}}");
  EXPECT_EQ(with_x("[attributes]\na = { column = \"x\", type = \"integer\" }\n", "7.5"),
            "2: column \"x\", a: it is not a whole number");
  EXPECT_EQ(with_x("[attributes]\na = { constant = true }\nb = { constant = \"true\" }\n", ""),
            ",\"attributes\":{\"a\":true,\"b\":\"true\"}}");
}

TEST(Delimited, values_that_break_a_rule_of_the_field_are_refused_without_their_content) {
  EXPECT_EQ(with_x("records = { column = \"x\" }\n", "12a"),
            "2: column \"x\", records: it is not a whole number of digits only");
  EXPECT_EQ(with_x("outcome = { column = \"x\" }\n", "ok"),
            "2: column \"x\", outcome: it is not one of success, denied, failure: map it with values");
  EXPECT_EQ(with_x("trace.span_id = { column = \"x\" }\n", "00F067AA0BA902B7"),
            ",\"trace\":{\"span_id\":\"00f067aa0ba902b7\"}}");
  EXPECT_EQ(with_x("trace.span_id = { column = \"x\" }\n", "12"),
            "2: column \"x\", trace.span_id: it is not 16 hexadecimal digits");
  const std::string refusal = with_x("component = { column = \"x\" }\n", std::string(600, '7'));
  EXPECT_NE(refusal.find("component is 600 bytes long"), std::string::npos) << refusal;
  EXPECT_EQ(refusal.find("777"), std::string::npos);
}

TEST(Delimited, a_time_that_came_twice_is_taken_as_the_mapping_says) {
  const auto mapping = [](std::string_view ambiguous) {
    std::string text = csv_mapping("", "");
    const size_t at = text.find("\"+01:00\"");
    return text.replace(at, 8, "\"Europe/Amsterdam\"" + std::string(ambiguous));
  };
  if (!create_csv({mapping(""), "m.toml"})) GTEST_SKIP() << "the package tzdata is not installed";
  const std::string_view autumn = "id,time,user\n1,2026-10-25 02:30,u1\n";
  const auto time_of = [&](std::string_view ambiguous) {
    return run(create_csv, mapping(ambiguous), autumn).events.at(0).substr(31, 20);
  };
  EXPECT_EQ(time_of(""), "2026-10-25T00:30:00Z");
  EXPECT_EQ(time_of(", ambiguous = \"earlier\""), "2026-10-25T00:30:00Z");
  EXPECT_EQ(time_of(", ambiguous = \"later\""), "2026-10-25T01:30:00Z");
  EXPECT_EQ(
      run(create_csv, mapping(", ambiguous = \"refuse\""), autumn).refusals,
      Texts{"2: column \"time\", time: the time came twice in zone Europe/Amsterdam, when the clock was put back"});
  EXPECT_EQ(
      run(create_csv, mapping(""), "id,time,user\n1,2026-03-29 02:30,u1\n").refusals,
      Texts{"2: column \"time\", time: the time does not exist in zone Europe/Amsterdam: the clock was put forward "
            "over it"});
}

TEST(Delimited, an_offset_in_the_text_places_the_time) {
  std::string mapping = csv_mapping("", "");
  const size_t at = mapping.find("%M\", zone = \"+01:00\"");
  mapping.replace(at, 20, "%M%z\"");
  EXPECT_EQ(run(create_csv, mapping, "id,time,user\n1,2026-10-25 02:30+01:00,u1\n").events.at(0).substr(31, 20),
            "2026-10-25T01:30:00Z");
}

TEST(Delimited, a_header_that_is_no_header_is_not_repeated) {
  const Results results =
      run(create_csv, csv_mapping("", ""), "1,2026-03-02 08:14,jansen\n2,2026-03-02 08:14,jansen\n");
  EXPECT_EQ(results.events, Texts{});
  ASSERT_EQ(results.refusals.size(), 2U);
  EXPECT_EQ(results.refusals[0].find("jansen"), std::string::npos);
  EXPECT_NE(results.refusals[0].find("header = false"), std::string::npos);
  EXPECT_EQ(results.refusals[1], "2: the header in line 1 does not fit the mapping: see there");
  EXPECT_EQ(results.raws, (Texts{"1,2026-03-02 08:14,jansen", "2,2026-03-02 08:14,jansen"}));
}

TEST(Delimited, a_record_that_shares_a_name_with_the_mapping_is_not_repeated_as_a_header) {
  const Results results =
      run(create_csv, csv_mapping("", ""), "123456782,2026-03-02 08:14,user\n2,2026-03-02 08:14,jansen\n");
  EXPECT_EQ(results.events, Texts{});
  EXPECT_EQ(results.refusals, (Texts{"1: the header lacks column \"id\", \"time\" of the mapping; it has 3 columns: "
                                     "correct m.toml",
                                     "2: the header in line 1 does not fit the mapping: see there"}));
}

constexpr std::string_view kNoLineEnd =
    "the last line has no end, so it may be cut short: send the whole file, end its last line, or say "
    "last_line_may_lack_its_end = true in the mapping";

TEST(Delimited, a_last_line_that_may_be_cut_short_names_nobody) {
  const std::string subjects = "[[subjects]]\ntype = \"bsn\"\ncolumn = \"x\"\npad = 9\n";
  const std::string whole = "id,time,user,x\n1,2026-03-02 08:14,u1,123456782\n2,2026-03-02 08:14,u2,100000083\n";
  const Results all = run(create_csv, csv_mapping("", subjects), whole);
  ASSERT_EQ(all.events.size(), 2U);
  for (size_t size = whole.find("2,2026") + 1; size < whole.size(); ++size) {
    const Results cut = run(create_csv, csv_mapping("", subjects), std::string_view(whole).substr(0, size));
    EXPECT_EQ(cut.events, Texts{all.events[0]}) << size;
    EXPECT_EQ(cut.refusals, Texts{"3: " + std::string(kNoLineEnd)}) << size;
  }
  const std::string_view unended = std::string_view(whole).substr(0, whole.size() - 1);
  const Results lax = run(create_csv, csv_mapping("last_line_may_lack_its_end = true\n", subjects), unended);
  EXPECT_EQ(lax.events, all.events);
  EXPECT_EQ(lax.refusals, Texts{});
}

TEST(Delimited, a_header_that_may_be_cut_short_is_refused) {
  EXPECT_EQ(run(create_csv, csv_mapping("", ""), "id,time,user").refusals, Texts{"1: " + std::string(kNoLineEnd)});
  EXPECT_EQ(run(create_csv, csv_mapping("", ""), "id,time,user\n").refusals, Texts{});
}

TEST(Delimited, a_header_names_each_column_once) {
  const Results results = run(create_csv, csv_mapping("", ""), "id,time,user,user\n1,2026-03-02 08:14,a,b\n");
  EXPECT_EQ(results.refusals.at(0), "1: the header has column \"user\" twice: rename one at the source");
  EXPECT_EQ(results.refusals.size(), 2U);
  // A column that the mapping does not use may come twice.
  EXPECT_EQ(run(create_csv, csv_mapping("", ""), "id,time,user,x,x\n1,2026-03-02 08:14,a,,\n").events.size(), 1U);
}

TEST(Delimited, bytes_outside_the_code_page_matter_only_where_they_are_used) {
  const std::string mapping = csv_mapping("code_page = \"windows-1252\"\n", "");
  EXPECT_EQ(run(create_csv, mapping, "id,time,user,x\n1,2026-03-02 08:14,u1,\x81\n").events.size(), 1U);
  EXPECT_EQ(run(create_csv, mapping, "id,time,user,x\n1,2026-03-02 08:14,\x81,x\n").refusals,
            Texts{"2: column \"user\" holds bytes that are not windows-1252: check code_page in the mapping"});
}

TEST(Delimited, csv_may_come_in_ebcdic) {
  // "id,time,user" and a record, with NEL and LF as line ends.
  const std::string_view input =
      "\x89\x84\x6B\xA3\x89\x94\x85\x6B\xA4\xA2\x85\x99\x15"
      "\xF1\x6B\xF2\xF0\xF2\xF6\x60\xF0\xF3\x60\xF0\xF2\x40\xF0\xF8\x7A\xF1\xF4\x6B\x7F\xA4\x6B\xF1\x7F\x25";
  const Results results = run(create_csv, csv_mapping("code_page = \"cp1140\"\n", ""), input);
  EXPECT_EQ(results.events,
            Texts{"{\"id\":\"1\",\"source\":\"s\",\"time\":\"2026-03-02T07:14:00Z\",\"actor\":{\"id\":\"u,1\"},"
                  "\"action\":\"read\",\"system\":\"S\"}"});
  EXPECT_EQ(results.refusals, Texts{});
}

std::string fixed_mapping(std::string_view top) {
  return "format = \"fixed\"\nsource = \"s\"\n" + std::string(top) +
         "[columns]\nid = { start = 1, length = 2 }\ntime = { start = 3, length = 12 }\nuser = { start = 15, length = "
         "4 }\n"
         "[fields]\nid = { column = \"id\" }\ntime = { column = \"time\", format = \"%Y%m%d%H%M\", zone = \"UTC\" }\n"
         "actor.id = { column = \"user\" }\naction = { constant = \"read\" }\nsystem = { constant = \"S\" }\n";
}

TEST(Delimited, fixed_lines_that_are_too_short_are_refused_unless_padded) {
  const std::string_view input = "01202603020814u1\n02202603020814u1  \n";
  const Results strict = run(create_fixed, fixed_mapping(""), input);
  EXPECT_EQ(strict.events.size(), 1U);
  EXPECT_EQ(strict.refusals,
            Texts{"1: the record is 16 characters long, the columns reach to 18: correct the mapping, or "
                  "say pad_short_lines = true"});
  EXPECT_EQ(run(create_fixed, fixed_mapping("pad_short_lines = true\n"), input).events.size(), 2U);
}

TEST(Delimited, the_last_of_fixed_lines_needs_its_end_too) {
  const std::string_view input = "01202603020814u1  \n02202603020814u2  ";
  const Results strict = run(create_fixed, fixed_mapping(""), input);
  EXPECT_EQ(strict.events.size(), 1U);
  EXPECT_EQ(strict.refusals, Texts{"2: " + std::string(kNoLineEnd)});
  EXPECT_EQ(run(create_fixed, fixed_mapping("last_line_may_lack_its_end = true\n"), input).events.size(), 2U);
}

TEST(Delimited, fixed_records_may_hold_line_ends) {
  const Results results = run(create_fixed, fixed_mapping("record_length = 20\n"),
                              "01202603020814u1  \n\x15"
                              "02202603020814u2  \r\n");
  EXPECT_EQ(results.events.size(), 2U);
  EXPECT_EQ(results.refusals, Texts{});
}

TEST(Delimited, trim_says_which_blanks_go) {
  const auto user = [](std::string_view trim, std::string_view cell) {
    const Results results = run(create_fixed, fixed_mapping(trim), "01202603020814" + std::string(cell) + "\n");
    if (results.events.empty()) return results.refusals.at(0);
    const size_t at = results.events[0].find("\"actor\":{\"id\":\"") + 15;
    return results.events[0].substr(at, results.events[0].find('"', at) - at);
  };
  EXPECT_EQ(user("", " u1 "), " u1");
  EXPECT_EQ(user("", std::string_view("u1 \0", 4)), "u1");
  EXPECT_EQ(user("trim = \"both\"\n", " u1 "), "u1");
  EXPECT_EQ(user("trim = \"none\"\n", " u1 "), " u1 ");
  EXPECT_EQ(user("", "    "), "1: column \"user\", actor.id: there is nothing: the source must fill it");
  EXPECT_EQ(user("trim = \"both\"\n", "    "),
            "1: column \"user\", actor.id: there is nothing: the source must fill it");
}

TEST(Delimited, the_same_input_gives_the_same_ids_by_hash) {
  std::string mapping = csv_mapping("", "");
  mapping.replace(mapping.find("{ column = \"id\" }"), 17, "{ hash = true }");
  const std::string_view input = "time,user\n2026-03-02 08:14,a\n2026-03-02 08:14,a\n2026-03-02 08:15,a\n";
  const Results first = run(create_csv, mapping, input);
  ASSERT_EQ(first.events.size(), 3U);
  EXPECT_NE(first.events[0], first.events[1]);
  EXPECT_EQ(run(create_csv, mapping, input).events, first.events);
  const std::string_view rest = "time,user\n2026-03-02 08:15,a\n";
  EXPECT_EQ(run(create_csv, mapping, rest).events, Texts{first.events[2]});
}

// The fenced blocks of the document that describes the mapping file.
Texts blocks_of_the_document() {
  std::ifstream file(WEERBAAR_SOURCE_DIR "/docs/formats/mapping.md");
  Texts blocks;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("```")) {
      inside = !inside;
      if (inside) blocks.emplace_back();
    } else if (inside) {
      blocks.back() += line + "\n";
    }
  }
  return blocks;
}

TEST(Delimited, the_examples_of_the_document_are_true) {
  const Texts blocks = blocks_of_the_document();
  ASSERT_EQ(blocks.size(), 6U);
  const Results csv = run(create_csv, blocks[1], blocks[2]);
  EXPECT_EQ(csv.refusals, Texts{});
  ASSERT_EQ(csv.events.size(), 1U);
  EXPECT_EQ(csv.events[0] + "\n", blocks[3]);
  std::string record;
  for (const char c : "000000172026030208140341U104233 I123456782" + std::string(18, ' ')) {
    record += delimited::CodePage::find("cp037")->encode(std::string_view(&c, 1));
  }
  const Results fixed = run(create_fixed, blocks[4], record);
  EXPECT_EQ(fixed.refusals, Texts{});
  ASSERT_EQ(fixed.events.size(), 1U);
  EXPECT_EQ(fixed.events[0] + "\n", blocks[5]);
}

}  // namespace
}  // namespace weerbaar::ingest
