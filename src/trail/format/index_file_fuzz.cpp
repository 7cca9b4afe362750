// Whatever the bytes of an index file, it is refused or read without leaving them; and what it proves holds against its
// own root. Checksums are made right, so that what they guard is reached.
#include <algorithm>

#include "base/check.h"
#include "trail/format/index_file.h"
#include "trail/format/index_mend.h"

namespace {

using namespace weerbaar;
using namespace weerbaar::trail;

void check_proof(const IndexFile& file, ByteView key) {
  Bytes postings;
  const auto proof = file.prove(key, postings);
  if (!proof) return;
  const IndexCommitment commitment = file.commitment();
  if (!proof->present) return;  // absence rests on the order of the keys, which is the verifier's to check
  WEERBAAR_CHECK(verify_index_proof(key, postings, *proof, commitment.keys, commitment.root).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr uint64_t kProofs = 16;
  Bytes bytes(data, data + size);
  testing::mend_index(bytes);
  const auto file = IndexFile::open(bytes);
  if (!file) return 0;
  IndexFile::Cursor cursor(*file);
  Bytes actor;
  while (cursor.next()) {
    IndexPostings postings = cursor.postings();
    uint64_t before = 0;
    for (IndexPosting posting; postings.next(posting);) {
      WEERBAAR_CHECK(posting.index >= std::max(before, file->first_index()) && posting.index < file->end());
      before = posting.index + 1;
      if (cursor.kind() != KeyKind::kSubject) continue;
      WEERBAAR_CHECK(posting.actor < file->actors() && posting.time.nanos < 1'000);
      WEERBAAR_CHECK(posting.time.micros >= kMicrosMin && posting.time.micros <= kMicrosMax);
    }
    const Bytes key(cursor.key().begin(), cursor.key().end());
    bool is_new = false;
    [[maybe_unused]] const auto found = file->find(key);
    [[maybe_unused]] const ByteView block = file->block_bytes(key, is_new);
    [[maybe_unused]] const bool may = file->may_contain(key_hash(key));
    if (cursor.position() <= kProofs) check_proof(*file, key);
  }
  for (uint32_t rank = 0; rank < std::min<uint64_t>(file->actors(), kProofs); ++rank) {
    [[maybe_unused]] const Status status = file->actor_key(rank, actor);
  }
  check_proof(*file, ByteView(data, std::min<size_t>(size, kProofs)));
  return 0;
}
