#include "examine/purpose/identities.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <string>

#include "trail/store/event_codec.h"

namespace weerbaar::purpose {
namespace {

using facts::Kind;

constexpr size_t kAccountColumn = 0;
constexpr size_t kEmployeeColumn = 1;
constexpr size_t kSubjectTypes = static_cast<size_t>(SubjectType::kOther) + 1;
// Pseudonyms that are worked out, or undone, together.
constexpr size_t kTogether = 256;
// Of the text of a subject that is a number: the type, a colon and its digits.
constexpr size_t kNumberBytes = 32;

// Beside those of the types of subjects.
constexpr uint64_t kSeedOfActor = 256;
constexpr uint64_t kSeedOfNobody = 257;  // of a pseudonym that is none
constexpr uint64_t kSeedOfNumber = 258;  // and of each type from there

uint64_t hash_of_number(SubjectType type, uint64_t number) {
  return XXH3_64bits_withSeed(&number, sizeof number, kSeedOfNumber + static_cast<uint64_t>(type));
}
uint64_t hash_of_text(std::string_view text, uint64_t seed) {
  return XXH3_64bits_withSeed(text.data(), text.size(), seed);
}

const facts::Table& account_table() {
  return *facts::find_table("account");
}

// As facts name a subject.
std::string subject_text(SubjectType type, std::string_view id) {
  std::string text(to_string(type));
  text += ':';
  text += id;
  return text;
}

// The texts of numbers of one type: they differ in their digits only.
class NumberTexts {
 public:
  explicit NumberTexts(SubjectType type) : prefix_(subject_text(type, "")), digits_(trail::digits_of(type)) {
    for (auto& text : bytes_) std::ranges::copy(prefix_, text.begin());
  }
  std::string_view write(size_t place, uint64_t number) {
    char* const begin = bytes_[place].data();
    for (size_t i = prefix_.size() + digits_; i-- > prefix_.size(); number /= 10) {
      begin[i] = static_cast<char>('0' + number % 10);
    }
    return {begin, prefix_.size() + digits_};
  }

