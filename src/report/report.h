// The monthly report: what may be shown of a month, without identities. docs/formats/report.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "report/gather.h"

namespace weerbaar::report {

// Nothing: hidden, for it rests on fewer than kEmployeesMin employees, or another that does could be computed from it.
using Figure = std::optional<uint64_t>;

struct Figures {
  Figure accesses;
  Figure employees;
  Figure searches;
  Figure other_keys;    // searches by name, address, date of birth …
  Figure unknown_keys;  // searches of which the source does not say by what
  Figure outside_hours;
  Figure break_glass;
  Figure explained;
  Figure flagged;
  Figure unexplained;
};

// A unit or a system.
struct Place {
  std::string name;
  bool is_rest = false;  // those of fewer than kEmployeesMin employees, and those behind the first, put together
  Figures figures;
};

// Parts of accesses, or of searches; nothing where a count is hidden, or nothing is there to divide by.
struct Shares {
  std::optional<double> accesses_each;  // accesses for each employee
  std::optional<double> other_keys;     // of searches
  std::optional<double> outside_hours;
  std::optional<double> unexplained;
  std::optional<double> flagged;
};

struct UnitBenchmark {
  Place place;
  std::string compared_with;  // the function that these units share; empty: all units
  uint64_t comparable = 0;    // units, with this one
  Shares own;
  Shares median;  // of comparable units, with this one
};

struct SourceCoverage {
  std::string name;
  // Of the working days that are over: on how many it delivered, and on which it delivered nothing.
  uint64_t days_with_delivery = 0;
  std::vector<std::string> days_without_delivery;
  uint64_t missing_records = 0;  // found missing in the month, and not there yet
  uint64_t silent_minutes = 0;   // of the month, rounded up
};

struct MonthFigures {
  std::string month;
  Figures figures;
};

// By what the month was judged: the same gives the same report, byte for byte.
struct Basis {
  std::string month;
  std::string origin;  // the name of the log
  std::string zone;
  OfficeHours hours;
  uint64_t size = 0;  // of the trail
  uint64_t policy = 0;
  std::string policy_name;
  std::string policy_digest;
  uint64_t known_at = 0;
  std::string register_digest;
};

struct Report {
  Basis basis;
  Figures all;
  Figure persons;
  Figure on_shift;  // accesses judged on the shifts of the employee
  // First accesses of an employee to a person in the month.
  Figure first;
  Figure first_explained;
  Figure first_flagged;
  Figure first_unexplained;
  std::vector<MonthFigures> months;  // those before and this one, in order
  std::vector<Place> systems;        // most used first, the rest last
  std::vector<UnitBenchmark> units;  // by name, the rest last
  uint64_t days_over = 0;            // of the month: sources are judged by these
  std::vector<SourceCoverage> sources;
  uint64_t unreadable = 0;
  std::string findings;
};

inline constexpr size_t kSystemsShown = 10;

Report make_report(Basis basis, Month month, const Gathered& gathered);

// A part of a whole; nothing where one of them is hidden or the whole is none.
std::optional<double> share(Figure part, Figure whole);

// JSON text with a line end, always the same for the same report.
std::string to_json(const Report& report);
// For whom a table is: RFC 4180, or what a spreadsheet that is set to Dutch opens as columns: with ';' for ',' and a
// byte order mark, by which it knows UTF-8.
enum class TableFor : uint8_t { kPrograms, kDutchSpreadsheet };
// One tidy table: month, part, name, measure, value; a hidden value is empty. Names of parts and measures are the same
// in every language, and values are whole numbers.
std::string to_csv(const Report& report, TableFor whom = TableFor::kPrograms);
enum class Language : uint8_t { kDutch, kEnglish };
// A tagged PDF document. kIo when it cannot be drawn.
Result<std::string> to_pdf(const Report& report, Language language);

}  // namespace weerbaar::report
