#include "ingest/sources/delimited/record_ids.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace weerbaar::ingest::delimited {
namespace {

TEST(RecordIds, are_the_start_of_the_sha_256_and_the_occurrence) {
  RecordIds ids;
  EXPECT_EQ(ids.next("abc"), "ba7816bf8f01cfea414140de5dae2223-1");
  EXPECT_EQ(ids.next("abc"), "ba7816bf8f01cfea414140de5dae2223-2");
  EXPECT_EQ(ids.next(""), "e3b0c44298fc1c149afbf4c8996fb924-1");
  EXPECT_EQ(ids.next("abc"), "ba7816bf8f01cfea414140de5dae2223-3");
}

TEST(RecordIds, count_right_while_the_table_grows) {
  RecordIds ids;
  std::map<std::string, int> count;
  for (int i = 0; i < 20'000; ++i) {
    const std::string record = std::to_string(i * i % 7'919);
    const std::string id(ids.next(record).value());
    EXPECT_EQ(id.substr(33), std::to_string(++count[record]));
  }
}

TEST(RecordIds, forgets_all_when_it_has_seen_so_many) {
  RecordIds ids(2);
  const std::string first(ids.next("a").value());
  EXPECT_TRUE(first.ends_with("-1"));
  EXPECT_TRUE(ids.next("a")->ends_with("-2"));
  EXPECT_TRUE(ids.next("b")->ends_with("-1"));
  EXPECT_EQ(ids.next("a"), first) << "two different ones were seen: it begins anew";
}

TEST(RecordIds, are_the_same_for_the_same_input) {
  RecordIds first;
  RecordIds second;
  for (const char* record : {"a", "b", "a", "c", "a"}) {
    const std::string id(first.next(record).value());
    EXPECT_EQ(second.next(record), id);
  }
}

}  // namespace
}  // namespace weerbaar::ingest::delimited
