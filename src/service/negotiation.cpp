#include "service/negotiation.h"

#include <algorithm>
#include <cctype>
#include <vector>

namespace weerbaar::service {
namespace {

constexpr int kWhole = 1'000;  // a weight of 1, in thousandths

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// What stands before the next mark; it and the mark are taken away.
std::string_view take(std::string_view& text, char mark) {
  const size_t end = std::min(text.find(mark), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return trim(part);
}

bool same(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

// "0.8" in thousandths; nothing when it is no weight.
std::optional<int> weight_of(std::string_view text) {
  constexpr size_t kDigitsMax = 5;  // "0.875"
  if (text.empty() || text.size() > kDigitsMax || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  int weight = text[0] == '1' ? kWhole : 0;
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  int place = kWhole;
  for (const char c : text.substr(std::min<size_t>(2, text.size()))) {
    if (c < '0' || c > '9') return std::nullopt;
    place /= 10;
    weight += (c - '0') * place;
  }
  return weight <= kWhole ? std::optional(weight) : std::nullopt;
}

struct Part {
  std::string_view name;
  int weight = kWhole;
};

std::vector<Part> parts_of(std::string_view field) {
  std::vector<Part> parts;
  while (!field.empty() && parts.size() < kPartsMax) {
    std::string_view rest = take(field, ',');
    Part part{take(rest, ';')};
    bool is_right = !part.name.empty();
    while (!rest.empty()) {
      std::string_view parameter = take(rest, ';');
      const std::string_view name = take(parameter, '=');
      if (!same(name, "q")) continue;
      const auto weight = weight_of(trim(parameter));
      is_right = is_right && weight;
      part.weight = weight.value_or(0);
    }
    if (is_right) parts.push_back(part);
  }
  return parts;
}

// How closely a name like "text/*" says this type: 0 not at all, 3 to the letter.
int closeness(std::string_view name, std::string_view type) {
  if (same(name, type)) return 3;
  if (name.ends_with("/*") && name != "*/*" && name.size() - 1 <= type.size() &&
      same(name.substr(0, name.size() - 1), type.substr(0, name.size() - 1))) {
    return 2;
  }
  return name == "*/*" ? 1 : 0;
}

int weight_of_type(const std::vector<Part>& parts, std::string_view type) {
  int closest = 0;
  int weight = 0;
  for (const Part& part : parts) {
    const int close = closeness(part.name, type);
    if (close <= closest) continue;
    closest = close;
    weight = part.weight;
  }
  return weight;
}

// "nl" is said by "nl", "nl-BE" and "*".
int weight_of_language(const std::vector<Part>& parts, std::string_view language) {
  int weight = 0;
  int any = 0;
  bool is_named = false;
  for (const Part& part : parts) {
    if (part.name == "*") any = std::max(any, part.weight);
    if (!same(part.name.substr(0, part.name.find('-')), language)) continue;
    weight = is_named ? std::max(weight, part.weight) : part.weight;
    is_named = true;
  }
  return is_named ? weight : any;
}

}  // namespace

std::optional<size_t> wanted_type(std::string_view accept, std::span<const std::string_view> types) {
  if (trim(accept).empty()) return 0;
  const std::vector<Part> parts = parts_of(accept);
  std::optional<size_t> wanted;
  int most = 0;
  for (size_t i = 0; i < types.size(); ++i) {
    const int weight = weight_of_type(parts, types[i]);
    if (weight <= most) continue;
    most = weight;
    wanted = i;
  }
  return wanted;
}

Language wanted_language(std::string_view accept_language) {
  const std::vector<Part> parts = parts_of(accept_language);
  return weight_of_language(parts, "en") > weight_of_language(parts, "nl") ? Language::kEnglish : Language::kDutch;
}

}  // namespace weerbaar::service
