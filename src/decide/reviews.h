// The decisions that somebody has to look at, and what came of those that somebody did.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/strong.h"
#include "trail/store/event_codec.h"
#include "trail/store/trail.h"

namespace weerbaar::decide {

struct Review {
  EntryIndex decision;
  bool justified = false;
  std::string by;  // a pseudonym, as it is shown
};
// Its record in the trail, of the type kReviewRecord.
nlohmann::ordered_json record_of(const Review& review);
// "review 17 justified": for the record of who used Weerbaar so.
std::string in_words(const Review& review);

class Reviews {
 public:
  // As the trail has them now. kCorrupt of a record that is none.
  static Result<Reviews> read(const trail::Trail& trail);

  // All that are to be reviewed, or were, ascending.
  [[nodiscard]] const std::vector<EntryIndex>& decisions() const { return decisions_; }
  [[nodiscard]] bool is_reviewed(EntryIndex decision) const { return by_decision_.contains(decision.value()); }
  // kNotFound when there is no such decision to review, kExists when it was reviewed already.
  [[nodiscard]] Status check_open(EntryIndex decision) const;
  // One of decisions() with its review, as open_record() gives it: with identities when `disclosure` asks and the key
  // of its quarter is there.
  [[nodiscard]] Result<nlohmann::ordered_json> shown(const trail::Trail& trail, EntryIndex decision,
                                                     trail::Disclosure disclosure) const;

 private:
  std::vector<EntryIndex> decisions_;
  std::map<uint64_t, Review> by_decision_;  // the last one counts
};

// For whom it was asked whether they may, in a record as shown() gives it; empty when it does not say.
std::string asked_for(const nlohmann::ordered_json& shown);

}  // namespace weerbaar::decide
