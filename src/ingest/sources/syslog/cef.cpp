#include "ingest/sources/syslog/cef.h"

#include <algorithm>

namespace weerbaar::ingest::syslog {
namespace {

bool is_key(char c) {
  constexpr std::string_view kMarks = "_.,[]-";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kMarks.find(c) != std::string_view::npos;
}

// Up to the next bar without a backslash before it, and the bar. False when there is none: then it is all of it.
bool take_header(std::string_view& rest, std::string& to) {
  to.clear();
  for (size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] == '|') {
      rest.remove_prefix(i + 1);
      return true;
    }
    const char next = i + 1 < rest.size() ? rest[i + 1] : '\0';
    if (rest[i] == '\\' && (next == '|' || next == '\\')) ++i;
    to += rest[i];
  }
  rest = {};
  return false;
}

// The length of the key that `text` begins with, and that '=' follows; 0 when it begins with none.
size_t key_length(std::string_view text) {
  const auto end = static_cast<size_t>(std::find_if_not(text.begin(), text.end(), is_key) - text.begin());
  return end < text.size() && text[end] == '=' ? end : 0;
}

// The end of the value that `text` begins with: where the next key begins, or all of it.
size_t value_length(std::string_view text) {
  for (size_t space = text.find(' '); space != std::string_view::npos; space = text.find(' ', space + 1)) {
    if (key_length(text.substr(space + 1)) > 0) return space;
  }
  return text.size();
}

void unescape(std::string_view text, std::string& to) {
  for (size_t i = 0; i < text.size(); ++i) {
    const char next = text[i] == '\\' && i + 1 < text.size() ? text[i + 1] : '\0';
    if (next == '=' || next == '\\') {
      to += next;
    } else if (next == 'n' || next == 'r') {
      to += next == 'n' ? '\n' : '\r';
    } else {
      to += text[i];
      continue;
    }
    ++i;
  }
}

std::string_view without_blanks_behind(std::string_view text) {
  return text.substr(0, text.find_last_not_of(" \r\n") + 1);
}

Status parse_extension(std::string_view rest, Cef& to) {
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  while (!rest.empty()) {
    const size_t key = key_length(rest);
    if (key == 0) return fail(Code::kInvalid, "the extension of the CEF record is not key=value: correct the sender");
    auto& [name, value] = to.extension.emplace_back(std::string(rest.substr(0, key)), std::string());
    rest.remove_prefix(key + 1);
    const size_t length = value_length(rest);
    unescape(without_blanks_behind(rest.substr(0, length)), value);
    rest.remove_prefix(length);
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  }
  return {};
}

}  // namespace

Status parse_cef(std::string_view text, Cef& to) {
  to.extension.clear();
  for (std::string& field : to.header) field.clear();
  std::string_view rest = without_blanks_behind(text.substr(kCefMark.size()));
  for (size_t i = 0; i < kCefHeaders; ++i) {
    // The bar behind the last is often left out where no extension follows.
    if (!take_header(rest, to.header[i]) && i + 1 < kCefHeaders) {
      return fail(Code::kInvalid, "the header of the CEF record has fewer than seven fields: correct the sender");
    }
  }
  const std::string& version = to.header[static_cast<size_t>(CefHeader::kVersion)];
  if (version != "0" && version != "1") {
    return fail(Code::kInvalid, "the CEF record is of another version than 0 and 1: let the sender write one of these");
  }
  return parse_extension(rest, to);
}

}  // namespace weerbaar::ingest::syslog
