#include "trail/package/shown_entry.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <span>
#include <utility>

#include "base/check.h"
#include "domain/access_event_json.h"
#include "trail/format/cbor.h"
#include "trail/format/sha256.h"
#include "trail/package/json_scalar.h"

namespace weerbaar::trail {
namespace {

constexpr int64_t kMicrosPerMilli = 1'000;
constexpr std::string_view kWithheld = ",\"withheld\":[";

// Gives the text of a field that is under the period key.
using TextOf = std::function<std::string_view(const Disclosed& field)>;

struct StoredAttribute {
  std::string_view name;
  std::string_view plain;   // "true", "false" or "null"; else empty
  std::string_view sealed;  // bytes
};

// `bytes` are from a decoded entry, so they are well-formed.
std::vector<StoredAttribute> attributes_of(std::string_view bytes) {
  std::vector<StoredAttribute> attributes;
  if (bytes.empty()) return attributes;
  CborReader cbor(as_bytes(bytes));
  for (uint64_t left = cbor.map(); left > 0; --left) {
    StoredAttribute attribute;
    attribute.name = cbor.text();
    if (cbor.peek_major() == 2) {
      attribute.sealed = as_text(cbor.bytes());
    } else if (cbor.take_null()) {
      attribute.plain = "null";
    } else {
      attribute.plain = cbor.boolean() ? "true" : "false";
    }
    attributes.push_back(attribute);
  }
  WEERBAAR_CHECK(cbor.complete());
  return attributes;
}

Disclosed field_of(Domain domain, std::string_view bytes, bool sealed) {
  return {domain, 0, sealed, std::string(bytes), {}, {}};
}

Disclosed field_of(Period period, const StoredSubject& subject) {
  Disclosed field = field_of(domain_of(subject.type), subject.bytes, false);
  if (subject.is_number) {
    field.digits = digits_of(subject.type);
    field.pseudonym = std::to_string(subject.number);
  }
  field.hidden = pseudonym_text(period, subject);
  return field;
}

// The event with the texts that `text_of` gives for the fields under the key, asked in the order of the JSON, free text
// only where it is not withheld; the rest is that of `plain`.
AccessEvent with_texts(const StoredEvent& stored, const AccessEvent& plain, bool withholds, const TextOf& text_of,
                       EventBatch& texts) {
  AccessEvent event = plain;
  const auto fill = [&](std::string_view& to, Domain domain, std::string_view bytes, bool sealed) {
    if (!bytes.empty() && !(sealed && withholds)) to = texts.keep(text_of(field_of(domain, bytes, sealed)));
  };
  fill(event.actor.id, Domain::kActor, stored.actor.id, false);
  fill(event.actor.on_behalf_of, Domain::kActor, stored.on_behalf_of, false);
  std::vector<Subject> subjects(plain.subjects.begin(), plain.subjects.end());
  for (size_t i = 0; i < subjects.size(); ++i) {
    subjects[i].id = texts.keep(text_of(field_of(Period{stored.period}, stored.subjects[i])));
  }
  event.subjects = texts.keep(std::span<const Subject>(subjects));
  fill(event.query, Domain::kQuery, stored.query, true);
  fill(event.purpose.reason, Domain::kReason, stored.reason, true);
  fill(event.workplace.terminal, Domain::kTerminal, stored.terminal, false);
  fill(event.workplace.ip, Domain::kIp, stored.ip, false);
  if (withholds) return event;
  std::vector<Attribute> attributes;
  for (const StoredAttribute& attribute : attributes_of(stored.attributes)) {
    std::string_view value = attribute.plain;
    if (value.empty()) value = texts.keep(text_of(field_of(Domain::kAttribute, attribute.sealed, true)));
    attributes.push_back({texts.keep(attribute.name), value});
  }
  event.attributes = texts.keep(std::span<const Attribute>(attributes));
  return event;
}

std::vector<std::string> withheld_of(const StoredEvent& stored) {
  std::vector<std::string> names;
  if (!stored.query.empty()) names.emplace_back("query");
  if (!stored.reason.empty()) names.emplace_back("purpose.reason");
  for (const StoredAttribute& attribute : attributes_of(stored.attributes)) {
    if (attribute.plain.empty()) names.push_back(fmt::format("attributes.{}", attribute.name));
  }
  return names;
}

std::vector<std::string> marks_of(uint64_t marks) {
  std::vector<std::string> names;
  for (unsigned bit = 0; bit < 64; ++bit) {
    if ((marks >> bit & 1U) == 0) continue;
    names.push_back(uint64_t{1} << bit == kMarkFuture ? "future" : fmt::format("bit {}", bit));
  }
  return names;
}

void append_names(std::string& to, std::string_view key, const std::vector<std::string>& names) {
  if (names.empty()) return;
  to += fmt::format(",\"{}\":[", key);
  for (const std::string& name : names) {
    if (&name != names.data()) to += ',';
    append_json_string(to, name);
  }
  to += ']';
}

// Subjects that kept their pseudonyms are not disclosed; true when there are such. Each has its own place: what stands
// in it is the pseudonym of that subject, or is taken for an identity.
bool drop_hidden(std::vector<Disclosed>& disclosed) {
  return std::erase_if(disclosed,
                       [](const Disclosed& field) { return !field.hidden.empty() && field.text == field.hidden; }) > 0;
}

// Everything before the first scalar that may differ, the scalar that stands there in `text`, and so on.
class HoleReader {
 public:
  explicit HoleReader(std::string_view text) : text_(text) {}

