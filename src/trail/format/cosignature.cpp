#include "trail/format/cosignature.h"

#include <fmt/format.h>

#include "trail/format/note.h"

namespace weerbaar::trail {
namespace {

constexpr size_t kTimeBytes = 8;
constexpr size_t kEd25519Bytes = 64;

}  // namespace

std::string cosigned_message(std::string_view checkpoint_text, uint64_t unix_seconds) {
  return fmt::format("cosignature/v1\ntime {}\n{}", unix_seconds, checkpoint_text);
}

Result<std::string> cosign(std::string_view checkpoint_text, uint64_t unix_seconds, const SigningKey& key) {
  if (key.verifier().type != SignatureType::kCosignature) {
    return fail(Code::kInvalid, "the key is not that of a witness: a log does not sign as one");
  }
  if (unix_seconds > kCosignatureSecondsMax) return fail(Code::kInvalid, "the time is beyond that of a cosignature");
  WEERBAAR_ASSIGN(const Bytes signature, key.sign(as_bytes(cosigned_message(checkpoint_text, unix_seconds))));
  Bytes timed(kTimeBytes);
  store_be(timed.data(), unix_seconds);
  append(timed, signature);
  return signature_line(key.verifier(), timed);
}

Result<uint64_t> cosignature_time(ByteView signature) {
  if (signature.size() != kTimeBytes + kEd25519Bytes) {
    return fail(Code::kInvalid, "a cosignature is not of 72 bytes: a time and an Ed25519 signature");
  }
  const auto time = load_be<uint64_t>(signature.data());
  if (time > kCosignatureSecondsMax) return fail(Code::kInvalid, "a cosignature has an impossible time");
  return time;
}

}  // namespace weerbaar::trail
