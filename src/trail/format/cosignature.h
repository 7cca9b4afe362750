// Cosignatures of witnesses (c2sp.org/tlog-cosignature, Ed25519): by one a witness states that, at that time, the
// largest tree of the log that it had seen was the one of the checkpoint, and that each it signed begins with those
// before it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "trail/format/signature.h"

namespace weerbaar::trail {

// The latest time that the standard allows, in seconds since 1970.
inline constexpr uint64_t kCosignatureSecondsMax = (uint64_t{1} << 63U) - 1;

// What is signed: the text of a checkpoint, behind two lines that no checkpoint begins with.
std::string cosigned_message(std::string_view checkpoint_text, uint64_t unix_seconds);

// The signature line, with its LF, by which the holder of `key` vouches for the checkpoint. It is for who verified that
// it continues all that were signed before. kInvalid when the key is not that of a witness, or the time is beyond
// kCosignatureSecondsMax.
Result<std::string> cosign(std::string_view checkpoint_text, uint64_t unix_seconds, const SigningKey& key);

// The time in the signature of a cosignature (trail/format/note.h, signature_in). kInvalid when it has another length
// than a cosignature has, or the time is beyond kCosignatureSecondsMax.
Result<uint64_t> cosignature_time(ByteView signature);

}  // namespace weerbaar::trail
