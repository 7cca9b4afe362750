// Any bytes: no crash; the same results however they are cut; and each event, written as JSON, reads back the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "domain/access_event_json.h"
#include "ingest/sources/jsonl/jsonl.h"

using weerbaar::kLineBytesMax;
using weerbaar::ingest::Output;

namespace {

void take(std::string_view input, Output& output) {
  const auto source = weerbaar::ingest::create_jsonl({}).value();
  source->feed(input, output);
  source->finish(output);
}

void take_in_pieces(std::string_view input, Output& output) {
  constexpr size_t kPieceBytesMax = 11;
  const auto source = weerbaar::ingest::create_jsonl({}).value();
  for (size_t i = 0; !input.empty(); ++i) {
    const std::string_view piece = input.substr(0, 1 + i * 7 % kPieceBytesMax);
    source->feed(piece, output);
    input.remove_prefix(piece.size());
  }
  source->finish(output);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input = weerbaar::as_text({data, size});
  Output whole;
  take(input, whole);
  Output cut;
  take_in_pieces(input, cut);
  WEERBAAR_CHECK(whole.events.size() == cut.events.size() && whole.refusals.size() == cut.refusals.size());
  for (size_t i = 0; i < whole.refusals.size(); ++i) {
    WEERBAAR_CHECK(whole.refusals[i].line == cut.refusals[i].line);
    WEERBAAR_CHECK(whole.refusals[i].reason == cut.refusals[i].reason);
    WEERBAAR_CHECK(whole.refusals[i].raw == cut.refusals[i].raw);
  }
  for (size_t i = 0; i < whole.events.size(); ++i) {
    const std::string line = weerbaar::to_json(whole.events.events()[i]);
    WEERBAAR_CHECK(line == weerbaar::to_json(cut.events.events()[i]));
    if (line.size() > kLineBytesMax) continue;  // a number may be longer than it came: 1e5, 1e+05
    Output again;
    take(line, again);
    WEERBAAR_CHECK(again.events.size() == 1 && weerbaar::to_json(again.events.events()[0]) == line);
  }
  return 0;
}
