// What is asked of accesses, as the body of a request says it: whom it is about stands in no address, and so in no log
// or history on the way (OWASP ASVS 4.0.3, 8.3.1).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "service/api_json.h"
#include "trail/store/needle.h"
#include "trail/store/search.h"

namespace weerbaar::service {

// Where a page of hits ended: the last that was shown, and of how many entries the log had when the first page was.
struct HitCursor {
  trail::Hit hit;
  uint64_t size = 0;
};

struct ConsultationQuestion {
  std::string text;  // for the record: "of bsn:…", "by u1"
  trail::Whom whom;
  trail::TimeRange range;
  size_t limit = kItemsOfPage;
  std::optional<HitCursor> after;
  bool reveal = false;
};

// {"of" or "by", "from"?, "to"?, "limit"?, "cursor"?, "reveal"?}. kInvalid names the member and the remedy, and repeats
// nothing that was sent; a member of another name is refused: passed over, it would give more than was asked.
Result<ConsultationQuestion> read_consultation_question(std::string_view body);

// "1780000000000000.0.17.90", and back. kInvalid for anything else.
std::string cursor_of(const HitCursor& cursor);
Result<HitCursor> parse_cursor(std::string_view text);

}  // namespace weerbaar::service
