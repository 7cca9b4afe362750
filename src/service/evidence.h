// What people do through the API becomes evidence in the trail.
#pragma once

#include "people/deed.h"
#include "service/event_writer.h"

namespace weerbaar::service {

// Durable when it returns. `writer` must outlive it.
people::Record record_in(EventWriter& writer);

}  // namespace weerbaar::service
