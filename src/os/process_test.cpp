#include "os/process.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "os/testing.h"

namespace weerbaar::os {
namespace {

std::string read_all(InputStream& stream) {
  std::string all;
  uint8_t buffer[7];
  for (;;) {
    const auto count = stream.read(buffer);
    EXPECT_TRUE(count.has_value());
    if (!count || *count == 0) return all;
    all.append(reinterpret_cast<const char*>(buffer), *count);
  }
}

TEST(Process, reads_files_and_named_pipes_to_their_end) {
  const TemporaryDirectory directory;
  const std::string file = directory.path() + "/file";
  std::ofstream(file) << "the quick brown fox";
  auto stream = open_input(file);
  ASSERT_TRUE(stream.has_value());
  EXPECT_EQ(read_all(**stream), "the quick brown fox");
  const std::string pipe = directory.path() + "/pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&pipe] { std::ofstream(pipe) << "through a pipe"; });
  auto piped = open_input(pipe);
  ASSERT_TRUE(piped.has_value());
  EXPECT_EQ(read_all(**piped), "through a pipe");
  writer.join();
}

TEST(Process, says_what_cannot_be_read) {
  const TemporaryDirectory directory;
  EXPECT_EQ(refusal(open_input(directory.path() + "/none")), Code::kNotFound);
  EXPECT_EQ(refusal(open_input(directory.path())), Code::kInvalid);
}

TEST(Process, somebody_runs_it) {
  EXPECT_FALSE(user_name().empty());
}

}  // namespace
}  // namespace weerbaar::os
