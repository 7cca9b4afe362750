#include "register/ldif_records.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace weerbaar::facts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Each record as "line: problem", or as "line name;options=value|…" of its attributes, behind what it is but an entry.
std::vector<std::string> records(std::string_view input, size_t piece_bytes) {
  std::vector<std::string> all;
  LdifSplitter splitter;
  LdifRecord record;
  const auto take = [&] {
    while (splitter.next(record)) {
      if (!record.problem.empty()) {
        all.push_back(fmt::format("{}: {}", record.line, record.problem));
        continue;
      }
      constexpr std::string_view kSorts[] = {"", "reference ", "result ", "count "};
      std::string text;
      for (const LdifAttribute& attribute : record.attributes) {
        const auto value = attribute.text();
        text += fmt::format("{}{} {}{}{}={}", text.empty() ? "" : "|", attribute.line, attribute.name,
                            attribute.options.empty() ? "" : ";", attribute.options,
                            value ? *value : "error: " + value.error().text);
      }
      all.push_back(std::string(kSorts[static_cast<size_t>(record.sort)]) + text);
    }
  };
  for (size_t at = 0; at < input.size(); at += piece_bytes) {
    splitter.feed(input.substr(at, piece_bytes));
    take();
  }
  splitter.finish();
  take();
  take();
  return all;
}
std::vector<std::string> records(std::string_view input) {
  return records(input, input.size() + 1);
}

TEST(LdifSplitter, joins_lines_and_drops_comments) {
  EXPECT_THAT(records("version: 1\n"
                      "# a comment\n"
                      "  that goes on\n"
                      "dn: cn=a,\n"
                      " dc=b\n"
                      "cn:a\n"
                      "description:   two\n"
                      "  words\n"
                      "\n"
                      "\n"
                      "# another\n"
                      "dn: cn=b\n"
                      "CN;lang-nl;x-y: b\n"),
              ElementsAre("4 dn=cn=a,dc=b|6 cn=a|7 description=two words", "12 dn=cn=b|13 CN;lang-nl;x-y=b"));
}

TEST(LdifSplitter, takes_windows_line_ends_and_no_version) {
  EXPECT_THAT(records("dn: cn=a\r\nsn: b\r\n c\r\n\r\ndn: cn=b\r\n"), ElementsAre("1 dn=cn=a|2 sn=bc", "5 dn=cn=b"));
}

TEST(LdifSplitter, decodes_base64_also_over_several_lines_and_fetches_nothing) {
  EXPECT_THAT(records("dn:: Y249Snph\n"
                      " bg==\n"
                      "sn:: w6k=\n"
                      "x:: no base64\n"
                      "y:< file:///etc/passwd\n"
                      "empty:\n"),
              ElementsAre("1 dn=cn=Jzan|3 sn=é|4 x=error: its value is no base64|5 y=error: its value is elsewhere: "
                          "deliver the value itself, not a URL|6 empty="));
}

TEST(LdifSplitter, takes_additions_and_no_other_changes) {
  const auto found = records(
      "dn: cn=a\nchangetype: add\ncn: a\n\n"
      "dn: cn=b\nchangetype: modify\nreplace: sn\nsn: secret\n-\n\n"
      "dn: cn=c\ncontrol: 1.2.3 true\nchangetype:: ZGVsZXRl\n\n"
      "dn: cn=d\n");
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0], "1 dn=cn=a|3 cn=a");
  EXPECT_THAT(found[1], HasSubstr("5: it is the record of a change"));
  EXPECT_THAT(found[2], HasSubstr("11: it is the record of a change"));
  EXPECT_EQ(found[3], "15 dn=cn=d");
}

