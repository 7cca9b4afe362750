#include "server/paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "os/file_system.h"
#include "os/testing.h"

namespace weerbaar::server {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

TEST(Paths, a_file_is_no_directory_and_a_directory_no_file) {
  const os::TemporaryDirectory directory;
  const std::string file = os::join(directory.path(), "file");
  ASSERT_TRUE(os::real_file_system().open(file, os::Mode::kCreate).has_value());
  EXPECT_THAT(why_no_directory(file), HasSubstr(file + " is a file: name a directory"));
  EXPECT_THAT(why_no_file(directory.path()), HasSubstr("is a directory: name a file"));
  EXPECT_THAT(why_no_directory(directory.path()), IsEmpty());
  EXPECT_THAT(why_no_file(file), IsEmpty());
  EXPECT_THAT(why_no_file("/dev/stdin"), IsEmpty());
}

TEST(Paths, what_is_not_there_yet_may_become_either_unless_it_would_lie_in_a_file) {
  const os::TemporaryDirectory directory;
  const std::string file = os::join(directory.path(), "file");
  ASSERT_TRUE(os::real_file_system().open(file, os::Mode::kCreate).has_value());
  for (const auto why : {&why_no_directory, &why_no_file}) {
    EXPECT_THAT(why(os::join(directory.path(), "new")), IsEmpty());
    EXPECT_THAT(why("-"), IsEmpty());
    EXPECT_THAT(why(os::join(file, "new")), HasSubstr("what it would lie in is a file"));
  }
}

}  // namespace
}  // namespace weerbaar::server
