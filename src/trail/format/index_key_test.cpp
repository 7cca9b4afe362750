#include "trail/format/index_key.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace weerbaar::trail {
namespace {

Bytes subject_key(uint16_t period, const StoredSubject& subject) {
  Bytes key;
  append_subject_key(period, subject, key);
  return key;
}
Bytes actor_key(uint16_t period, std::string_view id) {
  Bytes key;
  append_actor_key(period, id, key);
  return key;
}

TEST(IndexKey, is_laid_out_as_documented) {
  EXPECT_EQ(to_hex(subject_key(0x1FA8, {SubjectType::kKvk, true, 12'345'678, {}, "owner"})),
            "011fa802010000000000bc614e");
  EXPECT_EQ(to_hex(subject_key(0x1FA8, {SubjectType::kVehicle, false, 0, "ab", {}})), "011fa803006162");
  EXPECT_EQ(to_hex(actor_key(0x1FA8, "ab")), "021fa86162");
  Bytes record;
  append_record_key("index", record);
  EXPECT_EQ(to_hex(record), "03696e646578");
}

TEST(IndexKey, ascends_by_kind_then_period_then_subject) {
  const std::vector<Bytes> ascending = {subject_key(1, {SubjectType::kBsn, true, 999, {}, {}}),
                                        subject_key(2, {SubjectType::kBsn, false, 0, "zz", {}}),
                                        subject_key(2, {SubjectType::kBsn, true, 1, {}, {}}),
                                        subject_key(2, {SubjectType::kBsn, true, 256, {}, {}}),
                                        subject_key(2, {SubjectType::kVehicle, false, 0, "a", {}}),
                                        actor_key(1, "zz"),
                                        actor_key(2, "a"),
                                        actor_key(2, "ab")};
  EXPECT_TRUE(std::ranges::is_sorted(ascending));
  EXPECT_EQ(std::ranges::adjacent_find(ascending), ascending.end());
}

TEST(IndexKey, the_role_is_no_part_of_it) {
  EXPECT_EQ(subject_key(1, {SubjectType::kBsn, true, 7, {}, "partner"}),
            subject_key(1, {SubjectType::kBsn, true, 7, {}, {}}));
}

TEST(IndexKey, of_a_subject_reads_back) {
  for (const StoredSubject& subject : {StoredSubject{SubjectType::kBsn, true, 123'456'789, {}, {}},
                                       StoredSubject{SubjectType::kOther, false, 0, "ab", {}}}) {
    const Bytes key = subject_key(8104, subject);
    const SubjectKey parsed = parse_subject_key(key).value();
    EXPECT_EQ(parsed.period, 8104);
    EXPECT_EQ(parsed.subject, subject);
    for (size_t size = 0; size <= kSubjectKeyHeadBytes; ++size)
      EXPECT_FALSE(parse_subject_key(ByteView(key).first(size)));
  }
  for (const char* wrong : {"021fa86162", "03696e646578", "011fa8070100000000075bcd15", "011fa8000200000000075bcd15",
                            "011fa80001000000075bcd15", "011fa800010000000000075bcd15"}) {
    EXPECT_FALSE(parse_subject_key(from_hex(wrong).value())) << wrong;
  }
}

}  // namespace
}  // namespace weerbaar::trail
