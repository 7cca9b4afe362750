#include "server/fact_import.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "os/process.h"
#include "server/data_directory.h"
#include "trail/format/sha256.h"

namespace weerbaar::server {
namespace {

constexpr std::string_view kImportRecord = "register import";

// What goes into the trail before the facts count: which file became which import, and by whom.
Status record_import(trail::Trail& trail, const facts::Table& table, const facts::Source& source,
                     const facts::ImportReport& report) {
  const nlohmann::ordered_json body = {{"import", report.number},       {"added", report.added},
                                       {"corrected", report.corrected}, {"unchanged", report.unchanged},
                                       {"refused", report.refused},     {"table", table.name},
                                       {"file", source.name},           {"sha256", source.digest}};
  WEERBAAR_TRY(trail.append_record(kImportRecord, body.dump()));
  Use use;
  use.action = Action::kCreate;
  use.component = "register";
  use.query = fmt::format("import {}", table.name);
  use.records = report.added + report.corrected;
  return record_use(trail, use, {});
}

}  // namespace

Result<facts::ImportReport> import_facts(trail::Trail& trail, facts::Register& facts, const facts::Table& table,
                                         const std::string& name, ByteView file) {
  const facts::Source source{name, to_hex(trail::sha256(file)), os::user_name(), os::now()};
  return facts.import(table, as_text(file), source,
                      [&](const facts::ImportReport& known) { return record_import(trail, table, source, known); });
}

}  // namespace weerbaar::server
