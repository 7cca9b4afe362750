#include "trail/format/checkpoint.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "trail/format/tlog_text.h"

namespace weerbaar::trail {

Result<std::string> format_checkpoint(const Checkpoint& checkpoint) {
  if (!is_note_line(checkpoint.origin)) {
    return fail(Code::kInvalid, "the origin of a checkpoint is not one non-empty line of printable UTF-8");
  }
  std::string text =
      fmt::format("{}\n{}\n{}\n", checkpoint.origin, checkpoint.size.value(), to_base64(checkpoint.root));
  for (const std::string& line : checkpoint.extensions) {
    if (!is_note_line(line)) {
      return fail(Code::kInvalid, "an extension of a checkpoint is not one non-empty line of printable UTF-8");
    }
    text.append(line).append("\n");
  }
  return text;
}

Result<Checkpoint> parse_checkpoint(std::string_view text) {
  Checkpoint checkpoint;
  const auto origin = take_line(text);
  const auto size = take_line(text);
  const auto root = take_line(text);
  if (!root) return fail(Code::kInvalid, "a checkpoint has less than three lines");
  if (!is_note_line(*origin)) return fail(Code::kInvalid, "checkpoint, line 1: no origin of printable UTF-8");
  checkpoint.origin = *origin;
  const auto number = parse_decimal(*size);
  if (!number) return fail_in("checkpoint, line 2, size", number.error());
  checkpoint.size = TreeSize(*number);
  const auto hash = parse_hash(*root);
  if (!hash) return fail_in("checkpoint, line 3, root", hash.error());
  checkpoint.root = *hash;
  while (const auto line = take_line(text)) {
    if (!is_note_line(*line)) return fail(Code::kInvalid, "a checkpoint has an empty or unprintable extension line");
    checkpoint.extensions.emplace_back(*line);
  }
  if (!text.empty()) return fail(Code::kInvalid, "the last line of a checkpoint has no end");
  return checkpoint;
}

Result<std::string> sign_checkpoint(const Checkpoint& checkpoint, const SigningKey& key) {
  WEERBAAR_ASSIGN(const std::string text, format_checkpoint(checkpoint));
  return sign_note(text, key);
}

Result<Checkpoint> open_checkpoint(std::string_view note, const VerifierKey& key, std::string_view origin) {
  WEERBAAR_ASSIGN(const OpenedNote opened, open_note(note, {&key, 1}));
  WEERBAAR_ASSIGN(auto checkpoint, parse_checkpoint(opened.text));
  if (checkpoint.origin != origin) {
    return fail(Code::kDenied, fmt::format("the checkpoint is of another log than {}", origin));
  }
  return checkpoint;
}

}  // namespace weerbaar::trail
