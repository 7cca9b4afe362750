#include "ingest/sources/syslog/column.h"

#include <algorithm>
#include <array>

#include "ingest/sources/syslog/cef.h"

namespace weerbaar::ingest::syslog {
namespace {

struct Named {
  std::string_view name;
  Part part;
};
constexpr Named kOfHeader[] = {{"facility", Part::kFacility}, {"severity", Part::kSeverity}, {"time", Part::kTime},
                               {"host", Part::kHost},         {"app", Part::kApp},           {"procid", Part::kProcid},
                               {"msgid", Part::kMsgid},       {"msg", Part::kContent}};
// The longer of two that begin alike first.
constexpr Named kPrefixes[] = {{"sd.", Part::kStructuredData},
                               {"cef.label.", Part::kCefLabel},
                               {"cef.", Part::kCefExtension},
                               {"json.", Part::kJson},
                               {"pair.", Part::kPair}};
constexpr std::array<std::string_view, kCefHeaders> kCefHeaderNames = {
    "version", "vendor", "product", "device_version", "signature_id", "name", "severity"};

std::vector<std::string> split_at_dots(std::string_view text) {
  std::vector<std::string> parts;
  while (true) {
    const size_t dot = text.find('.');
    parts.emplace_back(text.substr(0, dot));
    if (dot == std::string_view::npos) return parts;
    text.remove_prefix(dot + 1);
  }
}

}  // namespace

std::optional<Column> parse_column(std::string_view name) {
  for (const Named& known : kOfHeader) {
    if (name == known.name) return Column{known.part, {}, 0, {}};
  }
  for (const Named& prefix : kPrefixes) {
    if (!name.starts_with(prefix.name) || name.size() == prefix.name.size()) continue;
    Column column{prefix.part, std::string(name.substr(prefix.name.size())), 0, {}};
    if (column.part == Part::kJson) column.path = split_at_dots(column.name);
    if (column.part == Part::kStructuredData && column.name.find('.') == std::string::npos) return std::nullopt;
    if (column.part == Part::kCefExtension) {
      const auto* header = std::ranges::find(kCefHeaderNames, column.name);
      if (header != kCefHeaderNames.end()) {
        column.part = Part::kCefHeader;
        column.cef_header = static_cast<size_t>(header - kCefHeaderNames.begin());
      }
    }
    return column;
  }
  return std::nullopt;
}

std::string_view column_names() {
  return "facility, severity, time, host, app, procid, msgid, msg, sd.ELEMENT.PARAMETER, cef.vendor, cef.product, "
         "cef.signature_id and the like, cef.KEY, cef.label.LABEL, json.MEMBER.MEMBER, pair.KEY";
}

}  // namespace weerbaar::ingest::syslog
