// What people type, and the derived index of ids on disk: any bytes give an answer or an error, never more.
#include <xxhash.h>

#include <cstdint>
#include <string>

#include "base/check.h"
#include "os/memory.h"
#include "trail/store/count.h"
#include "trail/store/ids.h"
#include "trail/store/search.h"

namespace {

using namespace weerbaar;
using namespace weerbaar::trail;

void read_as_question(std::string_view text) {
  if (const auto where = parse_where(text)) {
    for (const Condition& condition : *where) WEERBAAR_CHECK(!to_string(condition.field).empty());
  }
  if (const auto fields = parse_group_by(text)) WEERBAAR_CHECK(!fields->empty());
  if (const auto subject = parse_subject(text)) WEERBAAR_CHECK(text.find(':') != std::string_view::npos);
  if (const auto actor = parse_actor(text)) WEERBAAR_CHECK(!text.empty());
}

// Checksums made right, so that what they guard is reached: of a run's head, and of a file of numbers.
Bytes mended(ByteView bytes, bool numbers) {
  constexpr size_t kHead = 64;
  Bytes copy(bytes.begin(), bytes.end());
  if (copy.size() < kHead) return copy;
  if (numbers) {
    store_le<uint64_t>(copy.data() + copy.size() - 8, XXH3_64bits(copy.data(), copy.size() - 8));
    return copy;
  }
  store_le<uint64_t>(copy.data() + 56, XXH3_64bits(copy.data(), 56));
  return copy;
}

// A damaged index of ids is dropped or made again; it answers all the same.
void read_as_ids(os::FileSystem& files, ByteView bytes) {
  if (!os::write_file_atomically(files, "d/ids/numbers", mended(bytes, true))) return;
  if (!os::write_file_atomically(files, "d/ids/000000000-000000001.run", mended(bytes, false))) return;
  const auto ids = IdIndex::open(files, "d/ids");
  if (!ids) return;
  const auto never = [](EntryIndex, std::string_view, std::string_view) -> Result<bool> { return false; };
  WEERBAAR_CHECK((*ids)->contains("source", "run-000017", never).has_value());
  WEERBAAR_CHECK((*ids)->contains("source", "x", never).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const ByteView bytes(data + 1, size - 1);
  os::MemoryFileSystem files;
  if (!files.make_directory("d/ids")) return 0;
  switch (data[0] % 3) {
    case 0:
      read_as_question(as_text(bytes));
      break;
    default:
      read_as_ids(files, bytes);
  }
  return 0;
}
