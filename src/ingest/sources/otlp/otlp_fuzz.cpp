// Any bytes at all: what comes out obeys validate(), does not depend on where the input was cut, and is kept whole.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "domain/access_event_json.h"
#include "ingest/sources/otlp/json_splitter.h"
#include "ingest/sources/otlp/kept_record.h"
#include "ingest/sources/otlp/otlp.h"
#include "ingest/sources/otlp/request_pieces.h"

namespace {

using weerbaar::ingest::Output;

std::vector<std::string> texts_of(std::string_view input, size_t piece_bytes, const char* mapping) {
  const auto source = weerbaar::ingest::create_otlp({.mapping = mapping, .mapping_name = "m.toml"}).value();
  Output output;
  for (size_t at = 0; at < input.size(); at += piece_bytes) source->feed(input.substr(at, piece_bytes), output);
  source->finish(output);
  std::vector<std::string> texts;
  for (const auto& event : output.events.events()) {
    WEERBAAR_CHECK(weerbaar::validate(event).has_value());
    texts.push_back(weerbaar::to_json(event));
  }
  for (const auto& refusal : output.refusals) {
    WEERBAAR_CHECK(refusal.line > 0 && !refusal.reason.empty() && !refusal.raw.empty());
    texts.push_back(std::to_string(refusal.line) + refusal.reason + refusal.raw);
  }
  return texts;
}

// A request that is cut into pieces holds the same records.
void check_pieces(std::string_view input) {
  using namespace weerbaar::ingest::otlp;
  const weerbaar::ingest::otlp::Mapping mapping;
  JsonSplitter splitter;
  splitter.feed(input);
  splitter.finish();
  while (const auto object = splitter.next()) {
    if (!object->problem.empty()) continue;
    Output whole;
    const auto records = read_kept_records(object->text, mapping, whole);
    Output cut;
    std::vector<KeptRecord> pieces;
    const bool is_cut = cut_request(
        object->text, 1,
        [&](std::string_view piece) {
          for (auto& kept : read_kept_records(piece, mapping, cut)) pieces.push_back(std::move(kept));
        },
        [&](std::string_view reason, std::string_view json) { cut.refuse(1, std::string(reason), json); });
    WEERBAAR_CHECK(is_cut || (pieces.empty() && cut.refusals.empty()));
    // What nests too deep takes nothing else along.
    const auto is_of_depth = [](const auto& refusal) { return refusal.reason == kRecordTooDeep; };
    if (!is_cut || !std::ranges::all_of(whole.refusals, is_of_depth)) continue;
    WEERBAAR_CHECK(pieces.size() == records.size() && cut.refusals.size() == whole.refusals.size());
    for (size_t i = 0; i < records.size(); ++i) WEERBAAR_CHECK(pieces[i].record.hash() == records[i].record.hash());
  }
}

// What is kept of a record makes the same record again.
void check_kept_records(std::string_view input) {
  const weerbaar::ingest::otlp::Mapping mapping;
  Output output;
  for (const auto& kept : weerbaar::ingest::otlp::read_kept_records(input, mapping, output)) {
    const auto again = weerbaar::ingest::otlp::read_kept_records(kept.json(), mapping, output);
    WEERBAAR_CHECK(again.size() == 1 && again[0].record.hash() == kept.record.hash());
    WEERBAAR_CHECK(kept.json().find('\n') == std::string::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto strict = texts_of(input, input.size() + 1, "");
  WEERBAAR_CHECK(texts_of(input, 7, "") == strict);
  // What the mapping takes is not refused, and nothing else changes.
  const auto lax = texts_of(input, input.size() + 1, "halves_may_come_alone = true\nspans_may_hold_several = true\n");
  WEERBAAR_CHECK(lax.size() == strict.size());
  check_kept_records(input);
  check_pieces(input);
  return 0;
}
