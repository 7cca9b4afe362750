#include "ingest/sources/otlp/trace_join.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "ingest/sources/otlp/decode.h"

namespace weerbaar::ingest::otlp {
namespace {

using Texts = std::vector<std::string>;

std::string line(int trace, int span, const std::string& attributes, int parent = 0) {
  std::string json = R"({"trace_id":"0000000000000000000000000000000)" + std::to_string(trace) +
                     R"(","span_id":"000000000000000)" + std::to_string(span) + R"(","start_time":1764068470669,)";
  if (parent > 0) json += R"("parent_span_id":"000000000000000)" + std::to_string(parent) + R"(",)";
  return json + R"("name":"n","resource":{"name":"svc"},"attributes":{)" + attributes + "}}";
}

std::string whose(int subject) {
  return R"("dpl.core.data_subject_id":")" + std::to_string(subject) + "\"";
}
const std::string kWho = R"("enduser.id":"u1")";

class TraceJoinTest : public testing::Test {
 protected:
  void add(TraceJoin& join, const std::string& json) {
    std::vector<Record> records;
    decoder_.decode(json, 1, records, output_);
    for (Record& record : records) join.add(std::move(record), output_);
  }
  // "span actor subject", with what the id ends in.
  Texts events() const {
    Texts texts;
    for (const AccessEvent& event : output_.events.events()) {
      texts.push_back(std::string(event.id.substr(31)) + " " + std::string(event.actor.id) + " " +
                      (event.subjects.empty() ? "-" : std::string(event.subjects[0].id)));
    }
    return texts;
  }

  const Mapping mapping_ =
      read_mapping({"halves_may_come_alone = true\nspans_may_hold_several = true\n", "m.toml"}).value();
  Decoder decoder_{mapping_};
  Output output_;
};

TEST_F(TraceJoinTest, holds_everything_until_the_end) {
  TraceJoin join(mapping_);
  add(join, line(1, 1, whose(7)));
  add(join, line(2, 1, whose(8)));
  add(join, line(1, 1, kWho));
  EXPECT_TRUE(output_.events.empty());
  join.finish(output_);
  EXPECT_EQ(events(), (Texts{"1-0000000000000001 u1 7", "2-0000000000000001-noactor svc 8"}));
}

TEST_F(TraceJoinTest, beyond_the_limit_the_oldest_trace_comes_out_with_what_is_there) {
  TraceJoin join(mapping_, {.records = 3, .bytes = 1'000'000});
  add(join, line(1, 1, whose(7)));
  add(join, line(1, 2, kWho));
  add(join, line(2, 1, whose(8)));
  EXPECT_TRUE(output_.events.empty());
  add(join, line(3, 1, whose(9)));
  EXPECT_EQ(events(), (Texts{"1-0000000000000001-noactor svc 7", "1-0000000000000002-noline u1 -"}));
  add(join, line(1, 1, kWho));
  add(join, line(2, 1, kWho));
  join.finish(output_);
  EXPECT_EQ(events(),
            (Texts{"1-0000000000000001-noactor svc 7", "1-0000000000000002-noline u1 -", "2-0000000000000001 u1 8",
                   "3-0000000000000001-noactor svc 9", "1-0000000000000001-noline u1 -"}));
  EXPECT_TRUE(output_.refusals.empty());
}

TEST_F(TraceJoinTest, the_limit_in_bytes_holds_too) {
  TraceJoin join(mapping_, {.records = 1'000, .bytes = 1'000});
  for (int i = 1; i <= 9; ++i) add(join, line(i, 1, whose(i)));
  EXPECT_GT(output_.events.size(), 3U);
  join.finish(output_);
  EXPECT_EQ(output_.events.size(), 9U);
}

TEST_F(TraceJoinTest, children_share_the_user_of_the_nearest_span_above) {
  TraceJoin join(mapping_);
  add(join, line(1, 4, whose(4), 3));
  add(join, line(1, 3, "", 2));
  add(join, line(1, 2, R"("enduser.id":"u2")", 1));
  add(join, line(1, 1, kWho));
  add(join, line(1, 5, whose(5), 1));
  add(join, line(1, 6, whose(6), 9));
  add(join, line(2, 4, whose(4), 1));
  join.finish(output_);
  EXPECT_EQ(events(), (Texts{"1-0000000000000004 u2 4", "1-0000000000000005 u1 5", "1-0000000000000006-noactor svc 6",
                             "2-0000000000000004-noactor svc 4"}));
}

TEST_F(TraceJoinTest, an_audit_record_of_which_all_passes_on_is_no_access_of_its_own) {
  const std::string purpose = R"(,"weerbaar.case":"Z-1","room":"B2")";
  TraceJoin join(mapping_);
  add(join, line(1, 1, kWho + purpose));
  add(join, line(1, 2, whose(2) + R"(,"room":"B3")", 1));
  add(join, line(2, 1, kWho + purpose + R"(,"weerbaar.action":"search")"));
  add(join, line(2, 2, whose(3), 1));
  join.finish(output_);
  ASSERT_EQ(events(), (Texts{"1-0000000000000002 u1 2", "2-0000000000000001-noline u1 -", "2-0000000000000002 u1 3"}));
  const auto expect_case_and_attributes = [&](size_t event,
                                              const std::vector<std::pair<std::string, std::string>>& wanted) {
    const AccessEvent& got = output_.events.events()[event];
    EXPECT_EQ(got.purpose.case_id, "Z-1");
    std::vector<std::pair<std::string, std::string>> attributes;
    for (const Attribute& attribute : got.attributes) {
      if (attribute.key.starts_with("room")) attributes.emplace_back(attribute.key, attribute.value);
    }
    EXPECT_EQ(attributes, wanted);
  };
  expect_case_and_attributes(0, {{"room", R"("B3")"}, {"room#2", R"("B2")"}});
  expect_case_and_attributes(2, {});
}

TEST_F(TraceJoinTest, a_circle_of_parents_and_a_long_chain_end) {
  TraceJoin join(mapping_);
  add(join, line(1, 1, whose(1), 2));
  add(join, line(1, 2, whose(2), 1));
  add(join, line(1, 3, whose(3), 3));
  join.finish(output_);
  EXPECT_EQ(events(), (Texts{"1-0000000000000001-noactor svc 1", "1-0000000000000002-noactor svc 2",
                             "1-0000000000000003-noactor svc 3"}));
}

TEST_F(TraceJoinTest, thousands_of_users_in_one_span_stay_apart) {
  TraceJoin join(mapping_);
  for (int i = 0; i < 3'000; ++i) add(join, line(1, 1, R"("enduser.id":"u)" + std::to_string(i) + "\""));
  add(join, line(1, 1, whose(1)));
  join.finish(output_);
  Texts ids;
  for (const AccessEvent& event : output_.events.events()) {
    ids.emplace_back(event.id);
    EXPECT_EQ(event.subjects.size(), 1U);
  }
  std::ranges::sort(ids);
  EXPECT_EQ(ids.size(), 3'000U);
  EXPECT_EQ(std::ranges::adjacent_find(ids), ids.end());
}

}  // namespace
}  // namespace weerbaar::ingest::otlp
