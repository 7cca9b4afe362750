// A signed checkpoint, opened with an eye for what exactly is wrong with it.
#pragma once

#include <string_view>

#include "base/result.h"
#include "trail/format/checkpoint.h"
#include "trail/format/signature.h"

namespace weerbaar::trail {

// The checkpoint in a note that `key` signed about the log `origin`. Otherwise the text says which of these it is:
//   kInvalid  not a signed checkpoint at all: damaged, or something else
//   kCorrupt  the signature of the key does not belong to the text: changed or damaged after it was signed
//   kDenied   signed by another key, which is named as it calls itself; or about another log
//   kIo       signatures cannot be checked on this machine
Result<Checkpoint> open_checkpoint_note(std::string_view note, const VerifierKey& key, std::string_view origin);

}  // namespace weerbaar::trail
