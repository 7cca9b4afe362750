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

// Of all accesses, and apart from them of those by which this program recorded its own use: each check adds some, and
// so would never find the same again.
struct Reports {
  purpose::CheckReport all;
  purpose::CheckReport own;
};

// What was checked, by what, against what, and what came of it: it proves that every access was looked at, and lets the
// same check be done again.
nlohmann::ordered_json coverage_of(const CheckOptions& options, const Judgement& judgement, uint64_t number,
                                   TreeSize size, const Reports& reports) {
  const purpose::CheckReport& report = reports.all;
  const purpose::Tally& own = reports.own.all;
  nlohmann::ordered_json json = {{"check", number},
                                 {"checked", report.all.checked},
                                 {"explained", report.all.explained},
                                 {"flagged", report.all.flagged},
                                 {"unexplained", report.all.unexplained},
                                 {"first_checked", report.first.checked},
                                 {"first_explained", report.first.explained},
                                 {"first_flagged", report.first.flagged},
                                 {"unreadable", report.unreadable},
                                 {"policy", judgement.adopted.policy.number},
                                 {"policy_sha256", judgement.adopted.digest},
                                 {"facts_of_import", judgement.known_at},
                                 {"register_sha256", judgement.register_digest},
                                 {"size", size.value()},
                                 {"findings_sha256", to_hex(report.findings)},
                                 {"own_uses", own.checked},
                                 {"own_explained", own.explained},
                                 {"own_flagged", own.flagged},
                                 {"own_findings_sha256", to_hex(reports.own.findings)}};
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

void print(const Judgement& judgement, uint64_t number, TreeSize size, const Reports& reports, Console& console) {
  const purpose::Judge& judge = *judgement.judge;
  const purpose::CheckReport& report = reports.all;
  console.result(fmt::format("Check {}, under control policy {} \"{}\", of the trail at size {}, facts of import {}",
                             number, judgement.adopted.policy.number, printable(judgement.adopted.policy.name),
                             size.value(), judgement.known_at));
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
    console.note(fmt::format("Judged no more, for the keys of their periods are destroyed: {}.",
                             counted(report.unreadable, "access", "accesses")));
  }
  if (reports.own.all.checked > 0) {
    console.note(fmt::format("Beside these {} of Weerbaar itself: {} explained, {} flagged.",
                             counted(reports.own.all.checked, "use", "uses"), grouped(reports.own.all.explained),
                             grouped(reports.own.all.flagged)));
  }
  console.note("Unexplained is neutral: no fact that the register holds leads from the employee to the person.");
}

// The size of the trail that is looked at.
Result<TreeSize> size_of(const CheckOptions& options, const trail::Trail& trail) {
  if (options.size.value_or(0) <= trail.size().value()) return TreeSize(options.size.value_or(trail.size().value()));
  return fail(Code::kInvalid, fmt::format("--size {}: the trail has {}", *options.size,
                                          counted(trail.size().value(), "entry", "entries")));
}

Result<Reports> judge_all(const CheckOptions& options, const trail::Trail& trail, Judgement& judgement, TreeSize size,
                          purpose::FindingsWriter& writer, Console& console) {
  const auto take = [&](const purpose::Judged& judged) -> Status {
    constexpr uint64_t kEvery = 1'000'000;
    if (judged.index % kEvery == 0) console.progress(fmt::format("{} of {} entries", judged.index, size.value()));
    return {};
  };
  const auto keep = [&](uint64_t first, ByteView verdicts, std::span<const uint16_t> periods) {
    return writer.add(first, verdicts, periods);
  };
  const auto check = [&](bool own) {
    return purpose::check(trail, *judgement.judge, judgement.facts, {options.from, options.to}, take, keep,
                          {size.value(), kOwnSource, own});
  };
  Reports reports;
  WEERBAAR_ASSIGN(reports.all, check(false));
  WEERBAAR_ASSIGN(reports.own, check(true));
  return reports;
}

}  // namespace

Result<int> run_check(const CheckOptions& options, Console& console) {
  WEERBAAR_TRY(check_range(options.from, options.to));
  WEERBAAR_ASSIGN(DataDirectory data, DataDirectory::open(os::real_file_system(), options.directory, options.keys));
  WEERBAAR_ASSIGN(const std::unique_ptr<os::Lock> lock, lock_checks(data));
  // Judging takes its time, and intake does not wait for it.
  WEERBAAR_ASSIGN(std::unique_ptr<trail::Trail> trail, data.open_trail_as_it_is());
  WEERBAAR_ASSIGN(const TreeSize size, size_of(options, *trail));
  WEERBAAR_ASSIGN(const std::unique_ptr<Judgement> judgement,
                  load_judgement(data, *trail, {options.policy, options.known_at}, console, {}));
  WEERBAAR_ASSIGN(const uint64_t number, next_check(*trail));
  WEERBAAR_ASSIGN(
      purpose::FindingsWriter writer,
      purpose::FindingsWriter::create(data.files(), findings_path(data, number), judgement->judge->rules()));
  WEERBAAR_ASSIGN(const Reports reports, judge_all(options, *trail, *judgement, size, writer, console));
  nlohmann::ordered_json json = coverage_of(options, *judgement, number, size, reports);
  json["kept_sha256"] = to_hex(writer.digest());
  WEERBAAR_ASSIGN(trail, data.open_trail());
  WEERBAAR_TRY(trail->append_record(kCheckRecord, json.dump()));
  WEERBAAR_TRY(writer.finish(json.dump()));
  Use use;
  use.component = "check";
  use.query = fmt::format("policy {}", judgement->adopted.policy.number);
  use.records = reports.all.all.checked;
  WEERBAAR_TRY(record_use(*trail, use, options.purpose));
  if (console.json()) {
    json["by_rule"] = rules_of(*judgement->judge, reports.all);
    console.result(to_line(json));
  } else {
    print(*judgement, number, size, reports, console);
  }
  return kExitYes;
}

}  // namespace weerbaar::server
