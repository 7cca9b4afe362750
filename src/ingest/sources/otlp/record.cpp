#include "ingest/sources/otlp/record.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "base/check.h"

namespace weerbaar::ingest::otlp {
namespace {

struct Word {
  std::string_view key;
  Field field;
  uint8_t rank = 0;
};

// Written without underscores and in lower case: LDV is read in snake_case and in camelCase.
constexpr Word kLdvWords[] = {
    {"dpl.core.processingactivityid", Field::kProcessingActivity},
    {"dpl.core.datasubjectid", Field::kSubjectId},
    {"dpl.core.datasubjectidtype", Field::kSubjectIdType},
};

constexpr Word kWords[] = {
    {"weerbaar.actor.type", Field::kActorType},
    {"weerbaar.actor.function", Field::kActorFunction},
    {"weerbaar.actor.unit", Field::kActorUnit},
    {"weerbaar.actor.on_behalf_of", Field::kOnBehalfOf},
    {"weerbaar.action", Field::kAction},
    {"weerbaar.system", Field::kSystem},
    {"weerbaar.component", Field::kComponent},
    {"weerbaar.data", Field::kData},
    {"weerbaar.query", Field::kQuery},
    {"weerbaar.records", Field::kRecords},
    {"weerbaar.case", Field::kCase},
    {"weerbaar.legal_basis", Field::kLegalBasis},
    {"weerbaar.reason", Field::kReason},
    {"weerbaar.break_glass", Field::kBreakGlass},
    {"weerbaar.outcome", Field::kOutcome},
    {"weerbaar.workplace.terminal", Field::kTerminal},
    {"weerbaar.workplace.ip", Field::kIp},
    {"weerbaar.workplace.location", Field::kLocation},
    // Statements may hold personal data: as the query they are made pseudonymous, as attributes they would not be.
    {"db.query.text", Field::kQuery, 1},
    {"db.statement", Field::kQuery, 2},
};

char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// `word` is in lower case and without underscores.
bool is_spelling_of(std::string_view key, std::string_view word) {
  size_t matched = 0;
  for (const char c : key) {
    if (c == '_') continue;
    if (matched == word.size() || to_lower(c) != word[matched]) return false;
    ++matched;
  }
  return matched == word.size();
}

template <class T>
void append_raw(std::string& to, const T& value) {
  to.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void append_sized(std::string& to, std::string_view text) {
  append_raw(to, text.size());
  to += text;
}

ContentHash hash_of(const RecordHead& head, const Resource& resource, std::span<const Item> items) {
  std::string bytes;
  bytes.reserve(1024);
  append_raw(bytes, head.kind);
  append_sized(bytes, head.trace_id ? std::string_view(head.trace_id->data(), 16) : "");
  append_sized(bytes, head.span_id ? std::string_view(head.span_id->data(), 8) : "");
  append_sized(bytes, head.parent_span_id ? std::string_view(head.parent_span_id->data(), 8) : "");
  append_raw(bytes, head.time.micros);
  append_raw(bytes, head.time.nanos);
  append_sized(bytes, resource.service);
  for (const Item& item : items) {
    append_raw(bytes, item.is_text);
    append_sized(bytes, item.key);
    append_sized(bytes, item.value);
  }
  return content_hash(bytes);
}

}  // namespace

Meaning meaning_of(std::string_view key, const Mapping& mapping) {
  for (size_t i = 0; i < mapping.actor_attributes.size(); ++i) {
    if (key == mapping.actor_attributes[i]) return {Field::kActorId, static_cast<uint8_t>(i)};
  }
  if (key.starts_with("dpl.")) {
    for (const Word& word : kLdvWords) {
      if (is_spelling_of(key, word.key)) return {word.field, word.rank};
    }
  } else if (key.starts_with("weerbaar.") || key.starts_with("db.")) {
    const auto* found = std::ranges::find(kWords, key, &Word::key);
    if (found != std::end(kWords)) return {found->field, found->rank};
  }
  return {};
}

const Item* find_field(std::span<const Item> items, Field field) {
  const auto found = std::ranges::find(items, field, &Item::field);
  return found == items.end() ? nullptr : &*found;
}

size_t json_bytes(const Item& item) {
  size_t escapes = 0;
  for (const char c : item.value) {
    // As \u001f at the longest; most are shorter.
    if (static_cast<uint8_t>(c) < 0x20) escapes += 5;
    if (c == '"' || c == '\\') ++escapes;
  }
  return item.key.size() + item.value.size() + escapes + 6;
}

ContentHash content_hash(std::string_view bytes) {
  static const EVP_MD* const kSha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  ContentHash hash{};
  WEERBAAR_CHECK(kSha256 != nullptr &&
                 EVP_Digest(bytes.data(), bytes.size(), hash.data(), nullptr, kSha256, nullptr) == 1);
  return hash;
}

Record::Record(const RecordHead& head, std::shared_ptr<const Resource> resource, std::span<const Item> items)
    : head_(head), resource_(std::move(resource)), hash_(hash_of(head, *resource_, items)) {
  for (const Item& item : items) text_bytes_ += item.key.size() + item.value.size();
  text_ = std::make_unique_for_overwrite<char[]>(text_bytes_);
  char* to = text_.get();
  const auto copy = [&to](std::string_view text) {
    if (!text.empty()) std::memcpy(to, text.data(), text.size());
    to += text.size();
    return std::string_view(to - text.size(), text.size());
  };
  items_.reserve(items.size());
  for (const Item& item : items) {
    const std::string_view key = copy(item.key);
    items_.push_back({item.field, item.is_text, key, copy(item.value)});
  }
}

bool Record::tells_of_access() const {
  return std::ranges::any_of(items_, [](const Item& item) {
    return item.field != Field::kNone && item.field != Field::kName && item.field != Field::kStatus;
  });
}

size_t Record::bytes() const {
  return sizeof *this + text_bytes_ + items_.size() * sizeof(Item) + resource_->service.size() +
         resource_->attributes.size();
}

}  // namespace weerbaar::ingest::otlp
