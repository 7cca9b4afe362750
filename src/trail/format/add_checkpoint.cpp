#include "trail/format/add_checkpoint.h"

#include <fmt/format.h>

#include "trail/format/cosignature.h"
#include "trail/format/tlog_text.h"

namespace weerbaar::trail {
namespace {

constexpr std::string_view kOld = "old ";

std::unexpected<Error> malformed(std::string_view what) {
  return fail(Code::kInvalid, fmt::format("not a request of add-checkpoint: {}", what));
}

Result<Cosignature> first_of(const OpenedNote& opened) {
  Cosignature found{opened.verified_lines.front(), 0};
  WEERBAAR_ASSIGN(const Bytes signature, signature_in(found.line));
  WEERBAAR_ASSIGN(found.unix_seconds, cosignature_time(signature));
  return found;
}

}  // namespace

Result<std::string> format_add_checkpoint(const AddCheckpoint& request) {
  if (request.proof.size() > kAddCheckpointHashesMax) return malformed("it has more than 63 hashes");
  std::string body = fmt::format("{}{}\n", kOld, request.old_size.value());
  for (const Hash& hash : request.proof) body.append(to_base64(hash)).append("\n");
  body.append("\n").append(request.note);
  if (body.size() > kAddCheckpointBytesMax) {
    return malformed(fmt::format("it is longer than {} bytes", kAddCheckpointBytesMax));
  }
  return body;
}

Result<AddCheckpoint> parse_add_checkpoint(std::string_view body) {
  if (body.size() > kAddCheckpointBytesMax) {
    return malformed(fmt::format("it is longer than {} bytes", kAddCheckpointBytesMax));
  }
  AddCheckpoint request;
  const auto first = take_line(body);
  if (!first || !first->starts_with(kOld)) return malformed("its first line is not `old` and a size");
  const auto old_size = parse_decimal(first->substr(kOld.size()));
  if (!old_size) return malformed(fmt::format("the old size: {}", old_size.error().text));
  request.old_size = TreeSize(*old_size);
  auto proof = take_proof(body, kAddCheckpointHashesMax);
  if (!proof) return malformed(proof.error().text);
  request.proof = std::move(*proof);
  request.note = body;
  return request;
}

std::string format_tree_size(TreeSize size) {
  return fmt::format("{}\n", size.value());
}

Result<TreeSize> parse_tree_size(std::string_view body) {
  const auto line = take_line(body);
  if (!line || !body.empty()) return fail(Code::kInvalid, "the size of a tree is not one line");
  WEERBAAR_ASSIGN(const uint64_t size, parse_decimal(*line));
  return TreeSize(size);
}

Result<Cosignature> find_cosignature(std::string_view note, const VerifierKey& witness) {
  WEERBAAR_ASSIGN(const OpenedNote opened, open_note(note, {&witness, 1}));
  return first_of(opened);
}

Result<Cosignature> open_cosignatures(std::string_view note, std::string_view body, const VerifierKey& witness) {
  if (body.empty()) return fail(Code::kDenied, "the answer of the witness has no signature");
  WEERBAAR_ASSIGN(const std::string_view text, note_text(note));
  // Alone behind the text: what else stands in the note was not sent by the witness.
  WEERBAAR_ASSIGN(const OpenedNote opened, open_note(fmt::format("{}\n{}", text, body), {&witness, 1}));
  // A blank line in the answer would make more of it the text.
  if (opened.text != text) return fail(Code::kInvalid, "the answer of the witness is no list of signature lines");
  return first_of(opened);
}

}  // namespace weerbaar::trail
