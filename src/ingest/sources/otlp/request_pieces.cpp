#include "ingest/sources/otlp/request_pieces.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ingest/sources/otlp/json_splitter.h"

namespace weerbaar::ingest::otlp {
namespace {

constexpr std::string_view kClosing = "]}";
// Stands for what nests too deep beside a list.
constexpr std::string_view kLeftOut = "\"nested too deep\"";
// Of the LDV reading extension: a list of lines that is never cut.
constexpr std::string_view kActivities[2] = {"processingActivities", "processing_activities"};
// Levels at which the members of a block, those of a scope, and the records stand in a request.
constexpr size_t kBlockLevels = 3;
constexpr size_t kScopeLevels = 5;
static_assert(kRecordDepthMax + 6 == kJsonDepthMax);
// Blocks and scopes of one request that are kept in mind.
constexpr size_t kListsMax = 100'000;

struct Words {
  std::string_view resources[2];
  std::string_view scopes[2];
  std::string_view records[2];
};
constexpr Words kWords[] = {
    {{"resourceSpans", "resource_spans"}, {"scopeSpans", "scope_spans"}, {"spans", "spans"}},
    {{"resourceLogs", "resource_logs"}, {"scopeLogs", "scope_logs"}, {"logRecords", "log_records"}},
};

bool is_one_of(std::string_view key, const std::string_view (&words)[2]) {
  return key == words[0] || key == words[1];
}

// Of a value with balanced brackets.
size_t nesting_of(std::string_view json) {
  size_t depth = 0;
  size_t deepest = 0;
  bool in_string = false;
  for (size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (in_string && c == '\\') {
      ++at;
    } else if (c == '"') {
      in_string = !in_string;
    } else if (!in_string && (c == '{' || c == '[')) {
      deepest = std::max(deepest, ++depth);
    } else if (!in_string && (c == '}' || c == ']')) {
      --depth;
    }
  }
  return deepest;
}

bool is_too_deep(std::string_view json, size_t levels_around) {
  return nesting_of(json) + levels_around > kJsonDepthMax;
}

// Finds where values end, and judges nothing else.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  // Passes blanks, and then `c` when it stands there.
  bool take(char c) {
    at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  // The value that begins here, with its quotes or brackets; nothing when none does.
  std::optional<std::string_view> value() {
    at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
    const size_t start = at_;
    if (at_ < text_.size() && text_[at_] == '"') {
      skip_string();
    } else if (at_ < text_.size() && (text_[at_] == '{' || text_[at_] == '[')) {
      skip_brackets();
    } else {
      at_ = std::min(text_.find_first_of(",:]} \t\r\n", at_), text_.size());
    }
    if (at_ == start) return std::nullopt;
    return text_.substr(start, at_ - start);
  }
  [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }

 private:
  void skip_string() {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == '"') {
        ++at_;
        return;
      }
    }
    at_ = text_.size();
  }
  void skip_brackets() {
    size_t depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        skip_string();
        continue;
      }
      ++at_;
      if (c == '{' || c == '[') ++depth;
      if ((c == '}' || c == ']') && --depth == 0) return;
    }
  }

  std::string_view text_;
  size_t at_ = 0;
};

// An object of which one member may be a list, and the others are as they were written, but for what nests too deep.
struct Around {
  std::string others;     // members, each with a comma behind it
  std::string_view key;   // of the list
  std::string_view list;  // with its brackets; empty when there is none
};

// Nothing when it is no such object, or the others are too large.
std::optional<Around> around_list(std::string_view object, const std::string_view (&words)[2], size_t levels) {
  Around around;
  Cursor cursor(object);
  if (!cursor.take('{')) return std::nullopt;
  do {
    const auto key = cursor.value();
    if (!key || key->size() < 2 || !key->starts_with('"') || !cursor.take(':')) return std::nullopt;
    const auto value = cursor.value();
    if (!value) return std::nullopt;
    const std::string_view name = key->substr(1, key->size() - 2);
    if (is_one_of(name, words)) {
      if (!around.list.empty() || !value->starts_with('[')) return std::nullopt;
      around.key = name;
      around.list = *value;
      continue;
    }
    if (around.others.size() + key->size() + value->size() > kAroundBytesMax) return std::nullopt;
    around.others.append(*key).append(":").append(is_too_deep(*value, levels) ? kLeftOut : *value).append(",");
  } while (cursor.take(','));
  if (!cursor.take('}')) return std::nullopt;
  return around;
}

// What is left of an object, or what should have been one, that nests too deep.
std::string shallow(const std::optional<Around>& object) {
  if (!object) return std::string(kLeftOut);
  return "{" + object->others.substr(0, object->others.size() - 1) + "}";
}

// Nothing when it is no list of values, or one of too many.
std::optional<std::vector<std::string_view>> items_of(std::string_view list) {
  std::vector<std::string_view> items;
  Cursor cursor(list);
  if (!cursor.take('[')) return std::nullopt;
  if (cursor.take(']')) return items;
  do {
    const auto item = cursor.value();
    if (!item || items.size() == kListsMax) return std::nullopt;
    items.push_back(*item);
  } while (cursor.take(','));
  if (!cursor.take(']')) return std::nullopt;
  return items;
}

std::string opening(const Around& around) {
  return "{" + around.others + "\"" + std::string(around.key) + "\":[";
}

