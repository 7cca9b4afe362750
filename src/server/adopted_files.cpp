#include "server/adopted_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ranges>

#include "base/bytes.h"
#include "trail/format/sha256.h"
#include "trail/store/records.h"

namespace weerbaar::server {
namespace {

constexpr uint64_t kFileBytesMax = uint64_t{16} << 20U;
constexpr const char* kNewEnding = ".new";
constexpr const char* kDigest = "sha256";

std::string folder_path(const DataDirectory& data, const Adoptable& of) {
  return os::join(data.path(), of.folder);
}
std::string file_path(const DataDirectory& data, const Adoptable& of, uint64_t number) {
  return os::join(folder_path(data, of), fmt::format("{}.json", number));
}

std::string digest_of(std::string_view json) {
  return to_hex(trail::sha256(as_bytes(json)));
}

}  // namespace

Result<std::vector<Adoption>> adoptions(const trail::Trail& trail, const Adoptable& of) {
  WEERBAAR_ASSIGN(const std::vector<EntryIndex> records, trail::records_of_type(trail, of.record));
  std::vector<Adoption> all;
  for (const EntryIndex index : records) {
    WEERBAAR_ASSIGN(const std::string body, trail::record_body(trail, index));
    const auto json = nlohmann::json::parse(body, nullptr, false);
    const bool is_whole = json.is_object() && json.contains("policy") && json["policy"].is_number_unsigned() &&
                          json.contains(kDigest) && json[kDigest].is_string() && json.contains("adopted_on") &&
                          json["adopted_on"].is_string();
    if (!is_whole) {
      return fail(Code::kCorrupt, fmt::format("entry {} is a record of a {} and says none: run `weerbaar verify`",
                                              index.value(), of.name));
    }
    all.push_back(
        {json["policy"].get<uint64_t>(), json[kDigest].get<std::string>(), json["adopted_on"].get<std::string>()});
  }
  return all;
}

std::optional<uint64_t> in_force(const std::vector<Adoption>& adoptions, Time when) {
  // A date is the first ten bytes of a moment, and sorts as it.
  const std::string today = format_time(when).substr(0, 10);
  for (const Adoption& adoption : adoptions | std::views::reverse) {
    if (adoption.adopted_on <= today) return adoption.number;
  }
  return std::nullopt;
}

uint64_t next_number(const std::vector<Adoption>& adoptions) {
  return adoptions.empty() ? 1 : adoptions.back().number + 1;
}

Result<AdoptedFile> read_adopted_file(const DataDirectory& data, const Adoptable& of,
                                      const std::vector<Adoption>& adoptions, uint64_t number) {
  const auto adoption = std::ranges::find(adoptions, number, &Adoption::number);
  if (adoption == adoptions.end()) return fail(Code::kNotFound, fmt::format("there is no {} {}", of.name, number));
  const std::string path = file_path(data, of, number);
  // Under its first name when a crash came before it got the other.
  for (const std::string& name : {path, path + kNewEnding}) {
    const auto file = os::read_file(data.files(), name, kFileBytesMax);
    if (!file && file.error().code == Code::kNotFound) continue;
    if (!file) return std::unexpected(file.error());
    AdoptedFile adopted{name, std::string(as_text(*file)), digest_of(as_text(*file))};
    if (adopted.digest == adoption->digest) return adopted;
    return fail(Code::kCorrupt, fmt::format("{} is not the policy that was adopted: the trail records another SHA-256. "
                                            "Put a copy of it back",
                                            name));
  }
  return fail(Code::kCorrupt, fmt::format("{} is missing, and the trail records it: put a copy of it back", path));
}

Result<std::string> write_adopted_file(const DataDirectory& data, trail::Trail& trail, const Adoptable& of,
                                       uint64_t number, std::string_view json, nlohmann::ordered_json record) {
  std::string digest = digest_of(json);
  record[kDigest] = digest;
  os::FileSystem& files = data.files();
  const std::string folder = folder_path(data, of);
  if (const Status made = files.make_directory(folder); !made && made.error().code != Code::kExists) {
    return std::unexpected(made.error());
  }
  const std::string path = file_path(data, of, number);
  WEERBAAR_TRY(os::write_file_atomically(files, path + kNewEnding, as_bytes(json)));
  WEERBAAR_TRY(trail.append_record(of.record, record.dump()));
  WEERBAAR_TRY(files.rename(path + kNewEnding, path));
  WEERBAAR_TRY(files.sync_directory(folder));
  return digest;
}

}  // namespace weerbaar::server
