// What an organisation says about the messages of one sender: the TOML file that goes with `--mapping`. It has the
// rules of docs/formats/mapping.md, and says besides which messages tell of an access: docs/formats/syslog.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ingest/source.h"
#include "ingest/sources/delimited/mapping.h"
#include "ingest/sources/delimited/time_zone.h"
#include "ingest/sources/syslog/column.h"
#include "ingest/sources/syslog/content.h"
#include "os/file_system.h"

namespace weerbaar::ingest::syslog {

// One column has one of these texts.
struct Condition {
  Column column;
  std::vector<std::string> texts;
};

struct Mapping {
  delimited::Mapping event;
  std::vector<Column> columns;  // what event.columns are, in their order
  Wanted wanted;

  // A message tells of an access when all conditions of one of these hold. None: every message does.
  std::vector<std::vector<Condition>> accesses;

  // Where a message has its number, and the name of what counts: a sender may pass on several that do. Texts of the
  // header, or structured data.
  std::optional<Column> sequence;
  std::optional<Column> counter;

  // For times of RFC 3164, which lack both.
  std::optional<delimited::TimeZone> zone;
  std::optional<int64_t> year;
  bool year_of_receipt = false;
};

// kInvalid with the name of the file, for most faults also line and column, and the remedy.
Result<Mapping> read_mapping(const SourceOptions& options, os::FileSystem& files);

}  // namespace weerbaar::ingest::syslog
