#include "workload.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.h"

namespace weerbaar::benchmarks {
namespace {

constexpr int64_t kStartMicros = 1'767'225'600'000'000;  // 2026-01-01T00:00:00Z
constexpr double kEventsPerSession = 4.0;
constexpr uint64_t kSources = 60;
constexpr uint64_t kPortfolio = 400;
constexpr uint64_t kUnits = 120;
constexpr uint64_t kFunctions = 40;
constexpr uint64_t kComponents = 12;
constexpr uint64_t kSystemsMax = 10'000;
constexpr int64_t kMillisMicros = 1'000;

// Share of the day's work in each hour: nights are quiet.
double weight_of_hour(int64_t hour) {
  return hour >= 7 && hour < 17 ? 1.0 : hour >= 5 && hour < 20 ? 0.2 : 0.02;
}
constexpr double kMeanWeight = (10 * 1.0 + 5 * 0.2 + 9 * 0.02) / 24;

// Texts that return, made once: an event is made in the pauses of a clock, and those should be short.
struct Names {
  std::vector<std::string> sources, id_prefixes, units, functions, systems, components;

  Names() {
    for (uint64_t i = 0; i < kSources; ++i) sources.push_back(fmt::format("source-{:02}", i));
    for (uint64_t i = 0; i < kSources; ++i) id_prefixes.push_back(fmt::format("{:02}-", i));
    for (uint64_t i = 0; i < kUnits; ++i) units.push_back(fmt::format("unit-{:03}", i));
    for (uint64_t i = 0; i < kFunctions; ++i) functions.push_back(fmt::format("function-{:02}", i));
    for (uint64_t i = 0; i < kSystemsMax; ++i) systems.push_back(fmt::format("SYS{:03}", i));
    for (uint64_t i = 0; i < kComponents; ++i) components.push_back(fmt::format("SCR{:02}", i));
  }
};

void write_digits(uint64_t number, std::span<char> to) {
  for (size_t i = to.size(); i-- > 0; number /= 10) to[i] = static_cast<char>('0' + number % 10);
}

std::string_view keep_numbered(EventBatch& batch, std::string_view prefix, uint64_t number, size_t digits) {
  std::array<char, 24> text{};
  std::copy(prefix.begin(), prefix.end(), text.begin());
  write_digits(number, std::span(text).subspan(prefix.size(), digits));
  return batch.keep({text.data(), prefix.size() + digits});
}

// The ninth digit is what makes the weighted sum fit. Of the eighth digits at most one leaves no ninth, so that each
// seven digits give nine BSNs at least.
void write_bsn(uint64_t n, std::array<char, 9>& to) {
  write_digits(1'000'000 + n / 9, std::span(to).first(7));
  uint64_t sum = 0;
  for (size_t i = 0; i < 7; ++i) sum += (9 - i) * static_cast<uint64_t>(to[i] - '0');
  const uint64_t without_ninth = (10 + 10 * sum) % 11 * 6 % 11;  // solves sum + 2 * digit = 10, modulo 11
  const uint64_t eighth = n % 9 + (n % 9 >= without_ninth ? 1 : 0);
  to[7] = static_cast<char>('0' + eighth);
  to[8] = static_cast<char>('0' + (sum + 2 * eighth) % 11);
}

}  // namespace

std::string bsn_of(uint64_t n) {
  std::array<char, 9> digits{};
  write_bsn(n, digits);
  return {digits.data(), digits.size()};
}

void add_event(const Look& look, EventBatch& batch) {
  static const Names names;
  const uint64_t source = look.system % kSources;
  AccessEvent event;
  event.source = names.sources[source];
  event.id = keep_numbered(batch, names.id_prefixes[source], look.number, 9);
  event.time.micros = look.micros;
  event.actor.id = keep_numbered(batch, "u", 100'000 + look.employee, 6);
  event.actor.unit = names.units[look.employee % kUnits];
  event.actor.function = names.functions[look.employee % kFunctions];
  event.action = look.action;
  event.system = names.systems[look.system];
  event.component = names.components[look.component];
  std::array<char, 9> bsn{};
  write_bsn(look.person, bsn);
  const Subject subject{SubjectType::kBsn, batch.keep({bsn.data(), bsn.size()}), {}};
  event.subjects = batch.keep(std::span<const Subject>(&subject, 1));
  event.records = 1;
  if (look.case_number != 0) event.purpose.case_id = keep_numbered(batch, "Z-2026-", look.case_number, 7);
  batch.add(event);
}

Workload::Workload(const WorkloadOptions& options)
    : options_(options), random_(options.seed), source_counters_(kSources, 0) {
  WEERBAAR_CHECK(options.systems <= kSystemsMax && options.persons > kPortfolio);
  next_start_ = next_start();
}

uint64_t Workload::skewed(uint64_t limit, double exponent) {
  return std::min(static_cast<uint64_t>(std::pow(uniform(), exponent) * static_cast<double>(limit)), limit - 1);
}

int64_t Workload::next_start() {
  const double span = static_cast<double>(options_.days) * 86'400e6;
  const double mean_gap = span / (static_cast<double>(options_.events) / kEventsPerSession);
  const auto hour = static_cast<int64_t>(clock_micros_ / 3'600e6) % 24;
  clock_micros_ += -std::log(1.0 - uniform()) * mean_gap * kMeanWeight / weight_of_hour(hour);
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

Look Workload::look_of(const Session& session) {
  Look look{};
  look.micros = session.micros - session.micros % kMillisMicros;
  look.employee = session.employee;
  look.person = session.person;
  look.case_number = session.case_number;
  look.number = source_counters_[session.system % kSources]++;
  look.system = static_cast<uint16_t>(session.system);
  look.action = below(10) < 8 ? Action::kRead : Action::kSearch;
  look.component = static_cast<uint8_t>(skewed(kComponents, 1.5));
  return look;
}

std::optional<Look> Workload::next() {
  if (given_ == options_.events) return std::nullopt;
  while (active_.empty() || next_start_ <= active_.top().micros) {
    active_.push(start(next_start_));
    next_start_ = next_start();
  }
  Session session = active_.top();
  active_.pop();
  const Look look = look_of(session);
  ++given_;
  if (--session.events_left != 0) {
    session.micros += static_cast<int64_t>(5'000'000 + below(60'000'000));
    active_.push(session);
  }
  return look;
}

void Workload::next(size_t count, EventBatch& batch) {
  while (batch.size() < count) {
    const std::optional<Look> look = next();
    if (!look) return;
    add_event(*look, batch);
  }
}

std::string Workload::any_person() {
  return bsn_of(pick_person(static_cast<uint32_t>(skewed(options_.employees, 2.0))));
}

}  // namespace weerbaar::benchmarks
