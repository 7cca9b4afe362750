#include "trail/store/search.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "domain/identifiers.h"
#include "trail/format/filter.h"
#include "trail/privacy/pseudonymiser.h"

namespace weerbaar::trail {
namespace {

// The longest text form of a pseudonym: "~2026-Q1:" and its bytes in hexadecimal.
constexpr size_t kPseudonymTextBytesMax = 9 + 2 * identifier_pseudonym_bytes(kSubjectIdBytesMax);

// What to look for in one period.
struct Needle {
  Period period;
  bool is_actor = false;
  StoredSubject subject;  // when not an actor; its bytes point into `bytes`
  Bytes bytes;            // pseudonym of an actor, or of a subject that is a text

  [[nodiscard]] std::string_view actor() const { return as_text(bytes); }
  [[nodiscard]] uint64_t hash() const { return is_actor ? actor_hash(actor()) : subject_hash(key()); }
  [[nodiscard]] StoredSubject key() const {
    StoredSubject key = subject;
    if (!key.is_number) key.bytes = as_text(bytes);
    return key;
  }
  [[nodiscard]] bool is_in(const StoredEvent& event) const {
    if (event.period != period.number) return false;
    if (is_actor) return event.actor.id == actor();
    const StoredSubject wanted = key();
    return std::any_of(event.subjects.begin(), event.subjects.end(), [&](StoredSubject subject_of_event) {
      subject_of_event.role = {};
      return subject_of_event == wanted;
    });
  }
};

// "~2026-Q1:" and what follows.
Result<std::pair<Period, std::string_view>> split_pseudonym(std::string_view text) {
  const size_t colon = text.find(':');
  if (text.empty() || text[0] != '~' || colon == std::string_view::npos || colon + 1 == text.size()) {
    return fail(Code::kInvalid, "a pseudonym is written as it was shown: ~2026-Q1:… with its period");
  }
  WEERBAAR_ASSIGN(const Period period, parse_period(text.substr(1, colon - 1)));
  return std::pair(period, text.substr(colon + 1));
}

Result<std::vector<Needle>> needles_of(const ByPseudonym& whom) {
  WEERBAAR_ASSIGN(const auto parts, split_pseudonym(whom.text));
  Needle needle;
  needle.period = parts.first;
  needle.is_actor = true;
  WEERBAAR_ASSIGN(needle.bytes, from_hex(parts.second));
  std::vector<Needle> needles;
  needles.push_back(std::move(needle));
  return needles;
}

// Eight digits are the number of a kvk, or the bytes of an identifier of that type with at most four characters: the
// text does not tell, so both are looked for.
Result<std::vector<Needle>> needles_of(const OfPseudonym& whom) {
  WEERBAAR_ASSIGN(const auto parts, split_pseudonym(whom.text));
  Needle needle;
  needle.period = parts.first;
  needle.subject.type = whom.type;
  std::vector<Needle> needles;
  const char* const end = parts.second.data() + parts.second.size();
  const auto read = std::from_chars(parts.second.data(), end, needle.subject.number);
  const bool is_number = digits_of(whom.type) != 0 && parts.second.size() == digits_of(whom.type) &&
                         read.ec == std::errc() && read.ptr == end;
  if (is_number) {
    needle.subject.is_number = true;
    needles.push_back(needle);
    needle.subject.is_number = false;
  }
  needle.subject.number = 0;
  auto bytes = from_hex(parts.second);
  if (bytes) {
    needle.bytes = std::move(*bytes);
    needles.push_back(std::move(needle));
  } else if (needles.empty()) {
    return std::unexpected(std::move(bytes.error()));
  }
  return needles;
}

Needle needle_of(const OfSubject& whom, Period period, const Pseudonymiser& key) {
  Needle needle;
  needle.period = period;
  needle.subject = pseudonym_of(whom.type, whom.id, key, needle.bytes);
  needle.subject.bytes = {};
  return needle;
}

Needle needle_of(const ByActor& whom, Period period, const Pseudonymiser& key) {
  Needle needle;
  needle.period = period;
  needle.is_actor = true;
  key.encrypt_identifier(Domain::kActor, whom.id, needle.bytes);
  return needle;
}

// One needle for each period whose key is alive.
template <class Identity>
Result<std::vector<Needle>> needles_of(const Trail& trail, const Identity& whom, std::vector<Period>& destroyed) {
  if (trail.keys() == nullptr) {
    return fail(Code::kDenied, "a search by identity needs the keys of the periods: name their directory with --keys");
  }
  WEERBAAR_ASSIGN(const std::vector<PeriodStatus> periods, trail.keys()->periods());
  std::vector<Needle> needles;
  for (const PeriodStatus& status : periods) {
    if (status.state == PeriodState::kDestroyed) {
      destroyed.push_back(status.period);
      continue;
    }
    WEERBAAR_ASSIGN(const Pseudonymiser* const key, trail.keys()->period(status.period));
    needles.push_back(needle_of(whom, status.period, *key));
  }
  return needles;
}

Status search_segment(const Segment& segment, const Needle& needle, const TimeRange& range, std::vector<Hit>& hits) {
  const PostingRange postings =
      needle.is_actor ? segment.find_actor(needle.actor()) : segment.find_subject(needle.key());
  for (uint64_t posting = postings.begin; posting < postings.end; ++posting) {
    const uint64_t row = needle.is_actor ? segment.actor_posting(posting) : segment.subject_posting(posting);
    if (segment.integers(Section::kPeriod).at(row) != needle.period.number) continue;
    const Time time{segment.integers(Section::kTime).at(row),
                    static_cast<uint16_t>(segment.integers(Section::kTimeNanos).at(row))};
    if (range.contains(time)) hits.push_back({EntryIndex(segment.header().first_index + row), time});
  }
  return {};
}

Status search_tail(const OpenTail& tail, const Needle& needle, const TimeRange& range, std::vector<Hit>& hits) {
  Status status;
  Entry entry;
  tail.index().find(needle.hash(), [&](uint32_t row) {
    if (Status decoded = entry.decode(tail.entries()[row]); !decoded) {
      status = std::move(decoded);
      return;
    }
    if (!entry.is_event() || !needle.is_in(entry.event()) || !range.contains(entry.event().time)) return;
    hits.push_back({EntryIndex(tail.first_index() + row), entry.event().time});
  });
  return status;
}

// Whether the segment can hold an event of that time: what lies wholly outside is not opened.
bool may_lie_in(const SegmentHeader& header, const TimeRange& range) {
  return (!range.from || header.time_max >= range.from->micros) && (!range.to || header.time_min <= range.to->micros);
}

Status check_length(std::string_view id) {
  const size_t bytes_max = id.starts_with('~') ? kPseudonymTextBytesMax : kSubjectIdBytesMax;
  if (!id.empty() && id.size() <= bytes_max) return {};
  return fail(Code::kInvalid, fmt::format("an identifier has 1 to {} bytes", bytes_max));
}

}  // namespace

Result<Whom> parse_subject(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    return fail(Code::kInvalid,
                "write a person as TYPE:ID, such as bsn:… (types: bsn, rsin, kvk, vehicle, address, "
                "employee, other)");
  }
  const auto type = parse_subject_type(text.substr(0, colon));
  const std::string_view id = text.substr(colon + 1);
  if (!type) {
    return fail(Code::kInvalid, "the type of a person is one of bsn, rsin, kvk, vehicle, address, employee, other");
  }
  WEERBAAR_TRY(check_length(id));
  if (id[0] == '~') return Whom(OfPseudonym{*type, std::string(id)});
  if (*type == SubjectType::kBsn && id.size() != 9) {
    return fail(Code::kInvalid, "a bsn has nine digits: write its leading zero too");
  }
  if (*type == SubjectType::kBsn && !is_bsn(id)) {
    return fail(Code::kInvalid,
                "the bsn does not pass the 11-test: a digit is wrong (a wrong number that a source "
                "delivered is found as other:…)");
  }
  // Intake keeps these as another type too; silence would read as "nobody looked".
  if (*type == SubjectType::kRsin && !is_bsn(id)) {
    return fail(Code::kInvalid,
                "an rsin has nine digits and passes the 11-test: a digit is wrong or missing (a wrong "
                "number that a source delivered is found as other:…)");
  }
  return Whom(OfSubject{*type, std::string(id)});
}

