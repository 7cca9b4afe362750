// Refusals of the operating system as errors of the house. The three file systems share it, so that they speak alike.
#pragma once

#include <string_view>

#include "base/result.h"

namespace weerbaar::os {

// "open /a/b: Permission denied; remedy", where there is a remedy. `number` is an errno: ENOSPC and EDQUOT become
// kNoSpace, ENOENT kNotFound, EEXIST kExists, EACCES and EPERM kDenied, EWOULDBLOCK kBusy, all others kIo. So do
// ENOTDIR and EISDIR: of the files of a server they are no fault of who asks it. What a user names is looked at before.
std::unexpected<Error> fail_errno(std::string_view operation, std::string_view path, int number);

}  // namespace weerbaar::os
