#include "ingest/sources/otlp/pending_traces.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "domain/access_event_json.h"
#include "ingest/sources/otlp/otlp.h"

namespace weerbaar::ingest::otlp {
namespace {

using Texts = std::vector<std::string>;

constexpr Time kFirst{1'780'000'000'000'000, 0};
constexpr Time kNever{kMicrosMin, 0};
constexpr Time kEnd{kMicrosMax, 0};

Time after(int64_t seconds) {
  return {kFirst.micros + seconds * kMicrosPerSecond, 0};
}

// A span with the attributes given; without any it is technical.
std::string span(int trace, int id, int parent, const std::string& attributes) {
  return fmt::format(
      R"({{"trace_id":"{:032x}","span_id":"{:016x}",{}"name":"n{}","status":"Ok","start_time":{},"end_time":7,)"
      R"("resource":{{"name":"svc"}},"attributes":{{{}}}}})"
      "\n",
      trace, id, parent == 0 ? "" : fmt::format(R"("parent_span_id":"{:016x}",)", parent), id,
      1'764'068'470'000 + trace, attributes);
}

std::string line(int trace, int id, int parent = 0, int subject = 5) {
  return span(trace, id, parent, fmt::format(R"("dpl.core.data_subject_id":"{}")", subject));
}

std::string whole(int trace, int id, int parent = 0) {
  return span(trace, id, parent, R"("dpl.core.data_subject_id":"9","enduser.id":"u9")");
}

std::string audit(int trace, int id, std::string_view user = "u1") {
  return fmt::format(
      R"({{"resourceLogs":[{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"audit"}}}}]}},)"
      R"("scopeLogs":[{{"logRecords":[{{"traceId":"{:032x}","spanId":"{:016x}","timeUnixNano":"{}000000",)"
      R"("attributes":[{{"key":"enduser.id","value":{{"stringValue":"{}"}}}}]}}]}}]}}]}})"
      "\n",
      trace, id, 1'764'068'470'000 + trace, user);
}

std::string id_of(int trace, int span) {
  return fmt::format("{:032x}-{:016x}", trace, span);
}

// What came out, once each as the trail has it: by id, the first.
using Events = std::map<std::string, std::string>;

void add_events(const Output& output, Events& events) {
  for (const AccessEvent& event : output.events.events()) events.emplace(event.id, to_json(event));
}

Events events_of_file(const std::string& input, const std::string& mapping = "") {
  const auto source = create_otlp({mapping, "m.toml"}).value();
  Output output;
  source->feed(input, output);
  source->finish(output);
  Events events;
  add_events(output, events);
  return events;
}

class PendingTracesTest : public ::testing::Test {
 protected:
  // A request; the ids that came out, in order. `is_durable` false: the trail, or the disk, failed.
  Texts request(const std::string& input, int64_t second = 0, bool is_durable = true, Time begun_before = kNever) {
    Output output;
    auto records = read_kept_records(input, mapping_, output);
    EXPECT_TRUE(output.refusals.empty());
    const auto added = pending_.add(std::move(records), after(second), begun_before, output);
    EXPECT_TRUE(output.refusals.empty());
    waiting_ = added.waiting.size();
    if (is_durable) {
      pending_.stored(added.waiting);
      for (const TraceEvents& made : added.made) pending_.told(made);
    }
    return take(output);
  }
  // All that is due; refused halves count as "refused".
  Texts release(Time quiet_since = kEnd) {
    Texts all;
    for (;;) {
      Output output;
      const auto made = pending_.due(quiet_since, 3, output);
      if (made.empty()) return all;
      refused_ += output.refusals.size();
      const Texts ids = take(output);
      all.insert(all.end(), ids.begin(), ids.end());
      for (const TraceEvents& one : made) EXPECT_TRUE(pending_.remove(one));
    }
  }
  Texts take(const Output& output) {
    add_events(output, events_);
    Texts ids;
    for (const AccessEvent& event : output.events.events()) ids.emplace_back(event.id);
    std::ranges::sort(ids);
    return ids;
  }

  Mapping mapping_;
  PendingTraces pending_{mapping_};
  Events events_;
  size_t waiting_ = 0;  // records to be stored, of the last request
  size_t refused_ = 0;
};

TEST_F(PendingTracesTest, halves_of_a_span_are_joined_in_either_order) {
  EXPECT_EQ(request(line(1, 1)), Texts());
  EXPECT_EQ(waiting_, 1U);
  EXPECT_EQ(request(audit(1, 1)), Texts{id_of(1, 1)});
  EXPECT_EQ(request(audit(2, 1)), Texts());
  EXPECT_EQ(request(line(2, 1)), Texts{id_of(2, 1)});
  EXPECT_EQ(pending_.open_traces(), 0U);
  EXPECT_EQ(events_, events_of_file(line(1, 1) + audit(1, 1) + line(2, 1) + audit(2, 1)));
  EXPECT_EQ(release(), Texts());
  EXPECT_EQ(refused_, 0U);
  EXPECT_EQ(pending_.records(), 0U);
  EXPECT_EQ(pending_.bytes(), 0U);
}

TEST_F(PendingTracesTest, what_is_whole_comes_out_at_once_and_nothing_is_kept) {
  EXPECT_EQ(request(whole(1, 1) + line(2, 1) + audit(2, 1) + span(3, 1, 0, "")), (Texts{id_of(1, 1), id_of(2, 1)}));
  EXPECT_EQ(waiting_, 0U);
  EXPECT_EQ(pending_.traces(), 0U);
}

TEST_F(PendingTracesTest, the_user_of_a_span_above_waits_for_a_nearer_one) {
  EXPECT_EQ(request(line(1, 3, 2) + audit(1, 1, "gateway")), Texts());
  EXPECT_EQ(request(span(1, 2, 1, "") + span(1, 1, 0, "")), Texts());
  EXPECT_EQ(request(audit(1, 2, "employee")), Texts());
  EXPECT_EQ(release(), (Texts{id_of(1, 3)}));
  EXPECT_NE(events_.at(id_of(1, 3)).find("employee"), std::string::npos);
  // The gateway saw no person: as in a file, half an access.
  EXPECT_EQ(refused_, 1U);
}

TEST_F(PendingTracesTest, a_technical_span_in_between_may_come_by_itself) {
  request(line(1, 3, 2));
  request(audit(1, 1));
  request(span(1, 2, 1, ""));
  EXPECT_EQ(release(), Texts{id_of(1, 3)});
  EXPECT_EQ(refused_, 0U);
  EXPECT_EQ(events_, events_of_file(line(1, 3, 2) + audit(1, 1) + span(1, 2, 1, "")));
}

TEST_F(PendingTracesTest, a_half_that_comes_again_is_the_same_also_after_the_access_came_out) {
  request(line(1, 1));
  request(line(1, 1));
  EXPECT_EQ(waiting_, 0U);
  EXPECT_EQ(request(audit(1, 1)), Texts{id_of(1, 1)});
  EXPECT_EQ(request(audit(1, 1)), Texts());
  EXPECT_EQ(request(line(1, 1)), Texts());
  EXPECT_EQ(request(line(1, 1) + audit(1, 1)), Texts());
  EXPECT_EQ(release(), Texts());
  EXPECT_EQ(refused_, 0U);
}

TEST_F(PendingTracesTest, what_did_not_become_durable_comes_out_again_and_is_to_be_stored_again) {
  request(line(1, 1), 0, false);
  EXPECT_EQ(request(line(1, 1)), Texts());
  EXPECT_EQ(waiting_, 1U);
  EXPECT_EQ(request(audit(1, 1), 0, false), Texts{id_of(1, 1)});
  EXPECT_EQ(request(audit(1, 1)), Texts{id_of(1, 1)});
  EXPECT_EQ(request(audit(1, 1)), Texts());
}

TEST_F(PendingTracesTest, comes_out_when_nothing_came_for_long_enough) {
  request(line(1, 1), 0);
  request(line(2, 1), 10);
  request(line(1, 2), 20);
  EXPECT_EQ(release(after(9)), Texts());
  EXPECT_EQ(pending_.traces(), 2U);
  release(after(10));
  EXPECT_EQ(pending_.traces(), 1U);
  EXPECT_EQ(refused_, 1U);
  // A repeated record is nothing new.
  request(line(1, 2), 30);
  release(after(20));
  EXPECT_EQ(pending_.traces(), 0U);
  EXPECT_EQ(refused_, 3U);
}

TEST_F(PendingTracesTest, a_trace_that_goes_on_for_too_long_or_is_too_large_is_due) {
  request(line(1, 1), 0);
  request(audit(1, 2), 100, true, after(1));
  release(after(0));
  EXPECT_EQ(refused_, 2U);
  std::string large;
  for (int i = 1; i <= static_cast<int>(kTraceRecordsMax) + 1; ++i) large += line(2, i);
  request(large, 200);
  EXPECT_EQ(pending_.traces(), 1U);
  release(after(0));
  EXPECT_EQ(pending_.traces(), 0U);
}

TEST_F(PendingTracesTest, what_gave_all_goes_before_what_still_waits) {
  request(line(1, 1), 0);
  request(line(2, 1), 1);
  request(audit(2, 1), 2);
  Output output;
  const auto made = pending_.oldest({1, 0}, 100, output);
  ASSERT_EQ(made.size(), 1U);
  EXPECT_TRUE(pending_.remove(made[0]));
  EXPECT_TRUE(output.events.empty() && output.refusals.empty());
  ASSERT_EQ(pending_.oldest({0, 1}, 100, output).size(), 1U);
  EXPECT_EQ(output.refusals.size(), 1U);
}

TEST_F(PendingTracesTest, a_trace_for_which_something_came_meanwhile_stays) {
  request(line(1, 1));
  Output output;
  const auto made = pending_.due(kEnd, 100, output);
  request(audit(1, 1));
  ASSERT_EQ(made.size(), 1U);
  EXPECT_FALSE(pending_.remove(made[0]));
  EXPECT_EQ(pending_.traces(), 1U);
}

TEST_F(PendingTracesTest, an_access_that_came_out_keeps_its_id_when_its_span_turns_out_to_hold_several) {
  mapping_.spans_may_hold_several = true;
  pending_ = PendingTraces(mapping_);
  request(line(1, 1));
  EXPECT_EQ(request(audit(1, 1, "u1")), Texts{id_of(1, 1)});
  const Texts more = request(audit(1, 1, "u2"));
  ASSERT_EQ(more.size(), 1U);
  EXPECT_TRUE(more[0].starts_with(id_of(1, 1) + "-"));
  EXPECT_NE(events_.at(more[0]).find("u2"), std::string::npos);
  EXPECT_EQ(release(), Texts());
}

TEST_F(PendingTracesTest, halves_are_taken_alone_at_the_end_when_the_mapping_says_so) {
  mapping_.halves_may_come_alone = true;
  pending_ = PendingTraces(mapping_);
  EXPECT_EQ(request(line(1, 1) + audit(2, 1)), Texts());
  EXPECT_EQ(release(), (Texts{id_of(1, 1) + "-noactor", id_of(2, 1) + "-noline"}));
  EXPECT_EQ(refused_, 0U);
}

TEST_F(PendingTracesTest, what_waited_is_restored_and_joined_with_what_comes) {
  request(line(1, 1) + line(2, 1), 3);
  request(audit(2, 1), 4);
  PendingTraces again(mapping_);
  pending_.for_each([&](std::string_view json, Time came) {
    Output output;
    again.restore(std::move(read_kept_records(json, mapping_, output).at(0)), came);
  });
  again.restored();
  pending_ = std::move(again);
  EXPECT_EQ(pending_.records(), 3U);
  EXPECT_EQ(request(audit(1, 1), 5), Texts{id_of(1, 1)});
  // That the other one came out is forgotten: the trail knows it by its id.
  EXPECT_EQ(release(after(4)), Texts{id_of(2, 1)});
  EXPECT_EQ(refused_, 0U);
}

TEST_F(PendingTracesTest, another_mapping_reads_what_waits_anew) {
  request(line(1, 1));
  request(span(1, 1, 0, R"("medewerker.id":"m7")"));
  mapping_.actor_attributes = {"medewerker.id"};
  pending_.use_mapping(mapping_);
  // The span came as a technical one, and as such it was kept.
  EXPECT_EQ(release(), Texts{id_of(1, 1)});
  EXPECT_NE(events_.at(id_of(1, 1)).find("m7"), std::string::npos);
}

struct Sent {
  std::string text;
  int trace;
  int span;
  enum class Kind { kLine, kAudit, kOther } kind;
};

// Lines of traces of all shapes, in which no span holds several accesses; some come twice.
std::vector<Sent> random_lines(std::mt19937& random) {
  std::vector<Sent> lines;
  for (int trace = 1; trace <= 30; ++trace) {
    const int spans = static_cast<int>(random() % 5) + 1;
    for (int id = 1; id <= spans; ++id) {
      const int parent = static_cast<int>(random() % (static_cast<unsigned>(spans) + 1));
      const auto push = [&](const std::string& text, Sent::Kind kind) {
        for (auto copies = random() % 5 == 0 ? 2 : 1; copies > 0; --copies) lines.push_back({text, trace, id, kind});
      };
      const auto shape = random() % 5;
      if (shape == 0 || shape == 2) push(line(trace, id, parent, id), Sent::Kind::kLine);
      if (shape == 1 || shape == 2) push(audit(trace, id, fmt::format("u{}", random() % 3)), Sent::Kind::kAudit);
      if (shape == 3) push(whole(trace, id, parent), Sent::Kind::kOther);
      if (shape == 4) push(span(trace, id, parent, ""), Sent::Kind::kOther);
    }
  }
  return lines;
}

bool holds_half(const std::vector<Sent>& sent, int trace) {
  return std::ranges::any_of(sent, [&](const Sent& one) {
    return one.trace == trace && one.kind != Sent::Kind::kOther && std::ranges::none_of(sent, [&](const Sent& other) {
             return other.trace == trace && other.span == one.span && other.kind != Sent::Kind::kOther &&
                    other.kind != one.kind;
           });
  });
}

// The obvious way: all that came for a trace from its first half on, as one file; what came before that, each request
// as a file of its own.
class ByFiles {
 public:
  explicit ByFiles(std::string mapping) : mapping_(std::move(mapping)) {}

  void request(const std::vector<Sent>& sent) {
    std::map<int, std::string> by_trace;
    for (const Sent& one : sent) by_trace[one.trace] += one.text;
    for (const auto& [trace, text] : by_trace) {
      if (waiting_.contains(trace) || holds_half(sent, trace)) {
        waiting_[trace] += text;
      } else {
        events_.merge(events_of_file(text, mapping_));
      }
    }
  }
  Events finish() {
    for (const auto& [trace, text] : waiting_) events_.merge(events_of_file(text, mapping_));
    return events_;
  }

 private:
  std::string mapping_;
  std::map<int, std::string> waiting_;
  Events events_;
};

TEST_F(PendingTracesTest, random_cuts_into_requests_give_what_one_file_gives) {
  for (unsigned seed = 0; seed < 120; ++seed) {
    mapping_.halves_may_come_alone = seed % 4 >= 2;
    ByFiles by_files(mapping_.halves_may_come_alone ? "halves_may_come_alone = true\n" : "");
    std::mt19937 random(seed);
    std::vector<Sent> lines = random_lines(random);
    if (seed % 2 == 0) std::ranges::shuffle(lines, random);
    pending_ = PendingTraces(mapping_);
    events_.clear();
    for (size_t at = 0; at < lines.size();) {
      const size_t count = std::min<size_t>(random() % 7 + 1, lines.size() - at);
      const std::vector<Sent> sent(lines.begin() + static_cast<ptrdiff_t>(at),
                                   lines.begin() + static_cast<ptrdiff_t>(at + count));
      std::string body;
      for (const Sent& one : sent) body += one.text;
      by_files.request(sent);
      request(body, static_cast<int64_t>(at), random() % 4 > 0);
      at += count;
    }
    release();
    ASSERT_EQ(events_, by_files.finish()) << "seed " << seed;
    ASSERT_GT(events_.size(), 10U);
  }
}

TEST_F(PendingTracesTest, a_large_trace_costs_in_proportion_and_loses_nothing) {
  std::string file;
  for (int first = 1; first <= 4'000; first += 10) {
    std::string body;
    for (int id = first; id < first + 10; ++id) body += line(1, id);
    request(body);
    file += body;
  }
  for (int first = 1; first <= 4'000; first += 10) {
    std::string body;
    for (int id = first; id < first + 10; ++id) body += audit(1, id);
    request(body);
    file += body;
  }
  release();
  EXPECT_EQ(events_.size(), 4'000U);
  EXPECT_EQ(events_, events_of_file(file));
}

}  // namespace
}  // namespace weerbaar::ingest::otlp
