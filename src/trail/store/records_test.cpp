#include "trail/store/records.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "trail/store/trail_fixture.h"

namespace weerbaar::trail {
namespace {

using ::testing::ElementsAre;

class RecordsTest : public testing::TrailFixture {
 protected:
  // The bodies of all records of a type.
  static std::vector<std::string> bodies(const Trail& trail, std::string_view type) {
    std::vector<std::string> all;
    const auto found = records_of_type(trail, type);
    EXPECT_TRUE(found.has_value()) << (found ? "" : found.error().text);
    for (const EntryIndex index : *found) {
      const auto body = record_body(trail, index);
      EXPECT_TRUE(body.has_value()) << (body ? "" : body.error().text);
      all.push_back(body.value_or(""));
    }
    return all;
  }
};

TEST_F(RecordsTest, are_found_by_type_in_order_sealed_or_not_and_by_who_only_reads) {
  const auto trail = open();
  ASSERT_TRUE(trail->append_record("policy", "1"));
  fill(*trail, 0, 3 * kSegmentEntries / 2);
  ASSERT_TRUE(trail->append_record("import", "x"));
  ASSERT_TRUE(trail->append_record("policy", "2"));
  fill(*trail, 3 * kSegmentEntries / 2, kSegmentEntries);
  ASSERT_TRUE(trail->append_record("policy", "3"));
  ASSERT_TRUE(trail->finish_sealing());
  ASSERT_EQ(trail->sealed().count(), 2U);
  EXPECT_THAT(bodies(*trail, "policy"), ElementsAre("1", "2", "3"));
  EXPECT_THAT(bodies(*trail, "import"), ElementsAre("x"));
  EXPECT_THAT(bodies(*trail, "polic"), ElementsAre());
  EXPECT_THAT(bodies(*open(Access::kRead), "policy"), ElementsAre("1", "2", "3"));
  // Without its index every record is looked at.
  const auto names = files_.list("data/trail/index");
  ASSERT_TRUE(names.has_value());
  ASSERT_FALSE(names->empty());
  for (const std::string& name : *names) ASSERT_TRUE(files_.remove("data/trail/index/" + name));
  EXPECT_THAT(bodies(*open(Access::kRead), "policy"), ElementsAre("1", "2", "3"));
}

TEST_F(RecordsTest, an_event_is_none) {
  const auto trail = open();
  fill(*trail, 0, 1);
  const auto body = record_body(*trail, EntryIndex(0));
  ASSERT_FALSE(body.has_value());
  EXPECT_EQ(body.error().code, Code::kNotFound);
}

}  // namespace
}  // namespace weerbaar::trail
