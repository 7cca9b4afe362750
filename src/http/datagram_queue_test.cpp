#include "http/datagram_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace weerbaar::http {
namespace {

std::vector<std::string> all_of(DatagramQueue& queue) {
  std::vector<Datagram> taken;
  while (!queue.empty()) queue.take(1, taken);
  std::vector<std::string> texts;
  for (const Datagram& datagram : taken) texts.push_back(datagram.bytes);
  return texts;
}

TEST(DatagramQueue, gives_what_came_in_its_order) {
  DatagramQueue queue(10'000);
  std::vector<std::string> lost;
  queue.add("a", {"1", "a1"}, lost);
  queue.add("b", {"2", "b1"}, lost);
  queue.add("a", {"1", "a2"}, lost);
  std::vector<Datagram> taken;
  queue.take(1, taken);
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].bytes, "a1");
  EXPECT_EQ(all_of(queue), (std::vector<std::string>{"b1", "a2"}));
  EXPECT_EQ(queue.bytes(), 0U);
  EXPECT_TRUE(lost.empty());
}

TEST(DatagramQueue, a_sender_that_floods_loses_its_own_and_makes_room_for_the_others) {
  DatagramQueue queue(100'000);
  std::vector<std::string> lost;
  for (int i = 0; i < 5'000; ++i) queue.add("flood", {"f", std::string(100, 'f')}, lost);
  EXPECT_LE(queue.bytes(), 100'000U);
  EXPECT_GT(lost.size(), 4'000U);
  for (int i = 0; i < 200; ++i) queue.add("quiet", {"q", "q" + std::to_string(i)}, lost);
  for (int i = 0; i < 5'000; ++i) queue.add("flood", {"f", std::string(100, 'f')}, lost);
  EXPECT_EQ(std::ranges::count(lost, "q"), 0);
  std::vector<std::string> quiet;
  for (const std::string& text : all_of(queue)) {
    if (text.starts_with('q')) quiet.push_back(text);
  }
  ASSERT_EQ(quiet.size(), 200U);
  for (size_t i = 0; i < quiet.size(); ++i) EXPECT_EQ(quiet[i], "q" + std::to_string(i));
}

TEST(DatagramQueue, what_is_larger_than_all_the_room_is_lost_and_nothing_else) {
  DatagramQueue queue(1'000);
  std::vector<std::string> lost;
  queue.add("a", {"1", "small"}, lost);
  queue.add("b", {"2", std::string(2'000, 'x')}, lost);
  EXPECT_EQ(lost, std::vector<std::string>{"2"});
  EXPECT_EQ(all_of(queue), std::vector<std::string>{"small"});
}

// Whatever comes and goes: each that was added is given once or was lost, those of a sender in their order, and memory
// is bounded.
TEST(DatagramQueue, loses_nothing_that_it_does_not_tell) {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    DatagramQueue queue(3'000);
    std::vector<std::string> lost;
    std::vector<Datagram> taken;
    size_t added = 0;
    for (int i = 0; i < 400; ++i) {
      if (random() % 4 == 0) {
        queue.take(random() % 500, taken);
        continue;
      }
      const std::string sender(1, static_cast<char>('a' + random() % 3));
      queue.add(sender, {sender, std::string(random() % 300, '.') + std::to_string(1'000 + i)}, lost);
      ++added;
      EXPECT_LE(queue.bytes(), 3'000U);
    }
    while (!queue.empty()) queue.take(1, taken);
    EXPECT_EQ(taken.size() + lost.size(), added);
    std::map<std::string, std::string> last;
    for (const Datagram& one : taken) {
      const std::string number = one.bytes.substr(one.bytes.size() - 4);
      EXPECT_LT(last[one.address], number);
      last[one.address] = number;
    }
  }
}

}  // namespace
}  // namespace weerbaar::http