Result<Whom> parse_actor(std::string_view text) {
  if (const Status status = check_length(text); !status) {
    return fail(Code::kInvalid, "write the employee as the source does, such as u104233");
  }
  if (text[0] == '~') return Whom(ByPseudonym{std::string(text)});
  return Whom(ByActor{std::string(text)});
}

Result<SearchResult> search(const Trail& trail, const Whom& whom, const TimeRange& range) {
  SearchResult result;
  std::vector<Needle> needles;
  if (const auto* subject = std::get_if<OfSubject>(&whom)) {
    WEERBAAR_ASSIGN(needles, needles_of(trail, *subject, result.destroyed));
  } else if (const auto* actor = std::get_if<ByActor>(&whom)) {
    WEERBAAR_ASSIGN(needles, needles_of(trail, *actor, result.destroyed));
  } else if (const auto* pseudonym = std::get_if<OfPseudonym>(&whom)) {
    WEERBAAR_ASSIGN(needles, needles_of(*pseudonym));
  } else {
    WEERBAAR_ASSIGN(needles, needles_of(std::get<ByPseudonym>(whom)));
  }
  for (const Needle& needle : needles) {
    for (const uint64_t number : trail.sealed().find(needle.hash())) {
      if (!may_lie_in(trail.sealed().header(number), range)) continue;
      WEERBAAR_ASSIGN(const auto segment, trail.sealed().segment(number));
      WEERBAAR_TRY(search_segment(*segment, needle, range, result.hits));
    }
    for (const auto& tail : trail.tails()) WEERBAAR_TRY(search_tail(*tail, needle, range, result.hits));
  }
  std::sort(result.hits.begin(), result.hits.end(),
            [](const Hit& a, const Hit& b) { return std::pair(a.time, a.index) < std::pair(b.time, b.index); });
  result.hits.erase(std::unique(result.hits.begin(), result.hits.end()), result.hits.end());
  return result;
}

}  // namespace weerbaar::trail
