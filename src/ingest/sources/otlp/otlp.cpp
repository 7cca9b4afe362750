#include "ingest/sources/otlp/otlp.h"

#include <utility>
#include <vector>

#include "ingest/sources/otlp/decode.h"
#include "ingest/sources/otlp/json_splitter.h"
#include "ingest/sources/otlp/mapping.h"
#include "ingest/sources/otlp/request_pieces.h"
#include "ingest/sources/otlp/trace_join.h"

namespace weerbaar::ingest {
namespace otlp {
namespace {

// The splitter copies what it is fed: never more than this at a time, however much the caller has.
constexpr size_t kPieceBytesMax = 1024 * 1024;

class OtlpSource final : public Source {
 public:
  explicit OtlpSource(Mapping mapping) : mapping_(std::move(mapping)), decoder_(mapping_), join_(mapping_) {}

  void feed(std::string_view bytes, Output& output) override {
    for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), kPieceBytesMax))) {
      splitter_.feed(bytes.substr(0, kPieceBytesMax));
      take_pieces(output);
    }
  }

  void finish(Output& output) override {
    splitter_.finish();
    take_pieces(output);
    join_.finish(output);
  }

 private:
  void take_pieces(Output& output) {
    while (const auto piece = splitter_.next()) {
      if (!piece->problem.empty()) {
        output.refuse(piece->line, std::string(piece->problem), piece->text);
        continue;
      }
      take_object(*piece, output);
    }
  }

  void take_object(const JsonPiece& object, Output& output) {
    const auto refuse = [&](std::string_view reason, std::string_view json) {
      output.refuse(object.line, std::string(reason), json);
    };
    const auto decode = [&](std::string_view json) {
      records_.clear();
      decoder_.decode(json, object.line, records_, output);
      for (Record& record : records_) join_.add(std::move(record), output);
    };
    if (object.depth <= kJsonDepthMax) {
      decode(object.text);
    } else if (!cut_request(object.text, kRequestPieceBytes, decode, refuse)) {
      refuse(kObjectTooDeep, object.text);
    }
  }

  const Mapping mapping_;
  JsonSplitter splitter_;
  Decoder decoder_;
  TraceJoin join_;
  std::vector<Record> records_;  // of one object
};

}  // namespace
}  // namespace otlp

Result<std::unique_ptr<Source>> create_otlp(const SourceOptions& options) {
  WEERBAAR_ASSIGN(otlp::Mapping mapping, otlp::read_mapping(options));
  return std::make_unique<otlp::OtlpSource>(std::move(mapping));
}

}  // namespace weerbaar::ingest
