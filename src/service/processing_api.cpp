#include "service/processing_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "service/api_json.h"
#include "service/processing_activities.h"
#include "trail/store/search.h"

namespace weerbaar::service {
namespace {

using http::Request;
using http::Response;
using people::Permission;
using Json = nlohmann::ordered_json;

// Weerbaar's own uses are told by other requests, to who may know of them.
constexpr std::string_view kOwnSource = "self";
constexpr int64_t kMicrosPerMilli = 1'000;

// Adds what the entry says, if it is an answer.
Status add(const trail::Trail& trail, const ProcessingQuestion& question, EntryIndex index, Json& activities) {
  Bytes bytes;
  WEERBAAR_TRY(trail.entry(index, bytes));
  trail::Entry entry;
  WEERBAAR_TRY(entry.decode(bytes));
  if (!entry.is_event() || entry.event().shape.source == kOwnSource || !question.may_be(entry.event())) return {};
  EventBatch known;
  EventBatch shown;
  WEERBAAR_ASSIGN(const bool is_known, read_event(trail, index, trail::Disclosure::kIdentities, known));
  WEERBAAR_ASSIGN(const bool is_shown, read_event(trail, index, trail::Disclosure::kPseudonyms, shown));
  if (!is_known || !is_shown) return {};
  append_activities(question, index.value(), known.events()[0], shown.events()[0], activities);
  if (activities.size() <= kProcessingActivitiesMax) return {};
  return fail(Code::kInvalid,
              fmt::format("these are more than {} processing activities: ask for less, by startTime and "
                          "endTime",
                          kProcessingActivitiesMax));
}

Result<std::vector<EntryIndex>> entries_about(const trail::Trail& trail, const ProcessingQuestion& question) {
  trail::TimeRange range;
  if (question.start_ms) range.from = Time{*question.start_ms * kMicrosPerMilli, 0};
  if (question.end_ms && *question.end_ms < INT64_MAX / kMicrosPerMilli) {
    range.to = Time{(*question.end_ms + 1) * kMicrosPerMilli, 0};
  }
  std::vector<EntryIndex> entries;
  if (range.from && range.to && *range.from >= *range.to) return entries;
  for (const trail::Whom& whom : question.subjects) {
    WEERBAAR_ASSIGN(const trail::SearchResult found, trail::search(trail, whom, range));
    for (const trail::Hit& hit : found.hits) entries.push_back(hit.index);
  }
  std::ranges::sort(entries);
  entries.erase(std::ranges::unique(entries).begin(), entries.end());
  return entries;
}

Status find_by_subject(const trail::Trail& trail, const ProcessingQuestion& question, Json& activities) {
  WEERBAAR_ASSIGN(const std::vector<EntryIndex> entries, entries_about(trail, question));
  for (const EntryIndex index : entries) WEERBAAR_TRY(add(trail, question, index, activities));
  return {};
}

// No index leads from a trace, or an activity, to its accesses.
Status find_by_reading(const trail::Trail& trail, const ProcessingQuestion& question, Json& activities) {
  if (trail.size().value() > kEntriesScannedMax) {
    return fail(Code::kInvalid,
                "this log is too large to be searched without a data subject: add "
                "dpl.core.data_subject_id");
  }
  for (uint64_t i = 0; i < trail.size().value(); ++i) WEERBAAR_TRY(add(trail, question, EntryIndex(i), activities));
  return {};
}

std::vector<people::Deed::Person> persons_of(const ProcessingQuestion& question) {
  std::vector<people::Deed::Person> persons;
  for (const trail::Whom& whom : question.subjects) {
    if (const auto* const subject = std::get_if<trail::OfSubject>(&whom))
      persons.push_back({subject->type, subject->id});
  }
  return persons;
}

}  // namespace

void ProcessingApi::add_routes(http::Router& router) {
  guard_.add(
      router, {"POST", "/api/v1/processing-activities", "processing_activities", Permission::kSeeWithoutMandate},
      [this](Request& request, const http::PathArguments&, const Visitor& visitor) { return list(request, visitor); });
}

Response ProcessingApi::list(const Request& request, const Visitor& visitor) {
  const auto question = read_processing_question(request.body);
  if (!question) return failure(question.error());
  Json json = {{"processingActivities", Json::array()}};
  Json& activities = json["processingActivities"];
  Status found;
  if (!question->subjects.empty()) {
    found = reader_.read([&](const trail::Trail& trail) { return find_by_subject(trail, *question, activities); });
  } else {
    const auto turn = long_work_.begin();
    if (!turn) return LongWork::come_back();
    const auto trail = reader_.open_apart();
    if (!trail) return failure(trail.error(), log_);
    found = find_by_reading(**trail, *question, activities);
  }
  if (!found) return failure(found.error(), log_);
  auto deed = new_deed(visitor, Action::kSearch, "processing-activities");
  if (!deed) return failure(deed.error(), log_);
  deed->about = persons_of(*question);
  deed->query = question->subjects.empty() ? "by trace or processing activity" : "by data subject";
  deed->records = activities.size();
  if (const Status recorded = record_(*deed); !recorded) return unrecorded(recorded.error(), log_);
  return json_answer(200, json);
}

}  // namespace weerbaar::service
