#include "server/proof.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "base/check.h"
#include "server/data_directory.h"
#include "service/trail_reader.h"

namespace weerbaar::server {
namespace {

// Beyond so many entries the question says how many, and which is the first and the last.
constexpr size_t kNamedEntriesMax = 20;

std::string in_words(const std::set<uint64_t>& indexes) {
  if (indexes.size() <= kNamedEntriesMax) return fmt::format("the entries {}", fmt::join(indexes, ", "));
  return fmt::format("{} chosen entries, from {} to {}", indexes.size(), *indexes.begin(), *indexes.rbegin());
}

std::string in_words(const trail::TimeRange& range) {
  return fmt::format("{}{}", range.from ? " from " + format_time(*range.from) : "",
                     range.to ? " up to " + format_time(*range.to) : "");
}

// The same for the Dutch statement.
std::string in_dutch(const std::set<uint64_t>& indexes) {
  if (indexes.size() <= kNamedEntriesMax) return fmt::format("de regels {}", fmt::join(indexes, ", "));
  return fmt::format("{} gekozen regels, van {} tot en met {}", indexes.size(), *indexes.begin(), *indexes.rbegin());
}

std::string in_dutch(const trail::TimeRange& range) {
  return fmt::format("{}{}", range.from ? " vanaf " + format_time(*range.from) : "",
                     range.to ? " tot " + format_time(*range.to) : "");
}

// Of these, the accesses that other sources recorded.
Result<std::vector<EntryIndex>> without_uses(const trail::Trail& trail, const trail::SearchResult& found, size_t max) {
  std::vector<EntryIndex> entries;
  EventBatch batch;
  for (const trail::Hit& hit : found.hits) {
    WEERBAAR_ASSIGN(const bool is_event, service::read_event(trail, hit.index, trail::Disclosure::kPseudonyms, batch));
    if (!is_event || batch.events()[0].source == kOwnSource) continue;
    if (entries.size() == max) {
      return fail(Code::kInvalid, fmt::format("there are more than {} accesses in this time: ask for parts of it, by "
                                              "from and to, or use the command line",
                                              max));
    }
    entries.push_back(hit.index);
  }
  return entries;
}

}  // namespace

Result<Proof> Proof::find(const trail::Trail& trail, ProofAsked asked) {
  if (asked.whom.has_value() != asked.entries.empty()) {
    return fail(Code::kInvalid, "say what to prove: entries, or a person, one of the two");
  }
  Proof proof;
  if (!asked.whom) {
    const std::set<uint64_t> indexes(asked.entries.begin(), asked.entries.end());
    for (const uint64_t index : indexes) proof.entries_.emplace_back(index);
    proof.question_ = in_words(indexes);
    proof.question_in_dutch_ = in_dutch(indexes);
    proof.query_ = proof.question_;
  } else {
    WEERBAAR_ASSIGN(const trail::SearchResult found, trail::search(trail, *asked.whom, asked.range));
    std::string range = in_words(asked.range);
    std::string range_in_dutch = in_dutch(asked.range);
    proof.query_ = "of " + asked.of + range;
    if (asked.complete) {
      for (const trail::Hit& hit : found.hits) proof.entries_.push_back(hit.index);
    } else {
      WEERBAAR_ASSIGN(proof.entries_, without_uses(trail, found, asked.accesses_max));
      range += ", uses of Weerbaar itself left out";
      range_in_dutch += ", zonder het gebruik van Weerbaar zelf";
    }
    const bool is_named = asked.disclosure != trail::Disclosure::kPseudonyms;
    proof.question_ = "the consultations of " + (is_named ? asked.of : "one person") + range;
    proof.question_in_dutch_ = "de raadplegingen van " + (is_named ? asked.of : "één persoon") + range_in_dutch;
  }
  proof.asked_ = std::move(asked);
  return proof;
}

// The record of the use may be the first to need the key of this quarter, which gives the person another pseudonym; and
// the index of the tail is to be over it too.
Status Proof::take(trail::Trail& written) {
  if (is_complete()) {
    WEERBAAR_ASSIGN(pseudonyms_, trail::person_pseudonyms(written, *asked_.whom));
    WEERBAAR_TRY(written.commit_tail_index());
  }
  WEERBAAR_TRY(written.sign());
  if (is_complete()) {
    WEERBAAR_ASSIGN(indexes_, trail::TrailIndexes::open(written));
  }
  return {};
}

Result<MadeProof> Proof::make(const trail::Trail& trail, WitnessesSaw saw) {
  constexpr const char* kMadeBy = "weerbaar";
  // One text of a package stands in the statements of both languages.
  std::string question = question_in_dutch_;
  if (!saw.refusals.empty()) {
    question +=
        fmt::format("; van de {} getuigen van dit logboek weigeren {} het, want zij ondertekenden andere regels",
                    saw.witnesses, saw.refusals.size());
  }
  question += " / " + question_;
  if (!saw.refusals.empty()) {
    question += fmt::format("; of the {} witnesses of this log {} refuse it, for they cosigned other entries of it",
                            saw.witnesses, saw.refusals.size());
  }
  if (!is_complete()) {
    if (asked_.whom && entries_.empty()) {
      return fail(
          Code::kNotFound,
          "no source recorded an access to this person in this time: that there is none is proven on the command line");
    }
    const trail::PackageRequest request{entries_, asked_.disclosure, std::move(question),
                                        kMadeBy,  os::now(),         std::move(saw.note)};
    WEERBAAR_ASSIGN(Bytes package, trail::make_package(trail, request));
    return MadeProof{std::move(package), entries_.size(), {}};
  }
  WEERBAAR_CHECK(indexes_.has_value());
  const trail::AnswerRequest request{pseudonyms_, asked_.range, asked_.disclosure,   std::move(question),
                                     kMadeBy,     os::now(),    std::move(saw.note), asked_.everybody};
  WEERBAAR_ASSIGN(trail::MadeAnswer made, trail::make_answer(trail, request, *indexes_));
  return MadeProof{std::move(made.package), made.summary.accesses, std::move(made.summary)};
}

}  // namespace weerbaar::server
