// What a witness answers: a size has one text, and nobody but the holder of the key of the witness makes a cosignature
// that counts. The seeds hold the only one over this checkpoint.
#include <array>

#include "base/check.h"
#include "trail/format/add_checkpoint.h"
#include "trail/format/cosignature.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weerbaar;
  static const auto log = trail::SigningKey::from_seed("example.com/log", std::array<uint8_t, 32>{1}).value();
  static const auto witness =
      trail::SigningKey::from_seed("witness.example/w1", std::array<uint8_t, 32>{2}, trail::SignatureType::kCosignature)
          .value();
  static const trail::Checkpoint checkpoint{"example.com/log", TreeSize(1), {}, {}};
  static const std::string note = trail::sign_checkpoint(checkpoint, log).value();
  static const std::string line =
      trail::cosign(trail::format_checkpoint(checkpoint).value(), 1'700'000'000, witness).value();
  const std::string_view body = as_text({data, size});
  if (const auto tree_size = trail::parse_tree_size(body)) WEERBAAR_CHECK(trail::format_tree_size(*tree_size) == body);
  const auto cosignature = trail::open_cosignatures(note, body, witness.verifier());
  if (cosignature) WEERBAAR_CHECK(cosignature->line + "\n" == line && cosignature->unix_seconds == 1'700'000'000);
  return 0;
}
