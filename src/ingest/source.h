// A source adapter turns the bytes of one input into access events. One folder a source under ingest/sources/; the list
// of them is ingest/registry.cpp. How to add one: docs/howto/add-a-source.md.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "domain/access_event.h"

namespace weerbaar::ingest {

// A line or record that did not become an event. The input goes on behind it.
struct Refusal {
  uint64_t line;         // number of the first line of the record, from 1; 0 when it is not known
  std::string reason;    // what is wrong and what to do; never repeats the content
  std::string raw;       // the record as it came, for the quarantine (cut at Output::raw_bytes_max)
  bool is_cut = false;   // more came than `raw` keeps
  uint64_t records = 1;  // that were refused with it: one that holds others takes them along
};

// A number that the sender gave a record, so that who takes it in can tell that one is missing. Records are numbered by
// one, and whoever begins anew does so with times that are later.
struct Numbered {
  uint64_t counter = 0;  // which of those that the sender has: counter_of() its name; 0: it has one
  uint64_t number = 0;
  Time time;  // of the record
};

// The first 8 bytes of the SHA-256 of a name: what a sender calls its counters may be anything, and is kept nowhere.
uint64_t counter_of(std::string_view name);

// Why an event of another source than `own` is refused.
std::string another_source(std::string_view own);

// What an adapter has made so far. The driver takes it away and clears it between calls.
struct Output {
  EventBatch events;
  std::vector<Refusal> refusals;
  uint64_t accepted = 0;  // events that went through accept()
  // Of adapters that pass over records that tell of no access: all that came, and the numbers of those that have one.
  uint64_t records = 0;
  std::vector<Numbered> numbers;
  // What comes in writes as nobody else: accept() refuses events of another source. Empty: of any.
  std::string only_source;
  size_t raw_bytes_max = kLineBytesMax;  // that are kept of what is refused

  // Adds an event that obeys validate() and is of `only_source`; refuses it, with the rule that it breaks, else. `line`
  // and `raw` are those of the record that it was read from. The texts of the event must be kept in `events` already.
  void accept(const AccessEvent& event, uint64_t line, std::string_view raw);
  void refuse(uint64_t line, std::string reason, std::string_view raw);
};

class Source {
 public:
  virtual ~Source() = default;

  // Takes the next piece of the input, cut anywhere, even inside a character. Results do not depend on the cuts.
  // Every byte ends up in an event, in a refusal, or is known to carry none (a header, a blank line, another log line).
  virtual void feed(std::string_view bytes, Output& output) = 0;

  // The input has ended: whatever was held back comes out.
  virtual void finish(Output& output) = 0;
};

struct SourceOptions {
  std::string mapping;       // content of the mapping file (TOML), empty when none was given
  std::string mapping_name;  // its name, for error texts
};

// kInvalid with file, line, column and remedy when the mapping is wrong.
using SourceFactory = Result<std::unique_ptr<Source>> (*)(const SourceOptions& options);

}  // namespace weerbaar::ingest
