#include "register/ldif_records.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "register/letters.h"

namespace weerbaar::facts {
namespace {

constexpr std::string_view kTooLarge = "the record is larger than 16 MiB: leave photographs and the like out";
constexpr std::string_view kNoEnd = "the last line has no end: it may be cut short; end it";
constexpr std::string_view kNoDn = "a record begins with its dn, and this one does not";
constexpr std::string_view kTwoNames = "the record has a second dn: an empty line must stand between two records";
constexpr std::string_view kNoAttribute = "the line is no attribute, written as name: value";
constexpr std::string_view kStrayContinuation = "a line that goes on stands where there is nothing before it";
constexpr std::string_view kVersion = "the version of LDIF is not 1";
constexpr std::string_view kChange =
    "it is the record of a change, and not what the directory holds: export its entries, or deliver changes of the "
    "kind add only";
constexpr std::string_view kResponses = "# numResponses: ";
constexpr std::string_view kEntries = "# numEntries: ";
static_assert(kLdifRecordBytesMax == size_t{16} << 20U, "the text above names the limit");

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

LdifRecord::Sort sort_of(std::string_view first_attribute) {
  if (first_attribute == "search") return LdifRecord::Sort::kResult;
  return first_attribute == "ref" ? LdifRecord::Sort::kReference : LdifRecord::Sort::kEntry;
}

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

Result<std::string> LdifAttribute::text() const {
  if (form == Form::kPlain) return value;
  if (form == Form::kUrl) return fail(Code::kInvalid, "its value is elsewhere: deliver the value itself, not a URL");
  const auto bytes = from_base64(trim(value));
  if (!bytes) return fail(Code::kInvalid, "its value is no base64");
  return std::string(as_text(*bytes));
}

void LdifSplitter::feed(std::string_view bytes) {
  buffer_.erase(0, start_);
  start_ = 0;
  buffer_ += bytes;
}

bool LdifSplitter::next(LdifRecord& record) {
  if (!is_complete_ && !take_lines()) return false;
  record = std::exchange(record_, {});
  record_bytes_ = 0;
  is_complete_ = false;
  return true;
}

// True when a record is complete.
bool LdifSplitter::take_lines() {
  for (;;) {
    const std::string_view rest = std::string_view(buffer_).substr(start_);
    const size_t end = rest.find('\n', scanned_);
    if (end == std::string_view::npos) {
      scanned_ = rest.size();
      if (rest.size() > kLdifRecordBytesMax) {
        if (!drops_line_) fault(line_, kTooLarge);
        drops_line_ = true;
      }
      if (drops_line_) {
        start_ = buffer_.size();
        scanned_ = 0;
      }
      break;
    }
    const std::string_view line = rest.substr(0, end);
    if (!drops_line_) take_line(line);
    drops_line_ = false;
    start_ += end + 1;
    scanned_ = 0;
    ++line_;
    if (is_complete_) return true;
  }
  if (!ended_) return false;
  if (start_ < buffer_.size()) {
    fault(line_, kNoEnd);
    start_ = buffer_.size();
    scanned_ = 0;
  }
  end_logical_line();
  end_record();
  return is_complete_;
}

void LdifSplitter::take_line(std::string_view line) {
  if (line.size() > kLdifRecordBytesMax) {
    fault(line_, kTooLarge);
    return;
  }
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.starts_with(' ')) {
    if (in_comment_ || !record_.problem.empty()) return;
    if (!has_logical_) {
      fault(line_, kStrayContinuation);
      return;
    }
    record_bytes_ += line.size();
    if (record_bytes_ > kLdifRecordBytesMax) {
      fault(line_, kTooLarge);
      return;
    }
    logical_ += line.substr(1);
    return;
  }
  end_logical_line();
  in_comment_ = line.starts_with('#');
  if (in_comment_) {
    take_comment(line);
    return;
  }
  is_behind_responses_ = false;
  if (line.empty()) {
    end_record();
    return;
  }
  if (record_.line == 0) record_.line = line_;
  record_bytes_ += line.size();
  if (record_bytes_ > kLdifRecordBytesMax) fault(line_, kTooLarge);
  if (!record_.problem.empty()) return;
  logical_.assign(line);
  logical_line_ = line_;
  has_logical_ = true;
}

// The two lines stand together and outside records. The name of an entry, which is a comment too, makes only one.
void LdifSplitter::take_comment(std::string_view line) {
  const bool is_outside = record_.line == 0;
  const bool may_be_count = std::exchange(is_behind_responses_, is_outside && line.starts_with(kResponses));
  if (!may_be_count || !is_outside || !line.starts_with(kEntries)) return;
  record_.sort = LdifRecord::Sort::kCount;
  record_.line = line_;
  LdifAttribute& count = record_.attributes.emplace_back();
  count.line = line_;
  count.name = "numEntries";
  count.value = line.substr(kEntries.size());
  is_complete_ = true;
}

void LdifSplitter::end_logical_line() {
  if (!has_logical_) return;
  has_logical_ = false;
  if (record_.problem.empty()) take_attribute();
}

void LdifSplitter::take_attribute() {
  const bool may_be_version = std::exchange(at_start_, false);
  const std::string_view line = logical_;
  const size_t colon = line.find(':');
  const std::string_view description = line.substr(0, colon);
  const size_t semicolon = std::min(description.find(';'), description.size());
  LdifAttribute attribute;
  attribute.line = logical_line_;
  attribute.name = description.substr(0, semicolon);
  if (colon == std::string_view::npos || attribute.name.empty() ||
      !std::ranges::all_of(attribute.name, is_name_character)) {
    fault(logical_line_, kNoAttribute);
    return;
  }
  if (semicolon < description.size()) attribute.options = description.substr(semicolon + 1);
  std::string_view value = line.substr(colon + 1);
  if (value.starts_with(':') || value.starts_with('<')) {
    attribute.form = value.front() == ':' ? LdifAttribute::Form::kBase64 : LdifAttribute::Form::kUrl;
    value.remove_prefix(1);
  }
  while (value.starts_with(' ')) value.remove_prefix(1);
  attribute.value = value;
  if (may_be_version && is_same_name(attribute.name, "version")) {
    if (trim(value) != "1") fault(logical_line_, kVersion);
    // It is a part of no record.
    if (record_.problem.empty()) record_.line = 0;
    return;
  }
  const bool is_first = record_.attributes.empty();
  if (is_first) record_.sort = sort_of(attribute.name);
  if (record_.sort == LdifRecord::Sort::kEntry && is_first != is_same_name(attribute.name, "dn")) {
    fault(logical_line_, is_first ? kNoDn : kTwoNames);
  } else if (is_same_name(attribute.name, "changetype")) {
    if (!is_same_name(trim(value), "add")) fault(record_.line, kChange);
  } else if (!is_same_name(attribute.name, "control")) {
    record_.attributes.push_back(std::move(attribute));
  }
}

void LdifSplitter::end_record() {
  is_complete_ = !record_.attributes.empty() || !record_.problem.empty();
  if (!is_complete_) record_.line = 0;
}

// The first one counts; the rest of the record is passed over.
void LdifSplitter::fault(uint64_t line, std::string_view problem) {
  if (!record_.problem.empty()) return;
  record_.problem = problem;
  record_.line = line;
  record_.attributes.clear();
  logical_.clear();
  has_logical_ = false;
}

}  // namespace weerbaar::facts