 private:
  const std::string prefix_;
  const size_t digits_;
  std::array<std::array<char, kNumberBytes>, kTogether> bytes_;
};

}  // namespace

void want_accounts(FactBase& facts) {
  facts.want(account_table(), kAccountColumn);
  facts.want(account_table(), kEmployeeColumn);
}

void index_accounts(FactBase& facts) {
  facts.index(account_table(), kAccountColumn);
}

Identities::Identities(FactBase& facts, const trail::Pseudonymiser& key)
    : facts_(facts),
      key_(key),
      accounts_(facts.table(account_table())),
      by_account_(facts.index(account_table(), kAccountColumn)) {
  add_actors(Kind::kAccount, &ActorSymbols::account);
  add_actors(Kind::kEmployee, &ActorSymbols::employee);
}

void Identities::add_actors(Kind kind, Symbol ActorSymbols::* member) {
  std::vector<std::string_view> ids;
  std::vector<Symbol> symbols;
  Bytes pseudonyms;
  const auto add_some = [&] {
    pseudonyms.clear();
    key_.encrypt_identifiers(trail::Domain::kActor, ids, pseudonyms);
    std::string_view rest = as_text(pseudonyms);
    for (size_t i = 0; i < ids.size(); ++i) {
      const size_t bytes = trail::identifier_pseudonym_bytes(ids[i].size());
      const uint32_t code = actors_.code(rest.substr(0, bytes));
      rest.remove_prefix(bytes);
      if (code == actor_symbols_.size()) actor_symbols_.emplace_back();
      actor_symbols_[code].*member = symbols[i];
    }
    ids.clear();
    symbols.clear();
  };
  for (Symbol symbol = 1; symbol < facts_.symbols(kind); ++symbol) {
    const std::string_view id = facts_.text(kind, symbol);
    if (id.size() > trail::kIdentifierBytesMax) continue;
    ids.push_back(id);
    symbols.push_back(symbol);
    if (ids.size() == kTogether) add_some();
  }
  add_some();
}

Symbol Identities::subject(const trail::StoredSubject& subject) const {
  Known known;
  find_subjects({&subject, 1}, {&known, 1});
  return known.symbol;
}

void Identities::find_subjects(std::span<const trail::StoredSubject> subjects, std::span<Known> known) const {
  struct Numbers {
    std::vector<uint64_t> pseudonyms;
    std::vector<size_t> places;
  };
  std::array<Numbers, kSubjectTypes> numbers;
  for (size_t i = 0; i < subjects.size(); ++i) {
    const trail::StoredSubject& subject = subjects[i];
    if (!subject.is_number) {
      known[i] = find_text(subject);
      continue;
    }
    // Of another number nobody has the pseudonym.
    known[i] = {kUnknown, hash_of_number(subject.type, subject.number)};
    const unsigned width = trail::digits_of(subject.type);
    if (width == 0 || subject.number >= trail::power_of_ten(width)) continue;
    Numbers& of_type = numbers[static_cast<size_t>(subject.type)];
    of_type.pseudonyms.push_back(subject.number);
    of_type.places.push_back(i);
  }
  std::vector<Symbol> found;
  for (size_t type = 0; type < kSubjectTypes; ++type) {
    Numbers& of_type = numbers[type];
    found.resize(of_type.places.size());
    find_numbers(static_cast<SubjectType>(type), of_type.pseudonyms, found);
    for (size_t i = 0; i < found.size(); ++i) {
      known[of_type.places[i]] = {found[i], hash_of_number(static_cast<SubjectType>(type), of_type.pseudonyms[i])};
    }
  }
}

void Identities::find_numbers(SubjectType type, std::span<uint64_t> pseudonyms, std::span<Symbol> symbols) const {
  if (pseudonyms.empty()) return;
  key_.decrypt_digits(trail::domain_of(type), trail::digits_of(type), pseudonyms);
  NumberTexts bytes(type);
  std::array<std::string_view, kTogether> texts;
  for (size_t begin = 0; begin < pseudonyms.size(); begin += kTogether) {
    const size_t count = std::min(kTogether, pseudonyms.size() - begin);
    for (size_t i = 0; i < count; ++i) texts[i] = bytes.write(i, pseudonyms[begin + i]);
    facts_.find_all(Kind::kSubject, std::span(texts).first(count), symbols.subspan(begin, count));
  }
}

Identities::Known Identities::find_text(const trail::StoredSubject& subject) const {
  const auto id = key_.decrypt_identifier(trail::domain_of(subject.type), as_bytes(subject.bytes));
  if (!id) return {kUnknown, hash_of_text(subject.bytes, kSeedOfNobody)};
  const uint64_t hash = hash_of_text(*id, static_cast<uint64_t>(subject.type));
  // The pseudonym of such a one is a number.
  const unsigned width = trail::digits_of(subject.type);
  if (width != 0 && id->size() == width && trail::fits_digits(*id)) return {kUnknown, hash};
  return {facts_.find(Kind::kSubject, subject_text(subject.type, *id)), hash};
}

uint64_t Identities::hash_of_actor(std::string_view pseudonym) const {
  const auto id = key_.decrypt_identifier(trail::Domain::kActor, as_bytes(pseudonym));
  return id ? hash_of_text(*id, kSeedOfActor) : hash_of_text(pseudonym, kSeedOfNobody);
}

ActorSymbols Identities::actor(std::string_view pseudonym) const {
  ActorSymbols actor;
  find_actors({&pseudonym, 1}, {&actor, 1});
  return actor;
}

void Identities::find_actors(std::span<const std::string_view> pseudonyms, std::span<ActorSymbols> actors) const {
  std::array<uint32_t, kTogether> codes;
  for (size_t begin = 0; begin < pseudonyms.size(); begin += kTogether) {
    const std::span some = pseudonyms.subspan(begin, std::min(kTogether, pseudonyms.size() - begin));
    actors_.find_all(some, std::span(codes).first(some.size()));
    for (size_t i = 0; i < some.size(); ++i) {
      actors[begin + i] = codes[i] == trail::TextTable::kNone ? ActorSymbols{} : actor_symbols_[codes[i]];
    }
  }
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
