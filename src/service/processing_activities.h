// Accesses as the reading extension of the Logboek Dataverwerkingen (LDV lezen, version 1.1.0) asks for and gives them.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/access_event.h"
#include "trail/format/entry.h"
#include "trail/store/needle.h"

namespace weerbaar::service {

// What is asked: all of it has to be so.
struct ProcessingQuestion {
  std::string trace_id;  // 16 bytes; empty: any
  std::string activity;
  // The data subject: under each type that its identifier may have been logged as. Empty: any.
  std::vector<trail::Whom> subjects;
  std::string processor;            // dpl.core.foreign_operation.processor
  std::optional<int64_t> start_ms;  // began then or later, in milliseconds since 1970
  std::optional<int64_t> end_ms;    // ended then or before

  // Whether the entry, without its texts, can be an answer.
  [[nodiscard]] bool may_be(const trail::StoredEvent& event) const;
};

// The body of a request. kInvalid names the member and the remedy, and repeats nothing that was sent: when none of
// traceId, dpl.core.processing_activity_id and dpl.core.data_subject_id is there, as the text demands, for a member
// that is of another type, and for one that is none of the text: passed over, it would give more than was asked.
Result<ProcessingQuestion> read_processing_question(std::string_view body);

// Appends what an access that may_be() one is in LDV, if it is an answer: one for each data subject, as LDV has one.
// `known`: the access with identities, as far as its key is there; `shown`: the same under pseudonyms, which is what is
// given. An access that came without a trace gets ids made of its source and id, and says so: weerbaar.ids_made.
void append_activities(const ProcessingQuestion& question, uint64_t entry, const AccessEvent& known,
                       const AccessEvent& shown, nlohmann::ordered_json& to);

}  // namespace weerbaar::service
