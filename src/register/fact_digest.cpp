#include "register/fact_digest.h"

#include <string_view>

#include "trail/format/sha256.h"

namespace weerbaar::facts {
namespace {

constexpr uint64_t kFactsOfChunk = 4'096;
constexpr uint32_t kNothing = UINT32_MAX;  // in place of the length of a text

}  // namespace

void FactDigest::add(const sql::Row& row, size_t texts, size_t integers) {
  for (size_t column = 0; column < texts; ++column) {
    if (row.is_null(column)) {
      append_le(chunk_, kNothing);
      continue;
    }
    const std::string_view text = row.text(column);
    append_le(chunk_, static_cast<uint32_t>(text.size()));
    append(chunk_, as_bytes(text));
  }
  for (size_t column = texts; column < texts + integers; ++column) {
    append_le(chunk_, static_cast<uint64_t>(row.integer(column)));
  }
  if (++facts_ % kFactsOfChunk == 0) hash_chunk();
}

void FactDigest::hash_chunk() {
  const trail::Hash hash = trail::sha256(chunk_);
  hashes_.insert(hashes_.end(), hash.begin(), hash.end());
  chunk_.clear();
}

TableState FactDigest::finish() {
  if (facts_ == 0) return {};
  if (!chunk_.empty()) hash_chunk();
  return {facts_, to_hex(trail::sha256(hashes_))};
}

}  // namespace weerbaar::facts
