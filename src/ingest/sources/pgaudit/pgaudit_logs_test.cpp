// The pgaudit source on logs of real servers: an old public one, and tests/fixtures/pgaudit.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "domain/access_event_json.h"
#include "domain/identifiers.h"
#include "ingest/sources/pgaudit/pgaudit.h"

namespace weerbaar::ingest {
namespace {

constexpr const char* kOldLog = WEERBAAR_SOURCE_DIR "/../shared/data/logs/pgaudit/postgresql-2015-08-12_161343.csv";
constexpr const char* kDemo = WEERBAAR_SOURCE_DIR "/tests/fixtures/pgaudit/";

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::stringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

void ingest(const std::string& log, const std::string& mapping, Output& output) {
  auto source = create_pgaudit({"last_statement_may_go_on = true\n" + mapping, "mapping.toml"});
  ASSERT_TRUE(source) << source.error().text;
  (*source)->feed(log, output);
  (*source)->finish(output);
  for (const AccessEvent& event : output.events.events()) {
    const Status valid = validate(event);
    EXPECT_TRUE(valid) << valid.error().text;
  }
}

bool has_attribute(const AccessEvent& event, std::string_view key) {
  return std::any_of(event.attributes.begin(), event.attributes.end(),
                     [&](const Attribute& a) { return a.key == key; });
}

// The expected numbers were counted from the file with another CSV reader, by (session_id, statement_id).
TEST(PgauditLogs, every_statement_of_the_log_of_2015_is_one_access) {
  const std::string log = content(kOldLog);
  if (log.empty()) GTEST_SKIP() << "the public sample log is not on this machine";
  Output output;
  ingest(log, "", output);
  EXPECT_TRUE(output.refusals.empty());
  ASSERT_EQ(output.events.size(), 129U);
  std::map<Action, int> actions;
  std::map<std::string, int> tables;
  std::set<std::string_view> ids;
  size_t merged = 0;
  for (const AccessEvent& event : output.events.events()) {
    ++actions[event.action];
    merged += event.id.find('+') == std::string_view::npos ? 0U : 1U;
    ids.insert(event.id);
    for (const std::string& table : split(std::string(event.component), ','))
      ++tables[table.substr(table[0] == ' ' ? 1U : 0U)];
    EXPECT_EQ(event.query.find("HASH"), std::string_view::npos);
  }
  EXPECT_EQ(ids.size(), 129U);
  EXPECT_EQ(merged, 23U);
  EXPECT_EQ(actions, (std::map<Action, int>{{Action::kExecute, 85},
                                            {Action::kRead, 19},
                                            {Action::kCreate, 13},
                                            {Action::kUpdate, 10},
                                            {Action::kDelete, 2}}));
  // Named by pgaudit in seven statements, and by the text alone of a GRANT and an ALTER TABLE.
  EXPECT_EQ(tables["public.test2"], 9);
  EXPECT_EQ(tables["public.test3"], 4);
  EXPECT_EQ(tables["public.vw_test3"], 1);
  EXPECT_EQ(tables["public.account_role_map"], 1);
}

struct Truth {
  std::string actor, action, outcome, tables, named;

