#include "os/error.h"

#include <cerrno>
#include <string>
#include <system_error>

namespace weerbaar::os {
namespace {

Code code_of(int number) {
  switch (number) {
    case ENOSPC:
    case EDQUOT:
      return Code::kNoSpace;
    case ENOENT:
      return Code::kNotFound;
    case EEXIST:
      return Code::kExists;
    case EACCES:
    case EPERM:
      return Code::kDenied;
    case EWOULDBLOCK:
      return Code::kBusy;
    default:
      return Code::kIo;
  }
}

std::string_view remedy(int number) {
  switch (number) {
    case ENOSPC:
      return "; make room on this disk, then retry";
    case EDQUOT:
      return "; make room or raise the quota, then retry";
    case EACCES:
    case EPERM:
      return "; run as the owner, or give this user the right";
    case EWOULDBLOCK:
      return "; another process holds it: stop that one, or retry when it is done";
    case EIO:
      return "; look at the disk and the log of the kernel before retrying";
    case EMFILE:
    case ENFILE:
      return "; raise the limit of open files (ulimit -n)";
    case EROFS:
      return "; mount it writable";
    case ENOTDIR:
      return "; a file stands where a directory must be: move it away, or name another path";
    case EISDIR:
      return "; a directory stands where a file must be: move it away, or name another path";
    default:
      return "";
  }
}

}  // namespace

std::unexpected<Error> fail_errno(std::string_view operation, std::string_view path, int number) {
  std::string text(operation);
  text += ' ';
  text += path;
  text += ": ";
  text += std::generic_category().message(number);
  text += remedy(number);
  return fail(code_of(number), std::move(text));
}

}  // namespace weerbaar::os
