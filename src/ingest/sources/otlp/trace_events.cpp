#include "ingest/sources/otlp/trace_events.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "base/bytes.h"
#include "domain/access_event.h"
#include "domain/access_event_json.h"
#include "ingest/sources/otlp/claim.h"
#include "ingest/sources/otlp/interpret.h"

namespace weerbaar::ingest::otlp {
namespace {

// A record is compared with this many claims of its span; one span with more users or subjects is not what spans are
// for.
constexpr size_t kClaimsCompared = 64;
// 64 bits of the identity tell the claims of one span apart.
constexpr size_t kIdHashBytes = 8;
constexpr std::string_view kNoUser =
    "access without user: this input has no audit record for it: give both as one input, or say "
    "halves_may_come_alone = true in the mapping";
constexpr std::string_view kNoLine =
    "audit record: this input has no LDV line for it: give both as one input, or say halves_may_come_alone = true in "
    "the mapping";
constexpr std::string_view kSeveral =
    "span: it holds several accesses: give each a child span of its own, or say spans_may_hold_several = true in the "
    "mapping";

std::string hex(const auto& id) {
  return to_hex(as_bytes(std::string_view(id.data(), id.size())));
}

// The claims of one span, by what they know.
class SpanClaims {
 public:
  void add(const Record& record);
  // The claims, each with both halves where it is certain that they belong together.
  std::vector<Claim> join() &&;

 private:
  static Claim* find_for(std::vector<Claim>& claims, const Claim& claim);

  std::vector<Claim> whole_;   // user and LDV line in one record
  std::vector<Claim> audits_;  // the user
  std::vector<Claim> lines_;   // the LDV line, or other things to know about the access
  std::optional<Claim> span_;  // name and time of a span that tells nothing itself
};

Claim* SpanClaims::find_for(std::vector<Claim>& claims, const Claim& claim) {
  const auto end = claims.begin() + static_cast<ptrdiff_t>(std::min(claims.size(), kClaimsCompared));
  const auto found = std::find_if(claims.begin(), end, [&](const Claim& known) { return known.can_take(claim); });
  return found == end ? nullptr : &*found;
}

void SpanClaims::add(const Record& record) {
  const Claim claim(record);
  if (!record.tells_of_access()) {
    if (!span_) span_ = claim;
    return;
  }
  const bool is_whole = claim.has_actor() && claim.has_line();
  std::vector<Claim>& own = is_whole ? whole_ : claim.has_actor() ? audits_ : lines_;
  if (Claim* known = find_for(own, claim)) {
    known->take(claim);
  } else {
    own.push_back(claim);
  }
}

std::vector<Claim> SpanClaims::join() && {
  // A half that adds to a whole one is not an access of its own.
  for (std::vector<Claim>* halves : {&audits_, &lines_}) {
    std::erase_if(*halves, [this](const Claim& half) {
      Claim* whole = find_for(whole_, half);
      if (whole != nullptr) whole->take(half);
      return whole != nullptr;
    });
  }
  if (lines_.size() == 1) {
    for (Claim& audit : audits_) {
      Claim joined = lines_.front();
      joined.take(audit);
      audit = std::move(joined);
    }
    if (!audits_.empty()) lines_.clear();
  } else if (audits_.size() == 1) {
    for (Claim& line : lines_) line.take(audits_.front());
    if (!lines_.empty()) audits_.clear();
  }
  std::vector<Claim> claims = std::move(whole_);
  std::ranges::move(audits_, std::back_inserter(claims));
  std::ranges::move(lines_, std::back_inserter(claims));
  if (span_) {
    for (Claim& claim : claims) claim.take(*span_);
  }
  return claims;
}

struct Span {
  SpanId id{};
  std::optional<SpanId> parent;
  size_t arrival = 0;  // of its first record
  uint64_t line = 0;   // of that record
  std::vector<Claim> claims;
  // Where its user stands, in itself or above; known once `is_resolved`. Null: nowhere, or it is not certain who.
  bool is_resolved = false;
  bool is_on_path = false;
  Span* actor_span = nullptr;
  bool is_actor_span = false;  // of another span, one with a line that has no user of its own
};

std::vector<const Claim*> claims_with_actor(const Span& span) {
  std::vector<const Claim*> found;
  for (const Claim& claim : span.claims) {
    if (claim.has_actor()) found.push_back(&claim);
  }
  return found;
}

// Fills what does not come from the items, and hands the event over, or refuses it when it is right and there is an
// `objection`. `draft.event` has its id and its trace.
void complete(EventDraft& draft, const Claim& claim, uint64_t line, const Mapping& mapping, std::string_view objection,
              Output& output) {
  AccessEvent& event = draft.event;
  event.time = claim.time();
  if (!claim.has_actor()) draft.add_attribute("actor_unknown", "true");
  Status status = draft.interpret(claim.items());
  event.source = mapping.source.empty() ? claim.service() : mapping.source;
  if (event.system.empty()) event.system = mapping.system.empty() ? claim.service() : mapping.system;
  if (!claim.has_actor()) {
    event.actor.id = claim.service().empty() ? event.system : claim.service();
    event.actor.type = ActorType::kService;
  }
  if (status) status = validate(event);
  if (!status) {
    output.refuse(line, std::move(status.error().text), event.id);
  } else if (!objection.empty()) {
    output.refuse(line, std::string(objection), to_json(event));
  } else {
    output.events.add_copy(event);
  }
}

// A claim as it comes out.
struct Access {
  Claim claim;
  bool has_inherited = false;  // its user, from a span above
  std::string id;
  std::string id_among_several;  // that it has, or would have, as one of several of its span; only where that is asked
  std::string_view objection;    // why it is refused, if it is
};

// What comes out of a trace, and where to.
struct Emission {
  const Mapping& mapping;
  Output& output;
  const Told* told = nullptr;  // null: nothing was
  Left left = Left::kNothing;
  Made made = {};
};

// The spans of one trace.
class TraceTree {
 public:
  explicit TraceTree(std::span<const Record> records);
  void emit(Emission& emission);

