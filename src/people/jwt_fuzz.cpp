// Sets of keys and tokens, whatever their bytes: what is taken is a key, or a token of that very key.
#include <algorithm>
#include <cstdint>

#include "base/check.h"
#include "people/jwt.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weerbaar;
  const std::string_view text = as_text({data, size});
  // The set of keys up to the first line break, and then the token.
  const size_t end = std::min(text.find('\n'), text.size());
  const auto keys = people::KeySet::parse(text.substr(0, end));
  if (!keys) return 0;
  const std::string_view token = text.substr(std::min(end + 1, text.size()));
  const auto read = people::verify_id_token(token, *keys, {"https://login.example", "weerbaar", "n-1", 1'780'000'000});
  if (read) WEERBAAR_CHECK(keys->size() > 0 && !read->subject.empty());
  if (!read) WEERBAAR_CHECK(!read.error().text.empty());
  return 0;
}
