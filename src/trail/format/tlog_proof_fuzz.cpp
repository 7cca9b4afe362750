// A proof that parses is written back as the same bytes, and verifying it ends whatever it says.
#include <array>

#include "base/check.h"
#include "trail/format/tlog_proof.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weerbaar;
  static const auto key = trail::SigningKey::from_seed("example.com/log", std::array<uint8_t, 32>{1}).value();
  static const trail::Hash leaf = trail::leaf_hash(as_bytes("entry 5"));
  const std::string_view text = as_text({data, size});
  const auto proof = trail::parse_tlog_proof(text);
  if (!proof) return 0;
  WEERBAAR_CHECK(trail::format_tlog_proof(*proof).value() == text);
  const auto checkpoint = trail::verify_tlog_proof(*proof, leaf, key.verifier(), "example.com/log");
  if (checkpoint) WEERBAAR_CHECK(proof->index == EntryIndex(5));
  return 0;
}
