#include "domain/access_event.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <set>

#include "base/check.h"
#include "base/utf8.h"

namespace weerbaar {
namespace {

constexpr size_t kBatchBytesInitial = 4 << 10;
constexpr size_t kBatchBytesKeptMax = 64 << 20;

constexpr std::array<std::string_view, 3> kActorTypes = {"employee", "service", "external"};
constexpr std::array<std::string_view, 12> kActions = {"read",   "search", "list",    "export", "print",  "create",
                                                       "update", "delete", "execute", "login",  "logout", "decide"};
constexpr std::array<std::string_view, 7> kSubjectTypes = {"bsn",     "rsin",     "kvk",  "vehicle",
                                                           "address", "employee", "other"};
constexpr std::array<std::string_view, 3> kOutcomes = {"success", "denied", "failure"};

template <class Enum, size_t N>
std::string_view word_of(const std::array<std::string_view, N>& words, Enum value) {
  const auto index = static_cast<size_t>(value);
  WEERBAAR_CHECK(index < N);
  return words[index];
}

template <class Enum, size_t N>
std::optional<Enum> value_of(const std::array<std::string_view, N>& words, std::string_view word) {
  const auto found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) return std::nullopt;
  return static_cast<Enum>(found - words.begin());
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

Status check_text(std::string_view field, std::string_view text, size_t bytes_max) {
  if (text.size() > bytes_max) {
    return fail(Code::kInvalid, fmt::format("{} is {} bytes long, at most {} are allowed: shorten it at the source",
                                            field, text.size(), bytes_max));
  }
  if (!is_utf8(text)) return fail(Code::kInvalid, fmt::format("{} is not UTF-8: convert it at the source", field));
  if (text.find('\0') != std::string_view::npos) {
    return fail(Code::kInvalid, fmt::format("{} holds a NUL character: remove it at the source", field));
  }
  return {};
}

// A name that identifies: also without control characters, which could forge lines in what people read.
Status check_name(std::string_view field, std::string_view text, size_t bytes_max) {
  WEERBAAR_TRY(check_text(field, text, bytes_max));
  if (has_control(text)) {
    return fail(Code::kInvalid, fmt::format("{} holds a control character: remove it at the source", field));
  }
  return {};
}

Status check_required(std::string_view field, std::string_view text, size_t bytes_max) {
  if (text.empty()) return fail(Code::kInvalid, fmt::format("{} is missing or empty: the source must fill it", field));
  return check_name(field, text, bytes_max);
}

// An identity that begins like a shown pseudonym would pass for somebody's, and could never be asked for.
Status check_identity(std::string_view field, std::string_view text) {
  if (!text.starts_with(kPseudonymMark)) return {};
  return fail(Code::kInvalid,
              fmt::format("{} begins with '{}', by which pseudonyms are known: the source must write it without", field,
                          kPseudonymMark));
}

Status check_trace_id(std::string_view field, std::string_view bytes, size_t size) {
  if (bytes.empty() || bytes.size() == size) return {};
  return fail(Code::kInvalid, fmt::format("{} must be {} hexadecimal digits", field, size * 2));
}

Status check_lists(const AccessEvent& event) {
  if (event.subjects.size() > kSubjectsMax) {
    return fail(Code::kInvalid, fmt::format("subjects has {} items, at most {} are allowed: split the event",
                                            event.subjects.size(), kSubjectsMax));
  }
  for (const Subject& subject : event.subjects) {
    WEERBAAR_TRY(check_required("subjects.id", subject.id, kSubjectIdBytesMax));
    WEERBAAR_TRY(check_identity("subjects.id", subject.id));
    WEERBAAR_TRY(check_name("subjects.role", subject.role, kNameBytesMax));
  }
  if (event.data.size() > kDataCategoriesMax) {
    return fail(Code::kInvalid,
                fmt::format("data has {} items, at most {} are allowed", event.data.size(), kDataCategoriesMax));
  }
  for (const std::string_view category : event.data) WEERBAAR_TRY(check_required("data", category, kNameBytesMax));
  if (event.attributes.size() > kAttributesMax) {
    return fail(Code::kInvalid, fmt::format("attributes has {} members, at most {} are allowed",
                                            event.attributes.size(), kAttributesMax));
  }
  std::set<std::string_view> keys;
  for (const Attribute& attribute : event.attributes) {
    WEERBAAR_TRY(check_required("a key of attributes", attribute.key, kIdBytesMax));
    WEERBAAR_TRY(check_text("a value of attributes", attribute.value, kLineBytesMax));
    if (attribute.value.empty()) {
      return fail(Code::kInvalid, "a value of attributes is empty: it is JSON text, null for nothing");
    }
    if (!keys.insert(attribute.key).second) {
      return fail(Code::kInvalid, "attributes names a key twice: the source must send each once");
    }
  }
  return {};
}

}  // namespace

std::string_view to_string(ActorType type) {
  return word_of(kActorTypes, type);
}
std::string_view to_string(Action action) {
  return word_of(kActions, action);
}
std::string_view to_string(SubjectType type) {
  return word_of(kSubjectTypes, type);
}
std::string_view to_string(Outcome outcome) {
  return word_of(kOutcomes, outcome);
}

std::optional<ActorType> parse_actor_type(std::string_view word) {
  return value_of<ActorType>(kActorTypes, word);
}
std::optional<Action> parse_action(std::string_view word) {
  return value_of<Action>(kActions, word);
}
std::optional<SubjectType> parse_subject_type(std::string_view word) {
  return value_of<SubjectType>(kSubjectTypes, word);
}
std::optional<Outcome> parse_outcome(std::string_view word) {
  return value_of<Outcome>(kOutcomes, word);
}

namespace {

// Whether all bytes are printable ASCII, as nearly every text is. Eight at a time; the last eight may overlap.
bool is_plain(std::string_view text) {
  constexpr uint64_t kEach = 0x0101010101010101;
  const auto is_plain_word = [](uint64_t word) {
    // The high bit of a byte shows that it is beyond ASCII, below the space, or DEL. A borrow only comes from a byte
    // that shows one itself.
    const uint64_t strange = word | (word - kEach * 0x20) | ((word ^ kEach * 0x7F) - kEach);
    return (strange & kEach * 0x80) == 0;
  };
  const auto word_at = [&](size_t at) {
    uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    return word;
  };
  if (text.size() < sizeof(uint64_t)) {
    uint64_t word = kEach * ' ';
    for (const char c : text) word = word << 8U | static_cast<uint8_t>(c);
    return is_plain_word(word);
  }
  for (size_t at = 0; at + sizeof(uint64_t) <= text.size(); at += sizeof(uint64_t)) {
    if (!is_plain_word(word_at(at))) return false;
  }
  return is_plain_word(word_at(text.size() - sizeof(uint64_t)));
}

bool is_plain(std::string_view text, size_t bytes_max) {
  return text.empty() || (text.size() <= bytes_max && is_plain(text));
}
bool is_plain_name(std::string_view text, size_t bytes_max) {
  return !text.empty() && text.size() <= bytes_max && is_plain(text);
}

bool is_plain_identity(std::string_view text, size_t bytes_max) {
  return is_plain_name(text, bytes_max) && text.front() != kPseudonymMark;
}

bool are_surely_valid(std::span<const Attribute> attributes) {
  constexpr size_t kFew = 8;
  if (attributes.size() > kFew) return false;
  for (size_t i = 0; i < attributes.size(); ++i) {
    const Attribute& attribute = attributes[i];
    if (!is_plain_name(attribute.key, kIdBytesMax) || !is_plain_name(attribute.value, kLineBytesMax)) return false;
    for (size_t k = 0; k < i; ++k) {
      if (attributes[k].key == attribute.key) return false;
    }
  }
  return true;
}

// Whether an event obeys every rule for the simplest of reasons. False says nothing yet.
bool is_surely_valid(const AccessEvent& event) {
  const auto has_size = [](std::string_view bytes, size_t size) { return bytes.empty() || bytes.size() == size; };
  if (!is_plain_name(event.id, kIdBytesMax) || !is_plain_name(event.source, kNameBytesMax) ||
      !is_plain_identity(event.actor.id, kNameBytesMax) || !is_plain_name(event.system, kNameBytesMax)) {
    return false;
  }
  if (event.time.micros < kMicrosMin || event.time.micros > kMicrosMax || event.time.nanos > 999) return false;
  for (const std::string_view* text :
       {&event.actor.function, &event.actor.unit, &event.component, &event.purpose.processing_activity,
        &event.purpose.case_id, &event.purpose.legal_basis, &event.workplace.terminal, &event.workplace.ip,
        &event.workplace.location}) {
    if (!is_plain(*text, kTextBytesMax)) return false;
  }
  if (!(event.actor.on_behalf_of.empty() || is_plain_identity(event.actor.on_behalf_of, kNameBytesMax)) ||
      !is_plain(event.purpose.reason, kQueryBytesMax) || !is_plain(event.query, kQueryBytesMax) ||
      event.records.value_or(0) > kRecordsMax) {
    return false;
  }
  if (!has_size(event.trace.trace_id, 16) || !has_size(event.trace.span_id, 8) ||
      !has_size(event.trace.parent_span_id, 8)) {
    return false;
  }
  if (event.subjects.size() > kSubjectsMax || event.data.size() > kDataCategoriesMax) return false;
  for (const Subject& subject : event.subjects) {
    if (!is_plain_identity(subject.id, kSubjectIdBytesMax) || !is_plain(subject.role, kNameBytesMax)) return false;
  }
  for (const std::string_view category : event.data) {
    if (!is_plain_name(category, kNameBytesMax)) return false;
  }
  return are_surely_valid(event.attributes);
}

}  // namespace

Status validate(const AccessEvent& event) {
  if (is_surely_valid(event)) return {};
  WEERBAAR_TRY(check_required("id", event.id, kIdBytesMax));
  WEERBAAR_TRY(check_required("source", event.source, kNameBytesMax));
  WEERBAAR_TRY(check_required("actor.id", event.actor.id, kNameBytesMax));
  WEERBAAR_TRY(check_identity("actor.id", event.actor.id));
  WEERBAAR_TRY(check_required("system", event.system, kNameBytesMax));
  if (event.time.micros < kMicrosMin || event.time.micros > kMicrosMax || event.time.nanos > 999) {
    return fail(Code::kInvalid, "time falls outside the years 0000 to 9999");
  }
  const std::pair<std::string_view, std::string_view> names[] = {
      {"actor.function", event.actor.function},
      {"actor.unit", event.actor.unit},
      {"component", event.component},
      {"purpose.processing_activity", event.purpose.processing_activity},
      {"purpose.case", event.purpose.case_id},
      {"purpose.legal_basis", event.purpose.legal_basis},
      {"workplace.terminal", event.workplace.terminal},
      {"workplace.ip", event.workplace.ip},
      {"workplace.location", event.workplace.location},
  };
  for (const auto& [field, text] : names) WEERBAAR_TRY(check_name(field, text, kTextBytesMax));
  WEERBAAR_TRY(check_name("actor.on_behalf_of", event.actor.on_behalf_of, kNameBytesMax));
  WEERBAAR_TRY(check_identity("actor.on_behalf_of", event.actor.on_behalf_of));
  WEERBAAR_TRY(check_text("purpose.reason", event.purpose.reason, kQueryBytesMax));
  WEERBAAR_TRY(check_text("query", event.query, kQueryBytesMax));
  if (event.records.value_or(0) > kRecordsMax) return fail(Code::kInvalid, "records is larger than 2^62 - 1");
  WEERBAAR_TRY(check_trace_id("trace.trace_id", event.trace.trace_id, 16));
  WEERBAAR_TRY(check_trace_id("trace.span_id", event.trace.span_id, 8));
  WEERBAAR_TRY(check_trace_id("trace.parent_span_id", event.trace.parent_span_id, 8));
  return check_lists(event);
}

EventBatch::EventBatch() : memory_(std::make_unique<std::pmr::monotonic_buffer_resource>(kBatchBytesInitial)) {}

void* EventBatch::allocate(size_t bytes, size_t alignment) {
  used_bytes_ += bytes + alignment - 1;
  return memory_->allocate(bytes, alignment);
}

std::string_view EventBatch::keep(std::string_view text) {
  if (text.empty()) return {};
  auto* copy = static_cast<char*>(allocate(text.size(), 1));
  std::memcpy(copy, text.data(), text.size());
  return {copy, text.size()};
}

std::string_view EventBatch::keep_padded(std::string_view text, size_t padding) {
  auto* copy = static_cast<char*>(allocate(text.size() + padding, 1));
  std::memcpy(copy, text.data(), text.size());
  std::memset(copy + text.size(), 0, padding);
  return {copy, text.size()};
}

template <class T>
std::span<const T> EventBatch::keep_items(std::span<const T> items) {
  if (items.empty()) return {};
  auto* copy = static_cast<T*>(allocate(items.size_bytes(), alignof(T)));
  std::uninitialized_copy(items.begin(), items.end(), copy);
  return {copy, items.size()};
}

std::span<const Subject> EventBatch::keep(std::span<const Subject> subjects) {
  return keep_items(subjects);
}
std::span<const std::string_view> EventBatch::keep(std::span<const std::string_view> texts) {
  return keep_items(texts);
}
std::span<const Attribute> EventBatch::keep(std::span<const Attribute> attributes) {
  return keep_items(attributes);
}

void EventBatch::add_copy(const AccessEvent& event) {
  AccessEvent copy = event;
  for (std::string_view* text :
       {&copy.id, &copy.source, &copy.actor.id, &copy.actor.function, &copy.actor.unit, &copy.actor.on_behalf_of,
        &copy.system, &copy.component, &copy.query, &copy.purpose.processing_activity, &copy.purpose.case_id,
        &copy.purpose.legal_basis, &copy.purpose.reason, &copy.workplace.terminal, &copy.workplace.ip,
        &copy.workplace.location, &copy.trace.trace_id, &copy.trace.span_id, &copy.trace.parent_span_id}) {
    *text = keep(*text);
  }
  std::vector<Subject> subjects(event.subjects.begin(), event.subjects.end());
  for (Subject& subject : subjects) subject = {subject.type, keep(subject.id), keep(subject.role)};
  std::vector<std::string_view> data(event.data.begin(), event.data.end());
  for (std::string_view& category : data) category = keep(category);
  std::vector<Attribute> attributes(event.attributes.begin(), event.attributes.end());
  for (Attribute& attribute : attributes) attribute = {keep(attribute.key), keep(attribute.value)};
  copy.subjects = keep(std::span<const Subject>(subjects));
  copy.data = keep(std::span<const std::string_view>(data));
  copy.attributes = keep(std::span<const Attribute>(attributes));
  add(copy);
}

void EventBatch::clear() {
  events_.clear();
  if (used_bytes_ > buffer_bytes_ && used_bytes_ <= kBatchBytesKeptMax) {
    memory_.reset();  // before the buffer that it points into
    buffer_bytes_ = used_bytes_ + used_bytes_ / 8;
    buffer_ = std::make_unique_for_overwrite<std::byte[]>(buffer_bytes_);
    memory_ = std::make_unique<std::pmr::monotonic_buffer_resource>(buffer_.get(), buffer_bytes_);
  } else {
    memory_->release();
  }
  used_bytes_ = 0;
}

}  // namespace weerbaar
