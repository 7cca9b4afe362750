// Whatever is handed in: a witness cosigns only what a known log signed, and what its seeds hold is all that this one
// signed. Each input meets a witness that knows nothing yet, and one that cosigned the first of them.
#include "base/check.h"
#include "os/memory.h"
#include "witness/testing.h"
#include "witness/witness.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weerbaar;
  static const auto key = witness::key_of("w.example", 9, trail::SignatureType::kCosignature).format().value();
  static const auto log = [] {
    witness::TestLog made;
    made.grow(9);
    return made;
  }();
  for (const bool has_begun : {false, true}) {
    os::MemoryFileSystem files;
    const auto clock = [] { return Time{1'700'000'000 * kMicrosPerSecond, 0}; };
    auto witness = witness::Witness::open(
                       files, "w", trail::SigningKey::parse(key, trail::SignatureType::kCosignature).value(), clock)
                       .value();
    witness->use_logs({{log.origin(), {log.key().verifier()}}});
    if (has_begun) {
      WEERBAAR_CHECK(witness->add_checkpoint(log.body(0, 4)).outcome == witness::Outcome::kCosigned);
    }
    const witness::Answer answer = witness->add_checkpoint(as_text({data, size}));
    const auto stored = witness->stored(log.origin()).value();
    if (answer.outcome == witness::Outcome::kCosigned) {
      WEERBAAR_CHECK(stored && stored->checkpoint == log.checkpoint(answer.size));
      WEERBAAR_CHECK(answer.size == 4 || answer.size == 9);
    } else if (!has_begun) {
      WEERBAAR_CHECK(!stored);
    }
  }
  return 0;
}
