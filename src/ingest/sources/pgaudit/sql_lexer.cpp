#include "ingest/sources/pgaudit/sql_lexer.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace weerbaar::ingest::pgaudit {
namespace {

struct KeywordText {
  std::string_view text;
  Keyword keyword;
};

constexpr std::array kKeywords = {
    KeywordText{"all", Keyword::kAll},
    KeywordText{"and", Keyword::kAnd},
    KeywordText{"any", Keyword::kAny},
    KeywordText{"array", Keyword::kArray},
    KeywordText{"as", Keyword::kAs},
    KeywordText{"asc", Keyword::kAsc},
    KeywordText{"between", Keyword::kBetween},
    KeywordText{"by", Keyword::kBy},
    KeywordText{"call", Keyword::kCall},
    KeywordText{"case", Keyword::kCase},
    KeywordText{"cast", Keyword::kCast},
    KeywordText{"close", Keyword::kClose},
    KeywordText{"collate", Keyword::kCollate},
    KeywordText{"conflict", Keyword::kConflict},
    KeywordText{"copy", Keyword::kCopy},
    KeywordText{"create", Keyword::kCreate},
    KeywordText{"cross", Keyword::kCross},
    KeywordText{"delete", Keyword::kDelete},
    KeywordText{"desc", Keyword::kDesc},
    KeywordText{"distinct", Keyword::kDistinct},
    KeywordText{"do", Keyword::kDo},
    KeywordText{"else", Keyword::kElse},
    KeywordText{"end", Keyword::kEnd},
    KeywordText{"except", Keyword::kExcept},
    KeywordText{"exists", Keyword::kExists},
    KeywordText{"fetch", Keyword::kFetch},
    KeywordText{"for", Keyword::kFor},
    KeywordText{"from", Keyword::kFrom},
    KeywordText{"full", Keyword::kFull},
    KeywordText{"group", Keyword::kGroup},
    KeywordText{"having", Keyword::kHaving},
    KeywordText{"if", Keyword::kIf},
    KeywordText{"ilike", Keyword::kIlike},
    KeywordText{"in", Keyword::kIn},
    KeywordText{"inner", Keyword::kInner},
    KeywordText{"insert", Keyword::kInsert},
    KeywordText{"intersect", Keyword::kIntersect},
    KeywordText{"into", Keyword::kInto},
    KeywordText{"is", Keyword::kIs},
    KeywordText{"join", Keyword::kJoin},
    KeywordText{"key", Keyword::kKey},
    KeywordText{"lateral", Keyword::kLateral},
    KeywordText{"left", Keyword::kLeft},
    KeywordText{"like", Keyword::kLike},
    KeywordText{"limit", Keyword::kLimit},
    KeywordText{"materialized", Keyword::kMaterialized},
    KeywordText{"merge", Keyword::kMerge},
    KeywordText{"move", Keyword::kMove},
    KeywordText{"natural", Keyword::kNatural},
    KeywordText{"not", Keyword::kNot},
    KeywordText{"null", Keyword::kNull},
    KeywordText{"of", Keyword::kOf},
    KeywordText{"offset", Keyword::kOffset},
    KeywordText{"on", Keyword::kOn},
    KeywordText{"only", Keyword::kOnly},
    KeywordText{"or", Keyword::kOr},
    KeywordText{"order", Keyword::kOrder},
    KeywordText{"outer", Keyword::kOuter},
    KeywordText{"recursive", Keyword::kRecursive},
    KeywordText{"returning", Keyword::kReturning},
    KeywordText{"revoke", Keyword::kRevoke},
    KeywordText{"right", Keyword::kRight},
    KeywordText{"select", Keyword::kSelect},
    KeywordText{"set", Keyword::kSet},
    KeywordText{"similar", Keyword::kSimilar},
    KeywordText{"some", Keyword::kSome},
    KeywordText{"table", Keyword::kTable},
    KeywordText{"tablesample", Keyword::kTablesample},
    KeywordText{"then", Keyword::kThen},
    KeywordText{"to", Keyword::kTo},
    KeywordText{"truncate", Keyword::kTruncate},
    KeywordText{"union", Keyword::kUnion},
    KeywordText{"update", Keyword::kUpdate},
    KeywordText{"using", Keyword::kUsing},
    KeywordText{"values", Keyword::kValues},
    KeywordText{"when", Keyword::kWhen},
    KeywordText{"where", Keyword::kWhere},
    KeywordText{"window", Keyword::kWindow},
    KeywordText{"with", Keyword::kWith},
};
static_assert(std::is_sorted(kKeywords.begin(), kKeywords.end(),
                             [](const KeywordText& a, const KeywordText& b) { return a.text < b.text; }));
constexpr size_t kKeywordBytesMax = 12;

constexpr std::string_view kOperatorCharacters = "+-*/<>=~!@#%^&|`?";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool is_name_part(char c) {
  return is_name_start(c) || is_digit(c) || c == '$';
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

Keyword keyword_of(std::string_view word) {
  if (word.size() < 2 || word.size() > kKeywordBytesMax) return Keyword::kNo;
  std::array<char, kKeywordBytesMax> buffer{};
  std::transform(word.begin(), word.end(), buffer.begin(), lower);
  const std::string_view folded(buffer.data(), word.size());
  const auto* found = std::lower_bound(kKeywords.begin(), kKeywords.end(), folded,
                                       [](const KeywordText& a, std::string_view b) { return a.text < b; });
  return found != kKeywords.end() && found->text == folded ? found->keyword : Keyword::kNo;
}

class Lexer {
 public:
  Lexer(std::string_view sql, std::vector<Token>& tokens) : sql_(sql), tokens_(tokens) {}

  bool run() {
    tokens_.clear();
    while (skip_blanks(), at_ < sql_.size()) token();
    begin_ = at_;
    add(TokenKind::kEnd);
    return closed_;
  }

 private:
  [[nodiscard]] char peek(size_t ahead = 0) const { return at_ + ahead < sql_.size() ? sql_[at_ + ahead] : '\0'; }
  [[nodiscard]] bool sees(std::string_view text) const { return sql_.substr(at_, text.size()) == text; }

  void add(TokenKind kind, Keyword keyword = Keyword::kNo) {
    tokens_.push_back({kind, keyword, static_cast<uint32_t>(begin_), static_cast<uint32_t>(at_ - begin_)});
  }

  void skip_blanks() {
    for (;;) {
      while (is_space(peek())) ++at_;
      if (sees("--")) {
        at_ = std::min(sql_.find('\n', at_), sql_.size());
      } else if (sees("/*")) {
        skip_comment();
      } else {
        return;
      }
    }
  }

  void skip_comment() {
    size_t depth = 0;
    do {
      if (sees("/*")) {
        ++depth;
        at_ += 2;
      } else if (sees("*/")) {
        --depth;
        at_ += 2;
      } else {
        ++at_;
      }
    } while (depth > 0 && at_ < sql_.size());
    closed_ = closed_ && depth == 0;
    at_ = std::min(at_, sql_.size());
  }

  void token() {
    begin_ = at_;
    const char c = peek();
    const char after = peek(1);
    if (c == '\'') return quoted('\'', false, TokenKind::kString);
    if (c == '"') return quoted('"', false, TokenKind::kQuotedIdentifier);
    if (after == '\'' && std::string_view("eEbBxXnN").find(c) != std::string_view::npos) {
      ++at_;
      return quoted('\'', c == 'e' || c == 'E', TokenKind::kString);
    }
    if ((c == 'u' || c == 'U') && after == '&' && (peek(2) == '\'' || peek(2) == '"')) {
      at_ += 2;
      return quoted(peek(), false, peek() == '"' ? TokenKind::kQuotedIdentifier : TokenKind::kString);
    }
    if (is_name_start(c)) return word();
    if (is_digit(c) || (c == '.' && is_digit(after))) return number();
    if (c == '$') return dollar();
    operator_();
  }

  void quoted(char quote, bool escapes, TokenKind kind) {
    for (++at_; at_ < sql_.size(); ++at_) {
      if (escapes && peek() == '\\') {
        ++at_;
      } else if (peek() == quote) {
        if (peek(1) != quote) {
          ++at_;
          return add(kind);
        }
        ++at_;
      }
    }
    at_ = sql_.size();
    closed_ = false;
    add(kind);
  }

  void word() {
    while (at_ < sql_.size() && is_name_part(peek())) ++at_;
    add(TokenKind::kWord, keyword_of(sql_.substr(begin_, at_ - begin_)));
  }

  void number() {
    const auto digits = [this] {
      while (is_digit(peek()) || (peek() == '_' && is_digit(peek(1)))) ++at_;
    };
    digits();
    if (peek() == '.' && peek(1) != '.') {
      ++at_;
      digits();
    }
    if (peek() == 'e' || peek() == 'E') {
      const size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
      if (is_digit(peek(1 + sign))) {
        at_ += 1 + sign;
        digits();
      }
    }
    // "0x1F" and whatever else sticks to a number is one with it: it shall not show up in a template.
    while (at_ < sql_.size() && is_name_part(peek())) ++at_;
    add(TokenKind::kNumber);
  }

  // $1, or a string between $tag$ and $tag$.
  void dollar() {
    ++at_;
    if (is_digit(peek())) {
      while (is_digit(peek())) ++at_;
      return add(TokenKind::kParameter);
    }
    if (is_name_start(peek())) {
      while (is_name_start(peek()) || is_digit(peek())) ++at_;
    }
    if (peek() != '$') {
      at_ = begin_ + 1;
      return add(TokenKind::kOperator);
    }
    ++at_;
    const std::string_view tag = sql_.substr(begin_, at_ - begin_);
    const size_t end = sql_.find(tag, at_);
    closed_ = closed_ && end != std::string_view::npos;
    at_ = end == std::string_view::npos ? sql_.size() : end + tag.size();
    add(TokenKind::kString);
  }

  void operator_() {
    if (kOperatorCharacters.find(peek()) == std::string_view::npos) {
      at_ += sees("::") || sees(":=") || sees("..") ? size_t{2} : size_t{1};
      return add(TokenKind::kOperator);
    }
    bool may_end_in_sign = false;
    while (at_ < sql_.size() && kOperatorCharacters.find(peek()) != std::string_view::npos) {
      if (at_ > begin_ && (sees("--") || sees("/*"))) break;
      may_end_in_sign = may_end_in_sign || std::string_view("~!@#%^&|`?").find(peek()) != std::string_view::npos;
      ++at_;
    }
    // "=-1" is "=" and "-1": an operator ends in a sign only when it has one of the characters above.
    while (!may_end_in_sign && at_ > begin_ + 1 && (sql_[at_ - 1] == '-' || sql_[at_ - 1] == '+')) --at_;
    add(TokenKind::kOperator);
  }

  std::string_view sql_;
  std::vector<Token>& tokens_;
  size_t at_ = 0;
  size_t begin_ = 0;
  bool closed_ = true;
};

void append_utf8(std::string& to, uint32_t point) {
  if (point < 0x80) {
    to += static_cast<char>(point);
  } else if (point < 0x800) {
    to += static_cast<char>(0xC0U | (point >> 6U));
    to += static_cast<char>(0x80U | (point & 0x3FU));
  } else if (point < 0x10000) {
    to += static_cast<char>(0xE0U | (point >> 12U));
    to += static_cast<char>(0x80U | ((point >> 6U) & 0x3FU));
    to += static_cast<char>(0x80U | (point & 0x3FU));
  } else {
    to += static_cast<char>(0xF0U | (point >> 18U));
    to += static_cast<char>(0x80U | ((point >> 12U) & 0x3FU));
    to += static_cast<char>(0x80U | ((point >> 6U) & 0x3FU));
    to += static_cast<char>(0x80U | (point & 0x3FU));
  }
}

// Reads `digits` hexadecimal digits at `at` as a code point, and appends it.
bool append_code_point(std::string& to, std::string_view text, size_t at, size_t digits) {
  if (at + digits > text.size()) return false;
  uint32_t point = 0;
  for (const char c : text.substr(at, digits)) {
    const char l = lower(c);
    if (!is_digit(l) && (l < 'a' || l > 'f')) return false;
    point = point * 16 + static_cast<uint32_t>(is_digit(l) ? l - '0' : l - 'a' + 10);
  }
  if (point == 0 || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) return false;
  append_utf8(to, point);
  return true;
}

// One escape of an E'' string, at the character behind the backslash. False when it is one that is not understood.
bool append_escape(std::string& to, std::string_view text, size_t& at) {
  if (at >= text.size()) return false;
  constexpr std::string_view kLetters = "bfnrt";
  constexpr std::string_view kMeanings = "\b\f\n\r\t";
  const char c = text[at];
  if (const size_t letter = kLetters.find(c); letter != std::string_view::npos) {
    to += kMeanings[letter];
    ++at;
  } else if (c == 'u' || c == 'U') {
    const size_t digits = c == 'u' ? 4 : 8;
    if (!append_code_point(to, text, at + 1, digits)) return false;
    at += 1 + digits;
  } else if (c == 'x' || is_digit(c)) {
    return false;  // single bytes: nobody writes an identification number so
  } else {
    to += c;
    ++at;
  }
  return true;
}

std::optional<std::string> unescape(std::string_view text, char quote, bool escapes, bool unicode) {
  std::string value;
  value.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    if (text[at] == quote) {
      value += quote;
      at += 2;
    } else if (text[at] == '\\' && escapes) {
      ++at;
      if (!append_escape(value, text, at)) return std::nullopt;
    } else if (text[at] == '\\' && unicode) {
      const std::string_view rest = text.substr(at + 1);
      const bool long_form = rest.starts_with('+');
      if (rest.starts_with('\\')) {
        value += '\\';
        at += 2;
      } else if (append_code_point(value, rest, long_form ? 1 : 0, long_form ? 6 : 4)) {
        at += long_form ? 8 : 5;
      } else {
        return std::nullopt;
      }
    } else {
      value += text[at++];
    }
  }
  return value;
}

// What is between the quotes of a token, whatever stands before them; nothing when it is not closed.
std::optional<std::string_view> between(std::string_view token, char quote) {
  const size_t open = token.find(quote);
  if (open == std::string_view::npos || token.size() < open + 2 || token.back() != quote) return std::nullopt;
  return token.substr(open + 1, token.size() - open - 2);
}

}  // namespace

