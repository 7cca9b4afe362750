// What the trail says of the register: which imports made it, and what it held after each.
//
// An import is recorded three times over: "register import" before it is committed, "register import done" once it is.
// Where a crash came between, "register import undone" says that it did not happen, or that an older copy of the
// register took the place of the one with it. docs/formats/register-state.md.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "register/register.h"
#include "trail/store/trail.h"

namespace weerbaar::server {

inline constexpr std::string_view kImportRecord = "register import";
inline constexpr std::string_view kImportDoneRecord = "register import done";
inline constexpr std::string_view kImportUndoneRecord = "register import undone";

struct RecordedImport {
  facts::ImportedFile file;
  bool says_states = false;  // false of older versions
  // What tables held after it, of those that it touched. The first that says it, behind one that does not, says it of
  // all.
  std::map<std::string, facts::TableState, std::less<>> states;
  bool is_done = false;
};

class ImportLedger {
 public:
  // By the records of the trail. kCorrupt of a record that is none.
  static Result<ImportLedger> read(const trail::Trail& trail);

  [[nodiscard]] uint64_t last() const { return imports_.size(); }
  // Whether the last one was recorded, and not that it was committed.
  [[nodiscard]] bool last_is_open() const { return !imports_.empty() && !imports_.back().is_done; }
  // Whether that one is not in the register: it did not happen.
  [[nodiscard]] bool last_did_not_happen(const std::vector<facts::ImportedFile>& in_register) const {
    return last_is_open() && in_register.size() + 1 == imports_.size();
  }
  void forget_last() { imports_.pop_back(); }

  // kCorrupt when the imports of the register are others than those of the trail; `name` is that of the register.
  [[nodiscard]] Status compare(const std::vector<facts::ImportedFile>& in_register, const std::string& name) const;
  // What a table must hold after an import; nothing when the trail does not say it.
  [[nodiscard]] std::optional<facts::TableState> expected(std::string_view table, uint64_t known_at) const;
  // kCorrupt when it holds something else.
  [[nodiscard]] Status compare(std::string_view table, uint64_t known_at, const facts::TableState& found,
                               const std::string& name) const;
  // SHA-256 of what the tables hold after an import; `found`: what is known of tables of which the trail says nothing.
  [[nodiscard]] std::string digest(uint64_t known_at,
                                   std::map<std::string, facts::TableState, std::less<>> found) const;

 private:
  Status take_import(std::string_view body, EntryIndex index);
  Status take_outcome(std::string_view body, bool is_done, EntryIndex index);

  std::vector<RecordedImport> imports_;  // of which the first has number 1
};

// Calls `work` with the trail as it is now.
using ReadTrail = std::function<Status(const std::function<Status(const trail::Trail&)>& work)>;
// The ledger of the trail, which agrees with the register as it is now, without an import of which the outcome is open
// and which the register does not have. kCorrupt when the register is not what the trail says.
Result<ImportLedger> ledger_of(facts::Register& facts, const ReadTrail& read);

// As a record says it: {"facts": …, "sha256": …}.
nlohmann::ordered_json json_of(const facts::TableState& state);

// What somebody can do about a register that is not what the trail says.
inline constexpr std::string_view kRegisterRemedy =
    "put back the right copy of it; when there is none, put back an older one that is whole, or none at all, and say "
    "so "
    "with `weerbaar register DIR restored`";

}  // namespace weerbaar::server
