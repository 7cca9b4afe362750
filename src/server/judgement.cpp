#include "server/judgement.h"

#include <fmt/format.h>

#include <map>
#include <vector>

#include "examine/purpose/identities.h"
#include "server/import_ledger.h"

namespace weerbaar::server {
namespace {

// The imports that the trail tells of, which are those of the register. One that came since the trail was opened is in
// the register already, and one of which the outcome is open may not be.
Result<ImportLedger> read_ledger(DataDirectory& data, const trail::Trail& trail, facts::Register& facts) {
  WEERBAAR_ASSIGN(ImportLedger ledger, ImportLedger::read(trail));
  WEERBAAR_ASSIGN(std::vector<facts::ImportedFile> in_register, facts.import_list());
  if (in_register.size() > ledger.last()) {
    WEERBAAR_ASSIGN(const std::unique_ptr<trail::Trail> later, data.open_trail());
    WEERBAAR_ASSIGN(const ImportLedger later_ledger, ImportLedger::read(*later));
    WEERBAAR_TRY(later_ledger.compare(in_register, facts.name()));
    in_register.resize(ledger.last());
  }
  if (ledger.last_did_not_happen(in_register)) ledger.forget_last();
  WEERBAAR_TRY(ledger.compare(in_register, facts.name()));
  return ledger;
}

}  // namespace

Result<std::unique_ptr<Judgement>> load_judgement(
    DataDirectory& data, const trail::Trail& trail, const JudgementChoice& choice, Console& console,
    const std::function<void(std::span<const purpose::Rule>, purpose::FactBase&)>& want_more) {
  auto judgement = std::make_unique<Judgement>();
  WEERBAAR_ASSIGN(const std::vector<Adoption> adopted, adoptions(trail));
  const std::optional<uint64_t> number = choice.policy ? choice.policy : in_force(adopted, os::now());
  if (!number) {
    return fail(Code::kNotFound, adopted.empty() ? "no control policy was adopted yet: `weerbaar policy DIR adopt "
                                                   "--name NAME` adopts the rules of this program"
                                                 : "no control policy is in force yet: all were adopted for a later "
                                                   "day; name one with --policy");
  }
  WEERBAAR_ASSIGN(judgement->adopted, read_adopted(data, adopted, *number));
  WEERBAAR_ASSIGN(std::vector<purpose::Rule> rules, purpose::read_rules(judgement->adopted.policy));
  WEERBAAR_ASSIGN(const std::unique_ptr<facts::Register> facts, data.open_register());
  WEERBAAR_ASSIGN(const ImportLedger ledger, read_ledger(data, trail, *facts));
  judgement->known_at = choice.known_at.value_or(ledger.last());
  if (judgement->known_at > ledger.last()) {
    return fail(Code::kInvalid, fmt::format("--known-at {}: the last import is {}", *choice.known_at, ledger.last()));
  }
  purpose::Judge::want(rules, judgement->facts);
  purpose::want_accounts(judgement->facts);
  if (want_more) want_more(rules, judgement->facts);
  console.progress("reading facts");
  std::map<std::string, facts::TableState, std::less<>> found;
  const auto compare = [&](const facts::Table& table, const facts::TableState& state) {
    found[std::string(table.name)] = state;
    return ledger.compare(table.name, judgement->known_at, state, facts->name());
  };
  WEERBAAR_TRY(judgement->facts.load(*facts, judgement->known_at, compare));
  judgement->register_digest = ledger.digest(judgement->known_at, std::move(found));
  judgement->judge = std::make_unique<const purpose::Judge>(std::move(rules), judgement->facts);
  return judgement;
}

}  // namespace weerbaar::server
