#include "ingest/sources/syslog/pairs.h"

#include <gtest/gtest.h>

namespace weerbaar::ingest::syslog {
namespace {

Pairs pairs_of(std::string_view text) {
  Pairs pairs;
  parse_pairs(text, pairs);
  return pairs;
}

TEST(Pairs, are_words_and_quoted_texts) {
  const Pairs expected = {{"user", "u1"}, {"reason", "a \"call\" \\ x"}, {"empty", ""}, {"n.1", "b=c"}};
  EXPECT_EQ(pairs_of("login user=u1, reason=\"a \\\"call\\\" \\\\ x\"; empty= n.1=b=c"), expected);
}

TEST(Pairs, words_that_are_no_pair_are_passed_over) {
  EXPECT_TRUE(pairs_of("no pair here = at all, =x").empty());
  EXPECT_EQ(pairs_of("a=1 b=\"not closed c=2"), (Pairs{{"a", "1"}}));
}

}  // namespace
}  // namespace weerbaar::ingest::syslog
