#include "workload.h"

#include <fmt/format.h>

#include <cmath>

namespace weerbaar::benchmarks {
namespace {

constexpr int64_t kStartMicros = 1'767'225'600'000'000;  // 2026-01-01T00:00:00Z
constexpr double kEventsPerSession = 4.0;
constexpr uint64_t kSources = 60;
constexpr uint64_t kPortfolio = 400;
constexpr uint64_t kUnits = 120;
constexpr uint64_t kFunctions = 40;
constexpr uint64_t kMillisMicros = 1'000;

// Share of the day's work in each hour: nights are quiet.
double weight_of_hour(int64_t hour) {
  return hour >= 7 && hour < 17 ? 1.0 : hour >= 5 && hour < 20 ? 0.2 : 0.02;
}

}  // namespace

std::string bsn_of(uint64_t n) {
  // Eight free digits fix the ninth; one start in eleven has none.
  uint64_t start = 10'000'000 + n + n / 10;
  for (;; ++start) {
    uint64_t rest = start;
    uint64_t sum = 0;
    for (uint64_t weight = 2; weight <= 9; ++weight, rest /= 10) sum += weight * (rest % 10);
    if (sum % 11 < 10) return fmt::format("{:08}{}", start, sum % 11);
  }
}

Workload::Workload(const WorkloadOptions& options)
    : options_(options), random_(options.seed), source_counters_(kSources, 0) {
  next_start_ = next_start();
}

uint64_t Workload::skewed(uint64_t limit, double exponent) {
  return std::min(static_cast<uint64_t>(std::pow(uniform(), exponent) * static_cast<double>(limit)), limit - 1);
}

int64_t Workload::next_start() {
  const double span = static_cast<double>(options_.days) * 86'400e6;
  const double mean_gap = span / (static_cast<double>(options_.events) / kEventsPerSession);
  const auto hour = static_cast<int64_t>(clock_micros_ / 3'600e6) % 24;
  clock_micros_ += -std::log(1.0 - uniform()) * mean_gap * 0.49 / weight_of_hour(hour);
  return kStartMicros + static_cast<int64_t>(clock_micros_);
}

uint32_t Workload::pick_person(uint32_t employee) {
  const double choice = uniform();
  if (choice < 0.70) {
    const uint64_t home = employee * 7'919ULL % (options_.persons - kPortfolio);
    return static_cast<uint32_t>(home + skewed(kPortfolio, 2.0));
  }
  if (choice < 0.95) return static_cast<uint32_t>(skewed(options_.persons, 3.0));
  return static_cast<uint32_t>(below(options_.persons));
}

Workload::Session Workload::start(int64_t micros) {
  Session session{};
  session.micros = micros;
  session.employee = static_cast<uint32_t>(skewed(options_.employees, 2.0));
  session.person = pick_person(session.employee);
  session.system = static_cast<uint32_t>((session.employee * 31ULL + skewed(8, 2.0) * 97ULL) % options_.systems);
  session.events_left = static_cast<uint32_t>(1 + below(7));
  session.case_number = below(3) == 0 ? static_cast<uint32_t>(1 + session.person * 5ULL % 9'999'999) : 0;
  return session;
}

AccessEvent Workload::event_of(const Session& session, EventBatch& batch) {
  const uint64_t source = session.system % kSources;
  AccessEvent event;
  event.source = batch.keep(fmt::format("source-{:02}", source));
  event.id = batch.keep(fmt::format("{:02}-{:09}", source, source_counters_[source]++));
  event.time.micros = session.micros - session.micros % static_cast<int64_t>(kMillisMicros);
  event.actor.id = batch.keep(fmt::format("u{:06}", 100'000 + session.employee));
  event.actor.unit = batch.keep(fmt::format("unit-{:03}", session.employee % kUnits));
  event.actor.function = batch.keep(fmt::format("function-{:02}", session.employee % kFunctions));
  event.action = below(10) < 8 ? Action::kRead : Action::kSearch;
  event.system = batch.keep(fmt::format("SYS{:03}", session.system));
  event.component = batch.keep(fmt::format("SCR{:02}", skewed(12, 1.5)));
  const Subject subject{SubjectType::kBsn, batch.keep(bsn_of(session.person)), {}};
  event.subjects = batch.keep(std::span<const Subject>(&subject, 1));
  event.records = 1;
  if (session.case_number != 0) event.purpose.case_id = batch.keep(fmt::format("Z-2026-{:07}", session.case_number));
  return event;
}

void Workload::next(size_t count, EventBatch& batch) {
  while (batch.size() < count && given_ < options_.events) {
    while (active_.empty() || next_start_ <= active_.top().micros) {
      active_.push(start(next_start_));
      next_start_ = next_start();
    }
    Session session = active_.top();
    active_.pop();
    batch.add(event_of(session, batch));
    ++given_;
    if (--session.events_left == 0) continue;
    session.micros += static_cast<int64_t>(5'000'000 + below(60'000'000));
    active_.push(session);
  }
}

std::string Workload::any_person() {
  return bsn_of(pick_person(static_cast<uint32_t>(skewed(options_.employees, 2.0))));
}

}  // namespace weerbaar::benchmarks
