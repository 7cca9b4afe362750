#include "ingest/sources/syslog/syslog.h"

#include <gtest/gtest.h>

#include "base/time.h"
#include "domain/access_event.h"

namespace weerbaar::ingest::syslog {
namespace {

constexpr std::string_view kHead = "format = \"syslog\"\nsource = \"gw\"\n";
constexpr std::string_view kFields =
    "[fields]\nactor.id = { column = \"pair.user\" }\naction = { constant = \"read\" }\nsystem = { constant = \"BRP\" "
    "}\n";
constexpr std::string_view kEvery = "every_message_is_an_access = true\n";

Output taken(const std::string& mapping, std::string_view input, std::string_view now = "2026-03-02T08:00:00Z") {
  Output output;
  auto source = create_with_clock({mapping, "gw.toml"}, [now] { return parse_time(now).value(); });
  if (!source) {
    ADD_FAILURE() << source.error().text;
    return output;
  }
  (*source)->feed(input, output);
  (*source)->finish(output);
  return output;
}

std::string every(std::string_view keys = "") {
  return std::string(kHead) + std::string(kEvery) + std::string(keys) + std::string(kFields);
}

TEST(Syslog, a_time_without_year_is_the_last_one_that_does_not_lie_ahead) {
  const std::string mapping = every("zone = \"Europe/Amsterdam\"\nyear = \"receipt\"\n");
  const auto time_of = [&](std::string_view text, std::string_view now) {
    const Output output = taken(mapping, "<13>" + std::string(text) + " h t: user=u1\n", now);
    return output.events.size() == 1 ? format_time(output.events.events()[0].time) : output.refusals.at(0).reason;
  };
  EXPECT_EQ(time_of("Mar  2 09:00:00", "2026-03-02T08:00:01Z"), "2026-03-02T08:00:00Z");
  EXPECT_EQ(time_of("Dec 31 23:59:59", "2026-01-01T00:00:01Z"), "2025-12-31T22:59:59Z");
  EXPECT_EQ(time_of("Jan  1 00:00:30", "2025-12-31T22:59:00Z"), "2025-12-31T23:00:30Z") << "its clock is ahead";
  EXPECT_EQ(time_of("Feb 29 12:00:00", "2026-03-02T08:00:00Z"), "2024-02-29T11:00:00Z");
  EXPECT_NE(time_of("Mar 29 02:30:00", "2026-04-01T00:00:00Z").find("put forward"), std::string::npos);
}

TEST(Syslog, an_access_with_a_broken_priority_or_count_is_refused_and_what_is_behind_it_goes_on) {
  const std::string mapping = std::string(kHead) + "[[access]]\napp = \"brp\"\n" + std::string(kFields);
  const std::string rest = "1 2026-03-02T08:14:03Z gw1 brp - - - user=u1";
  const std::string good = "<134>" + rest;
  const std::string broken[] = {"<192>" + rest, "<0134>" + rest, "\xEF\xBB\xBF" + good,
                                " " + good,     "0 " + good,     "12345678901 " + good};
  std::string counted;
  std::string lines;
  for (const std::string& one : broken) {
    counted += std::to_string(one.size()) + " " + one + std::to_string(good.size()) + " " + good;
    lines += one + "\n" + good + "\n";
  }
  const std::string other = "<134>1 2026-03-02T08:14:03Z gw1 cron - - - <192>1 0 <134>1 user=u1";
  for (const std::string& input : {counted + std::to_string(other.size()) + " " + other, lines + other + "\n"}) {
    const Output output = taken(mapping, input);
    EXPECT_EQ(output.events.size(), std::size(broken));
    ASSERT_EQ(output.refusals.size(), std::size(broken));
    for (size_t i = 0; i < output.refusals.size(); ++i) {
      EXPECT_EQ(output.refusals[i].raw, broken[i]);
      EXPECT_NE(output.refusals[i].reason.find("priority"), std::string::npos);
    }
    EXPECT_EQ(output.records, 2 * std::size(broken) + 1);
  }
}

TEST(Syslog, a_time_without_year_and_zone_is_refused_where_the_mapping_does_not_tell_them) {
  const Output output = taken(every(), "<13>Mar  2 09:00:00 h t: user=u1\n");
  ASSERT_EQ(output.refusals.size(), 1U);
  EXPECT_NE(output.refusals[0].reason.find("zone = "), std::string::npos);
}

TEST(Syslog, numbers_of_messages_are_read_whatever_becomes_of_the_message) {
  const std::string mapping = std::string(kHead) + "sequence = \"sd.meta.sequenceId\"\ncounter = \"host\"\n" +
                              "[[access]]\napp = \"brp\"\n" + std::string(kFields);
  const auto line = [](std::string_view header, std::string_view number, std::string_view content) {
    return "<13>1 " + std::string(header) + " - - [meta sequenceId=\"" + std::string(number) + "\"] " +
           std::string(content) + "\n";
  };
  const Output output = taken(
      mapping,
      line("2026-03-02T08:14:03Z a brp", "1", "user=u1") + line("2026-03-02T08:14:04Z b cron", "7", "no access") +
          line("2026-03-02T08:14:05Z a brp", "2", "nobody") + line("- a brp", "3", "without a time") +
          line("2026-03-02T08:14:06Z a brp", "-4", "user=u1") + "<13>1 broken\n<13>Mar  2 09:00:00 h cron: other\n");
  EXPECT_EQ(output.records, 7U);
  EXPECT_EQ(output.events.size(), 2U);
  ASSERT_EQ(output.numbers.size(), 3U);
  EXPECT_EQ(output.numbers[0].number, 1U);
  EXPECT_EQ(output.numbers[0].counter, counter_of("a"));
  EXPECT_EQ(format_time(output.numbers[1].time), "2026-03-02T08:14:04Z");
  EXPECT_EQ(output.numbers[1].counter, counter_of("b"));
  EXPECT_EQ(output.numbers[2].number, 2U);
}

TEST(Syslog, a_number_stands_in_the_header_or_in_structured_data) {
  for (const std::string keys : {"sequence = \"json.n\"\n", "sequence = \"time\"\n", "sequence = 1\n",
                                 "counter = \"host\"\n", "sequence = \"procid\"\ncounter = \"msg\"\n"}) {
    EXPECT_FALSE(create_with_clock({every(keys), "gw.toml"}, [] { return Time(); }).has_value()) << keys;
  }
}

TEST(Syslog, the_same_message_has_the_same_id_however_it_is_framed) {
  const std::string message = "<13>1 2026-03-02T08:14:03.000001Z h brp - - - user=u1";
  const std::string counted = std::to_string(message.size()) + " " + message;
  const Output output = taken(every(), message + "\n");
  ASSERT_EQ(output.events.size(), 1U);
  const std::string id(output.events.events()[0].id);
  EXPECT_EQ(taken(every(), counted).events.events()[0].id, id);
  const Output twice = taken(every(), counted + counted);
  ASSERT_EQ(twice.events.size(), 2U);
  EXPECT_EQ(twice.events.events()[0].id, id);
  EXPECT_NE(twice.events.events()[1].id, id);
}

TEST(Syslog, content_that_is_broken_is_refused_unless_the_header_tells_that_it_is_no_access) {
  const std::string mapping = std::string(kHead) +
                              "[fields]\nactor.id = { column = \"json.user\" }\naction = { constant = \"read\" }\n"
                              "system = { constant = \"BRP\" }\n[[access]]\napp = \"brp\"\n\"json.kind\" = \"read\"\n";
  const auto of = [&](std::string_view app, std::string_view content) {
    return taken(mapping, "<13>1 2026-03-02T08:14:03Z h " + std::string(app) + " - - - " + std::string(content) + "\n");
  };
  EXPECT_EQ(of("brp", R"({"kind":"read","user":"u1"})").events.size(), 1U);
  const Output other = of("brp", R"({"kind":"login","user":"u1"})");
  EXPECT_TRUE(other.events.empty() && other.refusals.empty());
  EXPECT_EQ(of("brp", R"({"kind":"rea)").refusals.size(), 1U);
  EXPECT_TRUE(of("cron", R"({"kind":"rea)").refusals.empty());
  EXPECT_EQ(of("brp", R"({"kind":"read"})").refusals.size(), 1U) << "an access without its actor";
  EXPECT_EQ(of("brp", R"({"kind":"read","user":"u1","user":"u2"})").refusals.size(), 1U) << "two meanings";
}

TEST(SyslogMapping, is_refused_with_a_remedy) {
  const auto reason = [](const std::string& mapping) {
    const auto source = create_syslog({mapping, "gw.toml"});
    return source ? std::string("accepted") : source.error().text;
  };
  const std::string head(kHead);
  const std::string fields(kFields);
  EXPECT_EQ(reason(every()), "accepted");
  EXPECT_NE(reason(head + fields).find("[[access]]"), std::string::npos);
  EXPECT_NE(reason(every("[[access]]\napp = \"x\"\n")).find("not both"), std::string::npos);
  EXPECT_NE(reason(head + fields + "[[access]]\n").find("conditions"), std::string::npos);
  EXPECT_NE(reason(head + fields + "[[access]]\nappp = \"x\"\n").find("no column \"appp\""), std::string::npos);
  EXPECT_NE(reason(head + fields + "[[access]]\ncef.vendor = \"x\"\n").find("in quotes"), std::string::npos);
  EXPECT_NE(reason(every() + "records = { column = \"rows\" }\n").find("no column \"rows\""), std::string::npos);
  EXPECT_NE(reason(every("zone = \"Mars\"\n")).find("zone"), std::string::npos);
  EXPECT_NE(reason(every("year = \"this\"\n")).find("receipt"), std::string::npos);
  EXPECT_NE(reason(every("delimiter = \";\"\n")).find("unknown key"), std::string::npos);
}

}  // namespace
}  // namespace weerbaar::ingest::syslog