// A scope, or a block with its scopes. One without a list inside holds no records, or is wrong, which is found when it
// is read: it stays as it is, but for what nests too deep.
struct Part {
  std::string text;  // of one without a list
  std::optional<Around> around;
  std::vector<Part> parts;
};

std::optional<Part> part_of(std::string_view text, const std::string_view (&words)[2], size_t levels) {
  auto around = around_list(text, words, levels);
  if (around && !around->list.empty()) return Part{{}, std::move(around), {}};
  if (text.size() > kAroundBytesMax) return std::nullopt;
  return Part{is_too_deep(text, levels - 1) ? shallow(around) : std::string(text), std::nullopt, {}};
}

std::optional<Part> block_of(std::string_view text, const Words& words, size_t& lists) {
  auto block = part_of(text, words.scopes, kBlockLevels);
  if (!block || !block->around) return block;
  const auto scopes = items_of(block->around->list);
  if (!scopes) return std::nullopt;
  lists += scopes->size();
  if (lists > kListsMax) return std::nullopt;
  for (const std::string_view scope : *scopes) {
    auto part = part_of(scope, words.records, kScopeLevels);
    if (!part) return std::nullopt;
    block->parts.push_back(std::move(*part));
  }
  return block;
}

// Writes the records that do not nest too deep, and what is no list of records as it is: the decoder refuses that.
class Sieve {
 public:
  Sieve(RequestPieces& pieces, const RefuseJson& refuse) : pieces_(pieces), refuse_(refuse) {}

  void add_block(const Part& block);

 private:
  void add_record(std::string_view json) {
    if (is_too_deep(json, kJsonDepthMax - kRecordDepthMax)) return refuse_(kRecordTooDeep, json);
    pieces_.add(json);
  }
  void add_records(std::string_view list);

  RequestPieces& pieces_;
  const RefuseJson& refuse_;
};

void Sieve::add_records(std::string_view list) {
  Cursor cursor(list);
  if (!cursor.take('[') || cursor.take(']')) return;
  bool is_whole = true;
  do {
    const auto record = cursor.value();
    is_whole = record.has_value();
    if (is_whole) add_record(*record);
  } while (is_whole && cursor.take(','));
  // What is no list of values stays none.
  if (is_whole && cursor.take(']')) return;
  pieces_.add(", " + std::string(cursor.rest().substr(0, cursor.rest().rfind(']'))));
}

void Sieve::add_block(const Part& block) {
  if (!block.around) return pieces_.add(block.text);
  pieces_.open(opening(*block.around));
  for (const Part& scope : block.parts) {
    if (!scope.around) {
      pieces_.add(scope.text);
      continue;
    }
    pieces_.open(opening(*scope.around));
    add_records(scope.around->list);
    pieces_.close();
  }
  pieces_.close();
}

}  // namespace

void RequestPieces::open(std::string opening) {
  give_when_full();
  separate();
  text_ += opening;
  open_.push_back(std::move(opening));
  is_first_ = true;
}

void RequestPieces::close() {
  text_ += kClosing;
  open_.pop_back();
  is_first_ = false;
  has_something_ = true;
}

void RequestPieces::add(std::string_view json) {
  give_when_full();
  separate();
  text_ += json;
  has_something_ = true;
}

void RequestPieces::finish() {
  while (!open_.empty()) close();
  if (has_something_) use_(text_);
  text_.clear();
  has_something_ = false;
}

void RequestPieces::separate() {
  if (!is_first_) text_ += ',';
  is_first_ = false;
}

void RequestPieces::give_when_full() {
  if (!has_something_ || text_.size() < piece_bytes_) return;
  for (size_t i = 0; i < open_.size(); ++i) text_ += kClosing;
  use_(text_);
  text_.clear();
  for (const std::string& opening : open_) text_ += opening;
  is_first_ = true;
  has_something_ = false;
}

bool cut_request(std::string_view object, size_t piece_bytes, const UseJson& use, const RefuseJson& refuse) {
  for (const Words& words : kWords) {
    const auto request = around_list(object, words.resources, 1);
    if (!request || request->list.empty() || !request->others.empty()) continue;
    const auto texts = items_of(request->list);
    if (!texts) return false;
    std::vector<Part> blocks;
    size_t lists = texts->size();
    for (const std::string_view text : *texts) {
      auto block = block_of(text, words, lists);
      if (!block) return false;
      blocks.push_back(std::move(*block));
    }
    RequestPieces pieces(piece_bytes, use);
    pieces.open(opening(*request));
    Sieve sieve(pieces, refuse);
    for (const Part& block : blocks) sieve.add_block(block);
    pieces.finish();
    return true;
  }
  return false;
}

bool may_hold_records(std::string_view object) {
  Cursor cursor(object);
  if (!cursor.take('{')) return true;
  if (cursor.take('}')) return false;
  do {
    const auto key = cursor.value();
    if (!key || key->size() < 2 || !key->starts_with('"') || !cursor.take(':') || !cursor.value()) return true;
    const std::string_view name = key->substr(1, key->size() - 2);
    // It could be any name.
    if (name.find('\\') != std::string_view::npos || is_one_of(name, kActivities)) return true;
    if (std::ranges::any_of(kWords, [&](const Words& words) { return is_one_of(name, words.resources); })) return true;
  } while (cursor.take(','));
  return !cursor.take('}');
}

}  // namespace weerbaar::ingest::otlp
