#include "register/json_items.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "register/letters.h"

namespace weerbaar::facts {
namespace {

namespace dom = simdjson::dom;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr uint64_t kCountMax = uint64_t{1} << 40U;
constexpr std::string_view kBlanks = " \t\r\n";

class Cutter {
 public:
  using Take = std::function<Status(const JsonItem&)>;
  using EndPage = std::function<Status(const JsonPage&)>;

  Cutter(std::string_view file, std::string_view list, const Take& take, const EndPage& end_page)
      : file_(file), list_(list), take_(take), end_page_(end_page) {}

  Status run() {
    if (file_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
    for (skip_blanks(); at_ < file_.size(); skip_blanks()) {
      if (file_[at_] == '[') {
        WEERBAAR_TRY(take_array());
      } else if (file_[at_] == '{') {
        WEERBAAR_TRY(take_object(true));
      } else {
        return fault("this is no JSON object: deliver objects, an array of them, or pages of a list");
      }
    }
    return {};
  }

 private:
  std::unexpected<Error> fault(std::string_view what) const {
    const auto line =
        std::count(file_.begin(), file_.begin() + static_cast<ptrdiff_t>(std::min(at_, file_.size())), '\n');
    return fail(Code::kInvalid, fmt::format("item {}, line {}: {}", items_ + 1, line + 1, what));
  }
  std::unexpected<Error> broken_off() const { return fault("the JSON breaks off: deliver it again when it is whole"); }

  void skip_blanks() { at_ = std::min(file_.find_first_not_of(kBlanks, at_), file_.size()); }
  [[nodiscard]] bool sees(char c) const { return at_ < file_.size() && file_[at_] == c; }

  // From '[' to behind ']'.
  template <class Element>
  Status for_each_element(const Element& take_element) {
    ++at_;
    skip_blanks();
    if (sees(']')) {
      ++at_;
      return {};
    }
    for (;;) {
      WEERBAAR_TRY(take_element());
      skip_blanks();
      if (at_ == file_.size()) return broken_off();
      const char c = file_[at_];
      if (c != ',' && c != ']') return fault("neither a comma nor the end of the array follows");
      ++at_;
      if (c == ']') return {};
      skip_blanks();
    }
  }

  Status take_item() {
    const size_t start = at_;
    WEERBAAR_TRY(skip_value());
    return give(start, false);
  }
  Status give(size_t start, bool is_loose) { return take_({++items_, file_.substr(start, at_ - start), is_loose}); }

  // Of items, or of pages.
  Status take_array() {
    JsonPage page;
    const uint64_t pages_at_start = pages_;
    const auto take_element = [&]() -> Status {
      const uint64_t pages_before = pages_;
      WEERBAAR_TRY(take_object(false));
      if (pages_ == pages_before) ++page.items;
      return {};
    };
    WEERBAAR_TRY(for_each_element(take_element));
    const bool holds_pages_only = page.items == 0 && pages_ > pages_at_start;
    return holds_pages_only ? Status() : end_page_(page);
  }

  // An item, or a page of them.
  Status take_object(bool is_loose) {
    if (!sees('{')) return take_item();
    const size_t start = at_++;
    JsonPage page;
    bool is_page = false;
    const uint64_t items_before = items_;
    skip_blanks();
    while (!sees('}')) {
      if (!sees('"')) return at_ == file_.size() ? broken_off() : fault("the name of a member must stand in quotes");
      const size_t name_at = at_;
      WEERBAAR_TRY(skip_text());
      const std::string_view name = file_.substr(name_at + 1, at_ - name_at - 2);
      skip_blanks();
      if (!sees(':')) return at_ == file_.size() ? broken_off() : fault("a colon must follow the name of a member");
      ++at_;
      skip_blanks();
      if (sees('[') && is_same_name(name, list_)) {
        if (is_page) return fault("the page has two lists");
        is_page = true;
        WEERBAAR_TRY(for_each_element([this] { return take_item(); }));
      } else {
        const size_t value_at = at_;
        const bool is_scalar = !sees('{') && !sees('[');
        WEERBAAR_TRY(skip_value());
        if (is_scalar && page.members.size() < kPageMembersMax) {
          page.members.push_back({name, file_.substr(value_at, at_ - value_at)});
        }
      }
      skip_blanks();
      if (sees(',')) {
        ++at_;
        skip_blanks();
      } else if (!sees('}')) {
        return at_ == file_.size() ? broken_off() : fault("neither a comma nor the end of the object follows");
      }
    }
    ++at_;
    if (!is_page) return give(start, is_loose);
    ++pages_;
    page.items = items_ - items_before;
    return end_page_(page);
  }

  Status skip_value() {
    if (at_ == file_.size()) return broken_off();
    const char first = file_[at_];
    if (first == '"') return skip_text();
    if (first == '{' || first == '[') return skip_brackets();
    const size_t end = std::min(file_.find_first_of(",]} \t\r\n", at_), file_.size());
    if (end == at_) return fault("a value is missing");
    at_ = end;
    return {};
  }

  Status skip_text() {
    for (++at_; at_ < file_.size(); ++at_) {
      if (file_[at_] == '\\') {
        ++at_;
      } else if (file_[at_] == '"') {
        ++at_;
        return {};
      }
    }
    at_ = file_.size();
    return broken_off();
  }

  Status skip_brackets() {
    std::string closing;
    do {
      if (at_ == file_.size()) return broken_off();
      const char c = file_[at_];
      if (c == '"') {
        WEERBAAR_TRY(skip_text());
        continue;
      }
      if (c == '{' || c == '[') {
        if (closing.size() == kItemDepthMax) return fault("it nests deeper than 64 levels");
        closing += c == '{' ? '}' : ']';
      } else if (c == '}' || c == ']') {
        if (closing.back() != c) return fault("a bracket stands where it cannot");
        closing.pop_back();
      }
      ++at_;
    } while (!closing.empty());
    return {};
  }

  static constexpr size_t kPageMembersMax = 64;
  static_assert(kItemDepthMax == 64, "the text above names the limit");

  std::string_view file_;
  std::string_view list_;
  const Take& take_;
  const EndPage& end_page_;
  size_t at_ = 0;
  uint64_t items_ = 0;
  uint64_t pages_ = 0;
};

std::unexpected<Error> not_of_kind(std::string_view name, std::string_view kind) {
  return fail(Code::kInvalid, fmt::format("\"{}\" is no {}", name, kind));
}

}  // namespace

std::string_view JsonPage::find(std::string_view name) const {
  const auto found =
      std::ranges::find_if(members, [&](const Member& member) { return is_same_name(member.name, name); });
  return found == members.end() || found->value == "null" ? std::string_view() : found->value;
}

Result<std::optional<uint64_t>> JsonPage::find_count(std::string_view name) const {
  const std::string_view text = find(name);
  if (text.empty()) return std::nullopt;
  uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error == std::errc() && end == text.data() + text.size() && count <= kCountMax) return count;
  return fail(Code::kInvalid, fmt::format("the {} of a page is no count", name));
}

Status cut_json(std::string_view file, std::string_view list, const std::function<Status(const JsonItem&)>& take,
                const std::function<Status(const JsonPage&)>& end_page) {
  return Cutter(file, list, take, end_page).run();
}

Result<dom::object> ItemParser::parse(std::string_view text) {
  if (text.size() > kItemBytesMax) return fail(Code::kInvalid, "it is larger than 16 MiB");
  // The parser reads in blocks, beyond the end of the text.
  padded_.assign(text);
  padded_.append(simdjson::SIMDJSON_PADDING, ' ');
  dom::element value;
  if (parser_.parse(padded_.data(), text.size(), false).get(value) != simdjson::SUCCESS) {
    return fail(Code::kInvalid, "it is no JSON in UTF-8");
  }
  dom::object object;
  if (value.get(object) != simdjson::SUCCESS) return fail(Code::kInvalid, "it is no JSON object");
  return object;
}

Result<std::optional<dom::element>> find_member(dom::object object, std::string_view name) {
  std::optional<dom::element> found;
  bool is_there = false;
  for (const auto& [key, value] : object) {
    if (!is_same_name(key, name)) continue;
    if (is_there) return fail(Code::kInvalid, fmt::format("\"{}\" is there twice", name));
    is_there = true;
    if (!value.is_null()) found = value;
  }
  return found;
}

Result<std::string_view> find_text(dom::object object, std::string_view name) {
  WEERBAAR_ASSIGN(const std::optional<dom::element> member, find_member(object, name));
  std::string_view text;
  if (member && member->get(text) != simdjson::SUCCESS) return not_of_kind(name, "text");
  return text;
}

Result<std::optional<dom::object>> find_object(dom::object object, std::string_view name) {
  WEERBAAR_ASSIGN(const std::optional<dom::element> member, find_member(object, name));
  if (!member) return std::nullopt;
  dom::object value;
  if (member->get(value) != simdjson::SUCCESS) return not_of_kind(name, "object");
  return value;
}

Result<std::optional<dom::array>> find_array(dom::object object, std::string_view name) {
  WEERBAAR_ASSIGN(const std::optional<dom::element> member, find_member(object, name));
  if (!member) return std::nullopt;
  dom::array value;
  if (member->get(value) != simdjson::SUCCESS) return not_of_kind(name, "array");
  return value;
}

}  // namespace weerbaar::facts
