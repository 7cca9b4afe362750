#include "trail/store/hidden_others.h"

#include <span>
#include <vector>

namespace weerbaar::trail {

bool hide_others(AccessEvent& event, const AccessEvent& plain, const ShowsSubject& shows, EventBatch& texts) {
  std::vector<Subject> subjects(event.subjects.begin(), event.subjects.end());
  bool are_others = false;
  for (size_t i = 0; i < subjects.size(); ++i) {
    if (shows(i)) continue;
    subjects[i] = plain.subjects[i];
    are_others = true;
  }
  if (!are_others) return false;
  event.subjects = texts.keep(std::span<const Subject>(subjects));
  event.query = plain.query;
  event.purpose.reason = plain.purpose.reason;
  event.attributes = plain.attributes;
  return true;
}

}  // namespace weerbaar::trail
