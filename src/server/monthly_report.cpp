#include "server/monthly_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "server/console.h"
#include "trail/format/entry.h"
#include "trail/format/sha256.h"

namespace weerbaar::server {
namespace {

Result<report::Calendar> calendar_of(const ReportSettings& settings) {
  auto zone = ingest::delimited::TimeZone::open(os::real_file_system(), settings.zone);
  if (!zone) return fail_in("weerbaar.toml: report.zone", zone.error());
  return report::Calendar(std::move(*zone), {settings.office_begin, settings.office_end});
}

report::Basis basis_of(const DataDirectory& data, const Judgement& judgement, report::Month month, uint64_t size) {
  const ReportSettings& settings = data.settings().report;
  report::Basis basis;
  basis.month = report::format_month(month);
  basis.origin = data.settings().origin;
  basis.zone = settings.zone;
  basis.hours = {settings.office_begin, settings.office_end};
  basis.size = size;
  basis.policy = judgement.adopted.policy.number;
  basis.policy_name = judgement.adopted.policy.name;
  basis.policy_digest = judgement.adopted.digest;
  basis.known_at = judgement.known_at;
  basis.register_digest = judgement.register_digest;
  return basis;
}

// When the trail had that size last: until the entry behind it came. So a report that is made again of an earlier size
// counts the days that were over then.
Result<Time> moment_of(const trail::Trail& trail, uint64_t size) {
  if (size == trail.size().value()) return os::now();
  Bytes bytes;
  WEERBAAR_TRY(trail.entry(EntryIndex(size), bytes));
  trail::Entry entry;
  WEERBAAR_TRY(entry.decode(bytes));
  constexpr int64_t kMicrosPerMilli = 1'000;
  return Time{(entry.is_event() ? entry.event().received_ms : entry.record().received_ms) * kMicrosPerMilli, 0};
}

std::vector<report::KnownSource> known_sources(const Settings& settings) {
  std::vector<report::KnownSource> known;
  known.reserve(settings.serve.sources.size());
  for (const service::SourceSettings& source : settings.serve.sources) {
    known.push_back({source.name, source.heartbeat.count() > 0});
  }
  return known;
}

}  // namespace

Result<MonthlyReport> make_monthly_report(DataDirectory& data, const trail::Trail& trail, const ReportChoice& choice,
                                          Console& console) {
  const uint64_t size = choice.size.value_or(trail.size().value());
  if (size > trail.size().value()) {
    return fail(Code::kInvalid,
                fmt::format("--size {}: the trail has {}", size, counted(trail.size().value(), "entry", "entries")));
  }
  WEERBAAR_ASSIGN(const report::Calendar calendar, calendar_of(data.settings().report));
  const auto want = [](std::span<const purpose::Rule>, purpose::FactBase& facts) { report::want(facts); };
  WEERBAAR_ASSIGN(const std::unique_ptr<Judgement> judgement,
                  load_judgement(data, trail, choice.judgement, console, want));
  const auto tell = [&](uint64_t index) { console.progress(fmt::format("{} of {} entries", index, size)); };
  WEERBAAR_ASSIGN(const Time now, moment_of(trail, size));
  const report::GatherChoice gathering{choice.month, size, kOwnSource, known_sources(data.settings()), now};
  WEERBAAR_ASSIGN(const report::Gathered gathered,
                  report::gather(trail, *judgement->judge, judgement->facts, calendar, gathering, tell));
  MonthlyReport made;
  made.report = report::make_report(basis_of(data, *judgement, choice.month, size), choice.month, gathered);
  made.json = report::to_json(made.report);
  return made;
}

Result<Time> reportable_from(const Settings& settings, report::Month month) {
  WEERBAAR_ASSIGN(const report::Calendar calendar, calendar_of(settings.report));
  std::chrono::milliseconds waiting{0};
  for (const service::SourceSettings& source : settings.serve.sources) waiting = std::max(waiting, source.join_within);
  const trail::TimeRange range = calendar.range_of(month, month);
  return Time{range.to->micros + std::chrono::microseconds(waiting).count(), 0};
}

nlohmann::ordered_json record_of(const MonthlyReport& made) {
  const report::Basis& basis = made.report.basis;
  return {{"month", basis.month},
          {"size", basis.size},
          {"policy", basis.policy},
          {"policy_sha256", basis.policy_digest},
          {"facts_of_import", basis.known_at},
          {"register_sha256", basis.register_digest},
          {"findings_sha256", made.report.findings},
          {"report_sha256", to_hex(trail::sha256(as_bytes(made.json)))}};
}

}  // namespace weerbaar::server
