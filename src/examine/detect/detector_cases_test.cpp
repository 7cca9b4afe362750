// Every detector against its own cases: streams of made-up accesses that must raise it, and streams that must not.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <xxhash.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "base/toml.h"
#include "examine/detect/crowd.h"
#include "examine/detect/registry.h"
#include "register/schema.h"

namespace weerbaar::detect {
namespace {

using facts::Kind;

constexpr double kRaises = 2.5;
constexpr double kStaysLow = 1.5;
constexpr uint32_t kColleagues = 60;
constexpr int64_t kPeriod = 14 * kMicrosPerDay;
constexpr int64_t kMinute = 60 * kMicrosPerSecond;

int64_t begin_of_stream() {
  return parse_time_or_date("2026-01-05")->micros;
}

std::filesystem::path folder_of(const DetectorKind& kind) {
  return std::filesystem::path(WEERBAAR_SOURCE_DIR) / "src/examine/detect/detectors" / kind.folder;
}
std::string read_all(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// One access before it is an observation: its texts.
struct Made {
  int64_t time = 0;
  int64_t arrives = 0;  // when it is delivered
  uint32_t employee = 0;
  std::vector<std::string> subjects;
  Observation observation;
  uint32_t flags = 0;
  bool explained = false;
  bool known_by_work = false;
  std::string system;
  std::string location;
  std::string reason;
};

uint32_t flag_named(std::string_view name) {
  static const std::map<std::string_view, uint32_t> kNames = {{"self", kSelf},
                                                              {"declared-relation", kDeclaredRelation},
                                                              {"same-address", kSameAddress},
                                                              {"neighbour", kNeighbour},
                                                              {"colleague", kColleague},
                                                              {"shielded", kShielded}};
  const auto found = kNames.find(name);
  EXPECT_NE(found, kNames.end()) << name;
  return found == kNames.end() ? 0 : found->second;
}

// A case, read and played.
class Stream {
 public:
  explicit Stream(const toml::table& section) : section_(section) {
    Surroundings::want(base_);
    base_.want(*facts::find_table("location"), 0);
    base_.want(*facts::find_table("system"), 0);
    for (uint32_t i = 0; i <= kColleagues; ++i) {
      add_fact("employee", {name_of(i), "", "", "", ""}, facts::kAlways, facts::kUntilFurtherNotice);
    }
    read_facts();
    if (!has_positions_) {
      for (uint32_t i = 0; i <= kColleagues; ++i) {
        add_fact("position", {name_of(i), "unit", "function", ""}, facts::kAlways, facts::kUntilFurtherNotice);
      }
    }
    surroundings_ = std::make_unique<Surroundings>(base_);
    // Employee 0 does the work of the others too.
    for (uint32_t i = 0; i <= kColleagues; ++i) read_accesses("crowd", i);
    read_accesses("accesses", 0);
    std::ranges::stable_sort(made_, {}, &Made::arrives);
  }

  // The strongest evidence about employee 0 in any period; 0 when there is none.
  Evidence strongest(const DetectorKind& kind) {
    const auto detector = kind.make(*surroundings_);
    CrowdCounter crowd(*surroundings_);
    std::vector<ObservedEmployee> employees;
    for (uint32_t i = 0; i <= kColleagues; ++i)
      employees.push_back({base_.find(Kind::kEmployee, name_of(i)), name_of(i)});
    Evidence most;
    int64_t from = begin_of_stream();
    const auto turn = [&] {
      std::vector<Evidence> evidence;
      detector->end_of_period(crowd.end_of_period(from, from + kPeriod, employees), evidence);
      from += kPeriod;
      for (Evidence& one : evidence) {
        EXPECT_GE(one.strength, kStrengthMin);
        EXPECT_LE(one.events.size(), kEventsMax);
        EXPECT_TRUE(std::ranges::is_sorted(one.events));
        EXPECT_FALSE(one.words.nl.empty() || one.words.en.empty());
        if (one.employee == 0 && one.strength > most.strength) most = std::move(one);
      }
    };
    for (Made& one : made_) {
      while (one.arrives >= from + kPeriod) turn();
      observe(one, *detector, crowd);
    }
    turn();
    return most;
  }

 private:
  static std::string name_of(uint32_t employee) { return employee == 0 ? "e" : fmt::format("c{}", employee); }

  void add_fact(const char* table, std::vector<std::string> values, int64_t from, int64_t to) {
    facts::Fact fact;
    fact.values.assign(values.begin(), values.end());
    fact.valid_from = from;
    fact.valid_to = to;
    ASSERT_TRUE(base_.add(*facts::find_table(table), fact).has_value());
    has_positions_ = has_positions_ || table == std::string_view("position");
  }
  void read_facts() {
    const toml::array* const facts = section_["facts"].as_array();
    for (size_t i = 0; facts != nullptr && i < facts->size(); ++i) {
      const toml::table& fact = *facts->get(i)->as_table();
      const std::string name = fact["table"].value_or<std::string>("");
      const facts::Table* const table = facts::find_table(name);
      ASSERT_NE(table, nullptr) << name;
      std::vector<std::string> values;
      for (const facts::Column& column : table->columns) values.push_back(fact[column.name].value_or<std::string>(""));
      const std::string from = fact["valid_from"].value_or<std::string>("");
      const std::string to = fact["valid_to"].value_or<std::string>("");
      add_fact(table->name.data(), values, from.empty() ? facts::kAlways : parse_time_or_date(from)->micros,
               to.empty() ? facts::kUntilFurtherNotice : parse_time_or_date(to)->micros);
    }
  }
  void read_accesses(const char* key, uint32_t employee) {
    const toml::array* const items = section_[key].as_array();
    for (size_t i = 0; items != nullptr && i < items->size(); ++i) {
      const toml::table& item = *items->get(i)->as_table();
      const int64_t times = item["times"].value_or<int64_t>(1);
      // Only some of a crowd: every so many.
      const auto each = static_cast<uint32_t>(item["each"].value_or<int64_t>(1));
      for (int64_t n = 0; employee % each == 0 && n < times; ++n) made_.push_back(make(item, employee, n));
    }
  }
  Made make(const toml::table& item, uint32_t employee, int64_t n) {
    Made made;
    made.employee = employee;
    made.time = begin_of_stream() + item["day"].value_or<int64_t>(0) * kMicrosPerDay +
                item["minute"].value_or<int64_t>(600) * kMinute +
                n * (item["every_days"].value_or<int64_t>(0) * kMicrosPerDay +
                     item["every_minutes"].value_or<int64_t>(0) * kMinute);
    made.arrives = made.time + item["late_minutes"].value_or<int64_t>(0) * kMinute;
    for (int64_t i = 0; i < item["persons"].value_or<int64_t>(0); ++i) {
      // So far apart that none follows another.
      made.subjects.push_back(fmt::format("bsn:{:09}", 200'000'000 + ++fresh_ * 9'973));
    }
    if (const auto subject = item["subject"].value<std::string>()) made.subjects.push_back(*subject);
    if (const toml::array* const list = item["list"].as_array()) {
      for (const toml::node& subject : *list) made.subjects.push_back(subject.value_or<std::string>(""));
    }
    if (const toml::array* const subjects = item["subjects"].as_array()) {
      made.subjects.push_back(subjects->get(static_cast<size_t>(n))->value_or<std::string>(""));
    }
    made.explained = item["explained"].value_or(false);
    made.known_by_work = item["known_by_work"].value_or(false);
    if (const auto flag = item["flag"].value<std::string>()) made.flags = flag_named(*flag);
    Observation& observation = made.observation;
    observation.action = parse_action(item["action"].value_or<std::string>("read")).value_or(Action::kRead);
    observation.records = static_cast<uint64_t>(item["records"].value_or<int64_t>(0));
    observation.break_glass = item["break_glass"].value_or(false);
    observation.claims_case = item["claims_case"].value_or(false);
    const std::string terminal = item["terminal"].value_or<std::string>("");
    observation.terminal = terminal.empty() ? 0 : XXH3_64bits(terminal.data(), terminal.size());
    made.system = item["system"].value_or<std::string>("");
    made.location = item["location"].value_or<std::string>("");
    made.reason = item["reason"].value_or<std::string>("");
    return made;
  }
  void observe(Made& made, Detector& detector, CrowdCounter& crowd) {
    std::vector<ObservedSubject> subjects;
    for (const std::string& text : made.subjects) {
      ObservedSubject subject;
      subject.symbol = base_.find(Kind::kSubject, text);
      subject.hash = XXH3_64bits(text.data(), text.size());
      subject.number = std::strtoull(text.c_str() + text.find(':') + 1, nullptr, 10);
      subject.flags = made.flags;
      subject.explained = made.explained;
      subject.known_by_work = made.known_by_work;
      subjects.push_back(subject);
    }
    Observation& observation = made.observation;
    observation.index = ++index_;
    observation.time = made.time;
    observation.employee = made.employee;
    observation.account = made.employee;
    observation.employee_symbol = base_.find(Kind::kEmployee, name_of(made.employee));
    observation.system = base_.find(Kind::kSystem, made.system);
    observation.location = base_.find(Kind::kLocation, made.location);
    observation.is_explained = made.explained;
    observation.reason_bytes = static_cast<uint32_t>(made.reason.size());
    observation.reason = made.reason.empty() ? 0 : XXH3_64bits(made.reason.data(), made.reason.size());
    observation.subjects = subjects;
    crowd.observe(observation);
    detector.observe(observation);
  }

  const toml::table& section_;
  FactBase base_;
  bool has_positions_ = false;
  std::unique_ptr<Surroundings> surroundings_;
  std::vector<Made> made_;
  int64_t fresh_ = 0;
  uint64_t index_ = 0;
};

class DetectorCases : public ::testing::TestWithParam<size_t> {};

TEST_P(DetectorCases, raise_it_where_they_must_and_nowhere_else) {
  const DetectorKind& kind = detectors()[GetParam()];
  const auto table = parse_toml(read_all(folder_of(kind) / "cases.toml"), std::string(kind.id) + "/cases.toml");
  ASSERT_TRUE(table.has_value()) << table.error().text;
  const toml::array* const cases = (*table)["case"].as_array();
  ASSERT_NE(cases, nullptr);
  size_t raising = 0;
  for (size_t i = 0; i < cases->size(); ++i) {
    const toml::table& section = *cases->get(i)->as_table();
    const std::string name = section["name"].value_or<std::string>("?");
    const bool raises = section["raises"].value_or(false);
    const Evidence strongest = Stream(section).strongest(kind);
    if (raises) {
      EXPECT_GE(strongest.strength, kRaises) << kind.id << ": " << name;
      EXPECT_FALSE(strongest.events.empty()) << kind.id << ": " << name;
    } else {
      EXPECT_LT(strongest.strength, kStaysLow) << kind.id << ": " << name;
    }
    raising += raises ? 1U : 0U;
  }
  EXPECT_GT(raising, 0U) << kind.id;
  EXPECT_LT(raising, cases->size()) << kind.id;
}

TEST_P(DetectorCases, stand_beside_the_idea_and_its_source) {
  const std::string idea = read_all(folder_of(detectors()[GetParam()]) / "idea.md");
  for (const std::string_view heading : {"# ", "## Source", "## Cannot see", "## Measured"}) {
    EXPECT_NE(idea.find(heading), std::string::npos) << detectors()[GetParam()].id << ": " << heading;
  }
}

INSTANTIATE_TEST_SUITE_P(All, DetectorCases, ::testing::Range(size_t{0}, detectors().size()), [](const auto& one) {
  std::string name(detectors()[one.param].folder);
  return name;
});

TEST(Detectors, are_listed_by_id_and_every_folder_is_listed) {
  std::vector<std::string> listed;
  for (const DetectorKind& kind : detectors()) {
    listed.emplace_back(kind.folder);
    std::string id(kind.folder);
    std::ranges::replace(id, '_', '-');
    EXPECT_EQ(id, kind.id);
  }
  EXPECT_TRUE(std::ranges::is_sorted(listed));
  std::vector<std::string> folders;
  for (const auto& entry : std::filesystem::directory_iterator(folder_of(detectors()[0]).parent_path())) {
    folders.push_back(entry.path().filename().string());
  }
  std::ranges::sort(folders);
  EXPECT_EQ(folders, listed);
}

}  // namespace
}  // namespace weerbaar::detect
