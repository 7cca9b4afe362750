#include "trail/package/zip.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "os/testing.h"

namespace weerbaar::trail {
namespace {

using os::refusal;

constexpr ZipLimits kLimits{1 << 20, 10, 1 << 20};
const Time kAt = parse_time("2026-03-02T08:14:03Z").value();

std::vector<ZipMember> members() {
  return {{"b/second", Bytes(1'000, 'x')}, {"first", {}}, {"ünï", {1, 2, 3}}};
}

// Puts `value` at the offset that `field` has behind every occurrence of `mark`.
void patch(Bytes& bytes, std::string_view mark, size_t field, uint32_t value) {
  size_t found = 0;
  for (size_t at = 0; at + mark.size() <= bytes.size(); ++at) {
    if (as_text(ByteView(bytes).subspan(at, mark.size())) != mark) continue;
    store_le(bytes.data() + at + field, value);
    ++found;
  }
  ASSERT_GT(found, 0U);
}

TEST(Zip, gives_back_what_was_written_in_its_order) {
  const Bytes archive = write_zip(members(), kAt, kLimits).value();
  EXPECT_LT(archive.size(), 700U);
  EXPECT_EQ(read_zip(archive, kLimits).value(), members());
}

TEST(Zip, equal_content_gives_equal_bytes_in_every_time_zone) {
  ASSERT_EQ(::setenv("TZ", "Europe/Amsterdam", 1), 0);
  ::tzset();
  const Bytes here = write_zip(members(), kAt, kLimits).value();
  ASSERT_EQ(::setenv("TZ", "Asia/Tokyo", 1), 0);
  ::tzset();
  EXPECT_EQ(write_zip(members(), kAt, kLimits).value(), here);
  ASSERT_EQ(::unsetenv("TZ"), 0);
  ::tzset();
}

TEST(Zip, dates_members_in_the_years_that_the_format_knows) {
  const auto stamp = [](std::string_view at) {
    const Bytes archive = write_zip({{"a", {1}}}, parse_time(at).value(), kLimits).value();
    return load_le<uint32_t>(archive.data() + 10);  // of the first local header: time, date
  };
  EXPECT_EQ(stamp("2026-03-02T08:14:03Z"), (46U << 9U | 3U << 5U | 2U) << 16U | (8U << 11U | 14U << 5U | 1U));
  EXPECT_EQ(stamp("1971-01-01T00:00:00Z"), (1U << 5U | 1U) << 16U);
  EXPECT_EQ(stamp("2300-01-01T00:00:00Z"), (127U << 9U | 12U << 5U | 31U) << 16U | (23U << 11U | 59U << 5U | 29U));
}

TEST(Zip, refuses_what_is_not_a_whole_archive) {
  const Bytes archive = write_zip(members(), kAt, kLimits).value();
  EXPECT_EQ(refusal(read_zip({}, kLimits)), Code::kInvalid);
  EXPECT_EQ(refusal(read_zip(as_bytes("a letter, not an archive"), kLimits)), Code::kInvalid);
  for (size_t size = 0; size < archive.size(); ++size) {
    EXPECT_FALSE(read_zip(ByteView(archive).first(size), kLimits).has_value()) << size;
  }
}

TEST(Zip, a_changed_byte_never_changes_content_in_silence) {
  const Bytes archive = write_zip(members(), kAt, kLimits).value();
  for (size_t at = 0; at < archive.size(); ++at) {
    Bytes changed = archive;
    changed[at] ^= 1U;
    const auto read = read_zip(changed, kLimits);
    if (!read) continue;
    // Dates, attributes and names carry no check sum.
    ASSERT_EQ(read->size(), 3U) << at;
    for (size_t i = 0; i < 3; ++i) EXPECT_EQ((*read)[i].content, members()[i].content) << at;
  }
}

TEST(Zip, keeps_within_its_limits_when_writing) {
  EXPECT_EQ(refusal(write_zip(members(), kAt, {1 << 20, 2, 1 << 20})), Code::kInvalid);
  EXPECT_EQ(refusal(write_zip(members(), kAt, {1 << 20, 3, 1'002})), Code::kInvalid);
  EXPECT_EQ(refusal(write_zip(members(), kAt, {100, 3, 1'003})), Code::kInvalid);
  EXPECT_TRUE(write_zip(members(), kAt, {1 << 20, 3, 1'003}).has_value());
}

TEST(Zip, keeps_within_its_limits_when_reading) {
  const Bytes archive = write_zip(members(), kAt, kLimits).value();
  EXPECT_EQ(refusal(read_zip(archive, {archive.size() - 1, 3, 1'003})), Code::kInvalid);
  EXPECT_EQ(refusal(read_zip(archive, {archive.size(), 2, 1'003})), Code::kInvalid);
  EXPECT_EQ(refusal(read_zip(archive, {archive.size(), 3, 1'002})), Code::kInvalid);
  EXPECT_TRUE(read_zip(archive, {archive.size(), 3, 1'003}).has_value());
}

TEST(Zip, an_archive_that_unpacks_to_more_than_it_says_is_refused) {
  constexpr ZipLimits kWide{1 << 20, 10, 8 << 20};
  Bytes bomb = write_zip({{"zeros", Bytes(8 << 20)}}, kAt, kWide).value();
  ASSERT_LT(bomb.size(), 10'000U);
  EXPECT_EQ(refusal(read_zip(bomb, kLimits)), Code::kInvalid);
  patch(bomb, "PK\x01\x02", 24, 5);  // uncompressed size in the directory
  patch(bomb, "PK\x03\x04", 22, 5);  // and in the local header
  EXPECT_EQ(refusal(read_zip(bomb, kLimits)), Code::kInvalid);
  patch(bomb, "PK\x01\x02", 24, 0xFFFFFFF0);
  patch(bomb, "PK\x03\x04", 22, 0xFFFFFFF0);
  EXPECT_EQ(refusal(read_zip(bomb, kLimits)), Code::kInvalid);
}

}  // namespace
}  // namespace weerbaar::trail
