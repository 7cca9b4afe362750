#include "server/people_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "people/roles.h"
#include "server/settings_toml.h"

namespace weerbaar::server {
namespace {

constexpr std::string_view kPrefix = "people.oidc.";
constexpr std::string_view kCallback = "/api/v1/oidc/callback";

std::unexpected<Error> wrong(const toml::node& node, std::string_view what) {
  return fail(Code::kInvalid, fmt::format("{}: {}", place_of(node), what));
}

bool is_clean(std::string_view url) {
  return std::ranges::all_of(url, [](char c) { return c > 0x20 && c < 0x7F && c != '#' && c != '@'; });
}

bool is_plain_loopback(std::string_view url) {
  for (const std::string_view host : {"http://127.0.0.1", "http://localhost", "http://[::1]"}) {
    if (url.starts_with(host) && (url.size() == host.size() || url[host.size()] == ':' || url[host.size()] == '/')) {
      return true;
    }
  }
  return false;
}

// What would fail at the first login otherwise, when whoever wrote it has gone.
Status check_addresses(const toml::table& oidc, const OidcSection& section) {
  const bool is_plain = section.plain_http_to_loopback && is_plain_loopback(section.issuer);
  if (!is_clean(section.issuer) || (!section.issuer.starts_with("https://") && !is_plain)) {
    return wrong(*oidc.get("issuer"),
                 "people.oidc.issuer is like https://login.example.org, as the provider writes it; http:// for a "
                 "provider on this machine only, with plain_http_to_loopback = true");
  }
  const std::string& redirect = section.redirect_uri;
  const bool is_local = section.plain_http_to_loopback && is_plain_loopback(redirect);
  if (!is_clean(redirect) || !redirect.ends_with(kCallback) || (!redirect.starts_with("https://") && !is_local)) {
    return wrong(*oidc.get("redirect_uri"),
                 "people.oidc.redirect_uri is like https://weerbaar.example.org/api/v1/oidc/callback: how browsers "
                 "reach this server, and then that path");
  }
  return {};
}

Status read_roles(const toml::table& oidc, OidcSection& section) {
  const toml::node* const node = oidc.get("roles");
  if (node == nullptr) return {};
  const toml::table* const table = node->as_table();
  if (table == nullptr) return wrong(*node, "people.oidc.roles is a section: \"group\" = [\"analyst\"]");
  for (const auto& [value, given] : *table) {
    const toml::array* const list = given.as_array();
    if (list == nullptr) return wrong(given, "each line is \"group\" = [\"analyst\"]");
    std::vector<std::string>& roles = section.roles[std::string(value.str())];
    for (const toml::node& one : *list) {
      const auto word = one.value<std::string>();
      if (!word || !people::parse_role(*word)) return wrong(one, "this is no role: docs/people.md names them");
      roles.push_back(*word);
    }
  }
  return {};
}

Result<OidcSection> parse_oidc(const toml::table& oidc) {
  static constexpr std::array<std::string_view, 9> kKnown = {"issuer",       "client_id", "client_secret_file",
                                                             "redirect_uri", "scope",     "employee_claim",
                                                             "roles_claim",  "roles",     "plain_http_to_loopback"};
  WEERBAAR_TRY(check_known(oidc, kKnown, kPrefix));
  OidcSection section;
  for (const auto& [name, to] : {std::pair{"issuer", &section.issuer},
                                 {"client_id", &section.client_id},
                                 {"client_secret_file", &section.client_secret_file},
                                 {"redirect_uri", &section.redirect_uri},
                                 {"scope", &section.scope},
                                 {"employee_claim", &section.employee_claim},
                                 {"roles_claim", &section.roles_claim}}) {
    WEERBAAR_TRY(read_text(oidc, kPrefix, name, *to));
  }
  WEERBAAR_TRY(read_truth(oidc, kPrefix, "plain_http_to_loopback", section.plain_http_to_loopback));
  if (section.issuer.empty() || section.client_id.empty() || section.redirect_uri.empty()) {
    return wrong(oidc, "people.oidc needs issuer, client_id and redirect_uri");
  }
  WEERBAAR_TRY(check_addresses(oidc, section));
  WEERBAAR_TRY(read_roles(oidc, section));
  return section;
}

}  // namespace

Result<PeopleSettings> parse_people_settings(const toml::table& people) {
  static constexpr std::array<std::string_view, 2> kKnown = {"database", "oidc"};
  WEERBAAR_TRY(check_known(people, kKnown, "people."));
  PeopleSettings settings;
  WEERBAAR_TRY(read_database(people, "people.", "database", settings.database));
  if (const toml::node* const node = people.get("oidc")) {
    if (!node->is_table())
      return wrong(*node, "people.oidc is a section: write [people.oidc] and its settings below it");
    WEERBAAR_ASSIGN(settings.oidc, parse_oidc(*node->as_table()));
  }
  return settings;
}

}  // namespace weerbaar::server
