// The purpose check from end to end: a generated trail, judged by the rules of the program over the facts of a large
// administration.
//
//   check_bench [--events N] [--cases N] [--directory DIR]
//
// Seven of ten pairs of employee and person have a case, which the employee handles; the other cases are anybody's.
// Prints one table; times are of this machine, at this moment.
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/check.h"
#include "examine/purpose/check.h"
#include "examine/purpose/identities.h"
#include "examine/purpose/policy.h"
#include "table.h"
#include "trail/privacy/key_store.h"
#include "trail/store/trail.h"
#include "workload.h"

namespace weerbaar::benchmarks {
namespace {

constexpr size_t kBatch = 10'000;
constexpr std::string_view kOrigin = "bench.example.org/check";

class Bench {
 public:
  Bench(const WorkloadOptions& workload, uint64_t cases, const std::string& directory)
      : workload_(workload), cases_(cases), keys_path_(directory + "/keys"), trail_path_(directory + "/trail") {}

  void run() {
    make_trail();
    const purpose::Policy policy{1, "bench", "2026-03-01", "bench", purpose::standard_policy_rules()};
    std::vector<purpose::Rule> rules = must(purpose::check_rules(policy));
    purpose::Judge::want(rules, facts_);
    purpose::want_accounts(facts_);
    make_facts();
    row("facts: cases, of which the employee handles one", fmt::format("{}", made_));
    const purpose::Judge judge(std::move(rules), facts_);
    row("memory with the facts", fmt::format("{} MiB at most", peak_memory_mib()));
    trail::Hash findings{};
    for (int round = 1; round <= 3; ++round) {
      const auto start = Clock::now();
      const double processor_before = processor_seconds();
      const purpose::CheckReport report = must(purpose::check(*trail_, judge, facts_, {}, {}, {}));
      const double seconds = seconds_since(start);
      const double processor = processor_seconds() - processor_before;
      WEERBAAR_CHECK(report.all.checked == workload_.events);
      WEERBAAR_CHECK(round == 1 || report.findings == findings);
      findings = report.findings;
      row(fmt::format("check, round {}: {:.1f} % explained", round,
                      100.0 * static_cast<double>(report.all.explained) / static_cast<double>(report.all.checked)),
          fmt::format("{:.0f} k events/s", static_cast<double>(report.all.checked) / seconds / 1e3));
      row("  processor time of all threads",
          fmt::format("{:.2f} us/event", processor / static_cast<double>(report.all.checked) * 1e6));
    }
    row("findings, SHA-256", to_hex(findings).substr(0, 16));
    row("memory", fmt::format("{} MiB at most", peak_memory_mib()));
  }

 private:
  void make_trail() {
    keys_ = must(trail::KeyStore::create(os::real_file_system(), keys_path_, kOrigin));
    trail::TrailOptions options;
    options.files = &os::real_file_system();
    options.directory = trail_path_;
    options.keys = keys_.get();
    // So that what sealing records stands at the same place in every run, and the findings can be compared.
    options.seal_in_background = false;
    must(trail::Trail::create(options));
    trail_ = must(trail::Trail::open(options, trail::Access::kAppend));
    Workload workload(workload_);
    for (;;) {
      EventBatch batch;
      workload.next(kBatch, batch);
      if (batch.empty()) break;
      must(trail_->append(batch.events()));
    }
    must(trail_->finish_sealing());
  }

  void add(std::string_view table, const std::vector<std::string>& values) {
    facts::Fact fact;
    fact.values.assign(values.begin(), values.end());
    must(facts_.add(*facts::find_table(table), fact));
  }
  void add_case(const std::string& name, const std::string& employee, const std::string& person, bool is_new) {
    ++made_;
    // The register holds one fact at a time for a key.
    if (is_new) {
      add("case", {name, "", ""});
      add("case_subject", {name, person, ""});
    }
    add("case_employee", {name, employee});
  }

  void make_facts() {
    for (const char* const table : {"case", "case_subject", "case_employee"}) {
      facts_.make_room(*facts::find_table(table), cases_);
    }
    Workload workload(workload_);
    std::unordered_set<uint64_t> pairs;
    std::unordered_set<uint32_t> claimed;  // the workload has one case for each person
    EventBatch batch;
    while (const auto look = workload.next()) {
      const uint64_t pair = uint64_t{look->employee} << 32U | look->person;
      if (made_ == cases_ || pair * 0x9E3779B97F4A7C15U >> 32U > UINT32_MAX / 10 * 7 || !pairs.insert(pair).second)
        continue;
      batch.clear();
      add_event(*look, batch);
      const AccessEvent& event = batch.events()[0];
      const bool claims = !event.purpose.case_id.empty();
      add_case(claims ? std::string(event.purpose.case_id) : fmt::format("Z-{}", made_), std::string(event.actor.id),
               fmt::format("bsn:{}", event.subjects[0].id), !claims || claimed.insert(look->person).second);
    }
    for (uint64_t n = 0; made_ < cases_; ++n) {
      add_case(fmt::format("Z-{}", made_), fmt::format("u{}", n % workload_.employees),
               fmt::format("bsn:{}", bsn_of(n * 7'919 % workload_.persons)), true);
    }
    for (uint64_t n = 0; n < workload_.employees; ++n) {
      const std::string employee = fmt::format("u{}", n);
      add("employee",
          {employee, "", "", fmt::format("bsn:{}", bsn_of(n)), fmt::format("{}AB {}", 1'000 + n % 9'000, n % 99)});
      add("position", {employee, fmt::format("unit-{}", n / 20), "medewerker", ""});
    }
  }

  const WorkloadOptions workload_;
  const uint64_t cases_;
  const std::string keys_path_;
  const std::string trail_path_;
  std::unique_ptr<trail::KeyStore> keys_;
  std::unique_ptr<trail::Trail> trail_;
  purpose::FactBase facts_;
  uint64_t made_ = 0;
};

}  // namespace
}  // namespace weerbaar::benchmarks

int main(int argc, char** argv) {
  weerbaar::benchmarks::WorkloadOptions options;
  options.events = 2'000'000;
  uint64_t cases = 5'000'000;
  std::string directory = "/var/tmp";
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    if (name == "--events") options.events = std::strtoull(argv[i + 1], nullptr, 10);
    if (name == "--cases") cases = std::strtoull(argv[i + 1], nullptr, 10);
    if (name == "--directory") directory = argv[i + 1];
  }
  std::string made = directory + "/weerbaar-check-XXXXXX";
  if (mkdtemp(made.data()) == nullptr) return 1;
  weerbaar::benchmarks::Bench(options, cases, made).run();
  std::filesystem::remove_all(made);
  return 0;
}
