#include "trail/package/package_files.h"

#include <fmt/format.h>

#include "trail/format/tlog_text.h"

namespace weerbaar::trail {
namespace {

constexpr std::string_view kEntries = "entries/";
constexpr std::string_view kCbor = ".cbor";

}  // namespace

std::string entry_file(EntryIndex index) {
  return fmt::format("{}{:018}{}", kEntries, index.value(), kCbor);
}
std::string entry_json_file(EntryIndex index) {
  return fmt::format("{}{:018}.json", kEntries, index.value());
}
std::string proof_file(EntryIndex index) {
  return fmt::format("proofs/{:018}.tlog-proof", index.value());
}

std::optional<EntryIndex> parse_entry_file(std::string_view name) {
  if (!name.starts_with(kEntries) || !name.ends_with(kCbor) || name.size() < kEntries.size() + kCbor.size()) return {};
  std::string_view digits = name.substr(kEntries.size(), name.size() - kEntries.size() - kCbor.size());
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  const auto number = parse_decimal(digits);
  if (!number || entry_file(EntryIndex(*number)) != name) return {};
  return EntryIndex(*number);
}

std::vector<std::string> package_files(unsigned version, bool is_witnessed, std::span<const EntryIndex> entries) {
  using namespace package_file;
  std::vector<std::string> names;
  for (const std::string_view name :
       {kReadme, kDutchStatement, kEnglishStatement, kDutchGuide, kEnglishGuide, kCheckpoint, kKey}) {
    names.emplace_back(name);
  }
  if (is_witnessed) names.emplace_back(kWitnessed);
  if (version >= 2) {
    names.emplace_back(kAnswer);
    names.emplace_back(kReadable);
  }
  for (const EntryIndex index : entries) {
    names.push_back(entry_file(index));
    if (version < 2) names.push_back(entry_json_file(index));
  }
  for (const EntryIndex index : entries) names.push_back(proof_file(index));
  return names;
}

}  // namespace weerbaar::trail
