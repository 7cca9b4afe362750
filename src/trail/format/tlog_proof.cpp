#include "trail/format/tlog_proof.h"

#include <fmt/format.h>

#include "trail/format/merkle.h"
#include "trail/format/tlog_text.h"

namespace weerbaar::trail {
namespace {

constexpr std::string_view kFirstLine = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kExtra = "extra ";
constexpr std::string_view kIndex = "index ";

std::unexpected<Error> malformed(std::string_view what) {
  return fail(Code::kInvalid, fmt::format("not a tlog-proof: {}", what));
}

}  // namespace

Result<std::string> format_tlog_proof(const TlogProof& proof) {
  if (proof.hashes.size() > kInclusionHashesMax) return malformed("it has more hashes than any tree needs");
  if (proof.checkpoint.empty()) return malformed("it has no checkpoint");
  std::string text(kFirstLine);
  text += '\n';
  if (!proof.extra.empty()) text += fmt::format("{}{}\n", kExtra, to_base64(proof.extra));
  text += fmt::format("{}{}\n", kIndex, proof.index.value());
  for (const Hash& hash : proof.hashes) text.append(to_base64(hash)).append("\n");
  text.append("\n").append(proof.checkpoint);
  if (text.size() > kTlogProofBytesMax) return malformed(fmt::format("it is longer than {} bytes", kTlogProofBytesMax));
  return text;
}

Result<TlogProof> parse_tlog_proof(std::string_view text) {
  if (text.size() > kTlogProofBytesMax) return malformed(fmt::format("it is longer than {} bytes", kTlogProofBytesMax));
  if (take_line(text) != kFirstLine) return malformed("its first line is not c2sp.org/tlog-proof@v1");
  TlogProof proof;
  auto line = take_line(text);
  if (line && line->starts_with(kExtra)) {
    auto extra = from_base64(line->substr(kExtra.size()));
    if (!extra || extra->empty()) return malformed("its extra data is not base64, or empty");
    proof.extra = std::move(*extra);
    line = take_line(text);
  }
  if (!line || !line->starts_with(kIndex)) return malformed("it has no line with the index");
  const auto index = parse_decimal(line->substr(kIndex.size()));
  if (!index) return malformed(fmt::format("index: {}", index.error().text));
  proof.index = EntryIndex(*index);
  auto hashes = take_proof(text, kInclusionHashesMax);
  if (!hashes) return malformed(hashes.error().text);
  proof.hashes = std::move(*hashes);
  if (text.empty()) return malformed("it has no checkpoint");
  proof.checkpoint = text;
  return proof;
}

Result<Checkpoint> verify_tlog_proof(const TlogProof& proof, const Hash& leaf, const VerifierKey& key,
                                     std::string_view origin) {
  WEERBAAR_ASSIGN(auto checkpoint, open_checkpoint(proof.checkpoint, key, origin));
  WEERBAAR_TRY(verify_inclusion(proof.index, checkpoint.size, leaf, proof.hashes, checkpoint.root));
  return checkpoint;
}

}  // namespace weerbaar::trail
