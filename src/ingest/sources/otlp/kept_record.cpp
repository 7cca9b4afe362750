#include "ingest/sources/otlp/kept_record.h"

#include <algorithm>
#include <utility>

#include "ingest/sources/otlp/json_splitter.h"

namespace weerbaar::ingest::otlp {
namespace {

// The splitter copies what it is fed.
constexpr size_t kPieceBytesMax = 1024 * 1024;

}  // namespace

std::vector<KeptRecord> read_kept_records(std::string_view input, const Mapping& mapping, Output& output) {
  JsonSplitter splitter;
  Decoder decoder(mapping);
  std::vector<Record> records;
  std::shared_ptr<const RecordTexts> texts;
  std::vector<KeptRecord> kept;
  const auto take_pieces = [&] {
    while (const auto piece = splitter.next()) {
      if (!piece->problem.empty()) {
        output.refuse(piece->line, std::string(piece->problem), piece->text);
        continue;
      }
      records.clear();
      texts.reset();
      decoder.decode(piece->text, piece->line, records, output, &texts);
      for (size_t i = 0; i < records.size(); ++i) kept.push_back({std::move(records[i]), texts, i});
    }
  };
  for (; !input.empty(); input.remove_prefix(std::min(input.size(), kPieceBytesMax))) {
    splitter.feed(input.substr(0, kPieceBytesMax));
    take_pieces();
  }
  splitter.finish();
  take_pieces();
  return kept;
}

}  // namespace weerbaar::ingest::otlp
