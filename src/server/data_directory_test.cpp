#include "server/data_directory.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace weerbaar::server