bool lex_sql(std::string_view sql, std::vector<Token>& tokens) {
  WEERBAAR_CHECK(sql.size() <= UINT32_MAX);
  return Lexer(sql, tokens).run();
}

std::optional<std::string> string_value(std::string_view token) {
  if (token.starts_with('$')) {
    const size_t tag = token.find('$', 1);
    if (tag == std::string_view::npos || token.size() < 2 * (tag + 1)) return std::nullopt;
    if (token.substr(token.size() - tag - 1) != token.substr(0, tag + 1)) return std::nullopt;
    return std::string(token.substr(tag + 1, token.size() - 2 * (tag + 1)));
  }
  const auto text = between(token, '\'');
  if (!text) return std::nullopt;
  const char prefix = lower(token.front());
  if (prefix == 'b' || prefix == 'x') return std::nullopt;
  return unescape(*text, '\'', prefix == 'e', prefix == 'u');
}

std::string identifier_name(std::string_view token) {
  const size_t quote = token.find('"');
  if (quote == std::string_view::npos) {
    std::string name(token);
    std::transform(name.begin(), name.end(), name.begin(), lower);
    return name;
  }
  const auto text = between(token, '"');
  if (!text) return std::string(token);
  return unescape(*text, '"', false, quote > 0).value_or(std::string(token));
}

std::string quote_identifier(std::string_view name) {
  const bool plain = !name.empty() && is_name_start(name.front()) &&
                     std::all_of(name.begin(), name.end(), [](char c) { return is_name_part(c) && lower(c) == c; });
  if (plain) return std::string(name);
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace weerbaar::ingest::pgaudit
