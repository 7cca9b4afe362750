#include "domain/access_event_json.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/bytes.h"
#include "base/check.h"

namespace weerbaar {
namespace {

constexpr size_t kNumberBytesMax = 32;

// Writes one object; knows when a comma is due.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& to) : to_(to) { to_ += '{'; }
  void close() { to_ += '}'; }

  // The key is one of ours and needs no escaping.
  std::string& key(std::string_view name) {
    if (!first_) to_ += ',';
    first_ = false;
    to_ += '"';
    to_ += name;
    to_ += "\":";
    return to_;
  }
  void text(std::string_view name, std::string_view value) {
    if (!value.empty()) append_json_string(key(name), value);
  }
  void hex(std::string_view name, std::string_view bytes) {
    if (!bytes.empty()) append_json_string(key(name), to_hex(as_bytes(bytes)));
  }

 private:
  std::string& to_;
  bool first_ = true;
};

void append_actor(std::string& to, const Actor& actor) {
  ObjectWriter object(to);
  object.text("id", actor.id);
  if (actor.type != ActorType::kEmployee) object.text("type", to_string(actor.type));
  object.text("function", actor.function);
  object.text("unit", actor.unit);
  object.text("on_behalf_of", actor.on_behalf_of);
  object.close();
}

void append_subjects(std::string& to, std::span<const Subject> subjects) {
  to += '[';
  for (const Subject& subject : subjects) {
    if (&subject != subjects.data()) to += ',';
    ObjectWriter object(to);
    object.text("type", to_string(subject.type));
    object.text("id", subject.id);
    object.text("role", subject.role);
    object.close();
  }
  to += ']';
}

void append_data(std::string& to, std::span<const std::string_view> categories) {
  to += '[';
  for (const std::string_view& category : categories) {
    if (&category != categories.data()) to += ',';
    append_json_string(to, category);
  }
  to += ']';
}

bool is_absent(const Purpose& purpose) {
  return purpose.processing_activity.empty() && purpose.case_id.empty() && purpose.legal_basis.empty() &&
         purpose.reason.empty() && !purpose.break_glass;
}

void append_purpose(std::string& to, const Purpose& purpose) {
  ObjectWriter object(to);
  object.text("processing_activity", purpose.processing_activity);
  object.text("case", purpose.case_id);
  object.text("legal_basis", purpose.legal_basis);
  object.text("reason", purpose.reason);
  if (purpose.break_glass) object.key("break_glass") += "true";
  object.close();
}

void append_workplace(std::string& to, const Workplace& workplace) {
  ObjectWriter object(to);
  object.text("terminal", workplace.terminal);
  object.text("ip", workplace.ip);
  object.text("location", workplace.location);
  object.close();
}

void append_trace(std::string& to, const TraceContext& trace) {
  ObjectWriter object(to);
  object.hex("trace_id", trace.trace_id);
  object.hex("span_id", trace.span_id);
  object.hex("parent_span_id", trace.parent_span_id);
  object.close();
}

void append_attributes(std::string& to, std::span<const Attribute> attributes) {
  to += '{';
  for (const Attribute& attribute : attributes) {
    if (&attribute != attributes.data()) to += ',';
    append_json_string(to, attribute.key);
    to += ':';
    to += attribute.value;
  }
  to += '}';
}

void append_escape(std::string& to, char c) {
  switch (c) {
    case '"':
      to += "\\\"";
      return;
    case '\\':
      to += "\\\\";
      return;
    case '\b':
      to += "\\b";
      return;
    case '\f':
      to += "\\f";
      return;
    case '\n':
      to += "\\n";
      return;
    case '\r':
      to += "\\r";
      return;
    case '\t':
      to += "\\t";
      return;
    default:
      break;
  }
  const auto byte = static_cast<uint8_t>(c);
  to += "\\u";
  to += to_hex(std::array<uint8_t, 2>{0, byte});
}

}  // namespace

void append_json_string(std::string& to, std::string_view text) {
  to += '"';
  size_t plain_from = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<uint8_t>(c) >= 0x20 && c != '"' && c != '\\') continue;
    to += text.substr(plain_from, i - plain_from);
    append_escape(to, c);
    plain_from = i + 1;
  }
  to += text.substr(plain_from);
  to += '"';
}

void append_json_number(std::string& to, double value) {
  WEERBAAR_CHECK(std::isfinite(value));
  // Whole numbers from here on may be written in digits that no 64-bit integer holds.
  constexpr double kDigitsReadableMax = 9'007'199'254'740'992.0;  // 2^53
  std::array<char, kNumberBytesMax> buffer{};
  const auto end =
      std::abs(value) < kDigitsReadableMax
          ? std::to_chars(buffer.data(), buffer.data() + buffer.size(), value)
          : std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific);
  to.append(buffer.data(), end.ptr);
  // "-0" would read back as the integer 0.
  if (value == 0 && std::signbit(value)) to += ".0";
}

void append_json(std::string& to, const AccessEvent& event) {
  ObjectWriter object(to);
  object.text("id", event.id);
  object.text("source", event.source);
  object.text("time", format_time(event.time));
  append_actor(object.key("actor"), event.actor);
  object.text("action", to_string(event.action));
  object.text("system", event.system);
  object.text("component", event.component);
  if (!event.subjects.empty()) append_subjects(object.key("subjects"), event.subjects);
  if (!event.data.empty()) append_data(object.key("data"), event.data);
  object.text("query", event.query);
  if (event.records) object.key("records") += std::to_string(*event.records);
  if (!is_absent(event.purpose)) append_purpose(object.key("purpose"), event.purpose);
  if (event.outcome != Outcome::kSuccess) object.text("outcome", to_string(event.outcome));
  const Workplace& workplace = event.workplace;
  if (!workplace.terminal.empty() || !workplace.ip.empty() || !workplace.location.empty()) {
    append_workplace(object.key("workplace"), workplace);
  }
  const TraceContext& trace = event.trace;
  if (!trace.trace_id.empty() || !trace.span_id.empty() || !trace.parent_span_id.empty()) {
    append_trace(object.key("trace"), trace);
  }
  if (!event.attributes.empty()) append_attributes(object.key("attributes"), event.attributes);
  object.close();
}

std::string to_json(const AccessEvent& event) {
  std::string text;
  text.reserve(512);
  append_json(text, event);
  return text;
}

}  // namespace weerbaar
