// Who stands behind the pseudonyms of one period, as far as facts know of them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "examine/purpose/fact_base.h"
#include "trail/format/entry.h"
#include "trail/privacy/pseudonymiser.h"
#include "trail/store/value_table.h"

namespace weerbaar::purpose {

// Says that accounts are asked for; before facts are loaded.
void want_accounts(FactBase& facts);

// An actor of the trail: an account, and the employee of that name. kUnknown for what no fact says.
struct ActorSymbols {
  Symbol account = kUnknown;
  Symbol employee = kUnknown;
};

// Safe to read from several threads.
class Identities {
 public:
  // Works out the pseudonym of every subject, account and employee in the facts under the key of a period. `facts` must
  // outlive it.
  Identities(FactBase& facts, const trail::Pseudonymiser& key);

  // kUnknown when no fact is about it.
  [[nodiscard]] Symbol subject(const trail::StoredSubject& subject) const;
  [[nodiscard]] ActorSymbols actor(std::string_view pseudonym) const;
  // The employee whose account it was at that moment; without a fact about the account, account and employee are the
  // same.
  [[nodiscard]] Symbol employee(const ActorSymbols& actor, int64_t time) const;

 private:
  void add_subjects(const trail::Pseudonymiser& key);
  void add_numbers(SubjectType type, std::vector<std::string_view>& digits, std::vector<Symbol>& symbols,
                   const trail::Pseudonymiser& key);
  void add_actors(facts::Kind kind, Symbol ActorSymbols::* member, const trail::Pseudonymiser& key);

  FactBase& facts_;
  const FactTable& accounts_;
  const FactIndex& by_account_;
  trail::ValueTable<uint64_t> numbers_;
  std::vector<Symbol> number_symbols_;  // by code
  trail::TextTable texts_;              // the type as a byte, and the pseudonym
  std::vector<Symbol> text_symbols_;
  trail::TextTable actors_;
  std::vector<ActorSymbols> actor_symbols_;
};

}  // namespace weerbaar::purpose
