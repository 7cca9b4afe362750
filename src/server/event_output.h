// Access events from the trail, as people and programs read them.
#pragma once

#include <array>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/strong.h"
#include "server/checks.h"
#include "server/console.h"
#include "trail/format/problem.h"
#include "trail/store/trail.h"

namespace weerbaar::server {

struct ShownEvent {
  EntryIndex index;
  uint64_t marks = 0;  // trail::kMark…
  EventBatch batch;    // holds exactly the event
  std::optional<ShownVerdict> verdict;
  std::string why;  // JSON: the facts that the verdict rests on; empty: not asked

  [[nodiscard]] const AccessEvent& event() const { return batch.events()[0]; }
};

// The event at an index, with identities when `disclosure` asks and the key of its period is there. kInvalid when the
// entry is no access event.
Result<ShownEvent> show_event(const trail::Trail& trail, EntryIndex index, trail::Disclosure disclosure);

// Adds the persons whom these entries name to `persons`, each once: whom an answer with identities bares. Their texts
// live in `memory`.
Status add_persons(const trail::Trail& trail, std::span<const EntryIndex> entries, EventBatch& memory,
                   std::vector<Subject>& persons);

// As a table for people shows it, in which parts of a second would only be wide.
std::string to_the_second(Time time);

// JSON Lines, or a table for people.
class EventTable {
 public:
  explicit EventTable(Console& console) : console_(console) {}
  void add(const ShownEvent& shown);
  // Writes the table.
  void finish();

 private:
  static constexpr size_t kColumns = 9;
  using Row = std::array<std::string, kColumns>;

  Console& console_;
  std::vector<Row> rows_;
};

// What a check found, as an array of {"where", "what"}.
nlohmann::ordered_json json_of(std::span<const trail::Problem> problems);

// Text that holds control characters, or turns the direction of writing, made harmless for a terminal.
std::string printable(std::string_view text);

}  // namespace weerbaar::server
