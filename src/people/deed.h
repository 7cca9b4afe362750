// What people do in Weerbaar itself, as evidence in the trail: access events of the source "self".
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "domain/access_event.h"

namespace weerbaar::people {

struct Deed {
  struct Person {
    SubjectType type = SubjectType::kEmployee;
    std::string id;
  };

  std::string id;  // new_deed() gives it
  Time time;
  std::string by;  // employee; on the command line the user of the operating system
  Action action = Action::kUpdate;
  std::string component;  // "mandate ask"
  std::vector<Person> about;
  std::string reason;
  std::string case_id;
  std::string query;
  std::string ip;
  int64_t mandate = 0;  // under which it was done; 0: none
  bool shows_identities = false;
  std::optional<uint64_t> records;
};

// With an id at random and the time of now.
Result<Deed> new_deed(std::string by, Action action, std::string component);

// Calls `take` with the deed as an access event, or several when it is about more persons than fit one; their texts
// live until it returns. kInvalid when it is not one.
Status hand_over(const Deed& deed, const std::function<Status(const AccessEvent&)>& take);

// Makes a deed durable. Called when all is known and nothing is done yet: what cannot be recorded is not done.
using Record = std::function<Status(const Deed&)>;

}  // namespace weerbaar::people
