#include "ingest/sources/syslog/message.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/utf8.h"

namespace weerbaar::ingest::syslog {
namespace {

constexpr const char* kVectors = WEERBAAR_SOURCE_DIR "/../shared/data/logs/rfc5424_go-syslog_vectors.json";

Message parsed(std::string_view text) {
  Message message;
  const Status status = parse_message(text, message);
  EXPECT_TRUE(status) << text << ": " << (status ? "" : status.error().text);
  return message;
}

std::string value_of(const Parameter& parameter) {
  std::string value;
  unescape_value(parameter.value, value);
  return value;
}

TEST(Message, of_rfc_5424_has_all_its_parts) {
  const Message message = parsed(
      "<165>1 2003-10-11T22:14:15.003Z host.example evntslog 812 ID47 [a@1 x=\"1\" y=\"q\\\"\\]\\\\\\n\"][b@1] "
      "\xEF\xBB\xBFtext");
  EXPECT_EQ(message.form, Form::kRfc5424);
  EXPECT_EQ(message.priority, 165);
  EXPECT_EQ(message.time, "2003-10-11T22:14:15.003Z");
  EXPECT_EQ(message.host, "host.example");
  EXPECT_EQ(message.app, "evntslog");
  EXPECT_EQ(message.procid, "812");
  EXPECT_EQ(message.msgid, "ID47");
  EXPECT_EQ(message.content, "text");
  ASSERT_EQ(message.parameters.size(), 2U);
  EXPECT_EQ(message.parameters[1].id, "a@1");
  EXPECT_EQ(value_of(message.parameters[1]), "q\"]\\\\n");
}

TEST(Message, of_rfc_3164_has_what_it_says) {
  const Message full = parsed("<34>Oct  1 22:14:15 mymachine su[12]: 'su root' failed");
  EXPECT_EQ(full.form, Form::kRfc3164);
  EXPECT_TRUE(full.time_is_local);
  EXPECT_EQ(full.time, "Oct  1 22:14:15");
  EXPECT_EQ(full.host, "mymachine");
  EXPECT_EQ(full.app, "su");
  EXPECT_EQ(full.procid, "12");
  EXPECT_EQ(full.content, "'su root' failed");

  const Message local = parsed("<34>Oct 11 22:14:15 su: hello");
  EXPECT_EQ(local.host, "");
  EXPECT_EQ(local.app, "su");

  const Message file = parsed("2026-03-02T08:14:03.412345+01:00 gw1 brp: user=u1");
  EXPECT_EQ(file.form, Form::kRfc3164);
  EXPECT_EQ(file.priority, -1);
  EXPECT_FALSE(file.time_is_local);
  EXPECT_EQ(file.app, "brp");

  const Message cef = parsed("<134>Sep 19 08:26:10 gw1 CEF:0|v|p|1|100|n|3|a=b");
  EXPECT_EQ(cef.host, "gw1");
  EXPECT_EQ(cef.app, "");
  EXPECT_EQ(cef.content, "CEF:0|v|p|1|100|n|3|a=b");
}

TEST(Message, without_a_known_header_is_content) {
  for (const char* text : {"", "hello", "CEF:0|v", "Foo 11 22:14:15 h t: x", "<>", "<1", "<> x", "<a>1 x", "12 <b",
                           " <5> x", "7", "4 <5> apples"}) {
    const Message message = parsed(text);
    EXPECT_EQ(message.form, Form::kBare) << text;
    EXPECT_EQ(message.content, text);
  }
}

TEST(Message, that_breaks_rfc_5424_is_refused_without_repeating_it) {
  Message message;
  for (const char* bad : {"<1>1 ", "<1>1 - - - - -", "<1>1 123456782 - - - - -", "<1>1 - - - - - x",
                          "<1>1 2026-02-30T08:14:03Z - - - - -", "<1>1 - - - - - [a", "<1>1 - - - - - [a][a]",
                          "<1>1 - - - - - [a b=\"c]\"]", "<1>1 - - - - - [a b=\"123456782\\\"]",
                          "<1>1 2026-03-02T08:14:03.1234567Z - - - - -"}) {
    const Status status = parse_message(bad, message);
    ASSERT_FALSE(status) << bad;
    EXPECT_EQ(status.error().text.find("123456782"), std::string::npos);
  }
}

TEST(Message, with_a_header_that_is_broken_where_it_begins_is_refused) {
  const std::string rfc5424 = "1 2026-11-27T08:14:03Z gw1 brp - - - user=123456782";
  const std::string rfc3164 = "Nov 27 08:14:03 gw1 brp: user=123456782";
  for (const std::string& rest : {rfc5424, rfc3164, std::string("CEF:0|v|p|1|100|n|3|a=123456782")}) {
    for (const char* const before : {"<192>",
                                     "<999>",
                                     "<0134>",
                                     "<00>",
                                     "<99999999999>",
                                     "\xEF\xBB\xBF<134>",
                                     " <134>",
                                     "\t <134>",
                                     "0 <134>",
                                     "12345678901 <134>",
                                     "0 90 <134>",
                                     "<13><13>",
                                     "<13> <134>",
                                     "<13><999>",
                                     "< 13>",
                                     "<13 >",
                                     "<-1>",
                                     "<+13>",
                                     "<\xC2\xA0\x31\x33>",
                                     "\xC2\xA0<134>",
                                     "\xE3\x80\x80<134>",
                                     "\r\n<134>",
                                     "\v<134>",
                                     "<134>\xC2\xA0<134>"}) {
      Message message;
      const Status status = parse_message(before + rest, message);
      ASSERT_FALSE(status) << before << rest;
      EXPECT_EQ(status.error().text.find("123456782"), std::string::npos);
    }
    parsed("<134>" + rest);
  }
  for (const std::string& bad :
       {"<>" + rfc5424, "<134>0" + rfc5424, "<134> " + rfc5424, "<13 " + rfc5424, "<13" + rfc3164, "<13 " + rfc3164,
        "<-13 " + rfc5424, "<134>\xC2\xA0" + rfc5424, "<134>100" + rfc5424, std::string("<134>01 - gw1 brp - - - x")}) {
    Message message;
    EXPECT_FALSE(parse_message(bad, message)) << bad;
  }
  // What other programs say in their own words is not meant for us.
  for (const char* const other : {"<134>1234 errors", "<134>0 of 5", "<134>app: <192>1 x", "<134>", "<134>1",
                                  "<134><6>[12.3] usb 1-1: new device", "<134><tag>x", "<134><>x", "<5 apples>",
                                  "<- see below", "<< 1 2", "<13 1 apples", "< 13>apples"}) {
    EXPECT_EQ(parsed(other).form, Form::kBare) << other;
  }
}

TEST(Message, has_few_elements) {
  const auto with = [](size_t count) {
    std::string text = "<13>1 - h brp - - ";
    for (size_t i = 0; i < count; ++i) text += "[e" + std::to_string(i) + "]";
    return text;
  };
  EXPECT_EQ(parsed(with(kElementsMax)).elements.size(), kElementsMax);
  Message message;
  // As many as the longest message can have: it is refused before each was compared with each.
  const Status status = parse_message(with(9'000), message);
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().text.find("256"), std::string::npos);
  EXPECT_EQ(message.elements.size(), kElementsMax);
}

TEST(Message, agrees_with_the_vectors_of_go_syslog) {
  std::ifstream file(kVectors);
  if (!file) GTEST_SKIP() << "the vectors of go-syslog are not beside the checkout";
  const auto cases = nlohmann::json::parse(file).at("cases");
  EXPECT_GE(cases.size(), 180U);
  for (const auto& one : cases) {
    const Bytes bytes = from_hex(one.at("input_hex").get<std::string>()).value();
    const std::string input(as_text(bytes));
    Message message;
    const bool is_one = parse_message(input, message).has_value() && message.form == Form::kRfc5424;
    // go-syslog wants its content to be UTF-8, and refuses a backslash that RFC 5424 tells receivers to take as it is.
    const bool stricter = !is_utf8(input) || input.find("\\n\"]") != std::string::npos;
    EXPECT_EQ(is_one, stricter || one.at("valid").get<bool>()) << one.at("comment") << ": " << input.substr(0, 300);
    if (!is_one || !one.contains("fields")) continue;
    const auto& fields = one["fields"];
    EXPECT_EQ(message.priority, fields.at("priority"));
    EXPECT_EQ(message.version, fields.at("version"));
    EXPECT_EQ(message.host, fields.value("hostname", "")) << input;
    EXPECT_EQ(message.app, fields.value("appname", "")) << input;
    EXPECT_EQ(message.procid, fields.value("procID", "")) << input;
    EXPECT_EQ(message.msgid, fields.value("msgID", "")) << input;
    for (const Parameter& parameter : message.parameters) {
      EXPECT_EQ(fields["structuredData"][std::string(parameter.id)][std::string(parameter.name)], value_of(parameter));
    }
  }
}

}  // namespace
}  // namespace weerbaar::ingest::syslog
