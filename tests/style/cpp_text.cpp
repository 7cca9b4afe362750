#include "style/cpp_text.h"

#include <algorithm>
#include <cctype>

#include "style/tree.h"

namespace weerbaar::style {
namespace {

// Walks over source text and blanks what is not code.
class Blanker {
 public:
  explicit Blanker(std::string_view source) : text_(source) {}

  std::string run() && {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
      const char before = at_ > 0 ? text_[at_ - 1] : '\n';
      if (c == '/' && next == '/') {
        blank_to(text_.find('\n', at_));
      } else if (c == '/' && next == '*') {
        blank_to(after(text_.find("*/", at_ + 2), 2));
      } else if (c == '#' && line_is_blank_so_far_) {
        blank_directive();
      } else if (c == 'R' && next == '"' && !is_word_character(before)) {
        blank_raw_literal();
      } else if (c == '"') {
        blank_literal('"');
      } else if (c == '\'' && !is_word_character(before)) {  // inside a number it separates digits
        blank_literal('\'');
      } else {
        if (c == '\n') line_is_blank_so_far_ = true;
        if (std::isspace(static_cast<unsigned char>(c)) == 0) line_is_blank_so_far_ = false;
        ++at_;
      }
    }
    return std::move(text_);
  }

 private:
  [[nodiscard]] size_t after(size_t found, size_t length) const {
    return found == std::string::npos ? text_.size() : found + length;
  }

  void blank_to(size_t end) {
    for (end = std::min(end, text_.size()); at_ < end; ++at_) {
      if (text_[at_] != '\n') text_[at_] = ' ';
    }
  }

  void blank_directive() {
    size_t end = text_.find('\n', at_);
    while (end != std::string::npos && text_[end - 1] == '\\') end = text_.find('\n', end + 1);
    blank_to(end);
  }

  // The quotes stay, so that a literal is still seen to be something.
  void blank_literal(char quote) {
    line_is_blank_so_far_ = false;
    size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n') end += text_[end] == '\\' ? 2U : 1U;
    ++at_;
    blank_to(end);
    ++at_;
  }

  void blank_raw_literal() {
    line_is_blank_so_far_ = false;
    const size_t open = text_.find('(', at_);
    if (open == std::string::npos) return blank_to(open);
    const std::string close = ")" + text_.substr(at_ + 2, open - at_ - 2) + "\"";
    blank_to(after(text_.find(close, open), close.size()));
  }

  std::string text_;
  size_t at_ = 0;
  bool line_is_blank_so_far_ = true;
};

// Removes what may stand before a declaration without saying what it declares: template <…>, [[…]].
std::string_view without_prefixes(std::string_view head) {
  for (;;) {
    head = trim(head);
    if (head.starts_with("[[")) {
      const size_t end = head.find("]]");
      if (end == std::string_view::npos) return head;
      head.remove_prefix(end + 2);
    } else if (head.starts_with("template")) {
      size_t at = head.find('<');
      if (at == std::string_view::npos) return head;
      int depth = 0;
      do {
        depth += head[at] == '<' ? 1 : head[at] == '>' ? -1 : 0;
      } while (++at < head.size() && depth > 0);
      head.remove_prefix(at);
    } else {
      return head;
    }
  }
}

// The head with everything between parentheses left out, the parentheses themselves kept.
std::string outside_parentheses(std::string_view head) {
  std::string outside;
  int depth = 0;
  for (const char c : head) {
    if (c == ')') --depth;
    if (depth == 0) outside += c;
    if (c == '(') ++depth;
  }
  return outside;
}

// True for the head of a constructor with its member initialisers: "T() : a_(1)", but not "std::string f()".
bool has_initialisers(std::string_view outside) {
  for (size_t at = outside.find(')'); at + 1 < outside.size(); ++at) {
    if (outside[at] != ':') continue;
    if (outside[at + 1] != ':' && outside[at - 1] != ':') return true;
  }
  return false;
}

enum class Scope { kNamespace, kType, kFunction, kOther };
enum class Opening { kNamespace, kType, kFunction, kValue, kInitialiser };

Opening opening_of(std::string_view head) {
  head = without_prefixes(head);
  const std::string outside = outside_parentheses(head);
  const auto words = words_of(outside);
  const bool ends_with_parenthesis = head.ends_with(')');
  if (!words.empty() && (words[0] == "namespace" || (words.size() > 1 && words[1] == "namespace"))) {
    return Opening::kNamespace;
  }
  if (words.size() == 1 && words[0] == "extern") return Opening::kNamespace;
  const bool type_word =
      !words.empty() && (words[0] == "class" || words[0] == "struct" || words[0] == "union" || words[0] == "enum");
  if (type_word && !ends_with_parenthesis) return Opening::kType;
  if (outside.find(')') == std::string::npos) return Opening::kValue;
  if (has_initialisers(outside)) {
    const bool body = head.ends_with(')') || head.ends_with('}');
    return body ? Opening::kFunction : Opening::kInitialiser;
  }
  const std::string_view last = words.empty() ? std::string_view() : words.back();
  const bool specifier =
      last == "const" || last == "noexcept" || last == "override" || last == "final" || last == "try";
  if (ends_with_parenthesis || specifier || head.ends_with('&') || outside.find("->") != std::string::npos) {
    return Opening::kFunction;
  }
  return Opening::kValue;
}

std::string name_of(std::string_view head) {
  head = without_prefixes(head);
  const auto words = words_of(head.substr(0, head.find('(')));
  return words.empty() ? std::string("?") : std::string(words.back());
}

class FunctionFinder {
 public:
  Functions run(std::string_view source) && {
    for (const char c : bare_code(source)) take(c);
    return {std::move(found_), balanced_ && open_.empty()};
  }

