#include "server/fact_import.h"

#include <fmt/format.h>

#include "server/data_directory.h"
#include "server/event_output.h"

namespace weerbaar::server {
namespace {

constexpr std::string_view kImportRecord = "register import";

// Which file became which import, how, and by whom.
Status record_import(trail::Trail& trail, const facts::Delivery& delivery, const FactOrigin& origin,
                     const facts::ImportReport& report) {
  const facts::Source& source = origin.source;
  nlohmann::ordered_json body = counts_json(report);
  body["format"] = delivery.format();
  body["tables"] = nlohmann::ordered_json::array();
  for (const facts::Table* table : delivery.tables()) body["tables"].push_back(table->name);
  body["origin"] = source.origin;
  if (source.snapshot_at) body["as_of"] = format_time(*source.snapshot_at);
  body["sha256"] = source.digest;
  if (!origin.mapping_digest.empty()) body["mapping_sha256"] = origin.mapping_digest;
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

Result<facts::ImportReport> import_facts(trail::Trail& trail, facts::Register& facts, facts::Delivery& delivery,
                                         const FactOrigin& origin) {
  return facts.import(delivery, origin.source,
                      [&](const facts::ImportReport& known) { return record_import(trail, delivery, origin, known); });
}

}  // namespace weerbaar::server
