#include "sample/sample.h"

#include <fmt/format.h>

#include "domain/access_event_json.h"
#include "sample/fact_writer.h"
#include "sample/static_facts.h"
#include "sample/work.h"

namespace weerbaar::sample {
namespace {

Status check_range(std::string_view name, uint64_t value, uint64_t min, uint64_t max) {
  if (value >= min && value <= max) return {};
  return fail(Code::kInvalid, fmt::format("--{} {}: choose a number from {} to {}", name, value, min, max));
}

OrganisationOptions organisation_of(const SampleOptions& options) {
  return {options.seed, static_cast<uint32_t>(options.employees), options.first_day,
          static_cast<int64_t>(options.days)};
}

}  // namespace

Status check_options(const SampleOptions& options) {
  WEERBAAR_TRY(check_range("employees", options.employees, kEmployeesMin, kEmployeesMax));
  WEERBAAR_TRY(check_range("days", options.days, kDaysMin, kDaysMax));
  if (options.events != 0) WEERBAAR_TRY(check_range("events", options.events, 1, kEventsMax));
  constexpr int64_t kYearMin = 1971;
  constexpr int64_t kYearMax = 2'500;
  const int64_t year = civil_from_days(options.first_day).year;
  if (year < kYearMin || year > kYearMax) {
    return fail(Code::kInvalid, fmt::format("--from: choose a day from {} to {}", kYearMin, kYearMax));
  }
  return {};
}

Sample::Sample(const SampleOptions& options)
    : options_(options),
      population_(options.seed, static_cast<uint32_t>(options.employees) * kPersonsPerEmployee, options.first_day),
      organisation_(organisation_of(options), population_),
      wanted_(population_.size()),
      plan_(plan_misuse(options.seed, population_, organisation_, wanted_)) {}

// All the work is done once without keeping any of it, to know how much it is.
Result<Scale> Sample::scale_for_events() const {
  if (options_.events == 0) return Scale();
  DayBook book(population_, organisation_, {}, {});
  Work work(population_, organisation_, wanted_, {}, book, nullptr);
  work.make_backlog();
  for (int64_t day = organisation_.first_day(); day < organisation_.end_day(); ++day) {
    WEERBAAR_TRY(work.add_day(day));
  }
  const std::vector<uint64_t>& remarks = book.counts().remarks;
  const uint64_t fixed = remarks[static_cast<size_t>(Remark::kPrintRun)];
  const uint64_t natural = book.counts().events - fixed;
  const uint64_t others = fixed + plan_.accesses.size();
  if (options_.events <= others) {
    return fail(Code::kInvalid,
                fmt::format("--events {}: so few leave no room for ordinary work, for {} are misuse and "
                            "bulk prints: choose more, or fewer employees or days",
                            options_.events, others));
  }
  return Scale{(options_.events - others) * Scale::kOne / natural};
}

Result<SampleReport> Sample::make(const TakeEvents& take_events, const TakeFacts& take_facts) {
  WEERBAAR_ASSIGN(const Scale scale, scale_for_events());
  Misuse misuse(plan_, population_);
  DayBook book(population_, organisation_, take_events,
               [&misuse](uint16_t planted, const AccessEvent& event) { misuse.took_place(planted, event); });
  FactWriter facts(take_facts);
  WEERBAAR_TRY(tell_static_facts(population_, organisation_, plan_, facts));
  WEERBAAR_TRY(misuse.tell_reports(facts));
  Work work(population_, organisation_, wanted_, scale, book, &facts);
  work.make_backlog();
  for (int64_t day = organisation_.first_day(); day < organisation_.end_day(); ++day) {
    WEERBAAR_TRY(work.add_day(day));
    misuse.add_day(day, work.cases(), book);
    WEERBAAR_TRY(book.give(day));
  }
  WEERBAAR_TRY(work.finish());
  WEERBAAR_TRY(facts.finish());
  SampleReport report;
  report.counts = book.counts();
  report.facts = facts.facts();
  report.planted = misuse.planted();
  return report;
}

std::string truth_line(const PlantedCase& planted, std::string_view leak_file) {
  std::string line = R"({"kind":)";
  const auto list = [&line](const std::vector<std::string>& items) {
    line += '[';
    for (const std::string& item : items) {
      if (&item != items.data()) line += ',';
      append_json_string(line, item);
    }
    line += ']';
  };
  append_json_string(line, to_string(planted.kind));
  line += R"(,"actors":)";
  list(planted.actors);
  line += R"(,"events":)";
  list(planted.events);
  if (!leak_file.empty()) {
    line += R"(,"leak_file":)";
    append_json_string(line, leak_file);
    line += R"(,"leaked_at":)";
    append_json_string(line, format_time({planted.leaked_at, 0}));
  }
  if (planted.hides_behind_case) line += R"(,"hides_behind_case":true)";
  return line + "}";
}

}  // namespace weerbaar::sample
