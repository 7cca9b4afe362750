#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "report/drawing.h"
#include "report/report.h"
#include "report/words.h"

namespace weerbaar::report {
namespace {

using Side = TextStyle::Side;

constexpr double kMargin = 50;
constexpr double kWidth = kPageWidth - 2 * kMargin;
constexpr double kBottom = kPageHeight - 60;
constexpr double kRowHeight = 16;
constexpr double kGap = 20;

struct Column {
  std::string head;
  double width;
  Side side = Side::kRight;
};

class Pages {
 public:
  Pages(const Report& report, Language language)
      : report_(report),
        language_(language),
        drawing_(fmt::format("{} {}", word(Word::kTitle, language), report.basis.month), report.basis.month + "-01",
                 language == Language::kDutch ? "nl-NL" : "en-GB") {}

  Result<std::string> draw() {
    title();
    key_figures();
    trend();
    outcomes();
    systems();
    units();
    coverage();
    method();
    footer();
    return drawing_.finish();
  }

 private:
  [[nodiscard]] std::string_view say(Word what) const { return word(what, language_); }
  [[nodiscard]] std::string number(Figure figure) const { return figure_text(figure, language_); }
  [[nodiscard]] std::string percent(Figure part, Figure whole) const {
    return percent_text(share(part, whole), language_);
  }

  void footer() {
    drawing_.rectangle(kMargin, kBottom + 18, kWidth, 0.5, kLine);
    const TextStyle style{7.5, kGrey, false, Side::kLeft, true};
    drawing_.text(kMargin, kBottom + 24, kWidth - 80,
                  fmt::format("{} · {} · {}", report_.basis.origin, say(Word::kTitle),
                              month_name(report_.basis.month, language_)),
                  style);
    drawing_.text(kPageWidth - kMargin - 80, kBottom + 24, 80, fmt::format(fmt::runtime(say(Word::kPage)), page_),
                  {7.5, kGrey, false, Side::kRight, true});
  }
  // Goes to the next page when so much does not fit any more. True when it did.
  bool need(double height) {
    if (y_ + height <= kBottom) return false;
    footer();
    drawing_.next_page();
    ++page_;
    y_ = kMargin;
    return true;
  }
  void heading(Word what, double below) {
    y_ += kGap;
    need(below + 30);
    drawing_.begin("H2");
    drawing_.text(kMargin, y_, kWidth, say(what), {12, kBlue, true});
    drawing_.end("H2");
    y_ += 22;
  }
  void paragraph(std::string_view text) {
    const TextStyle style{8.5, kGrey};
    const double height = drawing_.height_of(kWidth, text, style);
    need(height);
    drawing_.begin("P");
    drawing_.text(kMargin, y_, kWidth, text, style);
    drawing_.end("P");
    y_ += height + 6;
  }

  void title() {
    drawing_.rectangle(0, 0, kPageWidth, 6, kBlue);
    y_ = 44;
    drawing_.begin("H1");
    drawing_.text(kMargin, y_, kWidth, say(Word::kTitle), {20, kInk, true});
    drawing_.end("H1");
    y_ += 30;
    drawing_.begin("P");
    drawing_.text(kMargin, y_, kWidth,
                  fmt::format("{}  ·  {}  ·  {}", month_name(report_.basis.month, language_), report_.basis.origin,
                              say(Word::kSubtitle)),
                  {10, kGrey});
    drawing_.end("P");
    y_ += 28;
  }

