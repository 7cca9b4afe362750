#include "server/fact_import.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "server/data_directory.h"
#include "server/event_output.h"
#include "server/import_ledger.h"

namespace weerbaar::server {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kDidNotHappen = "it did not happen";
constexpr const char* kRestored = "an older copy of the register was put back";

Status append_outcome(trail::Trail& trail, std::string_view type, uint64_t import, const char* why) {
  Json body = {{"import", import}};
  if (why != nullptr) body["why"] = why;
  WEERBAAR_TRY(trail.append_record(type, to_line(body)));
  WEERBAAR_TRY(trail.sign());
  return {};
}

// Says of the last import what a crash kept from being said.
Status settle_last(trail::Trail& trail, const std::vector<facts::ImportedFile>& in_register, const std::string& name,
                   ImportLedger& ledger) {
  if (!ledger.last_is_open()) return {};
  const uint64_t last = ledger.last();
  if (ledger.last_did_not_happen(in_register)) {
    WEERBAAR_TRY(append_outcome(trail, kImportUndoneRecord, last, kDidNotHappen));
    ledger.forget_last();
    return {};
  }
  WEERBAAR_TRY(ledger.compare(in_register, name));
  return append_outcome(trail, kImportDoneRecord, last, nullptr);
}

// What the tables that it touched held before must be what the trail says.
Status compare_before(const ImportLedger& ledger, const facts::ImportReport& report, const std::string& name) {
  for (const facts::StateChange& change : report.states) {
    WEERBAAR_TRY(ledger.compare(change.table, ledger.last(), change.before, name));
  }
  if (report.number == ledger.last() + 1) return {};
  return fail(Code::kBusy, fmt::format("{}: another import came between: do it again", name));
}

// Of every table, where the trail does not say yet what one holds.
Result<Json> states_of(const ImportLedger& ledger, facts::Register& facts, const facts::ImportReport& report) {
  Json states = Json::object();
  for (const facts::StateChange& change : report.states) states[change.table] = json_of(change.after);
  const auto add = [&](std::string_view table) -> Status {
    if (states.contains(table) || ledger.expected(table, ledger.last())) return {};
    WEERBAAR_ASSIGN(const facts::TableState state, facts.state(table, report.number));
    states[std::string(table)] = json_of(state);
    return {};
  };
  for (const facts::Table& table : facts::tables()) WEERBAAR_TRY(add(table.name));
  for (const std::string_view table : facts::kBesideFacts) WEERBAAR_TRY(add(table));
  return states;
}

// Which file became which import, how, and by whom.
Status record_import(trail::Trail& trail, const facts::Delivery& delivery, const FactOrigin& origin,
                     const facts::ImportReport& report, Json states) {
  const facts::Source& source = origin.source;
  nlohmann::ordered_json body = counts_json(report);
  body["format"] = delivery.format();
  body["tables"] = nlohmann::ordered_json::array();
  for (const facts::Table* table : delivery.tables()) body["tables"].push_back(table->name);
  body["origin"] = source.origin;
  if (source.snapshot_at) body["as_of"] = format_time(*source.snapshot_at);
  body["sha256"] = source.digest;
  if (!origin.mapping_digest.empty()) body["mapping_sha256"] = origin.mapping_digest;
  body["states"] = std::move(states);
  WEERBAAR_TRY(trail.append_record(kImportRecord, to_line(body)));
  Use use;
  use.action = Action::kCreate;
  use.component = "register";
  use.query = fmt::format("import {}", origin.what);
  use.records = report.added + report.corrected + report.withdrawn + report.ended;
  return record_use(trail, use, {});
}

}  // namespace

nlohmann::ordered_json counts_json(const facts::ImportReport& report) {
  return {{"import", report.number},       {"added", report.added},         {"corrected", report.corrected},
          {"unchanged", report.unchanged}, {"withdrawn", report.withdrawn}, {"ended", report.ended},
          {"kept", report.kept},           {"refused", report.refused}};
}

Result<facts::ImportReport> import_facts(const os::Lock& /*turn*/, const WithTrail& with_trail, facts::Register& facts,
                                         facts::Delivery& delivery, const FactOrigin& origin) {
  const auto settle = [&](trail::Trail& trail) -> Status {
    WEERBAAR_ASSIGN(ImportLedger ledger, ImportLedger::read(trail));
    WEERBAAR_ASSIGN(const std::vector<facts::ImportedFile> in_register, facts.import_list());
    WEERBAAR_TRY(settle_last(trail, in_register, facts.name(), ledger));
    return ledger.compare(in_register, facts.name());
  };
  WEERBAAR_TRY(with_trail(settle));
  // The trail is written by others between this and the end of the import; nobody else imports.
  const auto record = [&](const facts::ImportReport& known) -> Status {
    return with_trail([&](trail::Trail& trail) -> Status {
      WEERBAAR_ASSIGN(const ImportLedger ledger, ImportLedger::read(trail));
      WEERBAAR_TRY(compare_before(ledger, known, facts.name()));
      WEERBAAR_ASSIGN(Json states, states_of(ledger, facts, known));
      return record_import(trail, delivery, origin, known, std::move(states));
    });
  };
  WEERBAAR_ASSIGN(facts::ImportReport report, facts.import(delivery, origin.source, record));
  const Status done =
      with_trail([&](trail::Trail& trail) { return append_outcome(trail, kImportDoneRecord, report.number, nullptr); });
  if (!done) return fail_in("the import is in the register, and the next one will say so in the trail", done.error());
  return report;
}

Result<uint64_t> take_restored(const os::Lock& /*turn*/, trail::Trail& trail, facts::Register& facts,
                               const UsePurpose& purpose) {
  WEERBAAR_ASSIGN(ImportLedger ledger, ImportLedger::read(trail));
  WEERBAAR_ASSIGN(const std::vector<facts::ImportedFile> in_register, facts.import_list());
  std::vector<uint64_t> undone;
  while (ledger.last() > in_register.size()) {
    undone.push_back(ledger.last());
    ledger.forget_last();
  }
  WEERBAAR_TRY(ledger.compare(in_register, facts.name()));
  const auto compare = [&](std::string_view table) -> Status {
    WEERBAAR_ASSIGN(const facts::TableState state, facts.state(table, ledger.last()));
    return ledger.compare(table, ledger.last(), state, facts.name());
  };
  for (const facts::Table& table : facts::tables()) WEERBAAR_TRY(compare(table.name));
  for (const std::string_view table : facts::kBesideFacts) WEERBAAR_TRY(compare(table));
  for (const uint64_t import : undone) WEERBAAR_TRY(append_outcome(trail, kImportUndoneRecord, import, kRestored));
  Use use;
  use.action = Action::kUpdate;
  use.component = "register";
  use.query = "restored";
  use.records = undone.size();
  WEERBAAR_TRY(record_use(trail, use, purpose));
  return undone.size();
}

}  // namespace weerbaar::server
