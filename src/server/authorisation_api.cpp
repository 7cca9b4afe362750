#include "server/authorisation_api.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "service/api_json.h"

namespace weerbaar::server {
namespace {

using Json = nlohmann::ordered_json;
using http::PathArguments;
using http::Request;
using http::Response;
using service::Visitor;

// The columns of the table, in order.
enum Column : size_t { kEmployee, kSystem, kRole };
constexpr size_t kColumns = 3;

struct Authorisation {
  std::array<std::string, kColumns> columns;
  int64_t valid_from = 0;
  int64_t valid_to = 0;
};

bool is_asked(const AuthorisationRequest& asked, const facts::Fact& fact) {
  return fact.valid_from <= asked.at.micros && asked.at.micros < fact.valid_to &&
         (asked.employee.empty() || fact.values[kEmployee] == asked.employee) &&
         (asked.system.empty() || fact.values[kSystem] == asked.system);
}

std::unexpected<Error> nothing_known() {
  return fail(
      Code::kNotFound,
      "the register holds no authorisations: import them with `weerbaar register DIR import authorisation FILE`");
}

Result<Json> item_of(const Authorisation& one, facts::Register& facts, const facts::Table& table, uint64_t known_at) {
  Json item = {{"employee", one.columns[kEmployee]}, {"system", one.columns[kSystem]}, {"role", one.columns[kRole]}};
  if (one.valid_from != facts::kAlways) item["from"] = format_time(Time{one.valid_from, 0});
  if (one.valid_to != facts::kUntilFurtherNotice) item["to"] = format_time(Time{one.valid_to, 0});
  std::array<facts::KnownCell, kColumns> cells;
  for (size_t i = 0; i < kColumns; ++i) cells[i] = {i, one.columns[i]};
  WEERBAAR_ASSIGN(const auto recorded, facts.find(table, known_at, cells, one.valid_from, one.valid_to));
  if (recorded) item["import"] = recorded->import;
  return item;
}

}  // namespace

struct AuthorisationApi::Page {
  Json items = Json::array();
  std::set<std::string> employees;  // that are shown
  uint64_t known_at = 0;
  uint64_t count = 0;  // on all pages
  std::string next;
};

Result<AuthorisationRequest> read_authorisation_request(std::string_view body, Time now) {
  static constexpr std::array<std::string_view, 5> kMembers = {"employee", "system", "at", "limit", "cursor"};
  WEERBAAR_ASSIGN(const Json json, service::parse_body(body, kMembers));
  AuthorisationRequest asked;
  WEERBAAR_ASSIGN(asked.employee, service::text_if_any(json, "employee", kNameBytesMax));
  WEERBAAR_ASSIGN(asked.system, service::text_if_any(json, "system", kNameBytesMax));
  if (asked.employee.empty() && asked.system.empty()) {
    return fail(Code::kInvalid, "say whose authorisations, employee, or for what, system; or both");
  }
  if (asked.employee.starts_with(kPseudonymMark)) {
    return fail(Code::kInvalid, "employee is an identity, as the register has it, and not a pseudonym");
  }
  WEERBAAR_ASSIGN(const std::optional<Time> at, service::moment_in(json, "at"));
  asked.at = at.value_or(now);
  WEERBAAR_ASSIGN(asked.limit, service::limit_in(json));
  WEERBAAR_ASSIGN(asked.cursor, service::cursor_in(json));
  if (asked.cursor && !at) return fail(Code::kInvalid, "at goes with cursor: say what the page before gave");
  return asked;
}

void AuthorisationApi::add_routes(http::Router& router) {
  guard_.add(router, {"POST", "/api/v1/authorisations", "authorisations", people::Permission::kSeeAuthorisations},
             [this](Request& request, const PathArguments&, const Visitor& visitor) { return list(request, visitor); });
}

Status AuthorisationApi::fill(const AuthorisationRequest& asked, Page& page) {
  const ReadTrail read = [this](const auto& work) { return reader_.read(work); };
  // Opening a register that is not there makes it, and whoever looks makes nothing.
  uint64_t imports = 0;
  WEERBAAR_TRY(read([&imports](const trail::Trail& trail) -> Status {
    WEERBAAR_ASSIGN(const ImportLedger ledger, ImportLedger::read(trail));
    imports = ledger.last();
    return {};
  }));
  if (imports == 0) return nothing_known();
  WEERBAAR_ASSIGN(const std::unique_ptr<facts::Register> facts, data_.open_register());
  WEERBAAR_ASSIGN(const ImportLedger ledger, ledger_of(*facts, read));
  page.known_at = asked.cursor ? asked.cursor->of : ledger.last();
  if (page.known_at > ledger.last()) return fail(Code::kInvalid, "cursor is what the page before gave as next");
  const uint64_t passed = asked.cursor ? asked.cursor->passed : 0;
  const facts::Table& table = *facts::find_table("authorisation");
  std::vector<Authorisation> shown;
  facts::TableState state;
  const auto take = [&](const facts::Fact& fact) -> Status {
    if (!is_asked(asked, fact)) return {};
    if (page.count++ < passed || shown.size() == asked.limit) return {};
    Authorisation& one = shown.emplace_back();
    for (size_t i = 0; i < kColumns; ++i) one.columns[i] = fact.values[i];
    one.valid_from = fact.valid_from;
    one.valid_to = fact.valid_to;
    return {};
  };
  WEERBAAR_TRY(facts->read(table, page.known_at, take, &state));
  WEERBAAR_TRY(ledger.compare(table.name, page.known_at, state, facts->name()));
  if (state.facts == 0) return nothing_known();
  for (const Authorisation& one : shown) {
    WEERBAAR_ASSIGN(Json item, item_of(one, *facts, table, page.known_at));
    page.items.push_back(std::move(item));
    page.employees.insert(one.columns[kEmployee]);
  }
  if (passed + shown.size() < page.count)
    page.next = to_string(service::ListCursor{page.known_at, passed + shown.size()});
  return {};
}

Status AuthorisationApi::record(const AuthorisationRequest& asked, const Page& page, const Visitor& visitor) {
  WEERBAAR_ASSIGN(people::Deed deed, service::new_deed(visitor, Action::kSearch, "authorisations"));
  std::set<std::string> about = page.employees;
  if (!asked.employee.empty()) about.insert(asked.employee);
  for (const std::string& employee : about) deed.about.push_back({SubjectType::kEmployee, employee});
  deed.query = (asked.system.empty() ? std::string() : "for " + asked.system + " ") + "at " + format_time(asked.at);
  deed.records = page.items.size();
  deed.shows_identities = !page.employees.empty();
  return record_(deed);
}

Response AuthorisationApi::list(const Request& request, const Visitor& visitor) {
  const auto asked = read_authorisation_request(request.body, os::now());
  if (!asked) return service::failure(asked.error());
  const auto turn = long_work_.begin();
  if (!turn) return service::LongWork::come_back();
  Page page;
  if (const Status filled = fill(*asked, page); !filled) return service::failure(filled.error(), log_);
  if (const Status recorded = record(*asked, page, visitor); !recorded) {
    return service::unrecorded(recorded.error(), log_);
  }
  Json json = {{"at", format_time(asked->at)},
               {"known_at", page.known_at},
               {"count", page.count},
               {"items", std::move(page.items)}};
  if (!page.next.empty()) json["next"] = page.next;
  return service::json_answer(200, json);
}

}  // namespace weerbaar::server
