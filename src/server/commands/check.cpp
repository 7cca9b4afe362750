#include "examine/purpose/check.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "examine/purpose/findings.h"
#include "server/checks.h"
#include "server/commands.h"
#include "server/event_output.h"
#include "server/judgement.h"

namespace weerbaar::server {
namespace {

constexpr std::string_view kCheckRecord = "check";

// What was checked, by what, against what, and what came of it: it proves that every access was looked at, and lets the
// same check be done again.
nlohmann::ordered_json coverage_of(const CheckOptions& options, const AdoptedPolicy& adopted, uint64_t number,
                                   uint64_t known_at, TreeSize size, const purpose::CheckReport& report) {
  nlohmann::ordered_json json = {{"check", number},
                                 {"checked", report.all.checked},
                                 {"explained", report.all.explained},
                                 {"flagged", report.all.flagged},
                                 {"unexplained", report.all.unexplained},
                                 {"first_checked", report.first.checked},
                                 {"first_explained", report.first.explained},
                                 {"first_flagged", report.first.flagged},
                                 {"unreadable", report.unreadable},
                                 {"policy", adopted.policy.number},
                                 {"policy_sha256", adopted.digest},
                                 {"facts_of_import", known_at},
                                 {"size", size.value()},
                                 {"findings_sha256", to_hex(report.findings)}};
  if (options.from) json["from"] = format_time(*options.from);
  if (options.to) json["to"] = format_time(*options.to);
  return json;
}

nlohmann::ordered_json rules_of(const purpose::Judge& judge, const purpose::CheckReport& report) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (size_t i = 0; i < report.by_rule.size(); ++i) json[judge.rules()[i].id] = report.by_rule[i];
  return json;
}

std::string share_of(uint64_t part, uint64_t all) {
  return all == 0 ? "" : fmt::format("{:6.2f} %", 100.0 * static_cast<double>(part) / static_cast<double>(all));
}

void print(const purpose::Judge& judge, const AdoptedPolicy& adopted, uint64_t number,
           const purpose::CheckReport& report, Console& console) {
  console.result(fmt::format("Check {}, under control policy {} \"{}\"", number, adopted.policy.number,
                             printable(adopted.policy.name)));
  console.result(fmt::format("{:<14}{:>16}{:>10}{:>20}{:>10}", "", "all accesses", "", "first of a pair", ""));
  const auto row = [&](std::string_view name, uint64_t all, uint64_t first) {
    console.result(fmt::format("{:<14}{:>16}{:>10}{:>20}{:>10}", name, grouped(all), share_of(all, report.all.checked),
                               grouped(first), share_of(first, report.first.checked)));
  };
  row("checked", report.all.checked, report.first.checked);
  row("explained", report.all.explained, report.first.explained);
  row("flagged", report.all.flagged, report.first.flagged);
  row("unexplained", report.all.unexplained, report.first.unexplained);
  for (size_t i = 0; i < report.by_rule.size(); ++i) {
    if (report.by_rule[i] == 0) continue;
    const purpose::Rule& rule = judge.rules()[i];
    const char* const what = rule.conclusion == purpose::Conclusion::kExplained ? "explains" : "flags";
    console.result(fmt::format("{:>30} {:<30}{:>12}", what, rule.id, grouped(report.by_rule[i])));
  }
  if (report.unreadable > 0) {
    console.note(fmt::format("{} accesses can be judged no more: the keys of their periods are destroyed.",
                             grouped(report.unreadable)));
  }
  console.note("Unexplained is neutral: no fact that the register holds leads from the employee to the person.");
}

}  // namespace

Result<int> run_check(const CheckOptions& options, Console& console) {
  WEERBAAR_TRY(check_range(options.from, options.to));
  WEERBAAR_ASSIGN(DataDirectory data, DataDirectory::open(os::real_file_system(), options.directory, options.keys));
  WEERBAAR_ASSIGN(const std::unique_ptr<os::Lock> lock, lock_checks(data));
  // Judging takes its time, and intake does not wait for it.
  WEERBAAR_ASSIGN(std::unique_ptr<trail::Trail> trail, data.open_trail_as_it_is());
  WEERBAAR_ASSIGN(const std::unique_ptr<Judgement> judgement,
                  load_judgement(data, *trail, {options.policy, options.known_at}, console, {}));
  const purpose::Judge& judge = *judgement->judge;
  const TreeSize size = trail->size();
  const auto take = [&](const purpose::Judged& judged) -> Status {
    constexpr uint64_t kEvery = 1'000'000;
    if (judged.index % kEvery == 0) console.progress(fmt::format("{} of {} entries", judged.index, size.value()));
    return {};
  };
  WEERBAAR_ASSIGN(const uint64_t number, next_check(data));
  WEERBAAR_ASSIGN(purpose::FindingsWriter writer,
                  purpose::FindingsWriter::create(data.files(), findings_path(data, number), judge.rules()));
  const auto keep = [&](uint64_t first, ByteView verdicts) { return writer.add(first, verdicts); };
  WEERBAAR_ASSIGN(const purpose::CheckReport report,
                  purpose::check(*trail, judge, judgement->facts, {options.from, options.to}, take, keep));
  nlohmann::ordered_json json = coverage_of(options, judgement->adopted, number, judgement->known_at, size, report);
  WEERBAAR_ASSIGN(trail, data.open_trail());
  WEERBAAR_TRY(trail->append_record(kCheckRecord, json.dump()));
  WEERBAAR_TRY(writer.finish(json.dump()));
  Use use;
  use.component = "check";
  use.query = fmt::format("policy {}", judgement->adopted.policy.number);
  use.records = report.all.checked;
  WEERBAAR_TRY(record_use(*trail, use, options.purpose));
  if (console.json()) {
    json["by_rule"] = rules_of(judge, report);
    console.result(to_line(json));
  } else {
    print(judge, judgement->adopted, number, report, console);
  }
  return kExitYes;
}

}  // namespace weerbaar::server
