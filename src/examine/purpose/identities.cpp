#include "examine/purpose/identities.h"

#include <array>
#include <optional>
#include <string>

#include "trail/store/event_codec.h"

namespace weerbaar::purpose {
namespace {

using facts::Kind;

constexpr size_t kAccountColumn = 0;
constexpr size_t kEmployeeColumn = 1;
constexpr size_t kSubjectTypes = static_cast<size_t>(SubjectType::kOther) + 1;
// Numbers whose pseudonyms are worked out together.
constexpr size_t kTogether = 4'096;

const facts::Table& account_table() {
  return *facts::find_table("account");
}

uint64_t number_key(SubjectType type, uint64_t number) {
  return static_cast<uint64_t>(type) << 56U | number;
}
uint64_t hash_of(uint64_t key) {
  return XXH3_64bits(&key, sizeof key);
}

std::string text_key(SubjectType type, std::string_view pseudonym) {
  std::string key(1, static_cast<char>(type));
  key += pseudonym;
  return key;
}

struct SubjectText {
  SubjectType type;
  std::string_view id;
};
std::optional<SubjectText> split_subject(std::string_view text) {
  const size_t colon = text.find(':');
  const auto type = parse_subject_type(text.substr(0, colon));
  if (colon == std::string_view::npos || !type) return std::nullopt;
  return SubjectText{*type, text.substr(colon + 1)};
}

}  // namespace

void want_accounts(FactBase& facts) {
  facts.want(account_table(), kAccountColumn);
  facts.want(account_table(), kEmployeeColumn);
}

Identities::Identities(FactBase& facts, const trail::Pseudonymiser& key)
    : facts_(facts),
      accounts_(facts.table(account_table())),
      by_account_(facts.index(account_table(), kAccountColumn)) {
  add_subjects(key);
  add_actors(Kind::kAccount, &ActorSymbols::account, key);
  add_actors(Kind::kEmployee, &ActorSymbols::employee, key);
}

void Identities::add_subjects(const trail::Pseudonymiser& key) {
  std::array<std::vector<std::string_view>, kSubjectTypes> digits;
  std::array<std::vector<Symbol>, kSubjectTypes> symbols;
  Bytes pseudonym;
  for (Symbol symbol = 1; symbol < facts_.symbols(Kind::kSubject); ++symbol) {
    const auto subject = split_subject(facts_.text(Kind::kSubject, symbol));
    if (!subject || subject->id.empty() || subject->id.size() > trail::kIdentifierBytesMax) continue;
    const auto type = static_cast<size_t>(subject->type);
    const unsigned width = trail::digits_of(subject->type);
    if (width != 0 && subject->id.size() == width && trail::fits_digits(subject->id)) {
      digits[type].push_back(subject->id);
      symbols[type].push_back(symbol);
      if (digits[type].size() == kTogether) add_numbers(subject->type, digits[type], symbols[type], key);
      continue;
    }
    pseudonym.clear();
    key.encrypt_identifier(trail::domain_of(subject->type), subject->id, pseudonym);
    if (texts_.code(text_key(subject->type, as_text(pseudonym))) == text_symbols_.size())
      text_symbols_.push_back(symbol);
  }
  for (size_t type = 0; type < kSubjectTypes; ++type) {
    add_numbers(static_cast<SubjectType>(type), digits[type], symbols[type], key);
  }
}

void Identities::add_numbers(SubjectType type, std::vector<std::string_view>& digits, std::vector<Symbol>& symbols,
                             const trail::Pseudonymiser& key) {
  if (digits.empty()) return;
  std::vector<uint64_t> pseudonyms(digits.size());
  key.encrypt_digits(trail::domain_of(type), digits, pseudonyms);
  for (size_t i = 0; i < digits.size(); ++i) {
    const uint64_t name = number_key(type, pseudonyms[i]);
    numbers_.add(hash_of(name), name);
    number_symbols_.push_back(symbols[i]);
  }
  digits.clear();
  symbols.clear();
}

void Identities::add_actors(Kind kind, Symbol ActorSymbols::* member, const trail::Pseudonymiser& key) {
  Bytes pseudonym;
  for (Symbol symbol = 1; symbol < facts_.symbols(kind); ++symbol) {
    const std::string_view id = facts_.text(kind, symbol);
    if (id.size() > trail::kIdentifierBytesMax) continue;
    pseudonym.clear();
    key.encrypt_identifier(trail::Domain::kActor, id, pseudonym);
    const uint32_t code = actors_.code(as_text(pseudonym));
    if (code == actor_symbols_.size()) actor_symbols_.emplace_back();
    actor_symbols_[code].*member = symbol;
  }
}

Symbol Identities::subject(const trail::StoredSubject& subject) const {
  if (subject.is_number) {
    const uint64_t name = number_key(subject.type, subject.number);
    const uint32_t code = numbers_.find(hash_of(name), name);
    return code == trail::ValueTable<uint64_t>::kNone ? kUnknown : number_symbols_[code];
  }
  const uint32_t code = texts_.find(text_key(subject.type, subject.bytes));
  return code == trail::TextTable::kNone ? kUnknown : text_symbols_[code];
}

ActorSymbols Identities::actor(std::string_view pseudonym) const {
  const uint32_t code = actors_.find(pseudonym);
  return code == trail::TextTable::kNone ? ActorSymbols{} : actor_symbols_[code];
}

Symbol Identities::employee(const ActorSymbols& actor, int64_t time) const {
  const FactIndex::Rows rows = by_account_.rows(actor.account);
  for (uint32_t i = rows.begin; i < rows.end; ++i) {
    const uint32_t row = rows.at(i);
    if (time < accounts_.valid_from(row) || time >= accounts_.valid_to(row)) continue;
    return accounts_.cell(row, accounts_.place(kEmployeeColumn));
  }
  return actor.employee;
}

}  // namespace weerbaar::purpose
