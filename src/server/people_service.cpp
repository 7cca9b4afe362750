#include "server/people_service.h"

#include <utility>

#include "server/ask_provider.h"
#include "service/named_file.h"

namespace weerbaar::server {
namespace {

constexpr uint64_t kSecretBytesMax = 4'096;

Result<people::OidcSettings> oidc_settings(const OidcSection& section, const DataDirectory& data) {
  people::OidcSettings settings;
  settings.issuer = section.issuer;
  settings.client_id = section.client_id;
  settings.redirect_uri = section.redirect_uri;
  settings.scope = section.scope;
  settings.employee_claim = section.employee_claim;
  settings.roles_claim = section.roles_claim;
  settings.plain_http_to_loopback = section.plain_http_to_loopback;
  for (const auto& [value, words] : section.roles) {
    for (const std::string& word : words) {
      if (const auto role = people::parse_role(word)) settings.roles[value].push_back(*role);
    }
  }
  if (!section.client_secret_file.empty()) {
    WEERBAAR_ASSIGN(settings.client_secret,
                    service::read_named_file(data.files(), data.path(), "people.oidc.client_secret_file",
                                             section.client_secret_file, kSecretBytesMax));
    while (settings.client_secret.ends_with('\n')) settings.client_secret.pop_back();
  }
  return settings;
}

}  // namespace

PeopleService::PeopleService(std::unique_ptr<people::Store> opened, service::EventWriter& writer,
                             DataDirectory& reading, service::JsonLog& log_of_server)
    : store(std::move(opened)),
      employees(
          reading,
          // A reader of its own: it is asked in the midst of what others read.
          [&writer, &reading](const std::function<Status(const trail::Trail&)>& work) {
            return service::TrailReader(writer, [&reading] { return reading.open_trail_to_read(); }).read(work);
          },
          log_of_server),
      accounts(*store),
      sessions(*store, accounts),
      mandates(*store, accounts),
      guard(sessions, log_of_server),
      people_api(accounts, sessions, service::record_in(writer), guard, log_of_server, reading.settings().origin),
      mandate_api(*store, mandates, **reading.keys(), service::record_in(writer), guard),
      reader(writer, [&reading] { return reading.open_trail_to_read(); }),
      consultation_api(reader, *store, accounts, mandates, service::record_in(writer), guard, log_of_server),
      processing_api(reader, service::record_in(writer), guard, long_work, log_of_server),
      decision_review_api(reader, writer, accounts, service::record_in(writer), guard, log_of_server),
      account_api(accounts, reader, service::record_in(writer), guard, log_of_server, reading.settings().origin),
      check_api(reader, service::record_in(writer), guard, log_of_server),
      signal_api(reading, accounts, mandates, writer, service::record_in(writer), guard, log_of_server),
      report_api(reading, reader, writer, service::record_in(writer), guard, long_work, log_of_server),
      trace_api(reading, reader, service::record_in(writer), guard, long_work, log_of_server),
      overview_api(reader, service::record_in(writer), guard, long_work, log_of_server),
      authorisation_api(reading, reader, service::record_in(writer), guard, long_work, log_of_server),
      proof_api(reading, reader, writer, accounts, service::record_in(writer), guard, long_work, log_of_server),
      record(service::record_in(writer)),
      log(log_of_server) {
  accounts.know_employees(employees);
}

void PeopleService::add_routes(http::Router& router) {
  people_api.add_routes(router);
  mandate_api.add_routes(router);
  consultation_api.add_routes(router);
  processing_api.add_routes(router);
  decision_review_api.add_routes(router);
  account_api.add_routes(router);
  check_api.add_routes(router);
  signal_api.add_routes(router);
  report_api.add_routes(router);
  trace_api.add_routes(router);
  overview_api.add_routes(router);
  authorisation_api.add_routes(router);
  proof_api.add_routes(router);
  document_api.add_routes(router);
  if (oidc_api) oidc_api->add_routes(router);
}

void PeopleService::use_oidc(people::OidcSettings settings) {
  const bool plain = settings.plain_http_to_loopback;
  oidc_login.emplace(std::move(settings),
                     [plain](const people::ProviderRequest& request) { return ask_provider(request, plain); });
  oidc_api.emplace(*oidc_login, accounts, people_api, record, guard, log);
}

Result<std::unique_ptr<PeopleService>> PeopleService::open(DataDirectory& reading, service::EventWriter& writer,
                                                           service::JsonLog& log) {
  // From here on several threads use them.
  if (const auto keys = reading.keys(); !keys) return std::unexpected(keys.error());
  WEERBAAR_ASSIGN(std::unique_ptr<people::Store> store, reading.open_people());
  auto people = std::make_unique<PeopleService>(std::move(store), writer, reading, log);
  if (reading.settings().people.oidc) {
    WEERBAAR_ASSIGN(people::OidcSettings oidc, oidc_settings(*reading.settings().people.oidc, reading));
    people->use_oidc(std::move(oidc));
  }
  return people;
}

}  // namespace weerbaar::server
