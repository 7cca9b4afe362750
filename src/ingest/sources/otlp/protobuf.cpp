#include "ingest/sources/otlp/protobuf.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "domain/access_event_json.h"
#include "ingest/sources/otlp/json_splitter.h"

namespace weerbaar::ingest::otlp {
namespace {

// Wire types of protobuf.
constexpr unsigned kVarint = 0;
constexpr unsigned kFixed64 = 1;
constexpr unsigned kBytes = 2;
constexpr unsigned kFixed32 = 5;

enum class Form : uint8_t { kMessage, kText, kHex, kBase64, kUnsigned64, kSigned64, kDouble, kEnum, kBool };

struct Message;
struct Field {
  uint32_t number;
  std::string_view name;  // in OTLP/JSON
  Form form;
  bool repeated = false;
  const Message* message = nullptr;
};
struct Message {
  std::span<const Field> fields;
  bool one_of = false;  // of its fields the last counts
};

// The numbers are those of opentelemetry-proto 1.
extern const Message kAnyValue;
extern const Message kKeyValue;
constexpr Field kArrayFields[] = {{1, "values", Form::kMessage, true, &kAnyValue}};
constexpr Message kArray = {kArrayFields};
constexpr Field kListFields[] = {{1, "values", Form::kMessage, true, &kKeyValue}};
constexpr Message kList = {kListFields};
constexpr Field kAnyValueFields[] = {
    {1, "stringValue", Form::kText},
    {2, "boolValue", Form::kBool},
    {3, "intValue", Form::kSigned64},
    {4, "doubleValue", Form::kDouble},
    {5, "arrayValue", Form::kMessage, false, &kArray},
    {6, "kvlistValue", Form::kMessage, false, &kList},
    {7, "bytesValue", Form::kBase64},
};
constexpr Message kAnyValue = {kAnyValueFields, true};
constexpr Field kKeyValueFields[] = {{1, "key", Form::kText}, {2, "value", Form::kMessage, false, &kAnyValue}};
constexpr Message kKeyValue = {kKeyValueFields};
constexpr Field kResourceFields[] = {{1, "attributes", Form::kMessage, true, &kKeyValue}};
constexpr Message kResource = {kResourceFields};
constexpr Field kStatusFields[] = {{3, "code", Form::kEnum}};
constexpr Message kStatus = {kStatusFields};
constexpr Field kSpanFields[] = {
    {1, "traceId", Form::kHex},
    {2, "spanId", Form::kHex},
    {4, "parentSpanId", Form::kHex},
    {5, "name", Form::kText},
    {7, "startTimeUnixNano", Form::kUnsigned64},
    {8, "endTimeUnixNano", Form::kUnsigned64},
    {9, "attributes", Form::kMessage, true, &kKeyValue},
    {15, "status", Form::kMessage, false, &kStatus},
};
constexpr Message kSpan = {kSpanFields};
constexpr Field kLogRecordFields[] = {
    {1, "timeUnixNano", Form::kUnsigned64},
    {5, "body", Form::kMessage, false, &kAnyValue},
    {6, "attributes", Form::kMessage, true, &kKeyValue},
    {9, "traceId", Form::kHex},
    {10, "spanId", Form::kHex},
    {11, "observedTimeUnixNano", Form::kUnsigned64},
    {12, "eventName", Form::kText},
};
constexpr Message kLogRecord = {kLogRecordFields};

// The lists in each other that make a request.
struct Lists {
  std::string_view resources;
  std::string_view scopes;
  std::string_view records;
  const Message& record;
};
constexpr Lists kTraces = {"resourceSpans", "scopeSpans", "spans", kSpan};
constexpr Lists kLogs = {"resourceLogs", "scopeLogs", "logRecords", kLogRecord};
// In all three.
constexpr uint32_t kResourceField = 1;
constexpr uint32_t kListField = 2;
constexpr uint32_t kRequestField = 1;

constexpr unsigned wire_type_of(Form form) {
  switch (form) {
    case Form::kSigned64:
    case Form::kEnum:
    case Form::kBool:
      return kVarint;
    case Form::kUnsigned64:
    case Form::kDouble:
      return kFixed64;
    default:
      return kBytes;
  }
}

// A field as it came.
struct Wire {
  uint32_t number = 0;
  unsigned type = 0;
  uint64_t value = 0;      // of kVarint, kFixed64, kFixed32
  std::string_view bytes;  // of kBytes
};

class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] bool at_end() const { return bytes_.empty(); }
  // Nothing when what follows is no field.
  std::optional<Wire> next() {
    const auto tag = varint();
    if (!tag || *tag > UINT32_MAX || *tag >> 3U == 0) return std::nullopt;
    Wire wire;
    wire.number = static_cast<uint32_t>(*tag >> 3U);
    wire.type = static_cast<unsigned>(*tag & 7U);
    if (wire.type == kVarint || wire.type == kBytes) {
      const auto value = varint();
      if (!value) return std::nullopt;
      wire.value = *value;
      if (wire.type == kVarint) return wire;
      if (wire.value > bytes_.size()) return std::nullopt;
      wire.bytes = take(static_cast<size_t>(wire.value));
      return wire;
    }
    const size_t size = wire.type == kFixed64 ? 8 : wire.type == kFixed32 ? 4 : 0;
    if (size == 0 || bytes_.size() < size) return std::nullopt;
    const ByteView raw = as_bytes(take(size));
    wire.value = size == 8 ? load_le<uint64_t>(raw.data()) : load_le<uint32_t>(raw.data());
    return wire;
  }

