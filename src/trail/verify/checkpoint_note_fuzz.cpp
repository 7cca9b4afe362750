// Nobody but the holder of the key makes a note that opens; what is wrong with another is always said in well-formed
// text.
#include <array>

#include "base/check.h"
#include "base/utf8.h"
#include "trail/verify/checkpoint_note.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weerbaar;
  static const auto key = trail::SigningKey::from_seed("example.com/log", std::array<uint8_t, 32>{1}).value();
  const auto checkpoint = trail::open_checkpoint_note(as_text({data, size}), key.verifier(), "example.com/log");
  if (checkpoint) {
    WEERBAAR_CHECK(checkpoint->size == TreeSize(7));  // the only one that the seeds sign
  } else {
    WEERBAAR_CHECK(!checkpoint.error().text.empty() && is_utf8(checkpoint.error().text));
  }
  return 0;
}
