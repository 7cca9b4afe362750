// manifest.json of an evidence package: what was asked, and every other file with its hash. One form for one content.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "trail/format/sha256.h"
#include "trail/store/event_codec.h"

namespace weerbaar::trail {

// With its version behind it.
inline constexpr std::string_view kPackageFormat = "weerbaar-evidence-package/";

struct ManifestFile {
  std::string name;
  uint64_t bytes = 0;
  Hash sha256{};

  bool operator==(const ManifestFile&) const = default;
};

struct Manifest {
  unsigned version = 1;  // 1: chosen entries, 2: a complete answer
  std::string question;
  std::string made_by;
  Time made_at;
  Disclosure disclosure = Disclosure::kPseudonyms;
  uint64_t entries = 0;
  uint64_t events = 0;  // those of the entries that are accesses
  std::vector<ManifestFile> files;

  bool operator==(const Manifest&) const = default;
};

// kInvalid when the question or the maker is empty, too long, or not one line of UTF-8.
Status check_texts(std::string_view question, std::string_view made_by);

std::string to_json(const Manifest& manifest);
// The exact reverse, of version 1 or 2. kInvalid with the line that is wrong; texts that check_texts() refuses are
// wrong.
Result<Manifest> parse_manifest(std::string_view json);

}  // namespace weerbaar::trail
