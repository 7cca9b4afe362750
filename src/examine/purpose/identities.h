// Who stands behind the pseudonyms of one period, as far as facts know of them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "examine/purpose/fact_base.h"
#include "trail/format/entry.h"
#include "trail/privacy/pseudonymiser.h"
#include "trail/store/value_table.h"

namespace weerbaar::purpose {

// Says that accounts are asked for; before facts are loaded.
void want_accounts(FactBase& facts);
// After they are loaded: Identities that are made later then change nothing in the facts.
void index_accounts(FactBase& facts);

// An actor of the trail: an account, and the employee of that name. kUnknown for what no fact says.
struct ActorSymbols {
  Symbol account = kUnknown;
  Symbol employee = kUnknown;
};

// Safe to read from several threads.
//
// Facts tell of millions of persons, of whom a segment of the trail concerns some thousands: so the pseudonyms of
// persons are decrypted, those of employees are worked out.
class Identities {
 public:
  // Works out the pseudonym of every account and employee in the facts under the key of a period. `facts` and `key`
  // must outlive it.
  Identities(FactBase& facts, const trail::Pseudonymiser& key);

  // kUnknown when no fact is about it.
  [[nodiscard]] Symbol subject(const trail::StoredSubject& subject) const;
  struct Known {
    Symbol symbol = kUnknown;
    uint64_t hash = 0;  // of who it is: the same in each period
  };
  // The same of many, several times faster for each; `known` is as long as `subjects`.
  void find_subjects(std::span<const trail::StoredSubject> subjects, std::span<Known> known) const;
  [[nodiscard]] ActorSymbols actor(std::string_view pseudonym) const;
  // The same of many; `actors` is as long as `pseudonyms`.
  void find_actors(std::span<const std::string_view> pseudonyms, std::span<ActorSymbols> actors) const;
  // A hash of the account: the same in each period.
  [[nodiscard]] uint64_t hash_of_actor(std::string_view pseudonym) const;
  // The employee whose account it was at that moment; without a fact about the account, account and employee are the
  // same.
  [[nodiscard]] Symbol employee(const ActorSymbols& actor, int64_t time) const;

 private:
  // The pseudonyms become the numbers.
  void find_numbers(SubjectType type, std::span<uint64_t> pseudonyms, std::span<Symbol> symbols) const;
  [[nodiscard]] Known find_text(const trail::StoredSubject& subject) const;
  void add_actors(facts::Kind kind, Symbol ActorSymbols::* member);

  FactBase& facts_;
  const trail::Pseudonymiser& key_;
  const FactTable& accounts_;
  const FactIndex& by_account_;
  trail::TextTable actors_;
  std::vector<ActorSymbols> actor_symbols_;  // by code
};

}  // namespace weerbaar::purpose