  void tile(size_t place, Word what, const std::string& value, const std::string& below) {
    constexpr size_t kTiles = 4;
    constexpr double kSpace = 8;
    constexpr double kTileWidth = (kWidth - (kTiles - 1) * kSpace) / kTiles;
    constexpr double kTileHeight = 62;
    const double x = kMargin + static_cast<double>(place % kTiles) * (kTileWidth + kSpace);
    const size_t row = place / kTiles;
    const double y = y_ + static_cast<double>(row) * (kTileHeight + kSpace);
    drawing_.begin("P");
    drawing_.rectangle(x, y, kTileWidth, kTileHeight, kPale);
    drawing_.rectangle(x, y, 2, kTileHeight, kBlue);
    drawing_.text(x + 10, y + 8, kTileWidth - 14, say(what), {7.5, kGrey, false, Side::kLeft, true});
    drawing_.text(x + 10, y + 22, kTileWidth - 14, value, {15, kInk, true, Side::kLeft, true});
    drawing_.text(x + 10, y + 45, kTileWidth - 14, below, {7.5, kGrey, false, Side::kLeft, true});
    drawing_.end("P");
  }
  void key_figures() {
    const Figures& all = report_.all;
    const auto of_all = [&](Figure part) {
      return fmt::format("{} {}", percent(part, all.accesses), say(Word::kOfAccesses));
    };
    tile(0, Word::kAccesses, number(all.accesses), "");
    tile(1, Word::kEmployees, number(all.employees), std::string(say(Word::kUnknownAccounts)));
    tile(2, Word::kPersons, number(report_.persons), "");
    tile(3, Word::kOtherKeys, number(all.other_keys),
         fmt::format("{} {}", percent(all.other_keys, all.searches), say(Word::kOfSearches)));
    tile(4, Word::kOutsideHours, number(all.outside_hours), of_all(all.outside_hours));
    tile(5, Word::kBreakGlass, number(all.break_glass), of_all(all.break_glass));
    tile(6, Word::kFlagged, number(all.flagged), of_all(all.flagged));
    tile(7, Word::kUnexplained, number(all.unexplained), of_all(all.unexplained));
    y_ += 132;
  }

  void trend() {
    heading(Word::kTrend, 150);
    paragraph(say(Word::kTrendNote));
    constexpr double kHeight = 90;
    uint64_t most = 1;
    for (const MonthFigures& month : report_.months) most = std::max(most, month.figures.accesses.value_or(0));
    const double step = kWidth / static_cast<double>(std::max<size_t>(report_.months.size(), 6));
    drawing_.begin("Figure");
    y_ += 12;
    for (size_t i = 0; i < report_.months.size(); ++i) {
      const MonthFigures& month = report_.months[i];
      const bool is_this = i + 1 == report_.months.size();
      const double height =
          kHeight * static_cast<double>(month.figures.accesses.value_or(0)) / static_cast<double>(most);
      const double x = kMargin + static_cast<double>(i) * step;
      const double top = y_ + kHeight - height;
      drawing_.rectangle(x + step * 0.2, top, step * 0.6, height, is_this ? kBlue : kLightBlue);
      drawing_.text(x, top - 12, step, number(month.figures.accesses), {7.5, kInk, is_this, Side::kCentre, true});
      drawing_.text(x, y_ + kHeight + 4, step, short_month_name(month.month, language_),
                    {8, kGrey, is_this, Side::kCentre, true});
    }
    drawing_.rectangle(kMargin, y_ + kHeight, kWidth, 0.7, kLine);
    drawing_.end("Figure");
    y_ += kHeight + 24;
    trend_table();
  }
  void trend_table() {
    std::vector<Column> columns{{"", 95, Side::kLeft}};
    for (const Word what :
         {Word::kOtherKeys, Word::kOutsideHours, Word::kBreakGlass, Word::kFlagged, Word::kUnexplained}) {
      columns.push_back({std::string(say(what)), 80});
    }
    table(columns, report_.months.size(), [&](size_t row) {
      const MonthFigures& month = report_.months[row];
      const Figures& of = month.figures;
      return std::vector<std::string>{month_name(month.month, language_),     percent(of.other_keys, of.searches),
                                      percent(of.outside_hours, of.accesses), number(of.break_glass),
                                      percent(of.flagged, of.accesses),       percent(of.unexplained, of.accesses)};
    });
  }

