// Which settings a running server does not take over when it reads them again. docs/operate/serve.md.
#pragma once

#include <string>
#include <vector>

#include "server/settings.h"

namespace weerbaar::server {

// The names of those that are read at the start only and differ between the two, in the order of their documents. Those
// of commands, and those that a reload takes over, are none of them.
std::vector<std::string> changed_until_restart(const Settings& running, const Settings& read);

}  // namespace weerbaar::server
