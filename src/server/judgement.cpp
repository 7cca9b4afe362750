#include "server/judgement.h"

#include <fmt/format.h>

#include <vector>

#include "examine/purpose/identities.h"

namespace weerbaar::server {

Result<std::unique_ptr<Judgement>> load_judgement(
    const DataDirectory& data, const trail::Trail& trail, const JudgementChoice& choice, Console& console,
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
  WEERBAAR_ASSIGN(const uint64_t last_import, facts->imports());
  judgement->known_at = choice.known_at.value_or(last_import);
  if (judgement->known_at > last_import) {
    return fail(Code::kInvalid, fmt::format("--known-at {}: the last import is {}", judgement->known_at, last_import));
  }
  purpose::Judge::want(rules, judgement->facts);
  purpose::want_accounts(judgement->facts);
  if (want_more) want_more(rules, judgement->facts);
  console.progress("reading facts");
  WEERBAAR_TRY(judgement->facts.load(*facts, judgement->known_at));
  judgement->judge = std::make_unique<const purpose::Judge>(std::move(rules), judgement->facts);
  return judgement;
}

}  // namespace weerbaar::server