  void outcomes() {
    heading(Word::kOutcome, 130);
    paragraph(say(Word::kOutcomeNote));
    struct Row {
      Word what;
      Figure all;
      Figure first;
    };
    const Row rows[] = {{Word::kAccesses, report_.all.accesses, report_.first},
                        {Word::kExplained, report_.all.explained, report_.first_explained},
                        {Word::kFlagged, report_.all.flagged, report_.first_flagged},
                        {Word::kUnexplained, report_.all.unexplained, report_.first_unexplained}};
    const std::vector<Column> columns{{"", 135, Side::kLeft},
                                      {std::string(say(Word::kAllAccesses)), 110},
                                      {"", 70},
                                      {std::string(say(Word::kFirstAccesses)), 110},
                                      {"", 70}};
    table(columns, std::size(rows), [&](size_t row) {
      return std::vector<std::string>{std::string(say(rows[row].what)), number(rows[row].all),
                                      percent(rows[row].all, report_.all.accesses), number(rows[row].first),
                                      percent(rows[row].first, report_.first)};
    });
  }

  [[nodiscard]] std::string name_of(const Place& place) const {
    if (place.is_rest) return std::string(say(Word::kRest));
    return place.name.empty() ? std::string(say(Word::kNoUnit)) : place.name;
  }
  void systems() {
    heading(Word::kSystems, 100);
    const std::vector<Column> columns{{std::string(say(Word::kSystem)), 115, Side::kLeft},
                                      {std::string(say(Word::kAccesses)), 90},
                                      {"", 50},
                                      {std::string(say(Word::kEmployees)), 75},
                                      {std::string(say(Word::kOutside)), 85},
                                      {std::string(say(Word::kUnexplained)), 80}};
    table(columns, report_.systems.size(), [&](size_t row) {
      const Place& place = report_.systems[row];
      const Figures& of = place.figures;
      return std::vector<std::string>{name_of(place),
                                      number(of.accesses),
                                      percent(of.accesses, report_.all.accesses),
                                      number(of.employees),
                                      percent(of.outside_hours, of.accesses),
                                      percent(of.unexplained, of.accesses)};
    });
  }

  void units() {
    heading(Word::kUnits, 120);
    paragraph(say(Word::kUnitsNote));
    std::vector<Column> columns{{std::string(say(Word::kUnit)), 100, Side::kLeft},
                                {std::string(say(Word::kComparedWith)), 87, Side::kLeft}};
    for (const Word what : {Word::kEach, Word::kOtherKeys, Word::kOutsideHours, Word::kUnexplained}) {
      columns.push_back({std::string(say(what)), 77});
    }
    const auto beside = [](const std::string& own, const std::string& median) {
      return fmt::format("{} / {}", own, median);
    };
    table(columns, report_.units.size(), [&](size_t row) {
      const UnitBenchmark& unit = report_.units[row];
      const auto shares = [&](std::optional<double> Shares::* member) {
        return beside(percent_text(unit.own.*member, language_), percent_text(unit.median.*member, language_));
      };
      return std::vector<std::string>{
          name_of(unit.place),
          unit.compared_with.empty() ? std::string(say(Word::kAllUnits)) : unit.compared_with,
          beside(decimal_text(unit.own.accesses_each, language_), decimal_text(unit.median.accesses_each, language_)),
          shares(&Shares::other_keys),
          shares(&Shares::outside_hours),
          shares(&Shares::unexplained)};
    });
  }

