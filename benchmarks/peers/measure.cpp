#include "peers/measure.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "peers/memory_peak.h"
#include "peers/page_cache.h"

namespace weerbaar::benchmarks {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kColdRounds = 4;
constexpr int kCounts = 3;
constexpr double kProgressSeconds = 10;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void tell(const std::string& text) {
  fmt::print(stderr, "     {}\n", text);
}

double quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  const auto at = static_cast<size_t>(share * static_cast<double>(values.size()));
  return values[std::min(at, values.size() - 1)];
}

// What many questions took, and answered.
struct Asked {
  std::vector<double> seconds;
  Checksum checksum;

  [[nodiscard]] double p50() const { return quantile(seconds, 0.50); }
  [[nodiscard]] double p99() const { return quantile(seconds, 0.99); }
  [[nodiscard]] double answers_each() const {
    return static_cast<double>(checksum.answers()) / static_cast<double>(seconds.size());
  }
};

Status ask_needles(Store& store, std::span<const std::string> persons, Asked& asked) {
  std::vector<Access> accesses;
  for (const std::string& person : persons) {
    accesses.clear();
    const auto start = Clock::now();
    WEERBAAR_TRY(store.needle(person, accesses));
    asked.seconds.push_back(seconds_since(start));
    for (const Access& access : accesses) asked.checksum.add(access);
  }
  return {};
}

// Once unmeasured, so that what is measured is warm.
Result<Asked> ask_warm_needles(Store& store, std::span<const std::string> persons) {
  Asked warming;
  WEERBAAR_TRY(ask_needles(store, persons, warming));
  Asked asked;
  WEERBAAR_TRY(ask_needles(store, persons, asked));
  return asked;
}

Result<Asked> ask_warm_leaks(Store& store, const Questions& questions) {
  Asked asked;
  for (const bool warming : {true, false}) {
    for (const auto& persons : questions.leaks) {
      const auto start = Clock::now();
      WEERBAAR_ASSIGN(const std::vector<Suspect> suspects, store.leak(persons));
      if (warming) continue;
      asked.seconds.push_back(seconds_since(start));
      for (const Suspect& suspect : suspects) asked.checksum.add(suspect);
    }
  }
  return asked;
}

// Feeds a store, with a clock that runs only while the store has the events.
class Feeder {
 public:
  Feeder(Store& store, const Events& events) : store_(store), events_(events) {}

  [[nodiscard]] uint64_t done() const { return done_; }
  [[nodiscard]] double seconds() const { return seconds_; }
  [[nodiscard]] double paused() const { return paused_; }
  // Of the events from `begin` on, finish() not included.
  [[nodiscard]] double rate_from(uint64_t begin) const { return rate_between(begin, done_); }
  [[nodiscard]] double rate_between(uint64_t begin, uint64_t end) const {
    const double seconds = at_[end / kBatchEvents + (end % kBatchEvents != 0 ? 1 : 0)] - at_[begin / kBatchEvents];
    return static_cast<double>(end - begin / kBatchEvents * kBatchEvents) / seconds;
  }

  // Up to `end`, or until the clock shows `seconds_max`.
  Status feed(uint64_t end, double seconds_max) {
    while (done_ < end && seconds_ < seconds_max) {
      const auto pause = Clock::now();
      const uint64_t batch_end = std::min(done_ + kBatchEvents, events_.count());
      events_.fill(done_, batch_end, batch_);
      const auto start = Clock::now();
      WEERBAAR_TRY(store_.append(batch_.events()));
      seconds_ += seconds_since(start);
      paused_ += std::chrono::duration<double>(start - pause).count();
      at_.push_back(seconds_);
      done_ = batch_end;
      show_progress();
    }
    return {};
  }
  Status finish() {
    const auto start = Clock::now();
    WEERBAAR_TRY(store_.finish());
    seconds_ += seconds_since(start);
    return {};
  }

 private:
  void show_progress() {
    if (seconds_since(shown_) < kProgressSeconds) return;
    shown_ = Clock::now();
    const uint64_t window = std::min<uint64_t>(done_, 50 * kBatchEvents);
    tell(fmt::format("{:.2f} of {:.2f} M events, {:.0f} k/s now", static_cast<double>(done_) / 1e6,
                     static_cast<double>(events_.count()) / 1e6, rate_from(done_ - window) / 1e3));
  }