 private:
  std::string_view take(size_t size) {
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }
  std::optional<uint64_t> varint() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !bytes_.empty(); shift += 7) {
      const auto byte = static_cast<uint8_t>(bytes_.front());
      bytes_.remove_prefix(1);
      // The tenth byte has room for one bit.
      if (shift == 63 && byte > 1) return std::nullopt;
      value |= uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) return value;
    }
    return std::nullopt;
  }

  std::string_view bytes_;
};

std::unexpected<Error> malformed() {
  return fail(Code::kInvalid, "the body is no OTLP request in protobuf: look at the exporter and its Content-Type");
}

void append_double(std::string& to, double value) {
  if (std::isnan(value)) {
    to += "\"NaN\"";
  } else if (std::isinf(value)) {
    to += value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
  } else {
    append_json_number(to, value);
  }
}

// Writes messages as objects, field by field in the order of the table, and those that nest too deep as base64; counts
// what it writes.
class Writer {
 public:
  Status write(const Message& message, std::string_view bytes, size_t depth, std::string& to) {
    std::vector<std::string> values(message.fields.size());
    for (WireReader reader(bytes); !reader.at_end();) {
      const auto wire = reader.next();
      if (!wire) return malformed();
      const auto field = std::ranges::find(message.fields, wire->number, &Field::number);
      if (field == message.fields.end()) continue;
      if (wire->type != wire_type_of(field->form)) return malformed();
      std::string& value = values[static_cast<size_t>(field - message.fields.begin())];
      if (message.one_of) {
        for (std::string& other : values) other.clear();
      }
      if (!field->repeated) {
        // Two halves of a message would have to be joined; no exporter sends them.
        if (field->form == Form::kMessage && !value.empty()) return malformed();
        value.clear();
      } else if (!value.empty()) {
        value += ',';
      }
      WEERBAAR_TRY(write_value(*field, *wire, depth, value));
    }
    write_object(message, values, to);
    return check_size();
  }

  // From now on so many bytes may be written.
  void begin(size_t bytes_max) {
    written_ = 0;
    bytes_max_ = bytes_max;
    is_too_deep_ = false;
  }
  [[nodiscard]] bool is_too_large() const { return written_ > bytes_max_; }
  [[nodiscard]] bool is_too_deep() const { return is_too_deep_; }

 private:
  Status check_size() const {
    if (!is_too_large()) return {};
    return fail(Code::kInvalid, "a part of the request is too large: send less");
  }

  void write_object(const Message& message, const std::vector<std::string>& values, std::string& to) {
    to += '{';
    written_ += 3;
    bool first = true;
    for (size_t i = 0; i < values.size(); ++i) {
      if (values[i].empty()) continue;
      if (!first) to += ',';
      first = false;
      const Field& field = message.fields[i];
      append_json_string(to, field.name);
      written_ += field.name.size() + 6;  // with what stands around it
      to += field.repeated ? ":[" : ":";
      to += values[i];
      if (field.repeated) to += ']';
    }
    to += '}';
  }

  Status write_value(const Field& field, const Wire& wire, size_t depth, std::string& to) {
    const size_t before = to.size();
    switch (field.form) {
      case Form::kMessage:
        if (depth == kMessageDepthMax) {
          is_too_deep_ = true;
          append_json_string(to, to_base64(as_bytes(wire.bytes)));
          break;
        }
        WEERBAAR_TRY(write(*field.message, wire.bytes, depth + 1, to));
        // What is inside was counted there.
        return {};
      case Form::kText:
        append_json_string(to, wire.bytes);
        break;
      case Form::kHex:
        append_json_string(to, to_hex(as_bytes(wire.bytes)));
        break;
      case Form::kBase64:
        append_json_string(to, to_base64(as_bytes(wire.bytes)));
        break;
      case Form::kUnsigned64:
        append_json_string(to, std::to_string(wire.value));
        break;
      case Form::kSigned64:
        append_json_string(to, std::to_string(static_cast<int64_t>(wire.value)));
        break;
      case Form::kDouble:
        append_double(to, std::bit_cast<double>(wire.value));
        break;
      case Form::kEnum:
        to += std::to_string(static_cast<int32_t>(wire.value));
        break;
      case Form::kBool:
        to += wire.value != 0 ? "true" : "false";
        break;
    }
    written_ += to.size() - before;
    return check_size();
  }

