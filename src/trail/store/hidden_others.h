// An event as it is shown to who asked about one person: nobody else is named in it.
#pragma once

#include <cstddef>
#include <functional>

#include "domain/access_event.h"

namespace weerbaar::trail {

// Whether the identity of the subject at this place is shown.
using ShowsSubject = std::function<bool(size_t place)>;

// Subjects of `event` of which `shows` says no become those of `plain`, the same event under pseudonyms. As soon as
// there is one so does the free text (query, reason, attributes), which may name him: true then. Texts live in `texts`.
bool hide_others(AccessEvent& event, const AccessEvent& plain, const ShowsSubject& shows, EventBatch& texts);

}  // namespace weerbaar::trail
