#include "ingest/sources/jsonl/json_fault.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/utf8.h"

namespace weerbaar::ingest::jsonl {
namespace {

constexpr size_t kShownBytesMax = 64;
constexpr std::ptrdiff_t kShownDigitsMax = 5;
constexpr size_t kSequenceBytesMax = 4;
constexpr int kOutOfRange = 406;  // nlohmann's number for a number beyond a double

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_identifier_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || c == '-';
}

// Offset of the first byte that is not part of a well-formed character; the size when there is none.
size_t find_wrong_utf8(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    size_t length = 1;
    while (length <= kSequenceBytesMax && !is_utf8(text.substr(at, length))) ++length;
    if (length > kSequenceBytesMax) return at;
    at += std::min(length, text.size() - at);
  }
  return at;
}

// Reads until the first fault, by a parser that knows its place.
class FaultFinder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  [[nodiscard]] const std::string& reason() const { return reason_; }

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t& digits) override {
    // An integer that comes as a double did not fit 64 bits.
    if (digits.find_first_of(".eE") != std::string::npos) return true;
    return number_too_large();
  }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(size_t) override { return true; }
  bool end_object() override { return true; }
  bool start_array(size_t) override { return true; }
  bool end_array() override { return true; }
  bool key(string_t& name) override {
    last_key_ = name;
    return true;
  }
  bool parse_error(size_t position, const std::string&, const nlohmann::json::exception& error) override {
    if (error.id == kOutOfRange) return number_too_large();
    reason_ = fmt::format("the JSON is broken at byte {}: send one whole object a line", position);
    return false;
  }

 private:
  bool number_too_large() {
    reason_ =
        fmt::format("the number in {} does not fit 64 bits: send it as a string", field_to_show(last_key_, "a field"));
    return false;
  }

  std::string last_key_;
  std::string reason_;
};

}  // namespace

std::string field_to_show(std::string_view name, std::string_view otherwise) {
  const bool shown = !name.empty() && name.size() <= kShownBytesMax &&
                     std::all_of(name.begin(), name.end(), is_identifier_character) &&
                     std::count_if(name.begin(), name.end(), is_digit) <= kShownDigitsMax;
  return shown ? fmt::format("\"{}\"", name) : std::string(otherwise);
}

std::string explain_json_fault(std::string_view line) {
  const size_t wrong = find_wrong_utf8(line);
  if (wrong < line.size()) {
    return fmt::format("byte {} is not UTF-8: convert the input at the source", wrong + 1);
  }
  // Before the parser, which takes a NUL for the end of its input.
  if (const size_t nul = line.find('\0'); nul != std::string_view::npos) {
    return fmt::format("byte {} is NUL: remove it at the source", nul + 1);
  }
  FaultFinder finder;
  if (nlohmann::json::sax_parse(line, &finder) || finder.reason().empty()) {
    return "the line is not well-formed JSON: send one whole object a line";
  }
  return finder.reason();
}

}  // namespace weerbaar::ingest::jsonl
