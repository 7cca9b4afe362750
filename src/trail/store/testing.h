// Events for tests: varied in every field, the same for the same seed.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "domain/access_event.h"

namespace weerbaar::trail::testing {

// Events numbered from `first`; ids are unique within their source. Every field is filled in some of them.
class EventMaker {
 public:
  explicit EventMaker(uint64_t seed = 1) : random_(seed) {}

  // Adds `count` events to the batch.
  void make(uint64_t first, size_t count, EventBatch& batch) {
    for (uint64_t n = first; n < first + count; ++n) batch.add(make_one(n, batch));
  }

 private:
  uint64_t below(uint64_t limit) { return random_() % limit; }
  bool one_in(uint64_t n) { return below(n) == 0; }

  static std::string digits(uint64_t number, size_t width) {
    std::string text = std::to_string(number);
    return std::string(width > text.size() ? width - text.size() : 0, '0') + text;
  }

  AccessEvent make_one(uint64_t n, EventBatch& batch) {
    AccessEvent event;
    const std::string systems[] = {"BVR", "INNING", "BRIEVEN", "KLANTBEELD"};
    event.source = batch.keep("source-" + std::to_string(n % 3));
    // One source counts, the others do not.
    event.id =
        n % 3 == 0 ? batch.keep("run-" + digits(n, 9)) : batch.keep("x" + std::to_string(n * 0x9E3779B97F4A7C15U));
    event.time.micros = 1'772'438'400'000'000 + static_cast<int64_t>(n * 731'000 + below(5'000'000));
    if (one_in(50)) event.time.nanos = static_cast<uint16_t>(below(1'000));
    const uint64_t employee = below(40) * below(40);
    event.actor.id = batch.keep("u" + digits(100'000 + employee, 6));
    if (employee % 2 == 0) event.actor.unit = batch.keep("unit-" + std::to_string(employee % 7));
    if (employee % 3 == 0) event.actor.function = "inspecteur";
    if (one_in(40)) event.actor.type = ActorType::kService;
    if (one_in(60)) event.actor.on_behalf_of = "u100001";
    event.action = static_cast<Action>(below(12));
    event.system = batch.keep(systems[below(4)]);
    event.component = batch.keep(std::string(event.system) + digits(below(9), 4));
    add_subjects(event, batch);
    const std::string_view data[] = {"address", "income"};
    if (!one_in(3)) event.data = batch.keep(std::span<const std::string_view>(data, 1 + below(2)));
    if (one_in(5)) event.query = batch.keep("naam = ? en postcode " + std::to_string(below(100)));
    if (!one_in(3)) event.records = below(20);
    if (one_in(3)) event.purpose.case_id = batch.keep("Z-2026-" + digits(below(5'000), 7));
    if (one_in(30)) event.purpose.reason = "spoed: burger aan de balie";
    event.purpose.break_glass = one_in(30);
    if (one_in(4)) event.purpose.processing_activity = "https://example.org/activity/1";
    if (one_in(9)) event.outcome = Outcome::kDenied;
    event.workplace.terminal = batch.keep("T" + digits(employee, 4));
    if (one_in(4)) event.workplace.ip = "10.1.2.3";
    if (one_in(8)) {
      event.trace.trace_id = batch.keep(digits(n, 16));
      event.trace.span_id = batch.keep(digits(n, 8));
    }
    const Attribute attributes[] = {{"printer", "\"P1\""}, {"copies", "2"}, {"late", "true"}};
    if (one_in(6)) event.attributes = batch.keep(std::span<const Attribute>(attributes, 1 + below(3)));
    return event;
  }

  void add_subjects(AccessEvent& event, EventBatch& batch) {
    std::vector<Subject> subjects;
    const size_t count = one_in(10) ? below(6) : 1;
    for (size_t i = 0; i < count; ++i) {
      const uint64_t person = below(300) * below(300);
      if (one_in(8)) {
        subjects.push_back({SubjectType::kVehicle, batch.keep("AB-" + digits(person, 4)), ""});
      } else {
        subjects.push_back(
            {SubjectType::kBsn, batch.keep(digits(person * 7'919 % 1'000'000'000, 9)), one_in(20) ? "partner" : ""});
      }
    }
    event.subjects = batch.keep(std::span<const Subject>(subjects));
  }

  std::mt19937_64 random_;
};

}  // namespace weerbaar::trail::testing
