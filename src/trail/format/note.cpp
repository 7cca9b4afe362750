#include "trail/format/note.h"

#include <fmt/format.h>

#include <algorithm>

#include "trail/format/tlog_text.h"

namespace weerbaar::trail {
namespace {

constexpr std::string_view kSignaturePrefix = "\u2014 ";
constexpr size_t kKeyIdBytes = 4;

struct SignatureLine {
  std::string_view line;  // without LF
  NoteSigner signer;
  Bytes signature;
};

struct ParsedNote {
  std::string_view text;
  std::vector<SignatureLine> signatures;
};

std::unexpected<Error> malformed(std::string_view what) {
  return fail(Code::kInvalid, fmt::format("not a signed note: {}", what));
}

Result<SignatureLine> parse_signature_line(std::string_view line) {
  if (!line.starts_with(kSignaturePrefix)) return malformed("a signature line does not start with a dash and a space");
  const std::string_view rest = line.substr(kSignaturePrefix.size());
  const size_t space = rest.find(' ');
  if (space == std::string_view::npos || !is_key_name(rest.substr(0, space))) {
    return malformed("a signature line has no well-formed key name");
  }
  const auto bytes = from_base64(rest.substr(space + 1));
  if (!bytes) return malformed("a signature is not base64");
  if (bytes->size() <= kKeyIdBytes) return malformed("a signature is shorter than five bytes");
  return SignatureLine{line,
                       {std::string(rest.substr(0, space)), load_be<uint32_t>(bytes->data())},
                       Bytes(bytes->begin() + kKeyIdBytes, bytes->end())};
}

Result<ParsedNote> parse_note(std::string_view note) {
  if (note.size() > kNoteBytesMax) return malformed(fmt::format("it is longer than {} bytes", kNoteBytesMax));
  if (!is_note_text(note)) return malformed("it is not UTF-8, or holds a control character");
  WEERBAAR_ASSIGN(const std::string_view text, note_text(note));
  ParsedNote parsed{text, {}};
  std::string_view lines = note.substr(text.size() + 1);
  while (const auto line = take_line(lines)) {
    if (parsed.signatures.size() == kNoteSignaturesMax) {
      return malformed(fmt::format("it has more than {} signatures", kNoteSignaturesMax));
    }
    WEERBAAR_ASSIGN(auto signature, parse_signature_line(*line));
    parsed.signatures.push_back(std::move(signature));
  }
  if (!lines.empty()) return malformed("its last line has no end");
  if (parsed.signatures.empty()) return malformed("it has no signatures");
  return parsed;
}

// The known key that `signer` names, or nullptr.
Result<const VerifierKey*> find_key(const NoteSigner& signer, std::span<const VerifierKey> known) {
  const VerifierKey* found = nullptr;
  for (const VerifierKey& key : known) {
    if (key.name != signer.name || key.id != signer.key_id) continue;
    if (found != nullptr && *found != key) {
      return fail(Code::kInvalid, fmt::format("two known keys of {} have the same id; leave one out", key.name));
    }
    found = &key;
  }
  return found;
}

}  // namespace

Result<std::string> sign_note(std::string_view text, const SigningKey& key) {
  if (!text.ends_with('\n')) return fail(Code::kInvalid, "the text of a note does not end in a line feed");
  if (!is_note_text(text)) return fail(Code::kInvalid, "the text of a note is not UTF-8, or holds a control character");
  if (key.verifier().type != SignatureType::kEd25519) {
    return fail(Code::kInvalid, "the key of a witness signs what others signed, and no note of its own");
  }
  WEERBAAR_ASSIGN(const Bytes signature, key.sign(as_bytes(text)));
  std::string note = fmt::format("{}\n{}", text, signature_line(key.verifier(), signature));
  if (note.size() > kNoteBytesMax) {
    return fail(Code::kInvalid, fmt::format("a signed note would be longer than {} bytes", kNoteBytesMax));
  }
  return note;
}

Result<std::string_view> note_text(std::string_view note) {
  const size_t blank = note.rfind("\n\n");
  if (blank == std::string_view::npos) return malformed("no blank line stands between a text and its signatures");
  return note.substr(0, blank + 1);
}

Result<Bytes> signature_in(std::string_view line) {
  WEERBAAR_ASSIGN(SignatureLine parsed, parse_signature_line(line));
  return std::move(parsed.signature);
}

std::string signature_line(const VerifierKey& key, ByteView signature) {
  Bytes blob(kKeyIdBytes);
  store_be(blob.data(), key.id);
  append(blob, signature);
  return fmt::format("{}{} {}\n", kSignaturePrefix, key.name, to_base64(blob));
}

Result<OpenedNote> open_note(std::string_view note, std::span<const VerifierKey> known) {
  WEERBAAR_ASSIGN(const ParsedNote parsed, parse_note(note));
  OpenedNote opened{std::string(parsed.text), {}, {}, {}, {}};
  for (const SignatureLine& signature : parsed.signatures) {
    WEERBAAR_ASSIGN(const VerifierKey* const key, find_key(signature.signer, known));
    if (key == nullptr) {
      opened.unverified.push_back(signature.signer);
      opened.unverified_lines.emplace_back(signature.line);
      continue;
    }
    WEERBAAR_TRY(key->verify(as_bytes(parsed.text), signature.signature));
    if (std::ranges::count(opened.verified, signature.signer) > 0) continue;
    opened.verified.push_back(signature.signer);
    opened.verified_lines.emplace_back(signature.line);
  }
  if (opened.verified.empty()) {
    return fail(Code::kDenied,
                "none of the signatures of the note is by a known key; was the right verifier key given?");
  }
  return opened;
}

}  // namespace weerbaar::trail
