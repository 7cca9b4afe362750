// The names of the files in an evidence package, and the order in which they stand there. Version 1 holds chosen
// entries, version 2 a complete answer.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/strong.h"
#include "trail/package/package.h"
#include "trail/package/zip.h"

namespace weerbaar::trail {

namespace package_file {
inline constexpr std::string_view kReadme = "README.txt";
inline constexpr std::string_view kDutchStatement = "STATEMENT.nl.md";
inline constexpr std::string_view kEnglishStatement = "STATEMENT.en.md";
inline constexpr std::string_view kDutchGuide = "VERIFY.nl.md";
inline constexpr std::string_view kEnglishGuide = "VERIFY.en.md";
inline constexpr std::string_view kCheckpoint = "checkpoint";
inline constexpr std::string_view kKey = "key.vkey";
inline constexpr std::string_view kWitnessed = "witnessed";     // where witnesses cosigned the log
inline constexpr std::string_view kAnswer = "answer.json";      // of version 2
inline constexpr std::string_view kReadable = "entries.jsonl";  // of version 2, in place of a JSON file an entry
inline constexpr std::string_view kManifest = "manifest.json";
}  // namespace package_file

// Seven files or eight, three for an entry, and the manifest; version 2: two more, and two for an entry.
inline constexpr ZipLimits kPackageLimits{kPackageBytesMax, 9 + 3 * kPackageEntriesMax, kPackageContentBytesMax};

// "entries/000000000000000123.cbor".
std::string entry_file(EntryIndex index);
std::string entry_json_file(EntryIndex index);
std::string proof_file(EntryIndex index);

// The index in the name that entry_file() gives; nothing for any other name.
std::optional<EntryIndex> parse_entry_file(std::string_view name);

// The files of a package with these entries, in order, without the manifest, which stands behind them.
std::vector<std::string> package_files(unsigned version, bool is_witnessed, std::span<const EntryIndex> entries);

}  // namespace weerbaar::trail
