#include "decide/reviews.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "decide/decision_record.h"
#include "trail/store/records.h"

namespace weerbaar::decide {
namespace {

using Json = nlohmann::ordered_json;

std::string_view outcome_of(const Review& review) {
  return review.justified ? "justified" : "not-justified";
}

Result<Review> read_review(const trail::Trail& trail, EntryIndex index) {
  WEERBAAR_ASSIGN(const std::string body, trail::record_body(trail, index));
  const Json json = Json::parse(body, nullptr, false);
  const bool is_whole = json.is_object() && json.contains("decision") && json["decision"].is_number_unsigned() &&
                        json.contains("justified") && json["justified"].is_boolean() && json.contains("by") &&
                        json["by"].is_string();
  if (!is_whole) {
    return fail(Code::kCorrupt,
                fmt::format("entry {} is a record of a review and says none: run `weerbaar verify`", index.value()));
  }
  return Review{EntryIndex(json["decision"].get<uint64_t>()), json["justified"].get<bool>(),
                json["by"].get<std::string>()};
}

Result<Json> open_decision(const trail::Trail& trail, EntryIndex index, trail::Disclosure disclosure) {
  WEERBAAR_ASSIGN(const std::string body, trail::record_body(trail, index));
  WEERBAAR_ASSIGN(const trail::Period period, period_of_record(body));
  const trail::Pseudonymiser* key = nullptr;
  if (disclosure == trail::Disclosure::kIdentities) {
    const auto found = trail.keys()->period(period);
    if (!found && found.error().code != Code::kDenied) return std::unexpected(found.error());
    if (found) key = *found;
  }
  return open_record(body, key);
}

}  // namespace

Json record_of(const Review& review) {
  return {{"decision", review.decision.value()}, {"justified", review.justified}, {"by", review.by}};
}

std::string in_words(const Review& review) {
  return fmt::format("review {} {}", review.decision.value(), outcome_of(review));
}

Result<Reviews> Reviews::read(const trail::Trail& trail) {
  Reviews all;
  WEERBAAR_ASSIGN(const std::vector<EntryIndex> records, trail::records_of_type(trail, kReviewRecord));
  for (const EntryIndex index : records) {
    WEERBAAR_ASSIGN(Review review, read_review(trail, index));
    all.by_decision_[review.decision.value()] = std::move(review);
  }
  WEERBAAR_ASSIGN(all.decisions_, trail::records_of_type(trail, kToReviewRecord));
  return all;
}

Status Reviews::check_open(EntryIndex decision) const {
  if (!std::ranges::binary_search(decisions_, decision)) {
    return fail(Code::kNotFound, fmt::format("there is no decision {} to review: `weerbaar decisions DIR --to-review` "
                                             "lists them",
                                             decision.value()));
  }
  if (is_reviewed(decision)) {
    return fail(Code::kExists, fmt::format("decision {} was reviewed already", decision.value()));
  }
  return {};
}

Result<Json> Reviews::shown(const trail::Trail& trail, EntryIndex decision, trail::Disclosure disclosure) const {
  Result<Json> opened = open_decision(trail, decision, disclosure);
  if (!opened) return fail_in(fmt::format("entry {}", decision.value()), opened.error());
  Json line = {{"decision", decision.value()}};
  line.update(*opened);
  const auto review = by_decision_.find(decision.value());
  if (review != by_decision_.end()) {
    line["review"] = {{"outcome", outcome_of(review->second)}, {"by", review->second.by}};
  }
  return line;
}

std::string asked_for(const Json& shown) {
  const Json* at = &shown;
  for (const char* const name : {"body", "adl.core.request", "subject", "id"}) {
    const auto found = at->is_object() ? at->find(name) : at->end();
    if (!at->is_object() || found == at->end()) return {};
    at = &*found;
  }
  return at->is_string() ? at->get<std::string>() : std::string();
}

}  // namespace weerbaar::decide
