// Whatever a key file holds, it is refused, or is the one text for what it says.
#include <cstdint>
#include <cstdlib>

#include "trail/privacy/key_file.h"

using namespace weerbaar;
using namespace weerbaar::trail;

namespace {

void expect(bool claim) {
  if (!claim) std::abort();
}

bool same(ByteView a, ByteView b) {
  return as_text(a) == as_text(b);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteView content(data, size);
  if (const auto file = parse_period_key(content)) {
    const bool erased = file->key.empty() && !file->destruction;
    expect(erased || same(format_period_key(*file).bytes(), content));
    expect(!(file->destruction && !file->key.empty()));
  }
  Bytes erased(content.begin(), content.end());
  const size_t from = erase_from(content);
  expect(from <= size);
  std::fill(erased.begin() + static_cast<std::ptrdiff_t>(from), erased.end(), uint8_t{0});
  if (const auto file = parse_period_key(erased)) expect(file->key.empty());
  if (const auto list = parse_period_list(content)) expect(same(format_period_list(*list), content));
  return 0;
}
