#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "server/commands.h"
#include "server/cosigned_files.h"

namespace weerbaar::server {
namespace {

using service::Cosigned;

struct Row {
  std::string name;
  std::optional<Cosigned::Last> last;
  std::optional<TreeSize> refused;
};

std::string time_of(uint64_t unix_seconds) {
  return format_time({static_cast<int64_t>(unix_seconds) * kMicrosPerSecond, 0});
}

nlohmann::ordered_json json_of(const Row& row, uint64_t signed_size) {
  nlohmann::ordered_json json = {{"witness", row.name}};
  if (row.refused) json["refuses_after"] = row.refused->value();
  if (!row.last) return json;
  const uint64_t size = row.last->checkpoint.size.value();
  json["size"] = size;
  json["time"] = time_of(row.last->unix_seconds);
  json["behind"] = signed_size - std::min(signed_size, size);
  json["ahead"] = size - std::min(signed_size, size);
  return json;
}

std::string line_of(const Row& row, uint64_t signed_size) {
  if (row.refused) {
    return fmt::format(
        "{:<20} refuses the log, of which it cosigned {} entries that were others: they were lost, put "
        "back or changed",
        row.name, grouped(row.refused->value()));
  }
  if (!row.last) return fmt::format("{:<20} never cosigned", row.name);
  const uint64_t size = row.last->checkpoint.size.value();
  std::string line =
      fmt::format("{:<20} cosigned {} entries at {}", row.name, grouped(size), time_of(row.last->unix_seconds));
  if (size < signed_size) line += fmt::format("; {} came since", grouped(signed_size - size));
  if (size > signed_size) {
    line += fmt::format("; the log has {} fewer: entries were lost or put back", grouped(size - signed_size));
  }
  return line;
}

// The last signed checkpoint of the log, while a server may be writing it.
Result<trail::Checkpoint> signed_checkpoint(const DataDirectory& data) {
  const std::string file = os::join(data.trail_path(), "checkpoint");
  WEERBAAR_ASSIGN(const Bytes note, os::read_file(data.files(), file, trail::kNoteBytesMax));
  WEERBAAR_ASSIGN(const trail::VerifierKey key, data.verifier_key());
  auto checkpoint = trail::open_checkpoint(as_text(note), key, data.settings().origin);
  if (!checkpoint) return fail_in(file, checkpoint.error());
  return checkpoint;
}

}  // namespace

Result<int> run_witnesses(const WitnessesOptions& options, Console& console) {
  WEERBAAR_ASSIGN(const DataDirectory data, DataDirectory::open(os::real_file_system(), options.directory, ""));
  const LogSettings& settings = data.settings().serve.log;
  WEERBAAR_ASSIGN(const trail::Checkpoint newest, signed_checkpoint(data));
  WEERBAAR_ASSIGN(service::CosignedOptions kept, cosigned_options(data));
  kept.writable = false;
  WEERBAAR_ASSIGN(const std::unique_ptr<Cosigned> cosigned, Cosigned::open(kept));
  const uint64_t size = newest.size.value();
  const auto under = cosigned->under_quorum();
  const bool is_met = settings.witness_quorum == 0 || under.has_value();
  bool is_other_log = false;
  for (const auto& witness : kept.witnesses) {
    const Row row{witness.name, cosigned->last(witness.name), cosigned->refused(witness.name)};
    is_other_log = is_other_log || row.refused || (row.last && row.last->checkpoint.size > newest.size);
    console.result(console.json() ? json_of(row, size).dump() : line_of(row, size));
  }
  if (console.json()) {
    nlohmann::ordered_json json = {{"quorum", settings.witness_quorum}, {"met", is_met}, {"signed_size", size}};
    if (under) json["size"] = under->checkpoint.size.value();
    if (under) json["time"] = time_of(under->unix_seconds);
    console.result(json.dump());
  } else if (kept.witnesses.empty()) {
    console.result("No witness is in the settings: docs/operate/witness.md says how to have the log cosigned.");
  } else {
    const std::string met = under ? fmt::format("{} entries are under it, since {}",
                                                grouped(under->checkpoint.size.value()), time_of(under->unix_seconds))
                                  : std::string("it was never met");
    console.result(fmt::format("Quorum: {} of {}; {}. The log has signed {}.", settings.witness_quorum,
                               kept.witnesses.size(), settings.witness_quorum == 0 ? "none is asked" : met,
                               grouped(size)));
  }
  return is_met && !is_other_log ? kExitYes : kExitNegative;
}

}  // namespace weerbaar::server
