#include "ingest/sources/jsonl/jsonl.h"

#include <fmt/format.h>

#include "ingest/line_splitter.h"
#include "ingest/sources/jsonl/event_reader.h"
#include "ingest/sources/jsonl/plain_reader.h"

namespace weerbaar::ingest {
namespace jsonl {
namespace {

class JsonlSource final : public Source {
 public:
  void feed(std::string_view bytes, Output& output) override {
    splitter_.feed(bytes);
    take_lines(output);
  }

  void finish(Output& output) override {
    splitter_.finish();
    take_lines(output);
  }

 private:
  void take_lines(Output& output) {
    while (const auto line = splitter_.next()) take(*line, output);
  }

  void take(const Line& line, Output& output) {
    if (line.too_long) {
      output.refuse(line.number, fmt::format("the line is longer than {} bytes: split the event", kLineBytesMax),
                    line.text);
      return;
    }
    if (line.text.find_first_not_of(" \t\r") == std::string_view::npos) return;
    AccessEvent event;
    if (plain_.read(line.text, output.events, event)) {
      output.accept(event, line.number, line.text);
      return;
    }
    event = {};
    if (Status status = reader_.read(line.text, output.events, event); !status) {
      output.refuse(line.number, std::move(status.error().text), line.text);
      return;
    }
    output.accept(event, line.number, line.text);
  }

  LineSplitter splitter_;
  PlainReader plain_;
  EventReader reader_;
};

}  // namespace
}  // namespace jsonl

Result<std::unique_ptr<Source>> create_jsonl(const SourceOptions& options) {
  if (!options.mapping.empty()) {
    return fail(Code::kInvalid, fmt::format("{}: jsonl takes no mapping, its fields are fixed: leave --mapping out",
                                            options.mapping_name));
  }
  return std::make_unique<jsonl::JsonlSource>();
}

}  // namespace weerbaar::ingest
