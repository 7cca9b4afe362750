#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "register/register.h"
#include "server/commands.h"
#include "server/fact_import.h"

namespace weerbaar::server {
namespace {

constexpr uint64_t kFactFileBytesMax = uint64_t{4} << 30U;

std::string name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

std::string table_names() {
  std::vector<std::string_view> names;
  for (const facts::Table& table : facts::tables()) names.push_back(table.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

nlohmann::ordered_json counts_of(const facts::ImportReport& report) {
  return {{"import", report.number},
          {"added", report.added},
          {"corrected", report.corrected},
          {"unchanged", report.unchanged},
          {"refused", report.refused}};
}

void tell(const facts::ImportReport& report, const std::string& file, Console& console) {
  for (const facts::Refusal& refusal : report.refusals) {
    console.note(fmt::format("Refused: {}, line {}: {}", file, refusal.line, refusal.why));
  }
  if (report.refused > report.refusals.size()) {
    console.note(fmt::format("… and {} more.", grouped(report.refused - report.refusals.size())));
  }
  if (console.json()) {
    nlohmann::ordered_json json = counts_of(report);
    json["accepted"] = report.added + report.corrected + report.unchanged;
    console.result(to_line(json));
    return;
  }
  console.result(fmt::format(
      "Import {}: {} facts are new, {} take the place of others, {} were there already, {} refused", report.number,
      grouped(report.added), grouped(report.corrected), grouped(report.unchanged), grouped(report.refused)));
}

}  // namespace

Result<int> run_register_import(const RegisterImportOptions& options, Console& console) {
  os::FileSystem& files = os::real_file_system();
  const facts::Table* const table = facts::find_table(options.table);
  if (table == nullptr) {
    return fail(Code::kInvalid, fmt::format("\"{}\" is no table of the register: {}", options.table, table_names()));
  }
  WEERBAAR_ASSIGN(DataDirectory data, DataDirectory::open(files, options.directory, options.keys));
  WEERBAAR_ASSIGN(const Bytes file, os::read_file(files, options.file, kFactFileBytesMax));
  WEERBAAR_ASSIGN(const std::unique_ptr<trail::Trail> trail, data.open_trail());
  WEERBAAR_ASSIGN(const std::unique_ptr<facts::Register> facts, data.open_register());
  auto report = import_facts(*trail, *facts, *table, name_of(options.file), file);
  if (!report) return fail_in(options.file, report.error());
  tell(*report, options.file, console);
  return report->refused == 0 ? kExitYes : kExitNegative;
}

}  // namespace weerbaar::server
