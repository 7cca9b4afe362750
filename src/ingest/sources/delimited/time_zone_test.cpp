#include "ingest/sources/delimited/time_zone.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <random>
#include <string>
#include <vector>

#include "base/time.h"
#include "os/file_system.h"

namespace weerbaar::ingest::delimited {
namespace {

Result<TimeZone> open(std::string_view name) {
  return TimeZone::open(os::real_file_system(), name);
}

bool zones_are_installed() {
  return os::real_file_system().exists("/usr/share/zoneinfo/Europe/Amsterdam");
}

// Tests that read the zone database of the system.
class SystemZone : public testing::Test {
 protected:
  void SetUp() override {
    if (!zones_are_installed()) GTEST_SKIP() << "the package tzdata is not installed";
  }
};

int64_t seconds_of(std::string_view utc) {
  return parse_time(std::string(utc) + "Z").value().micros / kMicrosPerSecond;
}

// The moments at which a clock in the zone shows `local`, as text.
std::vector<std::string> moments(const TimeZone& zone, std::string_view local) {
  const TimeZone::Moments found = zone.moments_of(seconds_of(local));
  std::vector<std::string> texts;
  if (found.count > 0) texts.push_back(format_time({found.earlier * kMicrosPerSecond, 0}));
  if (found.count > 1) texts.push_back(format_time({found.later * kMicrosPerSecond, 0}));
  return texts;
}

using Texts = std::vector<std::string>;

TEST(TimeZone, knows_utc_and_fixed_offsets) {
  EXPECT_EQ(moments(open("UTC").value(), "2026-03-29T02:30:00"), Texts{"2026-03-29T02:30:00Z"});
  EXPECT_EQ(moments(open("+01:00").value(), "2026-03-29T02:30:00"), Texts{"2026-03-29T01:30:00Z"});
  EXPECT_EQ(moments(open("-05:30").value(), "2026-03-29T20:30:00"), Texts{"2026-03-30T02:00:00Z"});
}

TEST(TimeZone, names_that_could_reach_another_file_are_unknown) {
  for (const char* wrong : {"", "/etc/passwd", "../../../etc/passwd", "Europe/../../../../etc/hostname", "Europe",
                            "Mars/One", "+1:00", "+24:00", "+01:60", "+0a:00", "01:00", "Europe/Amsterdam\n"}) {
    const auto zone = open(wrong);
    ASSERT_FALSE(zone.has_value()) << wrong;
    EXPECT_EQ(zone.error().code, Code::kInvalid);
    EXPECT_NE(zone.error().text.find("Europe/Amsterdam"), std::string::npos);
  }
}

TEST_F(SystemZone, amsterdam_skips_an_hour_in_spring) {
  const TimeZone zone = open("Europe/Amsterdam").value();
  EXPECT_EQ(moments(zone, "2026-03-29T01:59:59"), Texts{"2026-03-29T00:59:59Z"});
  EXPECT_EQ(moments(zone, "2026-03-29T02:00:00"), Texts{});
  EXPECT_EQ(moments(zone, "2026-03-29T02:59:59"), Texts{});
  EXPECT_EQ(moments(zone, "2026-03-29T03:00:00"), Texts{"2026-03-29T01:00:00Z"});
}

TEST_F(SystemZone, amsterdam_has_an_hour_twice_in_autumn) {
  const TimeZone zone = open("Europe/Amsterdam").value();
  EXPECT_EQ(moments(zone, "2026-10-25T01:59:59"), Texts{"2026-10-24T23:59:59Z"});
  EXPECT_EQ(moments(zone, "2026-10-25T02:00:00"), (Texts{"2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"}));
  EXPECT_EQ(moments(zone, "2026-10-25T02:59:59"), (Texts{"2026-10-25T00:59:59Z", "2026-10-25T01:59:59Z"}));
  EXPECT_EQ(moments(zone, "2026-10-25T03:00:00"), Texts{"2026-10-25T02:00:00Z"});
}

TEST_F(SystemZone, amsterdam_followed_other_rules_before_1996) {
  const TimeZone zone = open("Europe/Amsterdam").value();
  EXPECT_EQ(moments(zone, "1976-07-01T12:00:00"), Texts{"1976-07-01T11:00:00Z"});
  EXPECT_EQ(moments(zone, "1977-04-03T02:30:00"), Texts{});
  EXPECT_EQ(moments(zone, "1977-07-01T12:00:00"), Texts{"1977-07-01T10:00:00Z"});
  EXPECT_EQ(moments(zone, "1995-09-24T02:30:00").size(), 2U);
  EXPECT_EQ(moments(zone, "1995-10-15T12:00:00"), Texts{"1995-10-15T11:00:00Z"});
  EXPECT_EQ(moments(zone, "1996-10-15T12:00:00"), Texts{"1996-10-15T10:00:00Z"});
}

TEST_F(SystemZone, the_footer_rules_the_years_after_the_last_transition) {
  const TimeZone zone = open("Europe/Amsterdam").value();
  EXPECT_EQ(moments(zone, "2050-03-27T02:30:00"), Texts{});
  EXPECT_EQ(moments(zone, "2050-10-30T02:30:00").size(), 2U);
  EXPECT_EQ(moments(zone, "9999-07-01T12:00:00"), Texts{"9999-07-01T10:00:00Z"});
  EXPECT_EQ(moments(zone, "9999-12-01T12:00:00"), Texts{"9999-12-01T11:00:00Z"});
}

TEST_F(SystemZone, offsets_agree_with_the_c_library) {
  std::mt19937_64 random(1);
  for (const char* name :
       {"Europe/Amsterdam", "Europe/Dublin", "America/New_York", "Australia/Lord_Howe", "America/Curacao",
        "Africa/Casablanca", "America/Santiago", "Pacific/Apia", "Asia/Kathmandu"}) {
    const TimeZone zone = open(name).value();
    setenv("TZ", (std::string(":") + name).c_str(), 1);
    tzset();
    for (int i = 0; i < 5'000; ++i) {
      // 1850 to 2300, most after 1970.
      const auto utc = static_cast<std::time_t>(random() % 14'000'000'000) - 3'786'912'000;
      std::tm local{};
      ASSERT_NE(localtime_r(&utc, &local), nullptr);
      ASSERT_EQ(zone.offset_at(utc), local.tm_gmtoff) << name << ' ' << utc;
    }
  }
  unsetenv("TZ");
  tzset();
}

TEST_F(SystemZone, moments_agree_with_trying_every_offset) {
  std::mt19937_64 random(2);
  for (const char* name : {"Europe/Amsterdam", "Europe/Dublin", "Australia/Lord_Howe", "Pacific/Apia"}) {
    const TimeZone zone = open(name).value();
    for (const char* around : {"2026-03-29T01:00:00", "2026-10-25T01:00:00", "2011-12-30T10:00:00",
                               "2026-04-04T15:00:00", "2060-10-31T01:00:00"}) {
      for (int i = 0; i < 500; ++i) {
        const int64_t local = seconds_of(around) + static_cast<int64_t>(random() % 200'000) - 100'000;
        std::vector<int64_t> expected;
        for (int32_t offset = 26 * 3'600; offset >= -26 * 3'600; offset -= 900) {
          if (zone.offset_at(local - offset) == offset) expected.push_back(local - offset);
        }
        const TimeZone::Moments found = zone.moments_of(local);
        ASSERT_EQ(static_cast<size_t>(found.count), expected.size()) << name << ' ' << local;
        if (expected.empty()) continue;
        EXPECT_EQ(found.earlier, expected.front());
        EXPECT_EQ(found.later, expected.back());
      }
    }
  }
}

TEST_F(SystemZone, a_file_that_was_cut_off_is_damaged) {
  const Bytes file = os::read_file(os::real_file_system(), "/usr/share/zoneinfo/Europe/Amsterdam", 1 << 20).value();
  ASSERT_TRUE(TimeZone::parse(file).has_value());
  for (size_t size = 0; size < file.size(); ++size) {
    const auto zone = TimeZone::parse(ByteView(file).first(size));
    ASSERT_FALSE(zone.has_value()) << size;
    EXPECT_EQ(zone.error().code, Code::kCorrupt);
  }
}

// A block of a TZif file with one transition, from UTC+1 to UTC+2.
Bytes block(char version, bool wide, uint64_t at, uint8_t type) {
  Bytes bytes(44);
  std::copy_n("TZif", 4, bytes.begin());
  bytes[4] = static_cast<uint8_t>(version);
  store_be<uint32_t>(bytes.data() + 32, 1);  // transitions
  store_be<uint32_t>(bytes.data() + 36, 2);  // types
  store_be<uint32_t>(bytes.data() + 40, 4);  // bytes of names
  Bytes body(wide ? 8 : 4);
  if (wide) {
    store_be<uint64_t>(body.data(), at);
  } else {
    store_be<uint32_t>(body.data(), static_cast<uint32_t>(at));
  }
  body.push_back(type);
  for (const uint32_t offset : {3'600U, 7'200U}) {
    body.resize(body.size() + 6);
    store_be<uint32_t>(body.data() + body.size() - 6, offset);
  }
  append(body, as_bytes(std::string_view("CET\0", 4)));
  append(bytes, body);
  return bytes;
}

TEST(TimeZone, a_file_of_the_first_version_ends_at_its_last_transition) {
  const TimeZone zone = TimeZone::parse(block(0, false, 1'000'000, 1)).value();
  EXPECT_EQ(zone.offset_at(999'999), 3'600);
  EXPECT_EQ(zone.offset_at(1'000'000), 7'200);
  EXPECT_EQ(zone.offset_at(4'000'000'000), 7'200);
}

TEST(TimeZone, the_second_block_and_the_footer_count) {
  Bytes file = block('2', false, 5, 0);
  append(file, block('2', true, 1'000'000'000'000 /* the year 33658 */, 1));
  append(file, as_bytes("\nCET-1\n"));
  const TimeZone zone = TimeZone::parse(file).value();
  EXPECT_EQ(zone.offset_at(999'999'999'999), 3'600);
  EXPECT_EQ(zone.offset_at(1'000'000'000'000), 7'200);
}

TEST(TimeZone, damaged_files_are_refused) {
  EXPECT_FALSE(TimeZone::parse(block(0, false, 5, 2)).has_value());
  EXPECT_FALSE(TimeZone::parse(block('/', false, 5, 1)).has_value());
  Bytes wrong_footer = block('2', false, 5, 0);
  append(wrong_footer, block('2', true, 5, 1));
  EXPECT_FALSE(TimeZone::parse(wrong_footer).has_value());
  append(wrong_footer, as_bytes("\nCET-1CEST\n"));
  EXPECT_FALSE(TimeZone::parse(wrong_footer).has_value());
  Bytes leap_seconds = block(0, false, 5, 1);
  store_be<uint32_t>(leap_seconds.data() + 28, 1);
  leap_seconds.resize(leap_seconds.size() + 8);
  EXPECT_FALSE(TimeZone::parse(leap_seconds).has_value());
}

}  // namespace
}  // namespace weerbaar::ingest::delimited
