#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "domain/access_event_json.h"
#include "ingest/intake.h"
#include "ingest/registry.h"
#include "os/process.h"
#include "server/append_queue.h"
#include "server/commands.h"
#include "server/event_output.h"

namespace weerbaar::server {
namespace {

constexpr uint64_t kMappingBytesMax = 1 << 20;

Result<ingest::ReadBytes> input_of(const std::string& name) {
  WEERBAAR_ASSIGN(const std::shared_ptr<os::InputStream> stream, os::open_input(name));
  return [stream](std::span<uint8_t> buffer) { return stream->read(buffer); };
}

// Silence would leave open whether the input was read at all.
void say_when_empty(const std::string& name, const ingest::IntakeCounts& counts, Console& console) {
  if (counts.accepted + counts.refused > 0) return;
  const char* const what =
      counts.bytes_read == 0 ? "empty: no records" : "no records: nothing in it tells of an access";
  console.note(printable(fmt::format("{}: {}", name, what)));
}

// Reasons hold no personal data, but names of columns and files come from outside.
void say_refusals(const ingest::Quarantine& quarantine, uint64_t refused, Console& console) {
  if (refused == 0) return;
  for (const std::string& refusal : quarantine.first()) console.note("Refused: " + printable(refusal));
  const size_t told = quarantine.first().size();
  if (refused > told) console.note(fmt::format("… and {} more.", grouped(refused - told)));
  console.note(fmt::format("What was refused is kept, with the reason, in {}", quarantine.path()));
}

void say(const IngestOptions& options, const AppendQueue::Totals& totals, uint64_t refused, const trail::Trail& trail,
         EntryIndex first, Console& console) {
  if (console.json()) {
    const nlohmann::ordered_json json = {{"accepted", totals.accepted},
                                         {"duplicate", totals.duplicates},
                                         {"refused", refused},
                                         {"first_index", first.value()},
                                         {"size", trail.checkpoint().size.value()},
                                         {"root", to_base64(trail.checkpoint().root)}};
    console.result(json.dump());
    return;
  }
  console.result(fmt::format("{} accepted, {} taken before, {} refused.", counted(totals.accepted, "event", "events"),
                             grouped(totals.duplicates), counted(refused, "record", "records")));
  console.result(fmt::format("The trail holds {}; signed root {}", counted(trail.size().value(), "entry", "entries"),
                             to_base64(trail.checkpoint().root)));
  if (!options.receipt.empty()) console.note(fmt::format("The signed checkpoint is in {}", options.receipt));
}

}  // namespace

Result<int> run_ingest(const IngestOptions& options, Console& console) {
  os::FileSystem& files = os::real_file_system();
  ingest::SourceOptions source_options;
  if (!options.mapping.empty()) {
    WEERBAAR_ASSIGN(const Bytes mapping, os::read_file(files, options.mapping, kMappingBytesMax));
    source_options = {std::string(as_text(mapping)), options.mapping};
  }
  // The mapping and the names are checked before anything is touched.
  WEERBAAR_TRY(ingest::make_source(options.format, source_options));
  for (const std::string& name : options.files) {
    if (name == "-" || files.exists(name)) continue;
    return fail(Code::kNotFound,
                fmt::format("{}: there is no such file, or no right to see it; nothing was taken in", name));
  }
  WEERBAAR_ASSIGN(DataDirectory data, DataDirectory::open(files, options.directory, options.keys));
  if (!options.receipt.empty()) WEERBAAR_TRY(data.check_output("--receipt", options.receipt));
  WEERBAAR_ASSIGN(const std::unique_ptr<trail::Trail> trail, data.open_trail_for_long());
  if (trail->recovery().torn_bytes > 0) {
    console.note(
        fmt::format("After a crash what was there of a batch that was never acknowledged was cut off, {}: its source "
                    "will send it again.",
                    counted(trail->recovery().torn_bytes, "byte", "bytes")));
  }
  if (trail->recovery().behind > 0) {
    console.note(
        fmt::format("Durable but not yet under a signature when the last process ended: {}; this one signs them.",
                    counted(trail->recovery().behind, "entry", "entries")));
  }
  const EntryIndex first(trail->size().value());
  WEERBAAR_ASSIGN(ingest::Quarantine quarantine, ingest::Quarantine::create(files, data.path(), "refused"));
  WEERBAAR_ASSIGN(ingest::Quarantine too_late, ingest::Quarantine::create(files, data.path(), "refused-by-trail"));
  uint64_t refused = 0;
  AppendQueue queue(*trail, [&too_late](const AccessEvent& event, const Error& why) {
    return too_late.add({0, fmt::format("event {}: {}", event.id, why.text), to_json(event)}, event.source);
  });
  const std::vector<std::string> inputs = options.files.empty() ? std::vector<std::string>{"-"} : options.files;
  for (const std::string& name : inputs) {
    WEERBAAR_ASSIGN(const std::unique_ptr<ingest::Source> source, ingest::make_source(options.format, source_options));
    WEERBAAR_ASSIGN(const ingest::ReadBytes read, input_of(name));
    const std::string shown = name == "-" ? "standard input" : name;
    uint64_t taken = 0;
    ingest::Intake intake(
        shown, *source,
        [&](EventBatch& events) {
          taken += events.size();
          console.progress(fmt::format("{}: {} events", shown, grouped(taken)));
          return queue.give(events);
        },
        quarantine);
    WEERBAAR_TRY(ingest::take_in(read, intake));
    say_when_empty(shown, intake.counts(), console);
    refused += intake.counts().refused;
  }
  WEERBAAR_ASSIGN(const AppendQueue::Totals totals, queue.finish());
  WEERBAAR_TRY(too_late.sync());
  WEERBAAR_TRY(trail->finish_sealing());
  WEERBAAR_ASSIGN(const std::string note, trail->sign());
  if (!options.receipt.empty()) WEERBAAR_TRY(os::write_file_atomically(files, options.receipt, as_bytes(note)));
  say_refusals(quarantine, refused, console);
  say_refusals(too_late, totals.refused, console);
  refused += totals.refused;
  say(options, totals, refused, *trail, first, console);
  return refused == 0 ? kExitYes : kExitNegative;
}

}  // namespace weerbaar::server