  Store& store_;
  const Events& events_;
  EventBatch batch_;
  uint64_t done_ = 0;
  double seconds_ = 0;
  double paused_ = 0;
  std::vector<double> at_ = {0};  // the clock after each batch
  Clock::time_point shown_ = Clock::now();
};

Status ask_growth(Store& store, const Plan& plan, const std::vector<std::string>& persons, const std::string& when,
                  Figures& figures) {
  if (!plan.has(Row::kGrowth)) return {};
  WEERBAAR_ASSIGN(const Asked asked, ask_warm_needles(store, persons));
  figures.numbers["growth needle " + when] = asked.p50();
  figures.numbers["growth hits " + when] = asked.answers_each();
  figures.answers["growth " + when] = asked.checksum.text();
  return {};
}

Status ingest(Store& store, const Plan& plan, Figures& figures) {
  tell("ingesting");
  const uint64_t events = plan.events->count();
  const uint64_t tenth = tenth_of(events);
  constexpr double kWithoutEnd = 1e12;
  MemoryPeak peak;
  Feeder feeder(store, *plan.events);
  WEERBAAR_TRY(feeder.feed(tenth, kWithoutEnd));
  WEERBAAR_TRY(ask_growth(store, plan, plan.questions->growth, "first", figures));
  WEERBAAR_TRY(feeder.feed(events, kWithoutEnd));
  WEERBAAR_TRY(feeder.finish());
  figures.numbers["memory"] = static_cast<double>(peak.bytes());
  figures.numbers["ingest"] = static_cast<double>(events) / feeder.seconds();
  figures.numbers["ingest paused"] = feeder.paused() / feeder.seconds();
  figures.numbers["growth ingest first"] = feeder.rate_between(0, tenth);
  figures.numbers["growth ingest last"] = feeder.rate_from(events - tenth);
  WEERBAAR_TRY(ask_growth(store, plan, plan.questions->growth, "last", figures));
  return ask_growth(store, plan, plan.questions->grown, "grown", figures);
}

Status settle(Store& store, Figures& figures) {
  tell("settling");
  const auto start = Clock::now();
  WEERBAAR_TRY(store.settle());
  figures.numbers["settle"] = seconds_since(start);
  return {};
}

Status count(Store& store, Figures& figures) {
  tell("counting");
  std::vector<double> seconds;
  for (int i = 0; i <= kCounts; ++i) {
    Checksum checksum;
    const auto start = Clock::now();
    WEERBAAR_ASSIGN(const std::vector<DayCount> counts, store.by_day_and_system());
    if (i > 0) seconds.push_back(seconds_since(start));
    for (const DayCount& one : counts) checksum.add(one);
    figures.answers["count"] = checksum.text();
  }
  figures.numbers["count p50"] = quantile(seconds, 0.5);
  return {};
}

Status verify(Store& store, const Plan& plan, Figures& figures) {
  if (!store.can_verify()) return {};
  tell("verifying");
  const auto start = Clock::now();
  WEERBAAR_ASSIGN(const uint64_t events, store.verify());
  figures.numbers["verify"] = static_cast<double>(events) / seconds_since(start);
  // A store may keep records about itself among them.
  if (events >= plan.events->count()) return {};
  return fail(Code::kCorrupt, fmt::format("verified {} of {} events", events, plan.events->count()));
}

// A person with about a hundred accesses, as the row says; the one of the needles that comes nearest.
Status make_package(Store& store, const Plan& plan, Figures& figures) {
  constexpr double kWanted = 100;
  std::string person;
  double distance = 1e12;
  for (const std::string& needle : plan.questions->needles) {
    std::vector<Access> accesses;
    WEERBAAR_TRY(store.needle(needle, accesses));
    const double off = std::abs(static_cast<double>(accesses.size()) - kWanted);
    if (off >= distance) continue;
    distance = off;
    person = needle;
  }
  WEERBAAR_ASSIGN(const auto package, store.completeness(person));
  if (!package) return {};
  figures.numbers["completeness bytes"] = static_cast<double>(package->bytes) / 1024;
  figures.numbers["completeness made"] = package->made_seconds;
  figures.numbers["completeness checked"] = package->checked_seconds;
  return {};
}

