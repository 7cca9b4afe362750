// Whatever the bytes of an index file, comparing it with what its entries give ends, in problems or in none; and where
// there is none, it finds exactly the entries of everybody. Checksums are made right, so that what they guard is
// reached.
#include <map>
#include <string>
#include <vector>

#include "base/check.h"
#include "trail/format/entry.h"
#include "trail/format/index_file.h"
#include "trail/format/index_mend.h"
#include "trail/verify/index_range.h"

namespace {

using namespace weerbaar;
using namespace weerbaar::trail;

constexpr uint64_t kFirst = 1000;
constexpr uint64_t kEntries = 300;

// Few persons and employees, two periods, some records; pseudonyms that begin alike.
Bytes entry_at(uint64_t i) {
  Bytes entry;
  if (i % 50 == 7) {
    encode(StoredRecord{i % 100 == 7 ? "import" : "index", static_cast<int64_t>(i), "{}"}, entry);
    return entry;
  }
  StoredEvent event;
  const std::string id = std::to_string(i);
  const std::string actor = "employee-" + std::to_string(i * 7 % 11);
  const std::string person = std::string(i % 23, 'x') + std::to_string(i % 3);
  event.id = id;
  event.time = {1'772'438'400'000'000 + static_cast<int64_t>(i * i % 977) * 1'000, static_cast<uint16_t>(i % 5 == 0)};
  event.period = static_cast<uint16_t>(8'104 + i % 97 / 90);
  event.actor.id = actor;
  event.shape.source = "s";
  event.shape.system = "s";
  const StoredSubject subjects[] = {{SubjectType::kBsn, true, i * i % 89, {}, {}},
                                    {SubjectType::kOther, false, 0, person, {}}};
  event.subjects = std::span(subjects).first(i % 3);
  encode(event, entry);
  return entry;
}

struct Range {
  Range() {
    for (uint64_t i = 0; i < kEntries; ++i) entries.push_back(entry_at(i));
    part = SegmentIndex::of(kFirst, std::vector<ByteView>(entries.begin(), entries.end()));
  }
  std::vector<Bytes> entries;
  std::unique_ptr<const SegmentIndex> part;
};

void check_answers(const IndexFile& file, const SegmentIndex& part) {
  for (uint64_t key = 0; key < part.keys(); ++key) {
    auto found = file.find(part.key(key));
    WEERBAAR_CHECK(found && *found && file.may_contain(key_hash(part.key(key))));
    const SegmentIndex::Postings wanted = part.postings(key);
    IndexPosting posting;
    for (size_t i = 0; i < wanted.rows.size(); ++i) {
      WEERBAAR_CHECK((*found)->next(posting) && posting.index == kFirst + wanted.rows[i]);
      if (wanted.micros.empty()) continue;
      WEERBAAR_CHECK(posting.time == wanted.time(i) && posting.actor == wanted.actors[i]);
    }
    WEERBAAR_CHECK(!(*found)->next(posting));
    Bytes postings;
    WEERBAAR_CHECK(file.prove(part.key(key), postings).has_value());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Range range;
  Bytes bytes(data, data + size);
  trail::testing::mend_index(bytes);
  const auto file = IndexFile::open(bytes);
  if (!file) return 0;
  const IndexRange recomputed({range.part.get()}, kFirst + kEntries);
  ProblemList problems;
  const IndexCommitment right = recomputed.compare(*file, "index", problems);
  WEERBAAR_CHECK(right == recomputed.commitment());
  if (!problems.empty()) return 0;
  WEERBAAR_CHECK(file->commitment() == right);
  check_answers(*file, *range.part);
  return 0;
}
