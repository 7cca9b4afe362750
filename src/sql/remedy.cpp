#include "sql/remedy.h"

namespace weerbaar::sql {

std::string_view remedy_of(Code code) {
  switch (code) {
    case Code::kBusy:
      return ": another process is using it; try again when that has ended";
    case Code::kNoSpace:
      return ": make room on its disk, and do it again";
    case Code::kCorrupt:
      return ": put a backup of it back";
    case Code::kDenied:
      return ": let this user read and write it";
    case Code::kIo:
      return ": see that it is there, that it can be reached, and that its disk is well";
    default:
      return "";
  }
}

}  // namespace weerbaar::sql
