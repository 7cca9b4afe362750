#include "server/import_ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "server/console.h"
#include "trail/format/sha256.h"
#include "trail/store/records.h"

namespace weerbaar::server {
namespace {

using Json = nlohmann::json;

// An import may come between a look at the trail and one at the register.
constexpr int kLooksMax = 5;

std::unexpected<Error> no_record(EntryIndex index) {
  return fail(Code::kCorrupt,
              fmt::format("entry {} is a record of an import and says none: run `weerbaar verify`", index.value()));
}

std::unexpected<Error> differs(const std::string& name, std::string_view what) {
  return fail(Code::kCorrupt,
              fmt::format("{} is not the register that the trail tells of: {}. Nothing can be judged by it: {}", name,
                          what, kRegisterRemedy));
}

bool has_text(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string();
}
bool has_number(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_number_unsigned();
}

bool read_file_of(const Json& json, facts::ImportedFile& file) {
  if (!has_number(json, "import") || !has_text(json, "sha256") || !has_text(json, "origin") ||
      !has_text(json, "format") || !json.contains("tables") || !json["tables"].is_array()) {
    return false;
  }
  file.number = json["import"].get<uint64_t>();
  file.digest = json["sha256"].get<std::string>();
  file.format = json["format"].get<std::string>();
  file.origin = json["origin"].get<std::string>();
  for (const Json& table : json["tables"]) {
    if (!table.is_string()) return false;
    file.tables += (file.tables.empty() ? "" : ", ") + table.get<std::string>();
  }
  if (!json.contains("as_of")) return true;
  if (!has_text(json, "as_of")) return false;
  const auto moment = parse_time(json["as_of"].get<std::string>());
  if (moment) file.snapshot_at = *moment;
  return moment.has_value();
}

bool same_file(const facts::ImportedFile& a, const facts::ImportedFile& b) {
  const auto micros = [](const facts::ImportedFile& of) {
    return of.snapshot_at ? std::optional(of.snapshot_at->micros) : std::nullopt;
  };
  return a.tables == b.tables && a.digest == b.digest && a.format == b.format && a.origin == b.origin &&
         micros(a) == micros(b);
}

}  // namespace

nlohmann::ordered_json json_of(const facts::TableState& state) {
  return {{"facts", state.facts}, {"sha256", state.digest}};
}

Result<ImportLedger> ImportLedger::read(const trail::Trail& trail) {
  struct Record {
    EntryIndex index;
    std::string_view type;
  };
  std::vector<Record> records;
  for (const std::string_view type : {kImportRecord, kImportDoneRecord, kImportUndoneRecord}) {
    WEERBAAR_ASSIGN(const std::vector<EntryIndex> indexes, trail::records_of_type(trail, type));
    for (const EntryIndex index : indexes) records.push_back({index, type});
  }
  std::ranges::sort(records, {}, &Record::index);
  ImportLedger ledger;
  for (const Record& record : records) {
    WEERBAAR_ASSIGN(const std::string body, trail::record_body(trail, record.index));
    if (record.type == kImportRecord) {
      WEERBAAR_TRY(ledger.take_import(body, record.index));
    } else {
      WEERBAAR_TRY(ledger.take_outcome(body, record.type == kImportDoneRecord, record.index));
    }
  }
  return ledger;
}

Status ImportLedger::take_import(std::string_view body, EntryIndex index) {
  const Json json = Json::parse(body, nullptr, false);
  RecordedImport import;
  if (!json.is_object() || !read_file_of(json, import.file)) return no_record(index);
  const auto states = json.find("states");
  // Versions that did not say it did not say either that an import was committed.
  import.says_states = states != json.end();
  import.is_done = !import.says_states;
  if (import.says_states) {
    if (!states->is_object()) return no_record(index);
    for (const auto& [table, state] : states->items()) {
      if (!state.is_object() || !has_number(state, "facts") || !has_text(state, "sha256")) return no_record(index);
      import.states[table] = {state["facts"].get<uint64_t>(), state["sha256"].get<std::string>()};
    }
  }
  // In those versions, an import of which the record stands there and that was never committed is followed by one with
  // its number.
  if (import.file.number > 0 && import.file.number == last()) forget_last();
  if (import.file.number != last() + 1) return no_record(index);
  imports_.push_back(std::move(import));
  return {};
}

Status ImportLedger::take_outcome(std::string_view body, bool is_done, EntryIndex index) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object() || !has_number(json, "import")) return no_record(index);
  const auto number = json["import"].get<uint64_t>();
  // Older versions let the next import be recorded before this one was said to be done.
  if (number == 0 || number > last() || (!is_done && number != last())) return no_record(index);
  if (is_done) {
    imports_[number - 1].is_done = true;
  } else {
    forget_last();
  }
  return {};
}

Status ImportLedger::compare(const std::vector<facts::ImportedFile>& in_register, const std::string& name) const {
  for (size_t i = 0; i < std::min(in_register.size(), imports_.size()); ++i) {
    if (in_register[i].number != i + 1 || !same_file(in_register[i], imports_[i].file)) {
      return differs(name, fmt::format("its import {} is another", i + 1));
    }
  }
  if (in_register.size() == imports_.size()) return {};
  return differs(name, fmt::format("it holds {}, and the trail {}", counted(in_register.size(), "import", "imports"),
                                   imports_.size()));
}

std::optional<facts::TableState> ImportLedger::expected(std::string_view table, uint64_t known_at) const {
  for (uint64_t number = std::min(known_at, last()); number > 0; --number) {
    const RecordedImport& import = imports_[number - 1];
    if (!import.says_states) return std::nullopt;
    if (const auto state = import.states.find(table); state != import.states.end()) return state->second;
  }
  return facts::TableState{};
}

Status ImportLedger::compare(std::string_view table, uint64_t known_at, const facts::TableState& found,
                             const std::string& name) const {
  const std::optional<facts::TableState> right = expected(table, known_at);
  if (!right || *right == found) return {};
  const std::string what =
      right->facts == found.facts
          ? "facts of it were changed"
          : fmt::format("it holds {}, and must hold {}", counted(found.facts, "fact", "facts"), right->facts);
  return differs(
      name, fmt::format("the table \"{}\" as it was known after import {} is another ({})", table, known_at, what));
}

std::string ImportLedger::digest(uint64_t known_at, std::map<std::string, facts::TableState, std::less<>> found) const {
  for (const facts::Table& table : facts::tables()) {
    if (auto state = expected(table.name, known_at)) found[std::string(table.name)] = std::move(*state);
  }
  std::string text;
  for (const auto& [table, state] : found) {
    if (state.facts > 0) text += fmt::format("{} {} {}\n", table, state.facts, state.digest);
  }
  return to_hex(trail::sha256(as_bytes(text)));
}

Result<ImportLedger> ledger_of(facts::Register& facts, const ReadTrail& read) {
  for (int look = 1;; ++look) {
    std::optional<ImportLedger> ledger;
    WEERBAAR_TRY(read([&ledger](const trail::Trail& trail) -> Status {
      WEERBAAR_ASSIGN(ledger, ImportLedger::read(trail));
      return {};
    }));
    WEERBAAR_ASSIGN(const std::vector<facts::ImportedFile> in_register, facts.import_list());
    if (in_register.size() > ledger->last() && look < kLooksMax) continue;
    if (ledger->last_did_not_happen(in_register)) ledger->forget_last();
    WEERBAAR_TRY(ledger->compare(in_register, facts.name()));
    return std::move(*ledger);
  }
}

}  // namespace weerbaar::server
