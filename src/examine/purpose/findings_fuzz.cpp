// Any bytes as a file of findings: it is read, or refused as damaged.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "examine/purpose/findings.h"
#include "examine/purpose/policy.h"
#include "os/memory.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weerbaar;
  static const std::vector<purpose::Rule> rules =
      purpose::check_rules({1, "fuzz", "2026-03-01", "fuzz", purpose::standard_policy_rules()}).value();
  os::MemoryFileSystem files;
  WEERBAAR_CHECK(os::write_file_atomically(files, "f", {data, size}).has_value());
  auto file = purpose::FindingsFile::open(files, "f");
  if (!file) {
    WEERBAAR_CHECK(file.error().code == Code::kCorrupt);
    return 0;
  }
  for (const uint64_t index : {uint64_t{0}, uint64_t{7}, uint64_t{65'536}, UINT64_MAX}) {
    const auto found = file->find(index, rules);
    WEERBAAR_CHECK(found || found.error().code == Code::kCorrupt);
    WEERBAAR_CHECK(!found || !*found || (*found)->index == index);
  }
  return 0;
}
