// The control policies that an organisation adopted: DIR/policies/<number>.json, each under its SHA-256 in the trail.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "examine/purpose/policy.h"
#include "server/adopted_files.h"
#include "server/data_directory.h"

namespace weerbaar::server {

struct AdoptedPolicy {
  purpose::Policy policy;
  std::string digest;  // SHA-256 of its file, in hexadecimal
};

// All adoptions, in order. kCorrupt of a record that is none.
Result<std::vector<Adoption>> adoptions(const trail::Trail& trail);
// kNotFound when it was not adopted; kCorrupt when the file is not the one that the trail records, or is gone.
Result<AdoptedPolicy> read_adopted(const DataDirectory& data, const std::vector<Adoption>& adoptions, uint64_t number);
// Writes it, under the number behind the last in the trail. Its digest goes into the trail before its name is there:
// what cannot be recorded is not adopted.
Result<AdoptedPolicy> adopt(const DataDirectory& data, trail::Trail& trail, purpose::Policy policy);

}  // namespace weerbaar::server