 private:
  static Span make_span(std::span<const Record> records, std::span<const size_t> members);
  Span* find(const SpanId& id);
  Span* actor_span_of(Span& span);
  std::vector<Access> accesses_of(Span& span, const Mapping& mapping, bool with_all_names);
  void emit_span(Span& span, Emission& emission);
  void emit_access(const Access& access, const Span& span, Emission& emission) const;

  const TraceId trace_id_;
  std::vector<Span> spans_;  // by id
};

TraceTree::TraceTree(std::span<const Record> records) : trace_id_(*records.front().head().trace_id) {
  std::vector<size_t> order(records.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto key = [&](size_t i) {
    const RecordHead& head = records[i].head();
    return std::tie(*head.span_id, head.kind, head.time, records[i].hash());
  };
  std::ranges::sort(order, [&](size_t a, size_t b) { return std::pair(key(a), a) < std::pair(key(b), b); });
  for (size_t from = 0; from < order.size();) {
    size_t to = from + 1;
    while (to < order.size() && records[order[to]].head().span_id == records[order[from]].head().span_id) ++to;
    spans_.push_back(make_span(records, std::span(order).subspan(from, to - from)));
    from = to;
  }
}

Span TraceTree::make_span(std::span<const Record> records, std::span<const size_t> members) {
  const RecordHead& first = records[members.front()].head();
  Span span;
  span.id = *first.span_id;
  span.arrival = *std::ranges::min_element(members);
  span.line = records[span.arrival].head().line;
  SpanClaims claims;
  const ContentHash* previous = nullptr;
  for (const size_t member : members) {
    const Record& record = records[member];
    if (!span.parent) span.parent = record.head().parent_span_id;
    // The same record again was sent again: OTLP resends what was not confirmed.
    if (previous == nullptr || *previous != record.hash()) claims.add(record);
    previous = &record.hash();
  }
  span.claims = std::move(claims).join();
  return span;
}

Span* TraceTree::find(const SpanId& id) {
  const auto found = std::ranges::lower_bound(spans_, id, {}, &Span::id);
  return found == spans_.end() || found->id != id ? nullptr : &*found;
}

// The nearest span, from itself upward, that has a user. Each span is walked over once, and a circle ends the walk.
Span* TraceTree::actor_span_of(Span& start) {
  std::vector<Span*> path;
  Span* found = nullptr;
  for (Span* span = &start; span != nullptr && !span->is_on_path;) {
    if (span->is_resolved) {
      found = span->actor_span;
      break;
    }
    span->is_on_path = true;
    path.push_back(span);
    const auto actors = claims_with_actor(*span);
    if (!actors.empty()) {
      const bool is_certain =
          std::ranges::all_of(actors, [&](const Claim* claim) { return claim->has_same_actor(*actors.front()); });
      found = is_certain ? span : nullptr;
      break;
    }
    span = span->parent ? find(*span->parent) : nullptr;
  }
  for (Span* span : path) {
    span->is_resolved = true;
    span->is_on_path = false;
    span->actor_span = found;
  }
  return found;
}

void TraceTree::emit(Emission& emission) {
  std::vector<Span*> order;
  for (Span& span : spans_) {
    if (span.claims.empty()) continue;
    order.push_back(&span);
    const bool needs_user =
        std::ranges::any_of(span.claims, [](const Claim& claim) { return claim.has_line() && !claim.has_actor(); });
    Span* actor_span = needs_user ? actor_span_of(span) : nullptr;
    if (actor_span != nullptr && actor_span != &span) actor_span->is_actor_span = true;
  }
  std::ranges::sort(order, {}, &Span::arrival);
  // Users pass downward only, so that a span may be completed while those below it still look at it.
  for (Span* span : order) emit_span(*span, emission);
}

// The claims of the span, those without a user with the one from above, and what they are called.
std::vector<Access> TraceTree::accesses_of(Span& span, const Mapping& mapping, bool with_all_names) {
  std::vector<Access> accesses;
  std::map<ContentHash, int> seen;
  const bool are_several = span.claims.size() > 1;
  for (const Claim& claim : span.claims) {
    Access& access = accesses.emplace_back(claim);
    if (!claim.has_actor()) {
      if (const Span* const actor_span = actor_span_of(span)) {
        const auto actors = claims_with_actor(*actor_span);
        access.claim.inherit(*actors.front(), actors.size() == 1);
        access.has_inherited = true;
      }
    }
    access.id = fmt::format("{}-{}", hex(trace_id_), hex(span.id));
    if (are_several || with_all_names) {
      const ContentHash identity = access.claim.identity();
      access.id_among_several = access.id + '-' + to_hex(std::span(identity).first<kIdHashBytes>());
      const int occurrence = ++seen[identity];
      if (occurrence > 1) access.id_among_several += fmt::format("-{}", occurrence);
    }
    if (are_several) {
      access.id = access.id_among_several;
      if (!mapping.spans_may_hold_several) access.objection = kSeveral;
    }
    // A half must not take the id of the whole, which may come with a later delivery.
    if (!access.claim.has_actor() || !access.claim.has_line()) {
      const std::string_view suffix = access.claim.has_actor() ? "-noline" : "-noactor";
      access.id += suffix;
      access.id_among_several += suffix;
      if (!mapping.halves_may_come_alone) access.objection = access.claim.has_actor() ? kNoLine : kNoUser;
    }
  }
  return accesses;
}

void TraceTree::emit_span(Span& span, Emission& emission) {
  const bool is_asked = emission.told != nullptr;
  for (const Access& access : accesses_of(span, emission.mapping, is_asked)) {
    const Claim& claim = access.claim;
    if (!claim.has_line() && span.is_actor_span && span.claims.size() == 1 && claim.passes_on_all()) continue;
    if (is_asked && (emission.told->contains(access.id) || emission.told->contains(access.id_among_several))) continue;
    const bool is_settled = claim.has_actor() && claim.has_line() && !access.has_inherited && access.objection.empty();
    if (emission.left == Left::kUnsettled && !is_settled) {
      emission.made.all = false;
      continue;
    }
    emit_access(access, span, emission);
  }
}

void TraceTree::emit_access(const Access& access, const Span& span, Emission& emission) const {
  EventDraft draft;
  draft.event.id = access.id;
  draft.event.trace.trace_id = {trace_id_.data(), trace_id_.size()};
  draft.event.trace.span_id = {span.id.data(), span.id.size()};
  if (span.parent) draft.event.trace.parent_span_id = {span.parent->data(), span.parent->size()};
  Output& output = emission.output;
  const size_t refusals = output.refusals.size();
  complete(draft, access.claim, span.line, emission.mapping, access.objection, output);
  if (output.refusals.size() > refusals) {
    emission.made.all = false;
    if (emission.left == Left::kUnsettled) output.refusals.pop_back();
  } else if (emission.told != nullptr) {
    emission.made.names.push_back(access.id);
    if (access.id_among_several != access.id) emission.made.names.push_back(access.id_among_several);
  }
}

}  // namespace

void make_trace_events(std::span<const Record> records, const Mapping& mapping, Output& output) {
  Emission emission{mapping, output};
  TraceTree(records).emit(emission);
}

Made make_events_but(const Told& told, Left left, std::span<const Record> records, const Mapping& mapping,
                     Output& output) {
  Emission emission{mapping, output, &told, left};
  TraceTree(records).emit(emission);
  return std::move(emission.made);
}

void make_lone_event(const Record& record, std::string_view id, const Mapping& mapping, Output& output) {
  const Claim claim(record);
  const RecordHead& head = record.head();
  EventDraft draft;
  draft.event.id = id;
  if (head.trace_id) draft.event.trace.trace_id = {head.trace_id->data(), head.trace_id->size()};
  complete(draft, claim, head.line, mapping, {}, output);
}

}  // namespace weerbaar::ingest::otlp
