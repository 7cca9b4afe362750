// What a citizen's desk answers a person who asks which of his data was consulted: when, in which system, for which
// purpose, and not by whom. GDPR, Article 15; Court of Justice of the EU, 22 June 2023, C-579/21. docs/people.md.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "http/router.h"
#include "service/evidence.h"
#include "service/guard.h"
#include "service/json_body.h"
#include "service/long_work.h"
#include "service/trail_reader.h"

namespace weerbaar::service {

// Each of them is looked at for every page, so that the answer can say how many there are: some tenths of a
// millisecond.
inline constexpr size_t kOverviewAccessesMax = 10'000;
// More take a turn of long work, so that nobody else waits for them.
inline constexpr size_t kOverviewAtOnceMax = 500;

struct OverviewRequest {
  trail::OfSubject of;
  std::string request;  // number or mark of the citizen's request
  trail::TimeRange range;
  size_t limit = 0;
  std::optional<ListCursor> cursor;  // of: entries of the trail
};
// {"of": "bsn:…", "request", "from"?, "to"?, "limit"?, "cursor"?}. kInvalid also for an employee, whose accesses in the
// trail are mostly looks in Weerbaar, told by /api/v1/me/consulted; for an address, at which others live; and for a
// pseudonym, which is no citizen at the desk.
Result<OverviewRequest> read_overview_request(std::string_view body);

// Thread-safe. Nothing in an answer tells one employee from another, or leads to an entry of the trail: no actor, unit,
// reason, case, other person or index, and the time to the minute only. Each look is on record before it is answered.
class OverviewApi {
 public:
  // All must outlive it.
  OverviewApi(TrailReader& reader, people::Record record, Guard& guard, LongWork& long_work, JsonLog& log)
      : reader_(reader), record_(std::move(record)), guard_(guard), long_work_(long_work), log_(log) {}

  // It must outlive the router.
  void add_routes(http::Router& router);

 private:
  http::Response show(const http::Request& request, const Visitor& visitor);

  TrailReader& reader_;
  const people::Record record_;
  Guard& guard_;
  LongWork& long_work_;
  JsonLog& log_;
};

}  // namespace weerbaar::service
