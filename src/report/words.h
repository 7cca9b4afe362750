// The texts of the document, in Dutch and in English.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "report/report.h"

namespace weerbaar::report {

enum class Word : uint8_t {
  kTitle,
  kSubtitle,
  kAccesses,
  kEmployees,
  kUnknownAccounts,
  kPersons,
  kOtherKeys,
  kOutsideHours,
  kBreakGlass,
  kFlagged,
  kExplained,
  kUnexplained,
  kOfAccesses,
  kOfSearches,
  kHidden,
  kTrend,
  kTrendNote,
  kOutcome,
  kOutcomeNote,
  kAllAccesses,
  kFirstAccesses,
  kSystems,
  kSystem,
  kOutside,
  kUnits,
  kUnitsNote,
  kUnit,
  kEach,
  kRest,
  kNoUnit,
  kAllUnits,
  kComparedWith,
  kCoverage,
  kCoverageNote,
  kSource,
  kDaysWithDelivery,
  kMissingRecords,
  kSilentHours,
  kDaysWithoutDelivery,
  kNone,
  kMethod,
  kMethodHours,
  kMethodKeys,
  kMethodCells,
  kMethodBasis,
  kPage,
  kWords,
};

std::string_view word(Word word, Language language);
// "maart 2026".
std::string month_name(std::string_view month, Language language);
// "mrt".
std::string short_month_name(std::string_view month, Language language);
// "2026-03-31" as "31 mrt", and in English "31 Mar".
std::string short_date(std::string_view date, Language language);
// 1234567 as "1.234.567" or "1,234,567".
std::string number_text(uint64_t number, Language language);
// 0.1234 as "12,3 %" or "12.3 %".
std::string percent_text(std::optional<double> share, Language language);
// With one decimal.
std::string decimal_text(std::optional<double> number, Language language);
// The number, or what stands for one that is hidden.
std::string figure_text(Figure figure, Language language);

}  // namespace weerbaar::report
