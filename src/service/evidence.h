// What people do through the API becomes evidence in the trail.
#pragma once

#include "people/deed.h"
#include "service/event_writer.h"
#include "service/guard.h"

namespace weerbaar::service {

// Durable when it returns. `writer` must outlive it.
people::Record record_in(EventWriter& writer);

// What somebody is about to do here, with an id and the time of now.
Result<people::Deed> new_deed(const Visitor& visitor, Action action, std::string component);

}  // namespace weerbaar::service
