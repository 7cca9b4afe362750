#include "people/deed.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "os/file_system.h"

namespace weerbaar::people {
namespace {

constexpr std::string_view kOwnSource = "self";
constexpr std::string_view kOwnSystem = "weerbaar";

}  // namespace

Result<Deed> new_deed(std::string by, Action action, std::string component) {
  std::array<uint8_t, 8> random{};
  WEERBAAR_TRY(os::fill_random(random));
  Deed deed;
  deed.id = to_hex(random);
  deed.time = os::now();
  deed.time.nanos = 0;
  deed.by = std::move(by);
  deed.action = action;
  deed.component = std::move(component);
  return deed;
}

Status hand_over(const Deed& deed, const std::function<Status(const AccessEvent&)>& take) {
  const std::string mandate = std::to_string(deed.mandate);
  std::vector<Attribute> attributes = {{"identities_shown", deed.shows_identities ? "true" : "false"}};
  if (deed.mandate != 0) attributes.push_back({"mandate", mandate});
  AccessEvent event;
  event.source = kOwnSource;
  event.system = kOwnSystem;
  event.time = deed.time;
  event.actor.id = deed.by;
  event.action = deed.action;
  event.component = deed.component;
  event.query = deed.query;
  event.records = deed.records;
  event.purpose.case_id = deed.case_id;
  event.purpose.reason = deed.reason;
  event.workplace.ip = deed.ip;
  event.attributes = attributes;
  std::vector<Subject> persons;
  for (const Deed::Person& person : deed.about) {
    // Asked about by its pseudonym: the query says so.
    if (person.id.starts_with(kPseudonymMark)) continue;
    persons.push_back({person.type, person.id, ""});
  }
  for (size_t at = 0; at == 0 || at < persons.size(); at += kSubjectsMax) {
    const std::string id = at == 0 ? deed.id : fmt::format("{}+{}", deed.id, at / kSubjectsMax);
    event.id = id;
    event.subjects = std::span(persons).subspan(at, std::min(kSubjectsMax, persons.size() - at));
    WEERBAAR_TRY(validate(event));
    WEERBAAR_TRY(take(event));
  }
  return {};
}

}  // namespace weerbaar::people
