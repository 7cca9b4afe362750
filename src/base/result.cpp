#include "base/result.h"

namespace weerbaar {

std::string_view to_string(Code code) {
  switch (code) {
    case Code::kInvalid:
      return "invalid";
    case Code::kNotFound:
      return "not found";
    case Code::kExists:
      return "exists";
    case Code::kCorrupt:
      return "corrupt";
    case Code::kIo:
      return "input/output";
    case Code::kNoSpace:
      return "no space";
    case Code::kBusy:
      return "busy";
    case Code::kStopped:
      return "stopped";
    case Code::kDenied:
      return "denied";
  }
  return "unknown";
}

std::unexpected<Error> fail_in(std::string_view place, const Error& error) {
  return fail(error.code, std::string(place) + ": " + error.text);
}

}  // namespace weerbaar
