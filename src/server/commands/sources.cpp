#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "server/commands.h"
#include "server/event_output.h"
#include "service/source_api.h"

namespace weerbaar::server {
namespace {

// Of a line for people; --json tells more.
constexpr size_t kRangesTextMax = 200;

// Those of the settings, and those of which something is known.
Result<std::vector<service::SourceReport>> reports_of(const DataDirectory& data) {
  WEERBAAR_ASSIGN(service::ReadStates read, service::read_source_states(data.files(), data.path()));
  for (const service::SourceSettings& source : data.settings().serve.sources) read.sources.try_emplace(source.name);
  std::vector<service::SourceReport> reports;
  for (auto& [name, state] : read.sources) {
    service::SourceReport report;
    report.source = name;
    const auto& sources = data.settings().serve.sources;
    const auto settings = std::ranges::find(sources, name, &service::SourceSettings::name);
    if (settings != sources.end()) report.heartbeat = settings->heartbeat;
    report.state = std::move(state);
    reports.push_back(std::move(report));
  }
  return reports;
}

std::string seen_missing(const service::SourceReport& report) {
  return report.state.counters.empty() ? "-" : grouped(report.missing());
}

void print_ranges(const service::SourceReport& report, Console& console) {
  for (const auto& [counter, counted] : report.state.counters) {
    std::string text;
    for (const NumberRange& range : counted.run.missing.ranges()) {
      text += text.empty() ? "" : ", ";
      text += range.from == range.to ? std::to_string(range.from) : fmt::format("{}-{}", range.from, range.to);
      if (text.size() > kRangesTextMax) {
        text += ", …";
        break;
      }
    }
    if (!text.empty()) {
      console.result(fmt::format("  {} counter {}: missing {}", report.source, service::counter_name(counter), text));
    }
  }
}

void print_table(const std::vector<service::SourceReport>& reports, Console& console) {
  size_t width = std::string_view("source").size();
  for (const auto& report : reports) width = std::max(width, report.source.size());
  console.result(fmt::format("{:<{}}  {:<20}  {:>9}  {:<20}  {:>8}  {:>12}", "source", width, "heard", "heartbeat",
                             "silent since", "silences", "missing"));
  for (const auto& report : reports) {
    const auto moment = [](Time time) {
      return time.micros == 0 ? std::string("never")
                              : format_time({floor_div(time.micros, kMicrosPerSecond) * kMicrosPerSecond, 0});
    };
    const auto& silent = report.state.silent_since;
    console.result(fmt::format(
        "{:<{}}  {:<20}  {:>9}  {:<20}  {:>8}  {:>12}", printable(report.source), width, moment(report.state.heard),
        report.heartbeat.count() == 0 ? "-" : fmt::format("{} s", report.heartbeat.count() / 1'000),
        silent ? moment(*silent) : "-", report.state.silences, seen_missing(report)));
  }
  for (const auto& report : reports) print_ranges(report, console);
  console.note("As the server wrote it last: it does so every few seconds while it runs. Times are UTC.");
}

}  // namespace

Result<int> run_sources(const SourcesOptions& options, Console& console) {
  WEERBAAR_ASSIGN(const DataDirectory data,
                  DataDirectory::open(os::real_file_system(), options.directory, options.keys));
  WEERBAAR_ASSIGN(const std::vector<service::SourceReport> reports, reports_of(data));
  if (console.json()) {
    for (const service::SourceReport& report : reports) console.result(to_line(service::to_json(report)));
  } else {
    print_table(reports, console);
  }
  const bool is_whole = std::ranges::all_of(
      reports, [](const service::SourceReport& report) { return report.missing() == 0 && !report.state.silent_since; });
  return is_whole ? kExitYes : kExitNegative;
}

}  // namespace weerbaar::server
