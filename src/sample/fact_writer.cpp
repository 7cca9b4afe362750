#include "sample/fact_writer.h"

#include "base/check.h"
#include "base/time.h"

namespace weerbaar::sample {
namespace {

void append_cell(std::string& text, std::string_view value) {
  if (value.find_first_of(",\"\n\r") == std::string_view::npos) {
    text += value;
    return;
  }
  text += '"';
  for (const char c : value) {
    if (c == '"') text += '"';
    text += c;
  }
  text += '"';
}

}  // namespace

Status FactWriter::add(std::string_view table, std::initializer_list<std::string_view> values, int64_t valid_from,
                       int64_t valid_to) {
  auto found = texts_.find(table);
  if (found == texts_.end()) found = texts_.emplace(table, std::string()).first;
  std::string& text = found->second;
  if (text.empty()) {
    const facts::Table* const schema = facts::find_table(table);
    WEERBAAR_CHECK(schema != nullptr && schema->columns.size() == values.size());
    for (const facts::Column& column : schema->columns) {
      text += column.name;
      text += ',';
    }
    text += facts::kValidFrom;
    text += ',';
    text += facts::kValidTo;
    text += '\n';
  }
  for (const std::string_view value : values) {
    append_cell(text, value);
    text += ',';
  }
  if (valid_from != facts::kAlways) text += format_time({valid_from, 0});
  text += ',';
  if (valid_to != facts::kUntilFurtherNotice) text += format_time({valid_to, 0});
  text += '\n';
  ++facts_;
  return text.size() < kTextBytesMax ? Status() : hand_over(table, text);
}

Status FactWriter::hand_over(std::string_view table, std::string& text) {
  const Status taken = take_(table, text);
  text.clear();
  return taken;
}

Status FactWriter::finish() {
  for (auto& [table, text] : texts_) {
    if (!text.empty()) WEERBAAR_TRY(hand_over(table, text));
  }
  return {};
}

}  // namespace weerbaar::sample