  // True, and passed, when the text goes on with this.
  bool take(std::string_view literal) {
    const auto same =
        std::mismatch(literal.begin(), literal.end(), text_.begin() + static_cast<long>(at_), text_.end());
    at_ += static_cast<size_t>(same.first - literal.begin());
    return same.first == literal.end();
  }
  // A JSON scalar: up to the end of a string, or up to what ends another scalar.
  std::string_view take_scalar() {
    const size_t begin = at_;
    if (at_ < text_.size() && text_[at_] == '"') {
      ++at_;
      while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2U : 1U;
      at_ = std::min(at_ + 1, text_.size());
    } else {
      at_ = std::min(text_.find_first_of(",]}\n", at_), text_.size());
    }
    return text_.substr(begin, at_ - begin);
  }
  [[nodiscard]] size_t at() const { return at_; }
  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }

 private:
  std::string_view text_;
  size_t at_ = 0;
};

std::unexpected<Error> differs(size_t at) {
  return fail(Code::kInvalid, fmt::format("from byte {} on it does not say what the entry holds", at + 1));
}

// Finds what stands in `json` in the places of `hole` in `expected`, and completes `fields` with it.
Status read_holes(std::string_view json, std::string_view expected, std::string_view hole,
                  std::vector<Disclosed>& fields) {
  HoleReader reader(json);
  for (Disclosed& field : fields) {
    const size_t next = expected.find(hole);
    WEERBAAR_CHECK(next != std::string_view::npos);
    if (!reader.take(expected.substr(0, next))) return differs(reader.at());
    expected.remove_prefix(next + hole.size());
    const size_t begin = reader.at();
    const std::string_view scalar = reader.take_scalar();
    if (field.domain == Domain::kAttribute) {
      if (!is_json_string_or_number(scalar)) return differs(begin);
      field.text = scalar;
    } else {
      auto text = parse_json_string(scalar);
      if (!text) return differs(begin);
      field.text = std::move(*text);
    }
  }
  if (!reader.take(expected) || !reader.at_end()) return differs(reader.at());
  return {};
}

}  // namespace