TEST(LdifSplitter, tells_what_a_search_says_beside_its_entries) {
  EXPECT_THAT(records("# extended LDIF\n\n# numResponses: 7\ndn: cn=numResponses: 7\n# numEntries: 5\n\n"
                      "# search reference\nref: ldap://x\n\n"
                      "# numEntries: 5\n\n"
                      "# search result\nsearch: 2\nresult: 0 Success\ncontrol: 1.2 false\n\n"
                      "# numResponses: 3\n# numEntries: 1\n# numReferences: 1\n"
                      "# numResponses: 3\r\n# numEntries: 0\r\n# numResponses: 1\n\n# numEntries: 0\n"),
              ElementsAre("4 dn=cn=numResponses: 7", "reference 8 ref=ldap://x",
                          "result 13 search=2|14 result=0 Success", "count 18 numEntries=1", "count 21 numEntries=0"));
  EXPECT_THAT(records("# numResponses: 3\n# numEntries: 1"), ElementsAre(HasSubstr("2: the last line has no end")));
}

TEST(LdifSplitter, names_the_line_that_is_wrong_and_goes_on_behind_the_record) {
  const auto found = records(
      "cn: secret\ndn: cn=a\n\n"
      "dn: cn=a\nno attribute\n\n"
      "dn: cn=a\nsp ace: x\n\n"
      "dn: cn=a\ndn: cn=b\n\n"
      " goes on\n\n"
      "dn: cn=c\n\n"
      "dn: cn=d\nsn: cut");
  EXPECT_THAT(found, ElementsAre(HasSubstr("1: a record begins with its dn"), HasSubstr("5: the line is no attribute"),
                                 HasSubstr("8: the line is no attribute"), HasSubstr("11: the record has a second dn"),
                                 HasSubstr("13: a line that goes on stands where there is nothing"), "15 dn=cn=c",
                                 HasSubstr("18: the last line has no end")));
  for (const std::string& record : found) EXPECT_THAT(record, Not(HasSubstr("secret")));
  EXPECT_THAT(records("version: 2\n\ndn: cn=a\n"), ElementsAre(HasSubstr("1: the version"), "3 dn=cn=a"));
  EXPECT_THAT(records(""), IsEmpty());
  EXPECT_THAT(records("\n\n# nothing\n"), IsEmpty());
}

TEST(LdifSplitter, keeps_no_record_beyond_the_limit) {
  const std::string large(kLdifRecordBytesMax, 'x');
  const std::string behind = "\n\ndn: cn=b\n";
  for (const size_t piece : {size_t{100'000}, size_t{1} << 30U}) {
    EXPECT_THAT(records("dn: cn=a\nphoto: " + large + behind, piece),
                ElementsAre(HasSubstr("2: the record is larger than 16 MiB"), "4 dn=cn=b"));
    std::string folded = "dn: cn=a\nphoto: ";
    for (size_t at = 0; at < large.size(); at += 70) folded += "\n " + large.substr(at, 70);
    EXPECT_THAT(records(folded + behind, piece),
                ElementsAre(HasSubstr("the record is larger than 16 MiB"), HasSubstr("cn=b")));
    EXPECT_THAT(records("dn: cn=a\nphoto: " + large, piece), ElementsAre(HasSubstr("2: the record is larger")));
  }
}

TEST(LdifSplitter, gives_the_same_however_the_input_is_cut) {
  const std::string parts[] = {
      "dn: cn=a\n",          "dn: cn=b\r\n",      "cn: x\n",     " y\n",         "\n",  "\r\n",    "# z\n",
      "sn:: YQ==\n",         "changetype: add\n", "bad\n",       "version: 1\n", " \n", "a:< u\n", "x",
      "# numResponses: 2\n", "# numEntries: 1\n", "search: 2\n", "ref: x\n"};
  std::mt19937_64 random(11);
  for (int round = 0; round < 300; ++round) {
    std::string input;
    for (int i = 0; i < 20; ++i) input += parts[random() % std::size(parts)];
    const auto whole = records(input);
    for (const size_t piece : {1U, 2U, 3U, 7U}) ASSERT_EQ(records(input, piece), whole) << input;
  }
}

}  // namespace
}  // namespace weerbaar::facts
