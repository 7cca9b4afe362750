// An administration of 30,000 employees and 5,000,000 assignments of cases, judged by the rules that come with the
// program.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "base/check.h"
#include "examine/purpose/judge.h"
#include "examine/purpose/policy.h"

namespace weerbaar::purpose {
namespace {

constexpr uint32_t kPersons = 3'000'000;

struct Size {
  uint32_t employees = 30'000;
  uint32_t cases = 5'000'000;
};

class Administration {
 public:
  explicit Administration(Size size) : size_(size) {
    std::vector<Rule> rules = check_rules({1, "bench", "2026-03-01", "bench", standard_policy_rules()}).value();
    Judge::want(rules, facts_);
    for (uint32_t i = 0; i < size.employees; ++i) add_employee(i);
    for (uint32_t i = 0; i < size.cases; ++i) add_case(i);
    for (uint32_t i = 0; i < size.cases / 10; ++i) {
      add("contact", {employee(random_()), person(random_()), "phone"}, start(), 600'000'000);
      add("queue_item", {"bezwaar", employee(random_()), person(random_()), ""}, start(), kDay);
    }
    for (uint32_t i = 0; i < std::min(kPersons, size.cases); ++i) {
      add("person",
          {person(i), "", fmt::format("{}AB {}", 1'000 + i % 9'000, i % 200), fmt::format("{}", 1'000 + i % 9'000)},
          facts::kAlways, 0);
    }
    judge_ = std::make_unique<Judge>(std::move(rules), facts_);
    make_accesses();
  }

  [[nodiscard]] const Judge& judge() const { return *judge_; }
  [[nodiscard]] const std::vector<Access>& accesses() const { return accesses_; }

 private:
  static constexpr int64_t kDay = 86'400'000'000;

  std::string employee(uint64_t i) const { return fmt::format("u{:06}", i % size_.employees); }
  std::string person(uint64_t i) const {
    return fmt::format("bsn:{:09}", 100'000'000 + i % std::min(kPersons, size_.cases) * 7);
  }
  int64_t start() { return static_cast<int64_t>(random_() % 365) * kDay; }
  void add(std::string_view table, const std::vector<std::string>& values, int64_t from, int64_t length) {
    facts::Fact fact;
    fact.values.assign(values.begin(), values.end());
    fact.valid_from = from;
    fact.valid_to = length == 0 ? facts::kUntilFurtherNotice : from + length;
    WEERBAAR_CHECK(facts_.add(*facts::find_table(table), fact).has_value());
  }
  void add_employee(uint32_t i) {
    const std::string unit = fmt::format("unit-{}", i % 1'500);
    add("employee", {employee(i), "", "", person(i * 100), fmt::format("{}AB {}", 1'000 + i % 9'000, i % 200)},
        facts::kAlways, 0);
    add("position", {employee(i), unit, "medewerker", ""}, facts::kAlways, 0);
    add("supervisor", {employee(i), employee(i / 20 * 20)}, facts::kAlways, 0);
  }
  void add_case(uint32_t i) {
    const std::string name = fmt::format("Z-{}", i);
    const int64_t from = start();
    add("case", {name, "inning", ""}, from, 60 * kDay);
    add("case_subject", {name, person(i * 2'654'435'761ULL), ""}, from, 60 * kDay);
    add("case_employee", {name, employee(i)}, from, 60 * kDay);
    if (i % 4 == 0) add("case_unit", {name, fmt::format("unit-{}", i % 1'500)}, from, 60 * kDay);
    cases_.push_back(from);
  }
  // Seven of ten within a case that the employee handles, the others anywhere.
  void make_accesses() {
    constexpr size_t kCount = 1U << 18U;
    subjects_.reserve(kCount);
    for (size_t i = 0; i < kCount; ++i) {
      Access access;
      const auto number = static_cast<uint32_t>(random_() % size_.cases);
      const bool in_case = random_() % 10 < 7;
      access.time = in_case ? cases_[number] + static_cast<int64_t>(random_() % 60) * kDay : start();
      access.employee = facts_.find(facts::Kind::kEmployee, employee(in_case ? number : random_()));
      subjects_.push_back(facts_.find(facts::Kind::kSubject, person(number * 2'654'435'761ULL)));
      if (in_case && number % 3 == 0)
        access.claimed_case = facts_.find(facts::Kind::kCase, fmt::format("Z-{}", number));
      access.subjects = std::span(&subjects_.back(), 1);
      accesses_.push_back(access);
    }
  }

  const Size size_;
  std::mt19937_64 random_{5};
  FactBase facts_;
  std::unique_ptr<Judge> judge_;
  std::vector<int64_t> cases_;
  std::vector<Symbol> subjects_;
  std::vector<Access> accesses_;
};

// Items: accesses.
void judge_accesses(benchmark::State& state) {
  const Administration administration({static_cast<uint32_t>(state.range(0)), static_cast<uint32_t>(state.range(1))});
  // As the check does: a segment at a time, into memory that serves again.
  constexpr size_t kPiece = 65'536;
  const std::span<const Access> accesses(administration.accesses());
  Verdicts verdicts;
  uint64_t outcomes[3] = {};
  for ([[maybe_unused]] const auto round : state) {
    for (size_t begin = 0; begin < accesses.size(); begin += kPiece) {
      administration.judge().judge_all(accesses.subspan(begin, std::min(kPiece, accesses.size() - begin)), verdicts);
      for (const uint32_t number : verdicts.numbers()) ++outcomes[static_cast<size_t>(verdicts.outcome(number))];
    }
  }
  const double all = static_cast<double>(outcomes[0] + outcomes[1] + outcomes[2]);
  state.counters["explained"] = static_cast<double>(outcomes[0]) / all;
  state.counters["flagged"] = static_cast<double>(outcomes[1]) / all;
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(administration.accesses().size()));
}
BENCHMARK(judge_accesses)->Args({30'000, 5'000'000})->Args({300, 50'000})->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace weerbaar::purpose
