#include "trail/package/tiles.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "server/commands.h"

namespace weerbaar::server {

Result<int> run_tiles(const TilesOptions& options, Console& console) {
  WEERBAAR_ASSIGN(DataDirectory data, DataDirectory::open(os::real_file_system(), options.directory, options.keys));
  WEERBAAR_TRY(data.check_output("OUT", options.output));
  WEERBAAR_ASSIGN(const std::unique_ptr<trail::Trail> trail, data.open_trail());
  Use use;
  use.action = Action::kExport;
  use.component = "tiles";
  use.records = trail->size().value();
  WEERBAAR_TRY(record_use(*trail, use, options.purpose));
  WEERBAAR_ASSIGN(const trail::TilesReport report, trail::export_tiles(*trail, data.files(), options.output));
  if (console.json()) {
    const nlohmann::ordered_json json = {{"size", report.size.value()}, {"root", to_base64(report.root)}};
    console.result(json.dump());
    return kExitYes;
  }
  console.result(fmt::format("{} holds the log of {} as tlog-tiles ({} written); root {}", options.output,
                             counted(report.size.value(), "entry", "entries"),
                             counted(report.files_written, "file", "files"), to_base64(report.root)));
  return kExitYes;
}

}  // namespace weerbaar::server
