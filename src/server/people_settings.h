// The settings of who may look: the section [people] of weerbaar.toml. docs/people.md.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace weerbaar::server {

// Login by a provider of OpenID Connect. Names of roles are those of people::parse_role.
struct OidcSection {
  std::string issuer;
  std::string client_id;
  std::string client_secret_file;  // relative to the data directory; empty: a public client
  std::string redirect_uri;
  std::string scope = "openid";
  std::string employee_claim = "sub";
  std::string roles_claim = "groups";
  std::map<std::string, std::vector<std::string>> roles;
  bool plain_http_to_loopback = false;

  bool operator==(const OidcSection&) const = default;
};

struct PeopleSettings {
  std::string database;  // address, for sql::Database::open(); empty: a file in the data directory
  std::optional<OidcSection> oidc;

  bool operator==(const PeopleSettings&) const = default;
};

}  // namespace weerbaar::server
