#include <array>
#include <string>

#include "report/report.h"

namespace weerbaar::report {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// RFC 4180. A spreadsheet would compute what begins with one of these signs.
std::string cell(std::string_view text) {
  constexpr std::string_view kFormula = "=+-@\t\r";
  std::string out;
  if (!text.empty() && kFormula.find(text[0]) != std::string_view::npos) out += '\'';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out.find_first_of(",;\"\r\n") == std::string::npos ? out : '"' + out + '"';
}

class Table {
 public:
  explicit Table(TableFor whom) : separator_(whom == TableFor::kDutchSpreadsheet ? ';' : ',') {
    if (whom == TableFor::kDutchSpreadsheet) text_ = kByteOrderMark;
    add_row({"month", "part", "name", "measure", "value"});
  }
  void add(std::string_view month, std::string_view part, std::string_view name, std::string_view measure,
           Figure value) {
    const std::string shown = cell(name);
    const std::string number = value ? std::to_string(*value) : std::string();
    add_row({month, part, shown, measure, number});
  }
  void add(std::string_view month, std::string_view part, std::string_view name, const Figures& figures) {
    const std::pair<const char*, Figure> all[] = {{"accesses", figures.accesses},
                                                  {"employees", figures.employees},
                                                  {"searches", figures.searches},
                                                  {"searches_by_other_key", figures.other_keys},
                                                  {"searches_by_unknown_key", figures.unknown_keys},
                                                  {"outside_hours", figures.outside_hours},
                                                  {"break_glass", figures.break_glass},
                                                  {"explained", figures.explained},
                                                  {"flagged", figures.flagged},
                                                  {"unexplained", figures.unexplained}};
    for (const auto& [measure, value] : all) add(month, part, name, measure, value);
  }
  [[nodiscard]] std::string text() const { return text_; }

 private:
  void add_row(const std::array<std::string_view, 5>& cells) {
    for (size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) text_ += separator_;
      text_ += cells[i];
    }
    text_ += "\r\n";
  }

  const char separator_;
  std::string text_;
};

std::string_view name_of(const Place& place) {
  return place.is_rest ? std::string_view("(rest)") : std::string_view(place.name);
}

}  // namespace

std::string to_csv(const Report& report, TableFor whom) {
  Table table(whom);
  const std::string& month = report.basis.month;
  for (const MonthFigures& one : report.months) table.add(one.month, "total", "", one.figures);
  table.add(month, "total", "", "persons", report.persons);
  table.add(month, "total", "", "judged_by_shift", report.on_shift);
  table.add(month, "first", "", "accesses", report.first);
  table.add(month, "first", "", "explained", report.first_explained);
  table.add(month, "first", "", "flagged", report.first_flagged);
  table.add(month, "first", "", "unexplained", report.first_unexplained);
  for (const Place& place : report.systems) table.add(month, "system", name_of(place), place.figures);
  for (const UnitBenchmark& unit : report.units) table.add(month, "unit", name_of(unit.place), unit.place.figures);
  for (const SourceCoverage& source : report.sources) {
    table.add(month, "source", source.name, "days_with_delivery", source.days_with_delivery);
    table.add(month, "source", source.name, "days_without_delivery", source.days_without_delivery.size());
    table.add(month, "source", source.name, "missing_records", source.missing_records);
    table.add(month, "source", source.name, "silent_minutes", source.silent_minutes);
  }
  return table.text();
}

}  // namespace weerbaar::report
