// What an organisation adopts on record: files that are numbered from 1, DIR/<folder>/<number>.json, each under its
// SHA-256 in the trail.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "server/data_directory.h"

namespace weerbaar::server {

// A kind of them.
struct Adoptable {
  std::string_view record;  // type of the records of their adoption
  std::string_view folder;
  std::string_view name;  // for people: "control policy"
};

// An adoption that the trail records.
struct Adoption {
  uint64_t number = 0;
  std::string digest;
  std::string adopted_on;  // a date
};

// All of them, in order. kCorrupt of a record that is none.
Result<std::vector<Adoption>> adoptions(const trail::Trail& trail, const Adoptable& of);
// The last one whose date is not later than a moment; nothing before the first.
std::optional<uint64_t> in_force(const std::vector<Adoption>& adoptions, Time when);
// The number behind the last.
uint64_t next_number(const std::vector<Adoption>& adoptions);

struct AdoptedFile {
  std::string path;
  std::string json;
  std::string digest;  // SHA-256 of it, in hexadecimal
};
// kNotFound when it was not adopted; kCorrupt when the file is not the one that the trail records, or is gone.
Result<AdoptedFile> read_adopted_file(const DataDirectory& data, const Adoptable& of,
                                      const std::vector<Adoption>& adoptions, uint64_t number);
// Writes it. `record` gets its digest in its place, and goes into the trail before the name of the file is there: what
// cannot be recorded is not adopted. The digest.
Result<std::string> write_adopted_file(const DataDirectory& data, trail::Trail& trail, const Adoptable& of,
                                       uint64_t number, std::string_view json, nlohmann::ordered_json record);

}  // namespace weerbaar::server
