// The mapping file of the otlp source: optional, TOML.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "ingest/source.h"

namespace weerbaar::ingest::otlp {

inline constexpr size_t kActorAttributesMax = 16;

struct Mapping {
  std::string source;  // `source` of every event; empty: the service.name of its resource
  std::string system;  // `system` of every event that does not name one itself; empty: the service.name
  // An LDV line without a user, and an audit record without a line, are taken as far as they go; else refused.
  bool halves_may_come_alone = false;
  // The accesses of several users or to several persons within one span are taken; else refused.
  bool spans_may_hold_several = false;
  // Attributes that name the user, the most trusted first.
  std::vector<std::string> actor_attributes = {"weerbaar.actor.id", "enduser.id", "user.id"};
};

// Reads `options.mapping`; the defaults when it is empty. kInvalid with file, line, column and remedy.
Result<Mapping> read_mapping(const SourceOptions& options);

}  // namespace weerbaar::ingest::otlp
