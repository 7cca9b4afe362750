// The control policies that an organisation adopted: DIR/policies/<number>.json, each under its SHA-256 in the trail.
#pragma once

#include <string>

#include "base/result.h"
#include "examine/purpose/policy.h"
#include "server/data_directory.h"

namespace weerbaar::server {

struct AdoptedPolicy {
  purpose::Policy policy;
  std::string digest;  // SHA-256 of its file, in hexadecimal
};

// The number of the last one; 0 before the first. kCorrupt when one before it is missing.
Result<uint64_t> last_policy(const DataDirectory& data);
// kNotFound when it was not adopted; kCorrupt when the file says another number than its name.
Result<AdoptedPolicy> read_adopted(const DataDirectory& data, uint64_t number);
// Writes it. Its digest goes into the trail before: what cannot be recorded is not adopted.
Result<AdoptedPolicy> adopt(const DataDirectory& data, trail::Trail& trail, purpose::Policy policy);

}  // namespace weerbaar::server
