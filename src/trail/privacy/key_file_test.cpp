#include "trail/privacy/key_file.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "trail/format/sha256.h"
#include "trail/privacy/pseudonymiser.h"

namespace weerbaar::trail {
namespace {

Time at(std::string_view text) {
  return parse_time(text).value();
}

PeriodKeyFile live() {
  return {Period{8104}, at("2026-01-01T00:00:03.123456Z"), Secret(Bytes(kPeriodKeyBytes, 0x11)), std::nullopt};
}

PeriodKeyFile destroyed() {
  return {Period{8104}, at("2026-01-01T00:00:03.123456Z"), Secret(),
          Destruction{at("2033-04-01T00:00:00Z"), "bewaartermijn verstreken"}};
}

std::string text_of(const PeriodKeyFile& file) {
  const Secret content = format_period_key(file);
  return std::string(as_text(content.bytes()));
}

std::string with_check(const std::string& before) {
  return before + "check " + to_hex(sha256(as_bytes(before))) + "\n";
}

TEST(KeyFile, a_live_key_is_written_as_documented) {
  EXPECT_EQ(text_of(live()), with_check("weerbaar period key v1\n"
                                        "period 2026-Q1\n"
                                        "created 2026-01-01T00:00:03.123456Z\n"
                                        "key ERERERERERERERERERERERERERERERERERERERERERE=\n"));
}

TEST(KeyFile, a_destroyed_key_is_written_as_documented) {
  EXPECT_EQ(text_of(destroyed()), with_check("weerbaar period key v1\n"
                                             "period 2026-Q1\n"
                                             "created 2026-01-01T00:00:03.123456Z\n"
                                             "destroyed 2033-04-01T00:00:00Z\n"
                                             "reason bewaartermijn verstreken\n"));
}

TEST(KeyFile, what_is_written_reads_back) {
  const PeriodKeyFile key = parse_period_key(as_bytes(text_of(live()))).value();
  EXPECT_EQ(key.period.number, 8104);
  EXPECT_EQ(key.created, live().created);
  EXPECT_EQ(as_text(key.key.bytes()), as_text(live().key.bytes()));
  EXPECT_FALSE(key.destruction.has_value());

  PeriodKeyFile damaged = destroyed();
  damaged.created.reset();
  const PeriodKeyFile end = parse_period_key(as_bytes(text_of(damaged))).value();
  EXPECT_FALSE(end.created.has_value());
  EXPECT_TRUE(end.key.empty());
  EXPECT_EQ(end.destruction->when, at("2033-04-01T00:00:00Z"));
  EXPECT_EQ(end.destruction->reason, "bewaartermijn verstreken");
}

TEST(KeyFile, every_flipped_bit_and_every_cut_is_noticed) {
  for (const std::string& whole : {text_of(live()), text_of(destroyed())}) {
    for (size_t bit = 0; bit < whole.size() * 8; ++bit) {
      std::string changed = whole;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
      const auto refused = parse_period_key(as_bytes(changed));
      ASSERT_FALSE(refused.has_value()) << bit;
      EXPECT_EQ(refused.error().code, Code::kCorrupt);
      EXPECT_EQ(refused.error().text.find("ERERERER"), std::string::npos);
    }
    for (size_t size = 0; size < whole.size(); ++size) {
      ASSERT_FALSE(parse_period_key(as_bytes(whole.substr(0, size))).has_value()) << size;
    }
    EXPECT_FALSE(parse_period_key(as_bytes(whole + "\n")).has_value());
  }
}

TEST(KeyFile, other_ways_to_write_the_same_are_refused_even_with_a_right_check_line) {
  for (const char* before : {
           "weerbaar period key v2\nperiod 2026-Q1\ncreated 2026-01-01T00:00:03Z\nkey "
           "ERERERERERERERERERERERERERERERERERERERERERE=\n",
           "weerbaar period key v1\nperiod 2026-Q1\ncreated 2026-01-01T01:00:03+01:00\nkey "
           "ERERERERERERERERERERERERERERERERERERERERERE=\n",
           "weerbaar period key v1\nperiod 2026-Q1\ncreated unknown\nkey "
           "ERERERERERERERERERERERERERERERERERERERERERE=\n",
           "weerbaar period key v1\nperiod 2026-Q1\ncreated 2026-01-01T00:00:03Z\nkey ERERERERERERERERERERERERERE=\n",
           "weerbaar period key v1\nperiod 2026-Q5\ncreated 2026-01-01T00:00:03Z\ndestroyed 2033-04-01T00:00:00Z\n"
           "reason x\n",
           "weerbaar period key v1\nperiod 2026-Q1\ncreated 2026-01-01T00:00:03Z\ndestroyed 2033-04-01T00:00:00Z\n"
           "reason \n",
           "weerbaar period key v1\nperiod 2026-Q1\ncreated 2026-01-01T00:00:03Z\nreason x\n"
           "destroyed 2033-04-01T00:00:00Z\n",
       }) {
    EXPECT_FALSE(parse_period_key(as_bytes(with_check(before))).has_value()) << before;
  }
}

TEST(KeyFile, an_erased_key_says_whose_it_was_and_nothing_more) {
  std::string content = text_of(live());
  const size_t from = erase_from(as_bytes(content));
  EXPECT_EQ(content.substr(from, 4), "ERER");
  std::fill(content.begin() + static_cast<std::ptrdiff_t>(from), content.end(), '\0');
  const PeriodKeyFile erased = parse_period_key(as_bytes(content)).value();
  EXPECT_EQ(erased.period.number, 8104);
  EXPECT_EQ(erased.created, live().created);
  EXPECT_TRUE(erased.key.empty());
  EXPECT_FALSE(erased.destruction.has_value());
  EXPECT_EQ(erase_from(as_bytes(content)), from);
  EXPECT_EQ(erase_from(as_bytes("garbage")), 0U);
}

TEST(KeyFile, a_half_erased_key_is_damaged) {
  const std::string whole = text_of(live());
  const size_t from = erase_from(as_bytes(whole));
  for (size_t zeros = 1; zeros < whole.size() - from; ++zeros) {
    std::string content = whole;
    std::fill_n(content.begin() + static_cast<std::ptrdiff_t>(from), zeros, '\0');
    ASSERT_FALSE(parse_period_key(as_bytes(content)).has_value()) << zeros;
  }
}

TEST(KeyFile, a_reason_is_one_line_of_text) {
  EXPECT_TRUE(is_reason("bewaartermijn verstreken, besluit 2033/17 \xC3\xA9"));
  EXPECT_TRUE(is_reason(std::string(kReasonBytesMax, 'x')));
  EXPECT_FALSE(is_reason(std::string(kReasonBytesMax + 1, 'x')));
  for (const char* wrong : {"", "two\nlines", "tab\t", "\xC3", "\x7F"}) EXPECT_FALSE(is_reason(wrong)) << wrong;
}

TEST(PeriodList, is_written_as_documented_and_reads_back) {
  const std::vector<Period> periods = {Period{8103}, Period{8104}, Period{8107}};
  const Bytes content = format_period_list(periods);
  EXPECT_EQ(as_text(content), with_check("weerbaar periods v1\n2025-Q4\n2026-Q1\n2026-Q4\n"));
  EXPECT_EQ(parse_period_list(content).value(), periods);
  EXPECT_TRUE(parse_period_list(format_period_list({})).value().empty());
}

TEST(PeriodList, damage_and_disorder_are_refused) {
  const Bytes content = format_period_list({Period{8103}, Period{8104}});
  for (size_t bit = 0; bit < content.size() * 8; ++bit) {
    Bytes changed = content;
    changed[bit / 8] = static_cast<uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
    ASSERT_FALSE(parse_period_list(changed).has_value()) << bit;
  }
  for (size_t size = 0; size < content.size(); ++size) {
    ASSERT_FALSE(parse_period_list(ByteView(content).first(size)).has_value()) << size;
  }
  for (const char* before : {"weerbaar periods v1\n2026-Q1\n2025-Q4\n", "weerbaar periods v1\n2026-Q1\n2026-Q1\n"}) {
    EXPECT_FALSE(parse_period_list(as_bytes(with_check(before))).has_value()) << before;
  }
}

}  // namespace
}  // namespace weerbaar::trail
