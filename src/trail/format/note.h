// Signed notes (c2sp.org/signed-note): a text, a blank line, and a line for each signature over the text.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "trail/format/signature.h"

namespace weerbaar::trail {

inline constexpr size_t kNoteBytesMax = 1'000'000;
inline constexpr size_t kNoteSignaturesMax = 100;

// The text, which ends in LF, with one signature. kInvalid when the text is empty, does not end in LF, is not UTF-8, or
// holds another control character, or when the key is that of a witness (trail/format/cosignature.h).
Result<std::string> sign_note(std::string_view text, const SigningKey& key);

// Who signed, as the note says: for a verified signature that is proven, for another it is only a claim.
struct NoteSigner {
  std::string name;
  uint32_t key_id;

  bool operator==(const NoteSigner&) const = default;
};

struct OpenedNote {
  std::string text;                         // what was signed, with its last LF
  std::vector<NoteSigner> verified;         // known keys, each once, in the order of the note
  std::vector<std::string> verified_lines;  // their signature lines, without LF
  std::vector<NoteSigner> unverified;
  std::vector<std::string> unverified_lines;  // whole signature lines of unknown keys, without LF
};

// What a note says, whoever signed it: up to the last blank line, with the LF before that. kInvalid when it has none.
Result<std::string_view> note_text(std::string_view note);
// The bytes behind the id of the key in a signature line without its LF. kInvalid when it is no signature line.
Result<Bytes> signature_in(std::string_view line);
// "— name base64(id || signature)" and LF.
std::string signature_line(const VerifierKey& key, ByteView signature);

// Opens a note that at least one of the known keys signed; signatures by other keys are kept unverified.
//   kInvalid  not a signed note, beyond a limit, or two known keys share name and id
//   kCorrupt  a signature that a known key should have made does not belong to the text: the whole note is refused
//   kDenied   none of the signatures is by a known key
Result<OpenedNote> open_note(std::string_view note, std::span<const VerifierKey> known);

}  // namespace weerbaar::trail
