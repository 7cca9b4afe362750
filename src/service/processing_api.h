// The reading extension of the Logboek Dataverwerkingen (LDV), version 1.1.0: what was processed, asked by trace, by
// processing activity or by data subject. docs/api/README.md.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "http/router.h"
#include "service/evidence.h"
#include "service/guard.h"
#include "service/long_work.h"
#include "service/trail_reader.h"

namespace weerbaar::service {

// Answers of more are refused: the question is to be more exact.
inline constexpr size_t kProcessingActivitiesMax = 1'000;
// Without a data subject every entry has to be looked at: of a larger trail that is refused.
inline constexpr uint64_t kEntriesScannedMax = 5'000'000;

// Thread-safe. Every look is recorded before it is answered.
class ProcessingApi {
 public:
  // All must outlive it.
  ProcessingApi(TrailReader& reader, people::Record record, Guard& guard, LongWork& long_work, JsonLog& log)
      : reader_(reader), record_(std::move(record)), guard_(guard), long_work_(long_work), log_(log) {}

  // It must outlive the router.
  void add_routes(http::Router& router);

 private:
  http::Response list(const http::Request& request, const Visitor& visitor);

  TrailReader& reader_;
  const people::Record record_;
  Guard& guard_;
  LongWork& long_work_;
  JsonLog& log_;
};

}  // namespace weerbaar::service
