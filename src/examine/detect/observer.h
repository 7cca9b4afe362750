// Makes observations of accesses that were judged: reads beside the judgement what the detectors ask of the entry, and
// knows every employee and account again in all quarters.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "examine/detect/observation.h"
#include "examine/detect/work_memory.h"
#include "examine/purpose/check.h"
#include "examine/purpose/fact_base.h"
#include "examine/purpose/judge.h"
#include "trail/format/entry.h"
#include "trail/format/segment.h"
#include "trail/store/trail.h"
#include "trail/store/value_table.h"

namespace weerbaar::detect {

struct ObservedEmployee {
  Symbol symbol = kUnknown;  // of the register
  std::string id;            // real; of whom the register does not know, the account
};

// Not thread-safe.
class Observer {
 public:
  // All must outlive it. The trail was opened with keys.
  Observer(const trail::Trail& trail, const purpose::Judge& judge, const purpose::FactBase& facts,
           std::string_view own_source);

  // Null for an access of `own_source`, for who asks must not change what is answered the next time; else good until
  // the next call. Errors of the trail and of its keys.
  Result<const Observation*> observe(const purpose::Judged& judged);
  // Work that was done before the period that ends is forgotten.
  void end_of_period() { work_.end_of_period(); }

  // By their number in observations.
  [[nodiscard]] const std::vector<ObservedEmployee>& employees() const { return employees_; }

 private:
  struct KnownSubject {
    bool is_known = false;
    uint64_t hash = 0;
    uint64_t number = 0;
  };
  // What the rows of the tables of the segment at hand are, in one period.
  struct Tables {
    const trail::Pseudonymiser* key = nullptr;
    std::vector<uint32_t> accounts;  // by actor code; kNone: not looked up yet
    std::vector<KnownSubject> subjects;
  };
  // What a finding of a rule says.
  struct Meaning {
    bool explains = false;
    bool by_broken_glass = false;
    uint32_t flag = 0;
  };
  static constexpr uint32_t kNone = UINT32_MAX;

  // False when it is of the own source.
  Result<bool> read_row(const purpose::Judged& judged);
  Result<bool> read_event(const purpose::Judged& judged);
  Status open_segment(uint64_t number);
  Result<Tables*> tables_of(uint16_t period);
  Result<const trail::Pseudonymiser*> key_of(uint16_t period);
  Result<uint32_t> account_of(std::string_view pseudonym, const trail::Pseudonymiser& key);
  Result<KnownSubject> subject_of(const trail::StoredSubject& stored, Symbol symbol, uint16_t period,
                                  const trail::Pseudonymiser& key) const;
  void set_place(std::string_view terminal, std::string_view location, uint16_t period);
  void set_reason(std::string_view reason);
  void add_subject(const KnownSubject& known, Symbol symbol);
  uint32_t employee_of(Symbol symbol, uint32_t account);
  void take_findings(const purpose::Judged& judged);

  const trail::Trail& trail_;
  const purpose::FactBase& facts_;
  const std::string own_source_;
  std::vector<Meaning> meanings_;  // by rule
  std::shared_ptr<const trail::Segment> segment_;
  uint64_t segment_number_ = UINT64_MAX;
  std::vector<bool> is_own_;  // by application code
  std::map<uint16_t, Tables> tables_;
  trail::Entry entry_;
  trail::TextTable accounts_;
  std::vector<uint32_t> employee_of_symbol_;
  std::vector<uint32_t> employee_of_account_;  // of those whom the register does not know
  std::vector<ObservedEmployee> employees_;
  WorkMemory work_;
  std::vector<ObservedSubject> subjects_;
  Observation observation_;
};

}  // namespace weerbaar::detect
