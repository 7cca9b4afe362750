#include "peers/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace weerbaar::benchmarks {
namespace {

constexpr double kQuietShare = 0.10;
constexpr std::string_view kNothing = "-";

// Three digits that count, and no more behind the point than these.
std::string short_number(double value) {
  if (value > 0 && value < 0.1) return fmt::format("{:.1g}", value);
  if (value >= 100) return fmt::format("{:.0f}", value);
  if (value >= 10) return fmt::format("{:.1f}", value);
  return fmt::format("{:.2f}", value);
}

double in_unit(double value, Unit unit) {
  switch (unit) {
    case Unit::kEventsPerSecond:
      return value / 1e3;
    case Unit::kMebibytes:
      return value / (1U << 20U);
    case Unit::kMicros:
      return value * 1e6;
    case Unit::kMillis:
      return value * 1e3;
    case Unit::kPercent:
      return value * 100;
    case Unit::kBytes:
    case Unit::kSeconds:
    case Unit::kNumber:
      break;
  }
  return value;
}

// How many times better the first is.
std::string ratio_of(double ours, double theirs, Better better) {
  const double ratio = better == Better::kMore ? ours / theirs : theirs / ours;
  return fmt::format(" ({}x)", short_number(ratio));
}

std::string cell_of(const Comparison& comparison, size_t column, const Line& line) {
  const Figures& figures = comparison.columns[column].figures;
  const auto found = figures.numbers.find(std::string(line.number));
  const std::string mark = figures.notes.contains(std::string(to_string(line.row))) ? " *" : "";
  if (found == figures.numbers.end()) return mark.empty() ? std::string(kNothing) : "none *";
  std::string cell = short_number(in_unit(found->second, line.unit));
  const auto& ours = comparison.columns[0].figures.numbers;
  const auto base = ours.find(std::string(line.number));
  if (column > 0 && comparison.columns[0].name == "weerbaar" && line.better != Better::kNeither && base != ours.end()) {
    cell += ratio_of(base->second, found->second, line.better);
  }
  return cell + mark;
}

using Cells = std::vector<std::vector<std::string>>;

Cells cells_of(const Comparison& comparison) {
  Cells cells;
  cells.emplace_back();
  cells.back().emplace_back("");
  for (const Column& column : comparison.columns) cells.back().push_back(column.title);
  for (const Line& line : all_lines()) {
    if (!comparison.options.rows.contains(line.row)) continue;
    std::vector<std::string> row = {std::string(line.title)};
    for (size_t column = 0; column < comparison.columns.size(); ++column)
      row.push_back(cell_of(comparison, column, line));
    cells.push_back(std::move(row));
  }
  return cells;
}

// Aligned, so that it reads well as it is too.
std::string markdown(const Cells& cells) {
  std::vector<size_t> widths(cells[0].size(), 3);
  for (const auto& row : cells) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (size_t at = 0; at < cells.size(); ++at) {
    for (size_t i = 0; i < widths.size(); ++i) {
      text += i == 0 ? fmt::format("| {:<{}} |", cells[at][i], widths[i])
                     : fmt::format(" {:>{}} |", cells[at][i], widths[i]);
    }
    text += '\n';
    if (at > 0) continue;
    for (size_t i = 0; i < widths.size(); ++i) {
      text += i == 0 ? fmt::format("|-{:-<{}}-|", "", widths[i]) : fmt::format("-{:->{}}:|", "", widths[i]);
    }
    text += '\n';
  }
  return text;
}

std::string head_of(const Comparison& comparison) {
  const Machine& machine = comparison.machine;
  return fmt::format(
      "{}; commit {}; {} x {}, {} GiB of memory, {}\n"
      "{}; 4 KiB written and synced in {:.2f} ms, 256 MiB at {:.0f} MB/s\n"
      "others used {:.0f} % of the cores meanwhile{}\n"
      "{} events over 90 days, in batches of 10,000, each made outside the clock; JSON Lines: {} events\n",
      machine.date, comparison.options.commit, machine.cores, machine.processor, machine.memory_gib, machine.kernel,
      machine.file_system, machine.sync_seconds * 1e3, machine.write_bytes / 1e6, comparison.others_share * 100,
      comparison.others_share > kQuietShare ? ": NOT QUIET ENOUGH TO QUOTE" : "", comparison.options.events,
      comparison.json_events);
}

std::string legend_of(const Comparison& comparison) {
  std::string text =
      "In brackets: how many times better Weerbaar does; below 1, the other does better. -: it cannot.\n"
      "Warm: each question was asked once before.";
  if (comparison.options.rows.contains(Row::kCold)) {
    text += comparison.options.keep_page_cache ? " Cold: opened anew, page cache KEPT."
                                               : " Cold: opened anew, after the page cache was dropped.";
  }
  if (comparison.options.rows.contains(Row::kScarce)) {
    text += fmt::format(" Scarce memory: {} MB, by {}.", comparison.options.memory_bytes / 1'000'000,
                        comparison.memory_means);
  }
  if (comparison.columns.size() > 1) text += "\nAll gave equal answers to every question.";
  text += " journald is left out: it takes one entry a call.\n\n";
  for (const Column& column : comparison.columns) text += fmt::format("- {}: {}.\n", column.title, column.settings);
  for (const std::string& store : comparison.left_out) text += fmt::format("- left out: {}\n", store);
  for (const Column& column : comparison.columns) {
    for (const auto& [row, note] : column.figures.notes) {
      text += fmt::format("- * {}, {}: {}\n", column.title, row, note);
    }
  }
  return text;
}

}  // namespace

std::string table_of(const Comparison& comparison) {
  return fmt::format("{}\n{}\n{}", head_of(comparison), markdown(cells_of(comparison)), legend_of(comparison));
}

nlohmann::json json_of(const Comparison& comparison) {
  const Machine& machine = comparison.machine;
  nlohmann::json json = {
      {"date", machine.date},
      {"commit", comparison.options.commit},
      {"machine",
       {{"cores", machine.cores},
        {"processor", machine.processor},
        {"kernel", machine.kernel},
        {"memory_gib", machine.memory_gib},
        {"file_system", machine.file_system},
        {"sync_seconds", machine.sync_seconds},
        {"write_bytes_per_second", machine.write_bytes}}},
      {"events", comparison.options.events},
      {"json_events", comparison.json_events},
      {"memory_bytes", comparison.options.memory_bytes},
      {"memory_means", comparison.memory_means},
      {"page_cache_dropped", !comparison.options.keep_page_cache},
      {"others_share", comparison.others_share},
      {"left_out", comparison.left_out},
  };
  for (const Column& column : comparison.columns) {
    json["stores"][column.name] = to_json(column.figures);
    json["stores"][column.name]["settings"] = column.settings;
  }
  return json;
}

std::vector<std::string> differences(const Comparison& comparison) {
  std::map<std::string, std::pair<std::string, std::string>> first;  // of each question: who answered what
  std::vector<std::string> found;
  for (const Column& column : comparison.columns) {
    for (const auto& [question, answer] : column.figures.answers) {
      const auto [known, is_new] = first.try_emplace(question, column.name, answer);
      if (is_new || known->second.second == answer) continue;
      found.push_back(fmt::format("{}: {} gives {}, {} gives {}", question, known->second.first, known->second.second,
                                  column.name, answer));
    }
  }
  return found;
}

}  // namespace weerbaar::benchmarks
