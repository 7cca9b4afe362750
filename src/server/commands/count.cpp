#include "trail/store/count.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/commands.h"
#include "server/event_output.h"

namespace weerbaar::server {
namespace {

void print_json(const std::vector<trail::CountField>& fields, const std::vector<trail::CountGroup>& groups,
                Console& console) {
  for (const trail::CountGroup& group : groups) {
    nlohmann::ordered_json line;
    for (size_t i = 0; i < fields.size(); ++i) line[std::string(to_string(fields[i]))] = group.values[i];
    line["count"] = group.events;
    console.result(line.dump());
  }
}

void print_table(const std::vector<trail::CountField>& fields, const std::vector<trail::CountGroup>& groups,
                 Console& console) {
  std::vector<size_t> widths;
  for (size_t i = 0; i < fields.size(); ++i) {
    size_t width = to_string(fields[i]).size();
    for (const trail::CountGroup& group : groups) width = std::max(width, group.values[i].size());
    widths.push_back(width);
  }
  std::string heading;
  for (size_t i = 0; i < fields.size(); ++i) heading += fmt::format("{:<{}}  ", to_string(fields[i]), widths[i]);
  console.result(heading + fmt::format("{:>12}", "accesses"));
  uint64_t total = 0;
  for (const trail::CountGroup& group : groups) {
    std::string line;
    for (size_t i = 0; i < fields.size(); ++i) line += fmt::format("{:<{}}  ", printable(group.values[i]), widths[i]);
    console.result(line + fmt::format("{:>12}", grouped(group.events)));
    total += group.events;
  }
  console.note(fmt::format("{}, {}. Times are UTC.", counted(groups.size(), "group", "groups"),
                           counted(total, "access", "accesses")));
}

}  // namespace

Result<int> run_count(const CountOptions& options, Console& console) {
  trail::CountQuery query;
  WEERBAAR_ASSIGN(query.group_by, trail::parse_group_by(options.group_by));
  WEERBAAR_ASSIGN(query.where, trail::parse_where(options.where));
  WEERBAAR_ASSIGN(DataDirectory data, DataDirectory::open(os::real_file_system(), options.directory, options.keys));
  WEERBAAR_ASSIGN(const std::unique_ptr<trail::Trail> trail, data.open_trail());
  WEERBAAR_ASSIGN(const std::vector<trail::CountGroup> groups, trail::count(*trail, query));
  Use use;
  use.component = "count";
  use.query = options.where.empty() ? "group by " + options.group_by
                                    : fmt::format("group by {} where {}", options.group_by, options.where);
  use.records = groups.size();
  WEERBAAR_TRY(record_use(*trail, use, options.purpose));
  if (console.json()) {
    print_json(query.group_by, groups, console);
  } else {
    print_table(query.group_by, groups, console);
  }
  return kExitYes;
}

}  // namespace weerbaar::server