  void coverage() {
    heading(Word::kCoverage, 80);
    paragraph(fmt::format(fmt::runtime(say(Word::kCoverageNote)), number(report_.all.accesses),
                          number_text(report_.unreadable, language_), report_.days_over));
    const std::vector<Column> columns{
        {std::string(say(Word::kSource)), 110, Side::kLeft},
        {std::string(say(Word::kDaysWithDelivery)), 75},
        {std::string(say(Word::kMissingRecords)), 65},
        {std::string(say(Word::kSilentHours)), 55},
        {std::string("   ") + std::string(say(Word::kDaysWithoutDelivery)), 190, Side::kLeft}};
    table(columns, report_.sources.size(), [&](size_t row) {
      constexpr size_t kShown = 4;
      constexpr double kMinutesOfHour = 60;
      const SourceCoverage& source = report_.sources[row];
      const std::vector<std::string>& days = source.days_without_delivery;
      std::string without = days.empty() ? std::string(say(Word::kNone)) : "";
      for (size_t i = 0; i < std::min(kShown, days.size()); ++i) {
        without += (i == 0 ? "" : ", ") + short_date(days[i], language_);
      }
      if (days.size() > kShown) without += fmt::format(", +{}", days.size() - kShown);
      const double hours = static_cast<double>(source.silent_minutes) / kMinutesOfHour;
      return std::vector<std::string>{source.name, number_text(source.days_with_delivery, language_),
                                      number_text(source.missing_records, language_), decimal_text(hours, language_),
                                      "   " + without};
    });
  }

  void method() {
    const Basis& basis = report_.basis;
    heading(Word::kMethod, 130);
    paragraph(fmt::format(fmt::runtime(say(Word::kMethodHours)), basis.hours.begin, basis.hours.end, basis.zone,
                          percent(report_.on_shift, report_.all.accesses)));
    paragraph(fmt::format(fmt::runtime(say(Word::kMethodKeys)), number(report_.all.unknown_keys)));
    paragraph(say(Word::kMethodCells));
    paragraph(fmt::format(fmt::runtime(say(Word::kMethodBasis)), basis.origin, number_text(basis.size, language_),
                          basis.policy, basis.policy_name, basis.policy_digest, basis.known_at, report_.findings));
  }

  double table_head(const std::vector<Column>& columns) {
    double height = 0;
    for (const Column& column : columns) {
      height = std::max(height, drawing_.height_of(column.width - 4, column.head, {7.5, kGrey, true}));
    }
    double x = kMargin;
    drawing_.begin("TR");
    for (const Column& column : columns) {
      drawing_.begin("TH");
      const double own = drawing_.height_of(column.width - 4, column.head, {7.5, kGrey, true});
      drawing_.text(x + 2, y_ + height - own, column.width - 4, column.head, {7.5, kGrey, true, column.side});
      drawing_.end("TH");
      x += column.width;
    }
    drawing_.end("TR");
    y_ += height + 3;
    drawing_.rectangle(kMargin, y_, kWidth, 0.7, kGrey);
    y_ += 2;
    return height;
  }
  void table(const std::vector<Column>& columns, size_t rows,
             const std::function<std::vector<std::string>(size_t)>& row) {
    drawing_.begin("Table");
    table_head(columns);
    for (size_t i = 0; i < rows; ++i) {
      if (need(kRowHeight)) table_head(columns);
      const std::vector<std::string> cells = row(i);
      double x = kMargin;
      drawing_.begin("TR");
      for (size_t column = 0; column < columns.size(); ++column) {
        drawing_.begin("TD");
        drawing_.text(x + 2, y_ + 2, columns[column].width - 4, cells[column],
                      {8, kInk, false, columns[column].side, true});
        drawing_.end("TD");
        x += columns[column].width;
      }
      drawing_.end("TR");
      y_ += kRowHeight;
      drawing_.rectangle(kMargin, y_ - 1, kWidth, 0.4, kLine);
    }
    drawing_.end("Table");
    y_ += 4;
  }

  const Report& report_;
  const Language language_;
  Drawing drawing_;
  double y_ = kMargin;
  int page_ = 1;
};

}  // namespace

Result<std::string> to_pdf(const Report& report, Language language) {
  return Pages(report, language).draw();
}

}  // namespace weerbaar::report
