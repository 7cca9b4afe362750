#include "server/restart_settings.h"

#include <algorithm>
#include <string_view>

namespace weerbaar::server {
namespace {

bool same_witnesses(const LogSettings& running, const LogSettings& read) {
  return std::ranges::equal(running.witnesses, read.witnesses,
                            [](const WitnessSettings& one, const WitnessSettings& other) {
                              return one.name == other.name && one.url == other.url &&
                                     one.authorities == other.authorities && one.key.format() == other.key.format();
                            });
}

template <class Value>
struct Named {
  std::string_view name;
  Value ServeSettings::* member;
};

constexpr Named<int64_t> kNumbers[] = {{"serve.workers", &ServeSettings::workers},
                                       {"serve.connections", &ServeSettings::connections},
                                       {"serve.connections_a_client", &ServeSettings::connections_a_client},
                                       {"serve.requests_a_second", &ServeSettings::requests_a_second},
                                       {"serve.body_mebibytes", &ServeSettings::body_mebibytes},
                                       {"serve.bodies_mebibytes", &ServeSettings::bodies_mebibytes},
                                       {"serve.waiting_mebibytes", &ServeSettings::waiting_mebibytes}};
constexpr Named<bool> kTruths[] = {{"serve.plain_http", &ServeSettings::plain_http},
                                   {"serve.forwarded_for", &ServeSettings::forwarded_for}};

}  // namespace

std::vector<std::string> changed_until_restart(const Settings& running, const Settings& read) {
  std::vector<std::string> changed;
  const auto look = [&](std::string_view name, bool is_same) {
    if (!is_same) changed.emplace_back(name);
  };
  const ServeSettings& was = running.serve;
  const ServeSettings& is = read.serve;
  look("keys", running.keys == read.keys);
  look("register", running.facts == read.facts);
  look("report", running.report == read.report);
  look("serve.listen", was.listen == is.listen);
  for (const auto& [name, member] : kTruths) look(name, was.*member == is.*member);
  for (const auto& [name, member] : kNumbers) look(name, was.*member == is.*member);
  look("serve.sign_every", was.log.sign_every == is.log.sign_every);
  look("serve.witness", same_witnesses(was.log, is.log));
  look("serve.witness_every", was.log.witness_every == is.log.witness_every);
  look("serve.witness_quorum", was.log.witness_quorum == is.log.witness_quorum);
  look("serve.syslog", was.syslog == is.syslog);
  look("people", running.people == read.people);
  return changed;
}

}  // namespace weerbaar::server