Result<ShownEntry> show(EntryIndex index, const Entry& entry, const Pseudonymiser* key, EventBatch& texts,
                        const ShowsSubject& shows) {
  ShownEntry shown;
  shown.index = index;
  const int64_t received_ms = entry.is_event() ? entry.event().received_ms : entry.record().received_ms;
  if (received_ms > kMicrosMax / kMicrosPerMilli) return fail(Code::kCorrupt, "it was received after the year 9999");
  shown.received = {received_ms * kMicrosPerMilli, 0};
  if (!entry.is_event()) {
    shown.record_type = entry.record().type;
    shown.record_body = entry.record().body;
    return shown;
  }
  const StoredEvent& stored = entry.event();
  if (!is_period(stored.period)) return fail(Code::kCorrupt, "its period is no quarter of the years 1970 to 9999");
  shown.period = to_string(Period{stored.period});
  shown.disclosure = key != nullptr ? Disclosure::kIdentities : Disclosure::kPseudonyms;
  shown.marks = marks_of(stored.marks);
  if (key == nullptr) shown.withheld = withheld_of(stored);
  WEERBAAR_TRY(decode(stored, shown.disclosure, key, texts));
  shown.event = texts.events().back();
  if (key != nullptr && shows) {
    WEERBAAR_TRY(decode(stored, Disclosure::kPseudonyms, nullptr, texts));
    if (hide_others(*shown.event, texts.events().back(), shows, texts)) shown.withheld = withheld_of(stored);
  }
  return shown;
}

std::string to_json(const ShownEntry& entry) {
  std::string text =
      fmt::format("{{\"index\":{},\"received\":\"{}\"", entry.index.value(), format_time(entry.received));
  if (!entry.event) {
    text += ",\"record\":{\"type\":";
    append_json_string(text, entry.record_type);
    text += ",\"body\":";
    append_json_string(text, entry.record_body);
    return text + "}}\n";
  }
  text += fmt::format(",\"period\":\"{}\",\"disclosure\":\"{}\"", entry.period,
                      entry.disclosure == Disclosure::kIdentities ? "identities" : "pseudonyms");
  append_names(text, "marks", entry.marks);
  append_names(text, "withheld", entry.withheld);
  text += ",\"event\":";
  append_json(text, *entry.event);
  return text + "}\n";
}

namespace {

// Reads JSON that shows identities into `read`, which has the entry under pseudonyms. `mark`: a text that cannot stand
// in the entry, for the places of what is under the key.
Status read_identities(std::string_view json, const StoredEvent& stored, const std::string& mark, ReadEntry& read,
                       EventBatch& texts) {
  ShownEntry& shown = read.entry;
  const AccessEvent plain = *shown.event;
  const std::vector<std::string> free_text = std::exchange(shown.withheld, {});
  shown.disclosure = Disclosure::kIdentities;
  const std::string without = to_json(shown);
  const std::string_view before_event = std::string_view(without).substr(0, without.find(",\"event\":"));
  const bool withholds = json.starts_with(before_event) && json.substr(before_event.size()).starts_with(kWithheld);
  if (withholds) shown.withheld = free_text;
  const std::string hole = fmt::format("\"{}\"", mark);
  const TextOf marked = [&](const Disclosed& field) -> std::string_view {
    read.disclosed.push_back(field);
    return field.domain == Domain::kAttribute ? hole : mark;
  };
  EventBatch scratch;
  shown.event = with_texts(stored, plain, withholds, marked, scratch);
  WEERBAAR_TRY(read_holes(json, to_json(shown), hole, read.disclosed));
  size_t next = 0;
  const TextOf found = [&](const Disclosed&) -> std::string_view { return read.disclosed[next++].text; };
  shown.event = with_texts(stored, plain, withholds, found, texts);
  const bool hides = drop_hidden(read.disclosed);
  if (free_text.empty() || hides == withholds) return {};
  return fail(Code::kInvalid, hides ? "it shows free text, which may name the persons whom it does not show"
                                    : "it withholds free text, and shows every person");
}

}  // namespace

Result<ReadEntry> read_json(std::string_view json, EntryIndex index, ByteView bytes, EventBatch& texts) {
  Entry entry;
  WEERBAAR_TRY(entry.decode(bytes));
  ReadEntry read;
  WEERBAAR_ASSIGN(read.entry, show(index, entry, nullptr, texts));
  const std::string pseudonyms = to_json(read.entry);
  if (json == pseudonyms) return read;
  if (!read.entry.event) {
    HoleReader reader(json);
    reader.take(pseudonyms);
    return differs(reader.at());
  }
  WEERBAAR_TRY(read_identities(json, entry.event(), to_hex(sha256(bytes)), read, texts));
  return read;
}

}  // namespace weerbaar::trail
