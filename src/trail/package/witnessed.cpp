#include "trail/package/witnessed.h"

#include <fmt/format.h>

#include <utility>

#include "trail/format/checkpoint.h"
#include "trail/format/merkle.h"
#include "trail/format/tlog_text.h"

namespace weerbaar::trail {
namespace {

constexpr std::string_view kFirstLine =
    "weerbaar-witnessed/1: the tree of the checkpoint below, which witnesses cosigned, is the beginning of that of the "
    "file `checkpoint`; the hashes prove it (RFC 9162, 2.1.4)";
constexpr size_t kHashesMax = 64;

std::unexpected<Error> malformed(std::string_view what) {
  return fail(Code::kInvalid, fmt::format("it is not what witnesses saw of a log: {}", what));
}

}  // namespace

std::string to_text(const Witnessed& witnessed) {
  std::string text = fmt::format("{}\n", kFirstLine);
  for (const Hash& hash : witnessed.proof) text.append(to_base64(hash)).append("\n");
  return text.append("\n").append(witnessed.note);
}

Result<Witnessed> parse_witnessed(std::string_view text) {
  if (take_line(text) != kFirstLine) return malformed("its first line is another one");
  auto proof = take_proof(text, kHashesMax);
  if (!proof) return malformed(proof.error().text);
  return Witnessed{std::move(*proof), std::string(text)};
}

Result<Witnessed> witnessed_by(const Trail& trail, std::string note) {
  const Checkpoint& tree = trail.checkpoint();
  const auto seen = open_checkpoint(note, trail.keys()->verifier_key(), trail.origin());
  if (!seen) return fail_in("the checkpoint that witnesses cosigned", seen.error());
  if (seen->size.value() == 0 || seen->size > tree.size) {
    return fail(Code::kInvalid, fmt::format("witnesses cosigned {} entries, and the log has signed {}",
                                            seen->size.value(), tree.size.value()));
  }
  const auto range_root = [&trail](uint64_t begin, uint64_t end) { return trail.range_root(begin, end); };
  Witnessed witnessed;
  WEERBAAR_ASSIGN(witnessed.proof, consistency_proof(seen->size, tree.size, range_root));
  // Nobody is handed a proof that does not hold.
  if (!verify_consistency(seen->size, tree.size, seen->root, tree.root, witnessed.proof)) {
    return fail(Code::kCorrupt, fmt::format("witnesses cosigned another tree of {} entries than the log holds: run "
                                            "`weerbaar verify`",
                                            seen->size.value()));
  }
  witnessed.note = std::move(note);
  return witnessed;
}

}  // namespace weerbaar::trail
