#include "ingest/sources/syslog/pairs.h"

#include <algorithm>

namespace weerbaar::ingest::syslog {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

bool is_key(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

// Behind the opening quote; false when nothing closes it.
bool take_quoted(std::string_view& rest, std::string& to) {
  for (size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] == '"') {
      rest.remove_prefix(i + 1);
      return true;
    }
    if (rest[i] == '\\' && i + 1 < rest.size() && (rest[i + 1] == '"' || rest[i + 1] == '\\')) ++i;
    to += rest[i];
  }
  rest = {};
  return false;
}

}  // namespace

void parse_pairs(std::string_view text, Pairs& to) {
  to.clear();
  std::string_view rest = text;
  while (!rest.empty()) {
    rest.remove_prefix(std::min(rest.find_first_not_of(kBlanks), rest.size()));
    const auto key = static_cast<size_t>(std::find_if_not(rest.begin(), rest.end(), is_key) - rest.begin());
    if (key == 0 || key == rest.size() || rest[key] != '=') {
      rest.remove_prefix(std::min(rest.find_first_of(kBlanks), rest.size()));
      continue;
    }
    std::string value;
    const std::string_view name = rest.substr(0, key);
    rest.remove_prefix(key + 1);
    if (rest.starts_with('"')) {
      rest.remove_prefix(1);
      if (!take_quoted(rest, value)) return;
      if (rest.starts_with(',') || rest.starts_with(';')) rest.remove_prefix(1);
    } else {
      std::string_view word = rest.substr(0, rest.find_first_of(kBlanks));
      rest.remove_prefix(word.size());
      if (word.ends_with(',') || word.ends_with(';')) word.remove_suffix(1);
      value = word;
    }
    to.emplace_back(std::string(name), std::move(value));
  }
}

}  // namespace weerbaar::ingest::syslog