  auto operator<=>(const Truth&) const = default;
};

std::ostream& operator<<(std::ostream& to, const Truth& t) {
  return to << t.actor << ' ' << t.action << ' ' << t.outcome << " [" << t.tables << "] [" << t.named << ']';
}

std::vector<std::vector<std::string>> truth_lines() {
  std::vector<std::vector<std::string>> lines;
  const std::vector<std::string> texts = split(content(std::string(kDemo) + "demo-truth.tsv"), '\n');
  for (size_t i = 1; i < texts.size(); ++i) {
    lines.push_back(split(texts[i], '\t'));
    lines.back().resize(9);
  }
  return lines;
}

Truth truth_of(const AccessEvent& event) {
  Truth truth{std::string(event.actor.id), std::string(to_string(event.action)), std::string(to_string(event.outcome)),
              std::string(event.component), ""};
  for (const Subject& subject : event.subjects) {
    EXPECT_EQ(subject.type, SubjectType::kBsn);
    truth.named += (truth.named.empty() ? "" : " ") + std::string(subject.id);
  }
  return truth;
}

TEST(PgauditLogs, the_demo_says_exactly_who_asked_for_whom) {
  Output output;
  ingest(content(std::string(kDemo) + "demo.csv"), content(std::string(kDemo) + "demo-mapping.toml"), output);
  EXPECT_TRUE(output.refusals.empty());
  // In order of session and statement, as the truth is: a session id starts with the moment it began.
  std::map<std::pair<std::string, uint64_t>, Truth> events;
  for (const AccessEvent& event : output.events.events()) {
    const std::string id(event.id);
    const size_t colon = id.rfind(':');
    events[{id.substr(0, id.find_first_of("/:")), std::stoul(id.substr(colon + 1))}] = truth_of(event);
    EXPECT_EQ(event.source, "inning-sql");
    EXPECT_EQ(event.system, "INNING");
    for (const std::string_view leaked : {"9999", "Vosse", "Elzen", "guess"}) {
      EXPECT_EQ(event.query.find(leaked), std::string_view::npos) << event.query;
    }
  }
  EXPECT_EQ(events.size(), output.events.size());
  std::vector<Truth> got;
  for (const auto& [key, truth] : events) got.push_back(truth);
  std::vector<Truth> expected;
  for (const auto& line : truth_lines()) expected.push_back({line[2], line[3], line[4], line[5], line[6]});
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i) EXPECT_EQ(got[i], expected[i]) << "line " << i + 2 << " of the truth";
}

TEST(PgauditLogs, where_the_demo_shows_more_persons_than_it_names_the_event_does_not_claim_to_know) {
  Output output;
  ingest(content(std::string(kDemo) + "demo.csv"), content(std::string(kDemo) + "demo-mapping.toml"), output);
  size_t incomplete = 0;
  size_t searches = 0;
  for (const AccessEvent& event : output.events.events()) {
    incomplete += has_attribute(event, "subjects_incomplete") ? 1U : 0U;
    searches += event.action == Action::kSearch ? 1U : 0U;
    EXPECT_TRUE(event.subjects.empty() || !has_attribute(event, "subjects_incomplete"));
  }
  EXPECT_EQ(incomplete, 2U);  // a function and a BETWEEN
  EXPECT_EQ(searches, 2U);
}

// By default: half a log, wherever it was cut, and then the whole give each access once.
TEST(PgauditLogs, the_beginning_of_a_log_gives_nothing_that_the_whole_does_not_give) {
  const std::string log = content(std::string(kDemo) + "demo.csv");
  const std::string mapping = content(std::string(kDemo) + "demo-mapping.toml");
  struct Taken {
    std::set<std::string> events;
    size_t refused = 0;
  };
  const auto take = [&](std::string_view part) {
    auto source = create_pgaudit({mapping, "mapping.toml"});
    EXPECT_TRUE(source.has_value());
    Output output;
    (*source)->feed(part, output);
    (*source)->finish(output);
    Taken taken;
    for (const AccessEvent& event : output.events.events()) taken.events.insert(to_json(event));
    EXPECT_EQ(taken.events.size(), output.events.size());
    taken.refused = output.refusals.size();
    for (const Refusal& refusal : output.refusals) {
      EXPECT_FALSE(refusal.raw.empty());
      EXPECT_NE(log.find(refusal.raw.substr(0, refusal.raw.find('\n'))), std::string::npos);
    }
    return taken;
  };
  const Taken whole = take(log);
  EXPECT_EQ(whole.refused, 0U);
  EXPECT_GT(whole.events.size(), 50U);
  size_t refused = 0;
  for (size_t size = 1; size < log.size();) {
    const Taken half = take(std::string_view(log).substr(0, size));
    EXPECT_TRUE(std::ranges::includes(whole.events, half.events)) << size;
    refused += half.refused;
    // Amid a line, and behind it.
    const size_t end = log.find('\n', size) + 1;
    size = size + 100 < end ? size + 100 : size == end ? end + 1 : end;
  }
  EXPECT_GT(refused, 100U);
}

TEST(PgauditLogs, four_employees_consulted_the_citizen_of_the_story) {
  std::map<std::string, std::set<std::string>> readers;
  std::set<std::string> citizens;
  for (const auto& line : truth_lines()) {
    for (const std::string& citizen : split(line[7], ' ')) {
      citizens.insert(citizen);
      if (line[3] != "search") readers[citizen].insert(line[2]);
    }
  }
  for (const std::string& citizen : citizens) EXPECT_TRUE(is_bsn(citizen));
  const std::set<std::string> expected = {"u104233", "u104387", "u104790", "u105012"};
  EXPECT_EQ(std::count_if(readers.begin(), readers.end(), [&](const auto& r) { return r.second == expected; }), 1);
}

}  // namespace
}  // namespace weerbaar::ingest
