#include "domain/source_notice.h"

#include <gtest/gtest.h>

namespace weerbaar {
namespace {

using Kind = SourceNotice::Kind;

// What is read of an event with the attributes of a notice, without that of the key.
std::optional<SourceNotice> read_again(const SourceNotice& notice, std::string_view without = "") {
  const NoticeAttributes written = attributes_of(notice);
  std::vector<Attribute> attributes;
  for (const auto& [key, value] : written) {
    if (key != without) attributes.push_back({key, value});
  }
  AccessEvent event;
  event.attributes = attributes;
  return source_notice_of(event);
}

SourceNotice of_records(Kind kind) {
  SourceNotice notice;
  notice.kind = kind;
  notice.source = "gateway";
  notice.counter = "ca978112ca1bbdca";
  notice.run = 3;
  notice.numbers.add({0, 0});
  notice.numbers.add({6, 8});
  notice.numbers.add({UINT64_MAX, UINT64_MAX});
  return notice;
}

SourceNotice of_silence(Kind kind) {
  SourceNotice notice;
  notice.kind = kind;
  notice.source = "gateway";
  notice.since = Time{1'780'000'000'123'456, 0};
  if (kind != Kind::kSilent) notice.until = Time{1'780'000'100'000'000, 0};
  return notice;
}

TEST(SourceNotice, is_read_back_as_it_was_written) {
  for (const SourceNotice& notice : {of_silence(Kind::kSilent), of_silence(Kind::kHeard), of_silence(Kind::kReleased),
                                     of_records(Kind::kMissing), of_records(Kind::kCame)}) {
    EXPECT_EQ(read_again(notice), notice) << to_string(notice.kind);
  }
}

TEST(SourceNotice, without_one_of_its_attributes_is_none) {
  for (const SourceNotice& notice : {of_silence(Kind::kHeard), of_records(Kind::kCame)}) {
    for (const auto& [key, value] : attributes_of(notice)) {
      if (key != "watched_counter") {
        EXPECT_EQ(read_again(notice, key), std::nullopt) << key;
      }
    }
  }
  EXPECT_EQ(source_notice_of(AccessEvent{}), std::nullopt);
}

TEST(SourceNotice, numbers_are_shown_as_ranges) {
  EXPECT_EQ(text_of(of_records(Kind::kMissing).numbers), "0, 6-8, 18446744073709551615");
}

TEST(SourceNotice, with_other_numbers_is_none) {
  for (const char* wrong : {"\"\"", "\"3-\"", "\"8-3\"", "\"3; 4\"", "\"x\""}) {
    const Attribute attributes[] = {
        {"watched_source", "\"a\""}, {"watched_what", "\"missing\""}, {"watched_run", "0"}, {"watched_numbers", wrong}};
    AccessEvent event;
    event.attributes = attributes;
    EXPECT_EQ(source_notice_of(event), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace weerbaar
