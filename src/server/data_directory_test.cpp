#include "server/data_directory.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "os/testing.h"
#include "sql/database.h"
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

// SQLite's locks are those of the process: whatever else the process opens and closes must leave them.
TEST(DataDirectory, a_database_that_is_open_twice_stays_whole_when_another_process_is_done_with_it) {
  const os::TemporaryDirectory directory;
  const std::string path = directory.path() + "/data";
  ASSERT_TRUE(DataDirectory::create(os::real_file_system(), path, "example.org/reads", path + ".keys", 84).has_value());
  auto data = DataDirectory::open(os::real_file_system(), path, "");
  ASSERT_TRUE(data.has_value()) << data.error().text;
  // A process of its own from the beginning: SQLite must know nothing of the connections of this one.
  std::array<int, 2> ready{};
  ASSERT_EQ(::pipe(ready.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    char go = 0;
    bool is_written = ::read(ready[0], &go, 1) == 1;
    // The last to close a database deletes its log.
    for (const char* const name : {"/register.db", "/people.db"}) {
      const auto opened = sql::Database::open("sqlite:" + path + name);
      is_written = is_written && opened && (*opened)->change("CREATE TABLE of_another (number INTEGER)").has_value();
    }
    ::_exit(is_written ? 0 : 1);
  }
  const auto facts = data->open_register();
  const auto people = data->open_people();
  ASSERT_TRUE(facts.has_value() && people.has_value());
  EXPECT_TRUE(data->open_register().has_value() && data->open_people().has_value());
  EXPECT_EQ(::write(ready[1], "g", 1), 1);
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  for (const char* const name : {"/register.db", "/people.db"}) {
    EXPECT_TRUE(std::filesystem::exists(path + name + "-wal")) << name;
    EXPECT_EQ(std::filesystem::status(path + name).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)
        << name;
  }
}

}  // namespace
}  // namespace weerbaar::server
