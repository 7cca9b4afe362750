#include "trail/verify/checkpoint_note.h"

#include <fmt/format.h>

#include <string>

#include "base/bytes.h"
#include "trail/format/note.h"

namespace weerbaar::trail {
namespace {

constexpr std::string_view kSignaturePrefix = "\u2014 ";
constexpr size_t kSignersNamed = 3;

std::string name_of(std::string_view name, uint32_t id) {
  return fmt::format("{} (key {:08x})", name, id);
}

// Who the signature lines of a well-formed note say they are by. A claim, not a proof.
std::string claimed_signers(std::string_view note) {
  std::string names;
  std::string_view lines = note.substr(note.rfind("\n\n") + 2);
  for (size_t i = 0; i < kSignersNamed && lines.starts_with(kSignaturePrefix); ++i) {
    const std::string_view line = lines.substr(kSignaturePrefix.size(), lines.find('\n') - kSignaturePrefix.size());
    lines.remove_prefix(lines.find('\n') + 1);
    const size_t space = line.find(' ');
    const auto signature = from_base64(line.substr(space + 1));
    if (!signature || signature->size() < sizeof(uint32_t)) break;
    if (!names.empty()) names += ", ";
    names += name_of(line.substr(0, space), load_be<uint32_t>(signature->data()));
  }
  return names;
}

}  // namespace

Result<Checkpoint> open_checkpoint_note(std::string_view note, const VerifierKey& key, std::string_view origin) {
  const auto opened = open_note(note, {&key, 1});
  if (!opened) {
    switch (opened.error().code) {
      case Code::kDenied:
        return fail(Code::kDenied, fmt::format("signed by another key: by {}, not by {}", claimed_signers(note),
                                               name_of(key.name, key.id)));
      case Code::kCorrupt:
        return fail(Code::kCorrupt, fmt::format("damaged or changed: {}", opened.error().text));
      case Code::kInvalid:
        return fail(Code::kInvalid, fmt::format("damaged: {}", opened.error().text));
      default:
        return std::unexpected(opened.error());
    }
  }
  auto checkpoint = parse_checkpoint(opened->text);
  if (!checkpoint) {
    return fail(Code::kInvalid, fmt::format("signed, but not a checkpoint: {}", checkpoint.error().text));
  }
  if (checkpoint->origin != origin) {
    return fail(Code::kDenied, fmt::format("about another log: {}, not {}", checkpoint->origin, origin));
  }
  return checkpoint;
}

}  // namespace weerbaar::trail
