#include "server/proof_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "server/cosigned_files.h"
#include "service/api_json.h"
#include "service/json_body.h"
#include "trail/store/needle.h"

namespace weerbaar::server {
namespace {

using Json = nlohmann::ordered_json;
using http::PathArguments;
using http::Request;
using http::Response;
using service::Visitor;

Result<std::vector<uint64_t>> entries_in(const Json& json) {
  const auto found = json.find("entries");
  const bool is_list = found->is_array() && !found->empty() && found->size() <= kProvenOfRequestMax;
  if (!is_list || !std::ranges::all_of(*found, [](const Json& one) { return one.is_number_unsigned(); })) {
    return fail(Code::kInvalid,
                fmt::format("entries is a list of 1 to {} numbers of entries: more are for the command line",
                            kProvenOfRequestMax));
  }
  return found->get<std::vector<uint64_t>>();
}

Status read_person(const Json& json, ProofAsked& asked) {
  constexpr size_t kOfBytesMax = kTextBytesMax;
  WEERBAAR_ASSIGN(asked.of, service::text_in(json, "of", kOfBytesMax));
  auto whom = trail::parse_subject(asked.of);
  if (!whom) return fail_in("of", whom.error());
  const auto* const person = std::get_if<trail::OfSubject>(&*whom);
  if (person != nullptr && person->type == SubjectType::kEmployee) {
    return fail(
        Code::kDenied,
        "what is recorded about an employee by name takes a mandate, and tells of mandates: ask by a pseudonym");
  }
  asked.whom = std::move(*whom);
  asked.complete = false;
  asked.accesses_max = kProvenOfRequestMax;
  WEERBAAR_ASSIGN(asked.range, service::range_in(json));
  return {};
}

Status about_himself() {
  return fail(Code::kDenied, "nobody proves what was done about himself: another person does");
}

// The visitor by every id at work, and as a citizen.
Result<std::vector<people::About>> himself_of(const people::Accounts& accounts, const std::string& employee) {
  WEERBAAR_ASSIGN(std::vector<people::About> himself, accounts.persons_of(employee));
  WEERBAAR_ASSIGN(const std::vector<std::string> ids, accounts.ids_ever_of(employee));
  for (const std::string& id : ids) himself.push_back({SubjectType::kEmployee, id});
  return himself;
}

bool is_one_of(const std::vector<people::About>& himself, SubjectType type, std::string_view id) {
  return std::ranges::any_of(himself, [&](const people::About& own) {
    return own.type == type &&
           (own.id == id || (type == SubjectType::kEmployee && people::folded_id(own.id) == people::folded_id(id)));
  });
}

Status check_persons(const std::vector<trail::OfSubject>& persons, const std::vector<people::About>& himself) {
  const bool is_own = std::ranges::any_of(
      persons, [&himself](const trail::OfSubject& person) { return is_one_of(himself, person.type, person.id); });
  return is_own ? about_himself() : Status();
}

// Uses of Weerbaar are refused to all alike, and like all other records: that one is refused to whom it is about, or
// that an entry is one, would tell of an investigation.
Status check_entries(const trail::Trail& trail, const Proof& proof, const std::vector<people::About>& himself) {
  EventBatch batch;
  for (const EntryIndex index : proof.entries()) {
    if (!(index < trail.size())) continue;
    WEERBAAR_ASSIGN(const bool is_event, service::read_event(trail, index, trail::Disclosure::kIdentities, batch));
    const AccessEvent event = is_event ? batch.events()[0] : AccessEvent();
    if (!is_event || event.source == kOwnSource) {
      return fail(Code::kDenied,
                  fmt::format("entry {} is no access that a source recorded: others are proven on the command line",
                              index.value()));
    }
    const bool is_about = std::ranges::any_of(
        event.subjects, [&himself](const Subject& subject) { return is_one_of(himself, subject.type, subject.id); });
    if (is_about) return about_himself();
  }
  return {};
}

}  // namespace

struct ProofApi::Found {
  Proof proof;
  std::vector<trail::OfSubject> about;  // who learns of it, whatever was found
};

struct ProofApi::Package {
  MadeProof made;
  uint64_t size = 0;  // of the tree that it stands on
};

Result<PackageRequest> read_package_request(std::string_view body) {
  static constexpr std::array<std::string_view, 6> kMembers = {"of", "entries", "from", "to", "case", "reason"};
  WEERBAAR_ASSIGN(const Json json, service::parse_body(body, kMembers));
  if (json.contains("of") == json.contains("entries")) {
    return fail(Code::kInvalid, "say what to prove: of (a person: TYPE:ID) or entries, one of the two");
  }
  PackageRequest request;
  if (json.contains("of")) {
    WEERBAAR_TRY(read_person(json, request.asked));
  } else {
    if (json.contains("from") || json.contains("to")) {
      return fail(Code::kInvalid, "from and to go with of: entries are proven whenever they happened");
    }
    WEERBAAR_ASSIGN(request.asked.entries, entries_in(json));
  }
  WEERBAAR_ASSIGN(request.case_id, service::text_in(json, "case", kTextBytesMax));
  WEERBAAR_ASSIGN(request.reason, service::text_in(json, "reason", kTextBytesMax));
  return request;
}

void ProofApi::add_routes(http::Router& router) {
  guard_.add(
      router, {"POST", "/api/v1/packages", "packages", people::Permission::kProve},
      [this](Request& request, const PathArguments&, const Visitor& visitor) { return prove(request, visitor); });
}

Status ProofApi::record(const PackageRequest& request, const Found& found, const Visitor& visitor) {
  WEERBAAR_ASSIGN(people::Deed deed, service::new_deed(visitor, Action::kExport, "prove"));
  deed.query = found.proof.query();
  deed.case_id = request.case_id;
  deed.reason = request.reason;
  deed.records = found.proof.entries().size();
  for (const trail::OfSubject& one : found.about) deed.about.push_back({one.type, one.id});
  return record_(deed);
}

Result<ProofApi::Found> ProofApi::find(const PackageRequest& request, const Visitor& visitor) {
  WEERBAAR_ASSIGN(const std::vector<people::About> himself, himself_of(accounts_, visitor.account.employee));
  Found found;
  const Status read = reader_.read([&](const trail::Trail& trail) -> Status {
    WEERBAAR_ASSIGN(found.proof, Proof::find(trail, request.asked));
    if (!found.proof.whom()) return check_entries(trail, found.proof, himself);
    WEERBAAR_ASSIGN(found.about, trail::persons_behind(trail.keys(), *found.proof.whom()));
    return check_persons(found.about, himself);
  });
  if (!read) return std::unexpected(read.error());
  return found;
}

// Others wait while it signs, and while the trail is opened as it is then; what is read in it, is read apart.
Result<std::unique_ptr<trail::Trail>> ProofApi::take(Proof& proof) {
  std::unique_ptr<trail::Trail> trail;
  const Status taken = writer_.between_groups([&](trail::Trail& written) -> Status {
    WEERBAAR_TRY(proof.take(written));
    WEERBAAR_ASSIGN(trail, data_.open_trail_to_read());
    return {};
  });
  if (!taken) return std::unexpected(taken.error());
  return trail;
}

Result<ProofApi::Package> ProofApi::make(const PackageRequest& request, const Visitor& visitor) {
  WEERBAAR_ASSIGN(Found found, find(request, visitor));
  Proof& proof = found.proof;
  WEERBAAR_TRY(record(request, found, visitor));
  WEERBAAR_ASSIGN(const std::unique_ptr<trail::Trail> trail, take(proof));
  WEERBAAR_ASSIGN(WitnessesSaw saw, witnesses_saw(data_, trail->checkpoint().size));
  if (saw.is_refused) return fail(Code::kStopped, saw.refusals.front().in_words());
  WEERBAAR_ASSIGN(MadeProof made, proof.make(*trail, std::move(saw)));
  return Package{std::move(made), trail->checkpoint().size.value()};
}

Response ProofApi::prove(const Request& request, const Visitor& visitor) {
  const auto asked = read_package_request(request.body);
  if (!asked) return service::failure(asked.error());
  const auto turn = long_work_.begin();
  if (!turn) return service::LongWork::come_back();
  const auto package = make(*asked, visitor);
  if (!package) return service::failure(package.error(), log_);
  Response response;
  response.content_type = "application/zip";
  response.body = as_text(package->made.package);
  response.fields.push_back(
      {"Content-Disposition", fmt::format("attachment; filename=\"evidence-{}.zip\"", package->size)});
  return response;
}

}  // namespace weerbaar::server
