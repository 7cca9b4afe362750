// The list of source formats: what `--format` takes.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "ingest/source.h"

namespace weerbaar::ingest {

struct SourceFormat {
  std::string_view name;         // for --format
  std::string_view description;  // one line, for people
  bool mapping_required;         // it reads nothing without a mapping file
  SourceFactory create;
};

// All formats, in the order in which help shows them.
std::span<const SourceFormat> source_formats();

// A source for one input. kInvalid when there is no such format (the text lists those there are), when a mapping that
// it needs is missing, and when the mapping is wrong.
Result<std::unique_ptr<Source>> make_source(std::string_view format, const SourceOptions& options);

}  // namespace weerbaar::ingest
