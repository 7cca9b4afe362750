// Whether the identities that a package shows can be what stands behind its pseudonyms. Without the keys nobody can
// prove it, but most false translations contradict themselves: a pseudonym has one identity and an identity one
// pseudonym, and the length of the one tells that of the other.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "trail/package/shown_entry.h"

namespace weerbaar::trail {

class Translation {
 public:
  // Takes what an entry of `period` discloses. kInvalid when it cannot be the translation of that pseudonym, or
  // contradicts what was taken before.
  Status add(std::string_view period, const Disclosed& disclosed);

 private:
  std::map<std::string, std::string> texts_;       // by period, domain and pseudonym
  std::map<std::string, std::string> pseudonyms_;  // by period, domain and text
};

}  // namespace weerbaar::trail
