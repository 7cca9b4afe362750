// The named parts of a message that a mapping can use as columns.
//
//   facility severity time host app procid msgid msg     of the header, and the content as it is
//   sd.<element>.<parameter>                             structured data
//   cef.version … cef.severity                           the header of a CEF record
//   cef.<key>, cef.label.<label>                         its extension; the value of the key whose …Label says so
//   json.<member>.<member>                               a member of a JSON object; a number counts in an array, from 0
//   pair.<key>                                           key=value
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weerbaar::ingest::syslog {

enum class Part : uint8_t {
  kFacility,
  kSeverity,
  kTime,
  kHost,
  kApp,
  kProcid,
  kMsgid,
  kContent,
  kStructuredData,
  kCefHeader,
  kCefExtension,
  kCefLabel,
  kJson,
  kPair
};

struct Column {
  Part part;
  std::string name;               // behind the prefix
  size_t cef_header = 0;          // of kCefHeader
  std::vector<std::string> path;  // of kJson
};

// Nothing when it is no such name.
std::optional<Column> parse_column(std::string_view name);
// What a name may be, for error texts.
std::string_view column_names();

}  // namespace weerbaar::ingest::syslog
