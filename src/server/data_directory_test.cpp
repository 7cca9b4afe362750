#include "server/data_directory.h"

#include <gtest/gtest.h>

#include "os/testing.h"
#include "trail/store/trail_fixture.h"

namespace weerbaar::server {
namespace {

class DataDirectoryTest : public trail::testing::TrailFixture {};

TEST_F(DataDirectoryTest, a_look_at_a_person_whose_identity_would_be_refused_today_is_recorded) {
  const auto trail = open();
  Use use;
  use.component = "consultations";
  use.subjects = {{SubjectType::kOther, "~old", ""}};
  ASSERT_TRUE(record_use(*trail, use, {}));
  EXPECT_EQ(trail->size().value(), 1U);
  use.subjects = {{SubjectType::kOther, "a\nb", ""}};
  EXPECT_FALSE(record_use(*trail, use, {}));
}

TEST(DataDirectory, that_is_read_as_it_was_lets_others_write_and_shows_nothing_of_it) {
  const os::TemporaryDirectory directory;
  const std::string path = directory.path() + "/data";
  ASSERT_TRUE(DataDirectory::create(os::real_file_system(), path, "example.org/reads", path + ".keys", 84).has_value());
  auto data = DataDirectory::open(os::real_file_system(), path, "");
  ASSERT_TRUE(data.has_value()) << data.error().text;
  Use use;
  use.component = "count";
  const auto write = [&] {
    const auto trail = data->open_trail();
    ASSERT_TRUE(trail.has_value()) << trail.error().text;
    ASSERT_TRUE(record_use(**trail, use, {}));
  };
  write();
  const auto reading = data->open_trail_as_it_is();
  ASSERT_TRUE(reading.has_value()) << reading.error().text;
  write();
  EXPECT_EQ((*reading)->size().value(), 1U);
  Bytes entry;
  EXPECT_TRUE((*reading)->entry(EntryIndex(0), entry).has_value());
  EXPECT_EQ((*data->open_trail_as_it_is())->size().value(), 2U);
}

}  // namespace
}  // namespace weerbaar::server
