// Whom a question by a pseudonym means: he is told of the look like who is asked about by name (docs/people.md).
#pragma once

#include <optional>

#include "domain/access_event.h"
#include "people/about.h"
#include "trail/store/search.h"

namespace weerbaar::service {

// Who is behind the pseudonym by which was asked, by an access that was found: `shown` under pseudonyms, `event` with
// identities. Nothing when that cannot be known any more, and when it was not asked by a pseudonym.
std::optional<people::About> meant_by(const trail::Whom& whom, const AccessEvent& shown, const AccessEvent& event);

}  // namespace weerbaar::service
