#include "service/account_api.h"

#include <array>
#include <nlohmann/json.hpp>

#include "people/totp.h"
#include "service/api_json.h"
#include "service/evidence.h"
#include "trail/store/search.h"

namespace weerbaar::service {
namespace {

using http::PathArguments;
using http::Request;
using http::Response;
using people::Permission;

constexpr std::string_view kOwnSource = "self";

// As the command line and this API record it.
constexpr std::string_view kAdded = "account add";
constexpr std::string_view kReset = "account reset";

Result<people::Role> read_role(std::string_view word) {
  const auto role = people::parse_role(word);
  if (role) return *role;
  std::string known;
  for (const people::Role one : people::all_roles()) known.append(" ").append(people::to_string(one));
  return fail(Code::kInvalid, "there is no such role; the roles are" + known);
}

}  // namespace

void AccountApi::add_routes(http::Router& router) {
  constexpr auto kMay = Permission::kManageAccounts;
  guard_.add(router, {"GET", "/api/v1/accounts", "accounts", kMay},
             [this](Request&, const PathArguments&, const Visitor& visitor) { return list(visitor); });
  guard_.add(router, {"POST", "/api/v1/accounts", "account_add", kMay},
             [this](Request& request, const PathArguments&, const Visitor& visitor) { return add(request, visitor); });
  guard_.add(router, {"GET", "/api/v1/accounts/{name}", "account", kMay},
             [this](Request&, const PathArguments& path, const Visitor& visitor) { return show(path[0], visitor); });
  guard_.add(router, {"POST", "/api/v1/accounts/{name}/disabling", "account_disable", kMay},
             [this](Request&, const PathArguments& path, const Visitor& visitor) { return disable(path[0], visitor); });
  guard_.add(router, {"POST", "/api/v1/accounts/{name}/roles", "account_give_role", kMay},
             [this](Request& request, const PathArguments& path, const Visitor& visitor) {
               return give_role(path[0], request, visitor);
             });
  guard_.add(router, {"DELETE", "/api/v1/accounts/{name}/roles/{role}", "account_take_role", kMay},
             [this](Request&, const PathArguments& path, const Visitor& visitor) {
               return take_role(path[0], path[1], visitor);
             });
}

Response AccountApi::answer(const std::string& name) {
  const auto account = accounts_.find(name);
  if (!account) return failure(account.error(), log_);
  return json_answer(200, account_json(*account));
}

Response AccountApi::list(const Visitor& visitor) {
  const auto all = accounts_.list();
  if (!all) return failure(all.error(), log_);
  auto deed = new_deed(visitor, Action::kList, "account list");
  if (!deed) return failure(deed.error(), log_);
  deed->records = all->size();
  if (const Status recorded = record_(*deed); !recorded) return unrecorded(recorded.error(), log_);
  nlohmann::ordered_json json = {{"items", nlohmann::ordered_json::array()}};
  for (const people::Account& account : *all) json["items"].push_back(account_json(account));
  return json_answer(200, json);
}

Response AccountApi::show(const std::string& name, const Visitor& visitor) {
  const auto account = accounts_.find(name);
  if (!account) return failure(account.error(), log_);
  auto deed = new_deed(visitor, Action::kRead, "account list");
  if (!deed) return failure(deed.error(), log_);
  deed->about = {{SubjectType::kEmployee, account->employee}};
  deed->records = 1;
  if (const Status recorded = record_(*deed); !recorded) return unrecorded(recorded.error(), log_);
  return json_answer(200, account_json(*account));
}

Response AccountApi::add(const Request& request, const Visitor& visitor) {
  static constexpr std::array<std::string_view, 3> kMembers = {"name", "employee", "password"};
  const auto texts = read_texts(request.body, kMembers);
  if (!texts) return failure(texts.error());
  auto deed = new_deed(visitor, Action::kCreate, std::string(kAdded));
  if (!deed) return failure(deed.error(), log_);
  const std::string& name = texts->at("name");
  const auto secret = accounts_.add(name, texts->at("employee"), texts->at("password"), std::move(*deed), record_);
  if (!secret) return failure(secret.error(), log_);
  const auto bytes = people::from_base32(*secret);
  const auto account = accounts_.find(name);
  if (!bytes || !account) return failure(!bytes ? bytes.error() : account.error(), log_);
  nlohmann::ordered_json json = account_json(*account);
  json["otpauth_uri"] = people::otpauth_uri(name, name_, *bytes);
  Response response = json_answer(201, json);
  response.fields.push_back({"Location", "/api/v1/accounts/" + name});
  return response;
}

Response AccountApi::disable(const std::string& name, const Visitor& visitor) {
  if (name == visitor.account.name) return http::problem(403, "nobody disables himself: another administrator has to");
  auto deed = new_deed(visitor, Action::kUpdate, "account disable");
  if (!deed) return failure(deed.error(), log_);
  if (const Status disabled = accounts_.disable(name, std::move(*deed), record_); !disabled) {
    return failure(disabled.error(), log_);
  }
  return answer(name);
}

Status AccountApi::check_another_made(const people::Account& account, const Visitor& visitor) {
  return reader_.read([&](const trail::Trail& trail) -> Status {
    const trail::OfSubject employee{SubjectType::kEmployee, account.employee};
    WEERBAAR_ASSIGN(const trail::SearchResult found, trail::search(trail, employee, {}));
    EventBatch batch;
    for (const trail::Hit& hit : found.hits) {
      WEERBAAR_ASSIGN(const bool is_event, read_event(trail, hit.index, trail::Disclosure::kIdentities, batch));
      if (!is_event) continue;
      const AccessEvent& use = batch.events()[0];
      const bool saw_secrets = use.source == kOwnSource && (use.component == kAdded || use.component == kReset);
      if (!saw_secrets || !accounts_.is_same_employee(use.actor.id, visitor.account.employee)) continue;
      return fail(Code::kDenied,
                  "you made an account of this person and have seen its secrets: another administrator "
                  "gives it its roles");
    }
    return {};
  });
}

Response AccountApi::give_role(const std::string& name, const Request& request, const Visitor& visitor) {
  static constexpr std::array<std::string_view, 1> kMembers = {"role"};
  const auto texts = read_texts(request.body, kMembers);
  if (!texts) return failure(texts.error());
  const auto role = read_role(texts->at("role"));
  if (!role) return failure(role.error());
  const auto account = accounts_.find(name);
  if (!account) return failure(account.error(), log_);
  if (const Status other = check_another_made(*account, visitor); !other) return failure(other.error(), log_);
  auto deed = new_deed(visitor, Action::kUpdate, "account give-role");
  if (!deed) return failure(deed.error(), log_);
  deed->query = people::to_string(*role);
  if (const Status given = accounts_.give_role(name, *role, std::move(*deed), record_); !given) {
    return failure(given.error(), log_);
  }
  return answer(name);
}

Response AccountApi::take_role(const std::string& name, std::string_view word, const Visitor& visitor) {
  const auto role = people::parse_role(word);
  if (!role) return http::problem(404, "there is no such role");
  auto deed = new_deed(visitor, Action::kUpdate, "account take-role");
  if (!deed) return failure(deed.error(), log_);
  deed->query = people::to_string(*role);
  if (const Status taken = accounts_.take_role(name, *role, std::move(*deed), record_); !taken) {
    return failure(taken.error(), log_);
  }
  return answer(name);
}

}  // namespace weerbaar::service
