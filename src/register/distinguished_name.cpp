#include "register/distinguished_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/utf8.h"
#include "register/letters.h"

namespace weerbaar::facts {
namespace {

constexpr std::string_view kNoName = "it is no distinguished name as in RFC 4514";

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  const char small = small_letter(c);
  if (small >= 'a' && small <= 'f') return static_cast<unsigned>(small - 'a') + 10;
  return std::nullopt;
}

bool is_type_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

// Small letters, and single spaces only between words.
std::string folded(std::string_view value) {
  std::string text;
  for (size_t i = 0; i < value.size(); ++i) {
    char c = small_letter(value[i]);
    if (c == ' ' && (text.empty() || text.back() == ' ')) continue;
    // U+00C0 to U+00DE stand 32 before their small letters, but for the sign of multiplication. In UTF-8 they are a
    // lead byte and one of 80 to 9E.
    const auto byte = static_cast<unsigned char>(c);
    if (i > 0 && value[i - 1] == '\xC3' && byte <= 0x9E && byte != 0x97) c = static_cast<char>(byte + 0x20);
    text += c;
  }
  if (text.ends_with(' ')) text.pop_back();
  return text;
}

std::string escaped(std::string_view value) {
  std::string text;
  if (value.starts_with('#')) text += '\\';
  for (const char c : value) {
    if (std::string_view(",+\"\\;").find(c) != std::string_view::npos) text += '\\';
    text += c;
  }
  return text;
}

struct Part {
  std::string normal;
  std::string type;
  std::string value;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<DistinguishedName> parse() {
    DistinguishedName name;
    skip_spaces();
    if (at_ == text_.size()) return name;
    for (bool is_first = true;; is_first = false) {
      std::vector<std::string> parts;
      do {
        WEERBAAR_ASSIGN(Part part, parse_part());
        if (is_first && parts.empty()) {
          name.type = std::move(part.type);
          name.value = std::move(part.value);
        }
        parts.push_back(std::move(part.normal));
      } while (take('+'));
      std::ranges::sort(parts);
      std::string& to = is_first ? name.normal : name.parent;
      if (!to.empty()) to += ',';
      to += fmt::format("{}", fmt::join(parts, "+"));
      if (at_ == text_.size()) break;
      if (!take(',')) return fail(Code::kInvalid, std::string(kNoName));
    }
    if (!name.parent.empty()) name.normal += "," + name.parent;
    return name;
  }

 private:
  void skip_spaces() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool take(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  [[nodiscard]] bool at_end_of_part() const { return at_ == text_.size() || text_[at_] == ',' || text_[at_] == '+'; }

  Result<Part> parse_part() {
    Part part;
    skip_spaces();
    while (at_ < text_.size() && is_type_character(small_letter(text_[at_]))) part.type += small_letter(text_[at_++]);
    skip_spaces();
    if (part.type.empty() || !take('=')) return fail(Code::kInvalid, std::string(kNoName));
    skip_spaces();
    std::string normal;
    if (at_ < text_.size() && text_[at_] == '#') {
      WEERBAAR_ASSIGN(normal, parse_hexadecimal());
      part.value = normal;
    } else {
      WEERBAAR_ASSIGN(part.value, parse_value());
      normal = escaped(folded(part.value));
    }
    part.normal = fmt::format("{}={}", part.type, normal);
    return part;
  }

  // "#" and the digits of a value of which only the sender knows the syntax.
  Result<std::string> parse_hexadecimal() {
    std::string digits(1, text_[at_++]);
    while (at_ < text_.size() && hex_digit(text_[at_])) digits += small_letter(text_[at_++]);
    skip_spaces();
    if (digits.size() == 1 || digits.size() % 2 == 0 || !at_end_of_part()) {
      return fail(Code::kInvalid, std::string(kNoName));
    }
    return digits;
  }

  Result<std::string> parse_value() {
    std::string value;
    size_t kept = 0;  // bytes up to the last that is no space, unless it was escaped
    for (; !at_end_of_part(); ++at_) {
      const char c = text_[at_];
      if (c == '"' || c == ';' || c == '\0') return fail(Code::kInvalid, std::string(kNoName));
      if (c != '\\') {
        value += c;
        if (c != ' ') kept = value.size();
        continue;
      }
      if (++at_ == text_.size()) return fail(Code::kInvalid, std::string(kNoName));
      const auto high = hex_digit(text_[at_]);
      const auto low = at_ + 1 < text_.size() ? hex_digit(text_[at_ + 1]) : std::nullopt;
      if (high && low) {
        value += static_cast<char>(*high << 4U | *low);
        ++at_;
      } else if (std::string_view(" \"#+,;<=>\\").find(text_[at_]) != std::string_view::npos) {
        value += text_[at_];
      } else {
        return fail(Code::kInvalid, std::string(kNoName));
      }
      kept = value.size();
    }
    value.resize(kept);
    if (!is_utf8(value) || value.find('\0') != std::string::npos) return fail(Code::kInvalid, std::string(kNoName));
    return value;
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

Result<DistinguishedName> parse_distinguished_name(std::string_view text) {
  return Parser(text).parse();
}

}  // namespace weerbaar::facts
