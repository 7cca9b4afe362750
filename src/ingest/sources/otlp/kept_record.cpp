#include "ingest/sources/otlp/kept_record.h"

#include <algorithm>
#include <utility>

#include "ingest/sources/otlp/json_splitter.h"

namespace weerbaar::ingest::otlp {
namespace {

// The splitter copies what it is fed.
constexpr size_t kPieceBytesMax = 1024 * 1024;

constexpr std::string_view kRecordTooLarge =
    "a record of it takes more than 16 MiB as JSON, or a resource more than 64 KiB: send smaller ones";
constexpr std::string_view kObjectTooLarge =
    "a JSON object of it is larger than 16 MiB, and no list of spans or log records: send smaller ones";
static_assert(kJsonBytesMax == size_t{16} << 20U && kAroundBytesMax == size_t{64} << 10U,
              "the texts above name the limits");

class RequestReader {
 public:
  RequestReader(const Mapping& mapping, bool with_texts, Output& output, const UseRecords& use)
      : decoder_(mapping), with_texts_(with_texts), output_(output), use_(use) {}

  Status read(std::string_view bytes, Request request) {
    WEERBAAR_ASSIGN(const bool is_read, read_protobuf(
                                            bytes, request, kRequestPieceBytes,
                                            [this](std::string_view json) { decode(json, ++line_); }, refuse_record_));
    if (!is_read) refuse(kRecordTooLarge, {});
    return {};
  }

  // kInvalid when a part of it cannot be parsed; `output` tells of it, and of what is behind it.
  Status read(std::string_view json) {
    // One that is too large to be parsed is cut when its end is known: it may be all there is.
    JsonSplitter splitter(json.size() + 1);
    for (; !json.empty(); json.remove_prefix(std::min(json.size(), kPieceBytesMax))) {
      splitter.feed(json.substr(0, kPieceBytesMax));
      take_pieces(splitter);
    }
    splitter.finish();
    take_pieces(splitter);
    if (unreadable_.empty()) return {};
    return fail(Code::kInvalid, "nothing of this request was taken: " + unreadable_);
  }

 private:
  void take_pieces(JsonSplitter& splitter) {
    while (const auto piece = splitter.next()) {
      line_ = piece->line;
      if (!piece->problem.empty()) {
        output_.refuse(line_, std::string(piece->problem), piece->text);
        output_.refusals.back().is_cut = piece->is_cut;
        unreadable(piece->problem);
      } else {
        take_object(*piece);
      }
    }
  }

  void take_object(const JsonPiece& object) {
    const bool is_large = object.text.size() > kJsonBytesMax;
    if (!is_large && object.depth <= kJsonDepthMax) return decode(object.text, line_);
    const UseJson decode_piece = [this](std::string_view json) { decode(json, line_); };
    if (cut_request(object.text, kRequestPieceBytes, decode_piece, refuse_record_)) return;
    if (is_large) return refuse(kObjectTooLarge, object.text);
    refuse_record_(kObjectTooDeep, object.text);
    if (may_hold_records(object.text)) unreadable(kObjectTooDeep);
  }

  void unreadable(std::string_view why) {
    if (unreadable_.empty()) unreadable_ = why;
  }

  void refuse(std::string_view reason, std::string_view raw) {
    output_.refuse(line_, std::string(reason), raw);
    output_.refusals.back().is_cut = true;
  }

  void decode(std::string_view json, uint64_t line) {
    records_.clear();
    std::shared_ptr<const RecordTexts> texts;
    if (!decoder_.decode(json, line, records_, output_, with_texts_ ? &texts : nullptr)) {
      unreadable(output_.refusals.back().reason);
    }
    use_(records_, texts);
  }

  Decoder decoder_;
  const bool with_texts_;
  Output& output_;
  const UseRecords& use_;
  const RefuseJson refuse_record_ = [this](std::string_view reason, std::string_view json) {
    output_.refuse(line_, std::string(reason), json);
  };
  std::vector<Record> records_;
  uint64_t line_ = 0;
  std::string unreadable_;  // why a part is; empty: none
};

UseRecords keep_in(std::vector<KeptRecord>& kept) {
  return [&kept](std::vector<Record>& records, const std::shared_ptr<const RecordTexts>& texts) {
    for (size_t i = 0; i < records.size(); ++i) kept.push_back({std::move(records[i]), texts, i});
  };
}

}  // namespace

Status read_request(const RequestBody& body, const Mapping& mapping, bool with_texts, Output& output,
                    const UseRecords& use) {
  RequestReader reader(mapping, with_texts, output, use);
  if (body.protobuf) return reader.read(body.bytes, *body.protobuf);
  return reader.read(body.bytes);
}

Result<std::vector<KeptRecord>> read_kept_records(const RequestBody& body, const Mapping& mapping, Output& output) {
  std::vector<KeptRecord> kept;
  WEERBAAR_TRY(read_request(body, mapping, true, output, keep_in(kept)));
  return kept;
}

std::vector<KeptRecord> read_kept_records(std::string_view input, const Mapping& mapping, Output& output) {
  std::vector<KeptRecord> kept;
  // What cannot be parsed is in `output`.
  const Status ignored = read_request({input}, mapping, true, output, keep_in(kept));
  return kept;
}

}  // namespace weerbaar::ingest::otlp
