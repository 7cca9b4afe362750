// A key that parses is written back as the same bytes.
#include "base/check.h"
#include "trail/format/signature.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weerbaar;
  const std::string_view text = as_text({data, size});
  const auto verifier = trail::VerifierKey::parse(text);
  if (verifier) WEERBAAR_CHECK(verifier->format() == text);
  const auto signer = trail::SigningKey::parse(text);
  if (signer) WEERBAAR_CHECK(signer->format() == text);
  return 0;
}
