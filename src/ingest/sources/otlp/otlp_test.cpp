#include "ingest/sources/otlp/otlp.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "domain/access_event_json.h"
#include "domain/identifiers.h"

namespace weerbaar::ingest {
namespace {

using Texts = std::vector<std::string>;

struct Results {
  Texts events;  // to_json(), sorted
  std::vector<Refusal> refusals;
};

constexpr std::string_view kTakeAll = "halves_may_come_alone = true\nspans_may_hold_several = true\n";

Results run(const Texts& inputs, size_t piece_bytes = 1'000'000, std::string_view mapping = kTakeAll) {
  const auto source = create_otlp({std::string(mapping), "m.toml"}).value();
  Output output;
  for (std::string_view input : inputs) {
    for (; !input.empty(); input.remove_prefix(std::min(input.size(), piece_bytes))) {
      source->feed(input.substr(0, piece_bytes), output);
    }
  }
  source->finish(output);
  Results results;
  for (const AccessEvent& event : output.events.events()) results.events.push_back(to_json(event));
  std::ranges::sort(results.events);
  results.refusals = std::move(output.refusals);
  return results;
}

std::string id_of(const std::string& event) {
  return event.substr(7, event.find('"', 7) - 7);
}

Results run_strictly(const Texts& inputs) {
  return run(inputs, 1'000'000, "");
}

Texts ids_of(const Results& results) {
  Texts ids;
  for (const std::string& event : results.events) ids.push_back(id_of(event));
  return ids;
}

std::string ldv_line(int trace, int span, int parent, int subject) {
  return fmt::format(
      R"({{"trace_id":"{:032x}","span_id":"{:016x}",{}"name":"n","status":"Ok","start_time":{},"end_time":7,)"
      R"("resource":{{"name":"svc"}},"attributes":{{"dpl.core.data_subject_id":"{}"}}}})"
      "\n",
      trace, span, parent == 0 ? "" : fmt::format(R"("parent_span_id":"{:016x}",)", parent), 1'764'068'470'000 + trace,
      subject);
}

std::string audit_line(int trace, int span, std::string_view user, std::string_view case_id = "") {
  const std::string more =
      case_id.empty() ? "" : fmt::format(R"(,{{"key":"weerbaar.case","value":{{"stringValue":"{}"}}}})", case_id);
  return fmt::format(
      R"({{"resourceLogs":[{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"audit"}}}}]}},)"
      R"("scopeLogs":[{{"logRecords":[{{"traceId":"{:032x}","spanId":"{:016x}","timeUnixNano":"{}000000",)"
      R"("attributes":[{{"key":"enduser.id","value":{{"stringValue":"{}"}}}}{}]}}]}}]}}]}})"
      "\n",
      trace, span, 1'764'068'470'000 + trace, user, more);
}

// Traces of all shapes: one line, children, several users, halves.
Texts sample_lines() {
  Texts lines;
  std::mt19937 random(11);
  for (int trace = 1; trace <= 60; ++trace) {
    const int spans = static_cast<int>(random() % 5) + 1;
    for (int span = 1; span <= spans; ++span) {
      const int parent = static_cast<int>(random() % (static_cast<unsigned>(spans) + 1));
      if (random() % 4 > 0) lines.push_back(ldv_line(trace, span, parent, static_cast<int>(random() % 3)));
      for (auto i = random() % 3; i > 0; --i) {
        lines.push_back(audit_line(trace, span, random() % 2 == 0 ? "u1" : "u2", random() % 3 == 0 ? "Z-1" : ""));
      }
    }
  }
  return lines;
}

TEST(Otlp, the_order_of_lines_and_audit_records_does_not_matter) {
  Texts lines = sample_lines();
  const Results expected = run(lines);
  EXPECT_GT(expected.events.size(), 100U);
  std::mt19937 random(5);
  for (int round = 0; round < 20; ++round) {
    std::ranges::shuffle(lines, random);
    ASSERT_EQ(run(lines).events, expected.events);
  }
}

TEST(Otlp, events_do_not_depend_on_the_cuts) {
  const Texts lines = sample_lines();
  const Results expected = run(lines);
  for (const size_t piece_bytes : {1U, 7U, 500U}) EXPECT_EQ(run(lines, piece_bytes).events, expected.events);
}

TEST(Otlp, every_line_and_every_user_is_in_some_event) {
  const Texts lines = sample_lines();
  const Results results = run(lines);
  EXPECT_TRUE(results.refusals.empty());
  for (const std::string& line : lines) {
    const bool is_line = line.starts_with(R"({"trace_id")");
    const auto value_after = [&](std::string_view key) {
      const size_t at = line.find(key) + key.size();
      return line.substr(at, line.find('"', at) - at);
    };
    const std::string span = is_line ? value_after(R"("trace_id":")") + "-" + value_after(R"("span_id":")")
                                     : value_after(R"("traceId":")") + "-" + value_after(R"("spanId":")");
    const std::string what =
        is_line ? fmt::format(R"("subjects":[{{"type":"other","id":"{}"}}])", value_after(R"(subject_id":")"))
                : fmt::format(R"("actor":{{"id":"{}"}})", value_after(R"(enduser.id","value":{"stringValue":")"));
    // A user whom the spans below take is in their events.
    const std::string where = is_line ? span : span.substr(0, 32);
    EXPECT_TRUE(std::ranges::any_of(results.events, [&](const std::string& event) {
      return id_of(event).starts_with(where) && event.find(what) != std::string::npos;
    })) << line;
  }
}

TEST(Otlp, the_same_input_gives_the_same_ids_and_no_id_twice) {
  Texts lines = sample_lines();
  const Texts ids = ids_of(run(lines));
  EXPECT_EQ(ids_of(run(lines)), ids);
  EXPECT_EQ(std::ranges::adjacent_find(ids), ids.end());
  // What was sent again within one input is the same access.
  const Texts once = lines;
  lines.insert(lines.end(), once.begin(), once.end());
  EXPECT_EQ(ids_of(run(lines)), ids);
}

TEST(Otlp, half_of_an_access_does_not_take_the_id_of_the_whole) {
  const Texts whole = ids_of(run({ldv_line(1, 1, 0, 5), audit_line(1, 1, "u1")}));
  const Texts line = ids_of(run({ldv_line(1, 1, 0, 5)}));
  const Texts audit = ids_of(run({audit_line(1, 1, "u1")}));
  ASSERT_EQ(whole.size(), 1U);
  EXPECT_EQ(line, (Texts{whole[0] + "-noactor"}));
  EXPECT_EQ(audit, (Texts{whole[0] + "-noline"}));
}

TEST(Otlp, what_may_be_half_an_access_is_refused_with_all_that_is_known_of_it_unless_the_mapping_says_otherwise) {
  const auto expect_refused = [](const Texts& inputs, std::string_view reason, std::string_view remedy) {
    const Results lax = run(inputs, 1'000'000, remedy);
    EXPECT_TRUE(lax.refusals.empty());
    const Results strict = run_strictly(inputs);
    EXPECT_TRUE(strict.events.empty());
    Texts raw;
    for (const Refusal& refusal : strict.refusals) {
      EXPECT_EQ(refusal.line, 1U);
      EXPECT_TRUE(refusal.reason.starts_with(reason)) << refusal.reason;
      EXPECT_NE(refusal.reason.find(std::string(remedy) + " in the mapping"), std::string::npos) << refusal.reason;
      raw.push_back(refusal.raw);
    }
    std::ranges::sort(raw);
    EXPECT_EQ(raw, lax.events);
  };
  constexpr std::string_view kHalves = "halves_may_come_alone = true";
  constexpr std::string_view kSeveral = "spans_may_hold_several = true";
  expect_refused({ldv_line(1, 1, 0, 5)}, "access without user: this input has no audit record for it", kHalves);
  expect_refused({audit_line(1, 1, "u1")}, "audit record: this input has no LDV line for it", kHalves);
  expect_refused({ldv_line(1, 1, 0, 5), audit_line(1, 1, "u1"), audit_line(1, 1, "u2")},
                 "span: it holds several accesses", kSeveral);
  expect_refused({ldv_line(1, 1, 0, 5), ldv_line(1, 1, 0, 6), audit_line(1, 1, "u1")},
                 "span: it holds several accesses", kSeveral);
}

TEST(Otlp, an_audit_record_whose_user_the_lines_below_take_is_no_half) {
  const Texts lines = {audit_line(1, 1, "u1", "Z-1"), ldv_line(1, 2, 1, 5), ldv_line(1, 3, 2, 6)};
  const Results strict = run_strictly(lines);
  EXPECT_TRUE(strict.refusals.empty());
  EXPECT_EQ(strict.events.size(), 2U);
  EXPECT_EQ(strict.events, run(lines).events);
}

// What two inputs give together, with the accesses of the same id once, as the trail takes them.
Texts together(const Results& a, const Results& b) {
  Texts ids = ids_of(a);
  std::ranges::copy(ids_of(b), std::back_inserter(ids));
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

TEST(Otlp, the_beginning_and_then_the_whole_give_each_access_once) {
  const auto is_twice = [](const Texts& ids) {
    // Trace and span tell an access apart: 32 and 16 digits and a dash.
    return std::ranges::adjacent_find(ids, {}, [](const std::string& id) { return id.substr(0, 49); }) != ids.end();
  };
  Texts lines = sample_lines();
  std::mt19937 random(13);
  for (int round = 0; round < 3; ++round) {
    const Results whole = run_strictly(lines);
    EXPECT_GT(whole.events.size(), 30U);
    for (size_t cut = 0; cut < lines.size(); ++cut) {
      const Results beginning = run_strictly(Texts(lines.begin(), lines.begin() + static_cast<ptrdiff_t>(cut)));
      ASSERT_FALSE(is_twice(together(beginning, whole))) << "cut behind line " << cut << " of round " << round;
    }
    std::ranges::shuffle(lines, random);
  }
  // Taken as they come, halves and what spans hold are there twice.
  const Texts two = {ldv_line(1, 1, 0, 5), audit_line(1, 1, "u1"), audit_line(1, 1, "u2")};
  const auto lax = [&](size_t count) { return run(Texts(two.begin(), two.begin() + static_cast<ptrdiff_t>(count))); };
  EXPECT_TRUE(is_twice(together(lax(1), lax(2))));
  EXPECT_TRUE(is_twice(together(lax(2), lax(3))));
}

TEST(Otlp, a_line_without_user_is_the_access_of_its_service) {
  const Results results = run({ldv_line(1, 1, 0, 5)});
  ASSERT_EQ(results.events.size(), 1U);
  EXPECT_NE(results.events[0].find(R"("actor":{"id":"svc","type":"service"})"), std::string::npos);
  EXPECT_NE(results.events[0].find(R"("actor_unknown":true)"), std::string::npos);
}

TEST(Otlp, reasons_never_hold_the_content) {
  constexpr std::string_view kSecret = "999999990";
  ASSERT_TRUE(is_bsn(kSecret));
  std::string good = audit_line(1, 1, kSecret);
  std::mt19937 random(3);
  int refusals = 0;
  for (int round = 0; round < 2'000; ++round) {
    std::string bad = good;
    bad[random() % bad.size()] = static_cast<char>(random());
    for (const Refusal& refusal : run({bad}).refusals) {
      EXPECT_EQ(refusal.reason.find(kSecret), std::string::npos) << refusal.reason;
      ++refusals;
    }
  }
  EXPECT_GT(refusals, 100);
}

TEST(Otlp, a_request_at_the_limit_is_read_and_one_beyond_it_refused) {
  const std::string good = audit_line(1, 1, "u1");
  const std::string begin = R"({"resourceSpans":[],"padding":")";
  const size_t limit = 16 * 1024 * 1024;
  const std::string padding(limit - begin.size() - 2, 'x');
  const Results at_limit = run({begin + padding + "\"}\n", good});
  EXPECT_TRUE(at_limit.refusals.empty());
  EXPECT_EQ(at_limit.events.size(), 1U);
  const Results beyond = run({begin + padding + "x\"}\n", good});
  ASSERT_EQ(beyond.refusals.size(), 1U);
  EXPECT_EQ(beyond.refusals[0].raw.size(), kLineBytesMax);
  EXPECT_EQ(beyond.events.size(), 1U);
}

TEST(Otlp, the_largest_halves_fit_one_event) {
  // 120 attributes and almost 16 KiB in each, and a resource of almost 8 KiB in each.
  const auto half = [](char id, std::string_view first) {
    std::string attributes(first);
    for (int i = 0; i < 118; ++i) attributes += fmt::format(R"(,"{}{}":"{}")", id, i, std::string(100, 'x'));
    attributes += fmt::format(R"(,"{}":"{}")", id, std::string(2'600, 'x'));
    return fmt::format(R"({{"trace_id":"{:032x}","span_id":"{:016x}","start_time":1,"end_time":{:d},"status":"Error",)"
                       R"("resource":{{"name":"{}","r":"{}"}},"name":"{}","attributes":{{{}}}}})"
                       "\n",
                       1, 1, id, id, std::string(8'100, id), std::string(500, id), attributes);
  };
  const Results results = run({half('a', R"("dpl.core.data_subject_id":"1")"), half('b', R"("enduser.id":"u1")")});
  EXPECT_TRUE(results.refusals.empty()) << results.refusals[0].reason;
  ASSERT_EQ(results.events.size(), 1U);
  EXPECT_GT(results.events[0].size(), 45'000U);
  EXPECT_LT(results.events[0].size(), 60'000U);
}

TEST(Otlp, the_examples_of_the_specification_are_read) {
  const std::filesystem::path folder = WEERBAAR_SOURCE_DIR "/../shared/data/otlp/examples";
  if (!std::filesystem::is_directory(folder)) GTEST_SKIP() << "the OTLP examples are not beside this checkout";
  const auto run_file = [&](const char* name) {
    std::ifstream stream(folder / name, std::ios::binary);
    return run({std::string(std::istreambuf_iterator<char>(stream), {})});
  };
  // None of them names a user or a data subject.
  for (const char* name : {"trace.json", "logs.json", "events.json"}) {
    const Results results = run_file(name);
    EXPECT_TRUE(results.refusals.empty()) << name << ": " << results.refusals[0].reason;
    EXPECT_TRUE(results.events.empty()) << name;
  }
  const Results metrics = run_file("metrics.json");
  ASSERT_EQ(metrics.refusals.size(), 1U);
  EXPECT_NE(metrics.refusals[0].reason.find("metrics carry no access"), std::string::npos);
}

TEST(Otlp, the_log_record_of_the_specification_is_an_access_once_it_names_a_user) {
  const std::filesystem::path file = WEERBAAR_SOURCE_DIR "/../shared/data/otlp/examples/logs.json";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "the OTLP examples are not beside this checkout";
  std::ifstream stream(file, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(stream), {});
  const std::string_view name = "string.attribute";
  text.replace(text.find(name), name.size(), "enduser.id");
  const Results results = run({text});
  ASSERT_EQ(results.events.size(), 1U);
  EXPECT_EQ(id_of(results.events[0]), "5b8efff798038103d269b633813fc60c-eee19b7ec3c1b174-noline");
  EXPECT_NE(results.events[0].find(R"("double.attribute":637.704,"array.attribute":"[\"many\",\"values\"]")"),
            std::string::npos);
}

}  // namespace
}  // namespace weerbaar::ingest
