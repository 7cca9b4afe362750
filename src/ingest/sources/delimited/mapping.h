// The mapping file: how the columns of an old system's log become access events. Its form: docs/formats/mapping.md. The
// syslog source uses it too: there a column is a named part of a message.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "csv/record_splitter.h"
#include "ingest/source.h"
#include "ingest/sources/delimited/code_page.h"
#include "ingest/sources/delimited/field.h"
#include "ingest/sources/delimited/time_format.h"
#include "ingest/sources/delimited/time_zone.h"
#include "os/file_system.h"

namespace weerbaar::ingest::delimited {

enum class Format : uint8_t { kCsv, kFixed, kSyslog };
enum class Trim : uint8_t { kNone, kRight, kBoth };
// Which moment a time means that came twice when the clock went back.
enum class Ambiguous : uint8_t { kEarlier, kLater, kRefuse };

inline constexpr size_t kMappingBytesMax = 1 << 20;

struct Column {
  std::string name;
  size_t start = 0;   // fixed: characters before it
  size_t length = 0;  // fixed: in characters
};

// One text; several only for `data`.
using Texts = std::vector<std::string>;

// How a text is made from the cells of a record. In this order: join, see whether it is empty, look up, pad.
struct Rule {
  std::optional<Texts> constant;                      // then nothing else counts
  std::vector<size_t> columns;                        // indices into Mapping::columns
  std::string separator = " ";                        // between the cells of several columns
  std::vector<std::string> empty;                     // texts that mean: nothing there
  std::vector<std::pair<std::string, Texts>> values;  // ascending by the first
  bool mapped = false;                                // a text that is not in `values` is refused
  std::optional<Texts> fallback;                      // for an empty text, and one that is not in `values`
  size_t pad = 0;                                     // digits only: zeros in front up to this length
};

struct FieldRule {
  const Field* field;
  Rule rule;
};

struct TimeRule {
  Rule rule;
  TimeFormat format;
  std::optional<TimeZone> zone;  // nothing when the text itself tells its offset
  std::string zone_name;
  Ambiguous ambiguous = Ambiguous::kEarlier;
};

struct SubjectRule {
  Rule type;
  Rule id;
  std::optional<Rule> role;
};

struct AttributeRule {
  std::string key;
  Rule rule;
  bool is_json = false;  // the text is a JSON number or boolean, not a string
};

struct Mapping {
  std::string name;  // of the file
  Format format = Format::kCsv;
  std::string source;
  const CodePage* code_page = nullptr;
  csv::Dialect dialect;
  Trim trim = Trim::kNone;

  bool header = true;            // csv: the first record names the columns
  size_t record_length = 0;      // fixed: bytes of a record without line end; 0: records are lines
  bool pad_short_lines = false;  // fixed lines: what a line lacks at its end is spaces

  // csv with header and syslog: those the rules name; csv without: all, in their order; fixed: all that are defined.
  std::vector<Column> columns;

  bool id_by_hash = false;
  size_t hashed_records_recent = 0;  // 0: the hashes of all records are kept; else of about so many
  std::vector<FieldRule> fields;
  std::optional<TimeRule> time;
  std::optional<Rule> data;
  std::vector<SubjectRule> subjects;
  std::vector<AttributeRule> attributes;
};

// Reads a mapping for one format. Zones come from `files`. kInvalid, with "name:line:column: " in front, when the text
// is not TOML, when a key is unknown, missing or of the wrong type, when a column is not defined, when columns overlap,
// and when a constant is no value of its field.
Result<Mapping> read_mapping(const SourceOptions& options, Format format, os::FileSystem& files);

}  // namespace weerbaar::ingest::delimited
