// What accesses are judged by: a control policy, and the facts as they were known.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "examine/purpose/fact_base.h"
#include "examine/purpose/judge.h"
#include "server/console.h"
#include "server/data_directory.h"
#include "server/policies.h"

namespace weerbaar::server {

struct Judgement {
  AdoptedPolicy adopted;
  uint64_t known_at = 0;        // the import after which facts were known so
  std::string register_digest;  // SHA-256 of what the register held then (docs/formats/register-state.md)
  purpose::FactBase facts;
  std::unique_ptr<const purpose::Judge> judge;
};

struct JudgementChoice {
  std::optional<uint64_t> policy;    // its number; else the one in force today
  std::optional<uint64_t> known_at;  // else the last import
};

// Reads both, the policies by the records in `trail`, which takes seconds for millions of facts. `want_more` says what
// else is to be loaded; it may be empty. kNotFound when no policy was adopted, kInvalid of an import that is not there,
// kCorrupt when the register, or a table of it that is loaded, is not what the trail says.
Result<std::unique_ptr<Judgement>> load_judgement(
    DataDirectory& data, const trail::Trail& trail, const JudgementChoice& choice, Console& console,
    const std::function<void(std::span<const purpose::Rule>, purpose::FactBase&)>& want_more);

}  // namespace weerbaar::server