  size_t written_ = 0;
  size_t bytes_max_ = 0;
  bool is_too_deep_ = false;
};

std::string opening(std::string_view name) {
  return "\"" + std::string(name) + "\":[";
}

// Writes a request in pieces, record by record.
class RequestWriter {
 public:
  RequestWriter(const Lists& lists, RequestPieces& pieces, const RefuseJson& refuse)
      : lists_(lists), pieces_(pieces), refuse_(refuse) {}

  Status write(std::string_view bytes) {
    pieces_.open("{" + opening(lists_.resources));
    WEERBAAR_TRY(for_each(bytes, kRequestField, [this](std::string_view block) { return write_block(block); }));
    pieces_.close();
    return {};
  }
  [[nodiscard]] bool is_too_large() const { return writer_.is_too_large(); }

 private:
  // The messages in one field; the others are passed over.
  template <class Use>
  static Status for_each(std::string_view bytes, uint32_t number, Use use) {
    for (WireReader reader(bytes); !reader.at_end();) {
      const auto wire = reader.next();
      if (!wire) return malformed();
      if (wire->number != number) continue;
      if (wire->type != kBytes) return malformed();
      WEERBAAR_TRY(use(wire->bytes));
    }
    return {};
  }

  Status write_block(std::string_view bytes) {
    std::string before = "{";
    writer_.begin(kAroundBytesMax);
    WEERBAAR_TRY(for_each(bytes, kResourceField, [&](std::string_view text) { return write_resource(text, before); }));
    pieces_.open(before + opening(lists_.scopes));
    WEERBAAR_TRY(for_each(bytes, kListField, [this](std::string_view scope) { return write_scope(scope); }));
    pieces_.close();
    return {};
  }

  Status write_resource(std::string_view bytes, std::string& to) {
    // Two halves of a message would have to be joined; no exporter sends them.
    if (to.size() > 1) return malformed();
    to += "\"resource\":";
    const size_t start = to.size();
    WEERBAAR_TRY(writer_.write(kResource, bytes, 2, to));
    if (writer_.is_too_deep()) to.replace(start, to.npos, "\"nested too deep\"");
    to += ',';
    return {};
  }

  Status write_scope(std::string_view bytes) {
    pieces_.open("{" + opening(lists_.records));
    WEERBAAR_TRY(for_each(bytes, kListField, [this](std::string_view record) { return write_record(record); }));
    pieces_.close();
    return {};
  }

  Status write_record(std::string_view bytes) {
    std::string json;
    writer_.begin(kJsonBytesMax);
    WEERBAAR_TRY(writer_.write(lists_.record, bytes, 3, json));
    if (writer_.is_too_deep()) {
      refuse_(kRecordTooDeep, json);
    } else {
      pieces_.add(json);
    }
    return {};
  }

  const Lists& lists_;
  RequestPieces& pieces_;
  const RefuseJson& refuse_;
  Writer writer_;
};

void append_varint(std::string& to, uint64_t value) {
  for (; value >= 0x80; value >>= 7U) to += static_cast<char>(value | 0x80U);
  to += static_cast<char>(value);
}

void append_bytes_field(std::string& to, uint32_t number, std::string_view bytes) {
  append_varint(to, number << 3U | kBytes);
  append_varint(to, bytes.size());
  to += bytes;
}

std::string number_and_text(uint64_t number, std::string_view text) {
  std::string message;
  append_varint(message, 1U << 3U | kVarint);
  append_varint(message, number);
  append_bytes_field(message, 2, text);
  return message;
}

}  // namespace

Result<bool> read_protobuf(std::string_view bytes, Request request, size_t piece_bytes, const UseJson& use,
                           const RefuseJson& refuse) {
  RequestPieces pieces(piece_bytes, use);
  RequestWriter writer(request == Request::kTraces ? kTraces : kLogs, pieces, refuse);
  const Status written = writer.write(bytes);
  if (writer.is_too_large()) return false;
  if (!written) return std::unexpected(written.error());
  pieces.finish();
  return true;
}

std::string protobuf_response(uint64_t rejected, std::string_view message) {
  std::string response;
  if (rejected > 0) append_bytes_field(response, 1, number_and_text(rejected, message));
  return response;
}

std::string protobuf_status(int code, std::string_view message) {
  return number_and_text(static_cast<uint64_t>(code), message);
}

}  // namespace weerbaar::ingest::otlp
