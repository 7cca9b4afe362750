// Nobody but the holder of the key makes a note that opens: the texts that its seeds sign are the only ones.
#include <array>

#include "base/check.h"
#include "trail/format/note.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weerbaar;
  static const auto key = trail::SigningKey::from_seed("example.com/log", std::array<uint8_t, 32>{1}).value();
  const std::string_view note = as_text({data, size});
  const auto opened = trail::open_note(note, {&key.verifier(), 1});
  if (opened) {
    WEERBAAR_CHECK(opened->text == "a text\n" || opened->text == "example.com/log\n1\nAAAA\n\nmore\n");
    WEERBAAR_CHECK(opened->verified.size() == 1);
    WEERBAAR_CHECK(opened->unverified.size() == opened->unverified_lines.size());
  }
  const auto signed_again = trail::sign_note(note, key);
  if (signed_again) WEERBAAR_CHECK(trail::open_note(*signed_again, {&key.verifier(), 1}).value().text == note);
  return 0;
}