Status ask_warm(Store& store, const Plan& plan, Figures& figures) {
  if (plan.has(Row::kNeedle)) {
    tell("needles");
    WEERBAAR_ASSIGN(const Asked asked, ask_warm_needles(store, plan.questions->needles));
    figures.numbers["needle p50"] = asked.p50();
    figures.numbers["needle p99"] = asked.p99();
    figures.numbers["needle hits"] = asked.answers_each();
    figures.answers["needle"] = asked.checksum.text();
  }
  if (plan.has(Row::kLeak)) {
    tell("leaks");
    WEERBAAR_ASSIGN(const Asked asked, ask_warm_leaks(store, *plan.questions));
    figures.numbers["leak p50"] = asked.p50();
    figures.numbers["leak p99"] = asked.p99();
    figures.answers["leak"] = asked.checksum.text();
  }
  if (plan.has(Row::kCount)) WEERBAAR_TRY(count(store, figures));
  if (plan.has(Row::kVerify)) WEERBAAR_TRY(verify(store, plan, figures));
  if (plan.has(Row::kCompleteness)) WEERBAAR_TRY(make_package(store, plan, figures));
  return {};
}

// In rounds: in each the page cache is dropped, the store opened, and a part of the persons asked, each once. So the
// upper levels of an index get warm within a round, as they do in life.
Status ask_cold(Store& store, const Plan& plan, const std::string& place, Figures& figures) {
  tell("cold needles");
  const std::span<const std::string> persons = plan.questions->cold;
  const size_t part = persons.size() / kColdRounds;
  Asked asked;
  std::vector<double> opening;
  for (size_t round = 0; round < kColdRounds; ++round) {
    if (!plan.keep_page_cache) WEERBAAR_TRY(drop_page_cache(place));
    const auto start = Clock::now();
    WEERBAAR_TRY(store.open());
    opening.push_back(seconds_since(start));
    WEERBAAR_TRY(ask_needles(store, persons.subspan(round * part, part), asked));
    WEERBAAR_TRY(store.close());
  }
  figures.numbers["cold p50"] = asked.p50();
  figures.numbers["cold p99"] = asked.p99();
  figures.numbers["cold open"] = quantile(opening, 0.5);
  figures.answers["cold"] = asked.checksum.text();
  return {};
}

}  // namespace

uint64_t tenth_of(uint64_t events) {
  return std::min(std::max<uint64_t>(events / 10 / kBatchEvents, 1) * kBatchEvents, events);
}

Result<Figures> measure_store(Store& store, const Plan& plan, const std::string& place) {
  Figures figures;
  WEERBAAR_TRY(store.create());
  WEERBAAR_TRY(ingest(store, plan, figures));
  WEERBAAR_TRY(settle(store, figures));
  sync();  // blocks are allocated when they are written
  WEERBAAR_ASSIGN(const uint64_t bytes, store.bytes());
  figures.numbers["disk"] = static_cast<double>(bytes) / static_cast<double>(plan.events->count());
  WEERBAAR_TRY(store.close());
  WEERBAAR_TRY(store.open());
  WEERBAAR_TRY(ask_warm(store, plan, figures));
  WEERBAAR_TRY(store.close());
  if (plan.has(Row::kCold)) WEERBAAR_TRY(ask_cold(store, plan, place, figures));
  return figures;
}

Result<Figures> measure_json(Store& store, const Plan& plan) {
  tell("ingesting JSON Lines");
  Figures figures;
  WEERBAAR_TRY(store.create());
  const auto start = Clock::now();
  WEERBAAR_TRY(store.append_json(*plan.json));
  WEERBAAR_TRY(store.finish());
  figures.numbers["ingest json"] = static_cast<double>(plan.json->events) / seconds_since(start);
  WEERBAAR_TRY(store.close());
  return figures;
}

Result<Figures> measure_scarce(Store& store, const Plan& plan) {
  tell("ingesting with scarce memory");
  Figures figures;
  WEERBAAR_TRY(store.create());
  Feeder feeder(store, *plan.events);
  WEERBAAR_TRY(feeder.feed(plan.events->count(), static_cast<double>(plan.patience.count())));
  WEERBAAR_TRY(feeder.finish());
  figures.numbers["scarce"] = static_cast<double>(feeder.done()) / feeder.seconds();
  figures.numbers["scarce last"] = feeder.rate_from(feeder.done() - tenth_of(feeder.done()));
  figures.numbers["scarce events"] = static_cast<double>(feeder.done()) / 1e6;
  WEERBAAR_TRY(store.close());
  return figures;
}

}  // namespace weerbaar::benchmarks
