// Verifying any bytes ends with a report, which says yes or gives a reason. The first byte tells what the rest is: a
// package as it is; its files one after another, to be packed here, as few mutations of an archive survive its check
// sums; a manifest; an answer; or an entry with its JSON.
#include <fmt/format.h>

#include <vector>

#include "base/check.h"
#include "trail/package/answer_check.h"
#include "trail/package/manifest.h"
#include "trail/package/package.h"
#include "trail/package/package_files.h"
#include "trail/package/shown_entry.h"
#include "trail/package/zip.h"

namespace weerbaar::trail {
namespace {

void verify(ByteView package) {
  const auto report = verify_package(package, {});
  WEERBAAR_CHECK(report.has_value());
  WEERBAAR_CHECK(report->ok == report->problems.empty());
  WEERBAAR_CHECK(report->ok == !report->proven.empty());
  WEERBAAR_CHECK(!report->ok || !report->origin.empty());
  WEERBAAR_CHECK(!report->complete || (report->ok && report->not_covered.empty()));
  WEERBAAR_CHECK(!report->trusted_key && !report->assumed.empty());
}

// Takes a block off the front: its length in two bytes, big-endian, and as many bytes as there are.
ByteView take_block(ByteView& rest) {
  const size_t length = rest.size() < 2 ? 0 : load_be<uint16_t>(rest.data());
  rest = rest.subspan(std::min<size_t>(2, rest.size()));
  const ByteView block = rest.first(std::min(length, rest.size()));
  rest = rest.subspan(block.size());
  return block;
}

// A name and a content for each file.
void verify_files(ByteView rest) {
  std::vector<ZipMember> members;
  while (!rest.empty()) {
    const ByteView name = take_block(rest);
    const ByteView content = take_block(rest);
    members.push_back({std::string(as_text(name)), Bytes(content.begin(), content.end())});
  }
  const auto package = write_zip(members, Time{}, kPackageLimits);
  if (package) verify(*package);
}

void read_manifest(std::string_view json) {
  const auto manifest = parse_manifest(json);
  WEERBAAR_CHECK(!manifest || to_json(*manifest) == json);
}

void read_answer(std::string_view json) {
  const auto answer = parse_answer(json);
  if (!answer) return;
  WEERBAAR_CHECK(to_json(*answer) == json);
  check_answer(*answer, {}, TreeSize(7));
}

// The canonical entry, then its JSON.
void read_entry(ByteView rest) {
  const ByteView entry = take_block(rest);
  EventBatch texts;
  const auto read = read_json(as_text(rest), EntryIndex(7), entry, texts);
  if (!read) return;
  for (const Disclosed& disclosed : read->disclosed) {
    if (disclosed.text.empty()) return;  // refused later: trail/package/translation.h
  }
  WEERBAAR_CHECK(to_json(read->entry) == as_text(rest));
}

}  // namespace
}  // namespace weerbaar::trail

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weerbaar;
  if (size == 0) return 0;
  const ByteView rest(data + 1, size - 1);
  switch (data[0]) {
    case 'P':
      trail::verify({data, size});
      break;  // an archive begins so
    case 'F':
      trail::verify_files(rest);
      break;
    case 'M':
      trail::read_manifest(as_text(rest));
      break;
    case 'A':
      trail::read_answer(as_text(rest));
      break;
    case 'E':
      trail::read_entry(rest);
      break;
    default:
      break;
  }
  return 0;
}
