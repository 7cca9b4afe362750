#include "examine/trace/leaked_list.h"

#include <fmt/format.h>

#include <set>
#include <string>
#include <utility>
#include <variant>

namespace weerbaar::trace {
namespace {

constexpr size_t kFaultsNamedMax = 10;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string_view trimmed(std::string_view line) {
  constexpr std::string_view kBlanks = " \t\r";
  const size_t begin = line.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(kBlanks) - begin + 1);
}

// The same person gives the same text, and another person another.
std::string key_of(const trail::Whom& whom) {
  if (const auto* subject = std::get_if<trail::OfSubject>(&whom)) {
    return fmt::format("{}:{}", to_string(subject->type), subject->id);
  }
  const auto& pseudonym = std::get<trail::OfPseudonym>(whom);
  return fmt::format("{}:{}", to_string(pseudonym.type), pseudonym.text);
}

std::string named(const std::vector<std::string>& faults) {
  std::string text;
  for (size_t i = 0; i < faults.size() && i < kFaultsNamedMax; ++i) text += (i == 0 ? "" : "; ") + faults[i];
  if (faults.size() > kFaultsNamedMax) text += fmt::format("; and {} lines more", faults.size() - kFaultsNamedMax);
  return text;
}

}  // namespace

Result<LeakedList> parse_leaked_list(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  LeakedList list;
  std::set<std::string> known;
  std::vector<std::string> faults;
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty()) continue;
    auto whom = trail::parse_subject(line);
    if (!whom) {
      faults.push_back(fmt::format("line {}: {}", number, whom.error().text));
    } else if (!known.insert(key_of(*whom)).second) {
      ++list.repeated;
    } else {
      list.persons.push_back(std::move(*whom));
    }
    if (list.persons.size() > kLeakedPersonsMax) {
      return fail(Code::kInvalid,
                  fmt::format("line {}: more than {} persons: trace a part of them", number, kLeakedPersonsMax));
    }
  }
  if (!faults.empty()) return fail(Code::kInvalid, named(faults));
  if (list.persons.empty()) return fail(Code::kInvalid, "no person is named: write one TYPE:ID a line, such as bsn:…");
  return list;
}

}  // namespace weerbaar::trace
