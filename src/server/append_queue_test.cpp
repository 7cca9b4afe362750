#include "server/append_queue.h"

#include <gtest/gtest.h>

#include "server/data_directory.h"
#include "trail/store/trail_fixture.h"

namespace weerbaar::server {
namespace {

class AppendQueueTest : public trail::testing::TrailFixture {};

TEST_F(AppendQueueTest, nobody_but_weerbaar_delivers_what_weerbaar_records_of_its_own_use) {
  const auto trail = open();
  std::vector<std::string> refused;
  AppendQueue queue(*trail, [&](const AccessEvent& event, const Error& why) -> Status {
    EXPECT_EQ(why.code, Code::kInvalid);
    refused.emplace_back(event.id);
    return {};
  });
  EventBatch batch;
  trail::testing::EventMaker(1).make(0, 10, batch);
  std::vector<std::string> forged;
  for (const size_t i : {0U, 4U, 9U}) {
    batch.events()[i].source = kOwnSource;
    forged.emplace_back(batch.events()[i].id);
  }
  ASSERT_TRUE(queue.give(batch));
  const auto totals = queue.finish();
  ASSERT_TRUE(totals.has_value());
  EXPECT_EQ(totals->accepted, 7U);
  EXPECT_EQ(totals->refused, 3U);
  EXPECT_EQ(refused, forged);
  EXPECT_EQ(trail->size().value(), 7U);

  // Weerbaar itself does.
  Use use;
  use.component = "test";
  ASSERT_TRUE(record_use(*trail, use, {}));
  EXPECT_EQ(trail->size().value(), 8U);
}

}  // namespace
}  // namespace weerbaar::server