 private:
  struct Open {
    Scope scope;
    size_t line;
    std::string head;   // of a function: names it
    bool head_goes_on;  // an initialiser in braces: the declaration is not over yet
    int depth;
  };

  void take(char c) {
    if (c == '{') return open();
    if (c == '}') return close();
    const bool over = depth_ == 0 && (c == ';' || (c == ':' && is_access(head_)));
    if (over) {
      head_.clear();
    } else if (!head_.empty() || std::isspace(static_cast<unsigned char>(c)) == 0) {
      if (head_.empty()) head_line_ = line_;
      head_ += c;
    }
    depth_ += c == '(' ? 1 : c == ')' ? -1 : 0;
    if (c == '\n') ++line_;
  }

  static bool is_access(std::string_view head) {
    head = trim(head);
    return head == "public" || head == "private" || head == "protected";
  }

  void open() {
    const Scope around = open_.empty() ? Scope::kNamespace : open_.back().scope;
    const bool declares = depth_ == 0 && (around == Scope::kNamespace || around == Scope::kType);
    const Opening opening = declares ? opening_of(head_) : Opening::kValue;
    const Scope scope = opening == Opening::kNamespace  ? Scope::kNamespace
                        : opening == Opening::kType     ? Scope::kType
                        : opening == Opening::kFunction ? Scope::kFunction
                                                        : Scope::kOther;
    const bool goes_on = depth_ > 0 || opening == Opening::kInitialiser;
    open_.push_back({scope, head_line_, head_, goes_on, depth_});
    head_.clear();
    depth_ = 0;
  }

  void close() {
    if (open_.empty()) {
      balanced_ = false;
      return;
    }
    const Open closed = std::move(open_.back());
    open_.pop_back();
    if (closed.scope == Scope::kFunction) {
      found_.push_back({name_of(closed.head), closed.line, line_ - closed.line + 1});
    }
    head_ = closed.head_goes_on ? closed.head + "}" : "";
    head_line_ = closed.line;
    depth_ = closed.depth;
  }

  std::vector<Function> found_;
  std::vector<Open> open_;
  std::string head_;  // of the declaration being read
  size_t head_line_ = 1;
  size_t line_ = 1;
  int depth_ = 0;  // of parentheses
  bool balanced_ = true;
};

}  // namespace

std::string bare_code(std::string_view source) {
  return Blanker(source).run();
}

std::vector<Include> includes_of(std::string_view source) {
  std::vector<Include> includes;
  size_t number = 0;
  for (std::string_view line : lines_of(source)) {
    ++number;
    line = trim(line);
    if (!line.starts_with('#')) continue;
    line = trim(line.substr(1));
    if (!line.starts_with("include")) continue;
    line = trim(line.substr(std::string_view("include").size()));
    if (!line.starts_with('"')) continue;
    includes.push_back({number, line.substr(1, line.find('"', 1) - 1)});
  }
  return includes;
}

Functions functions_of(std::string_view source) {
  return FunctionFinder().run(source);
}

}  // namespace weerbaar::style
