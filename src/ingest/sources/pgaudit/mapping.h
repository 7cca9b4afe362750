// What an organisation says about its PostgreSQL log: the TOML file that goes with `--mapping`.
// docs/formats/pgaudit.md tells operators the same.
//
//   source = "inning-sql"            # name of the source in the register of sources; default "pgaudit"
//   system = "INNING"                # default: the database
//   classes = ["READ", "WRITE"]      # of pgaudit; default READ, WRITE, FUNCTION, ROLE, DDL
//   service_users = ["svc_batch"]    # accounts of applications, not of people
//   actor_from_application_name = true   # a shared account says who uses it in application_name …
//   application_name_prefix = "app:user="  # … behind this prefix (default); whoever has the account can write there
//   last_statement_may_go_on = true  # a log that ends amid a statement: what it tells of that is taken
//   zones = {CET = "+01:00", CEST = "+02:00"}  # zone names in log_time; UTC, GMT and numeric ones are known
//   [[persons]]                      # columns that identify a person, at most 64
//   table = "public.person"          # optional: without it that column of any table; a view is listed like a table
//   column = "bsn"
//   type = "bsn"                     # a subject type of the access event
#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "ingest/source.h"
#include "ingest/sources/pgaudit/sql_persons.h"

namespace weerbaar::ingest::pgaudit {

struct Mapping {
  std::string source = "pgaudit";
  std::string system;  // empty: the database
  std::unordered_set<std::string> classes = {"READ", "WRITE", "FUNCTION", "ROLE", "DDL"};
  std::unordered_set<std::string> service_users;
  bool actor_from_application_name = false;
  std::string application_name_prefix = "app:user=";
  bool last_statement_may_go_on = false;
  std::unordered_map<std::string, std::string> zones = {{"UTC", "Z"}, {"GMT", "Z"}};
  std::vector<PersonColumn> persons;
};

// kInvalid with file, line, column and remedy: not TOML, an unknown key, a wrong type or value.
Result<Mapping> parse_mapping(const SourceOptions& options);

}  // namespace weerbaar::ingest::pgaudit
