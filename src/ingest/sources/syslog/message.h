// The header of a syslog message, and where its content begins.
//
// Source: RFC 5424 section 6; RFC 3164 section 4.1 and what senders make of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weerbaar::ingest::syslog {

enum class Form : uint8_t {
  kRfc5424,
  kRfc3164,  // also without the priority, as in files
  kBare,     // no header that is known: all is content
};

// Elements of structured data in one message: each is compared with those before it. Senders have a few.
inline constexpr size_t kElementsMax = 256;

// A parameter of structured data.
struct Parameter {
  std::string_view id;  // of its element
  std::string_view name;
  std::string_view value;  // with its escapes: unescape_value()
};

// Texts lie in the message that was read; empty where it has none (the NILVALUE of RFC 5424).
struct Message {
  Form form = Form::kBare;
  int priority = -1;  // facility * 8 + severity; -1: it has none
  unsigned version = 0;
  std::string_view time;       // RFC 3339; "Mmm dd hh:mm:ss" when `time_is_local`
  bool time_is_local = false;  // without year and zone
  std::string_view host;
  std::string_view app;
  std::string_view procid;
  std::string_view msgid;
  std::vector<std::string_view> elements;  // of structured data, by their ids
  std::vector<Parameter> parameters;
  std::string_view content;  // without byte order mark
};

// Fills `to`, whose memory is used again. kInvalid when the message begins as one of RFC 5424 (a priority, a version
// and a space) and breaks its rules; the reason says where, never what stands there. Any other message has some form.
// The content is not looked at: it may be any bytes.
Status parse_message(std::string_view text, Message& to);

// `value` of a parameter as it was meant: \" \\ and \] lose their backslash, another backslash stays.
void unescape_value(std::string_view value, std::string& to);

}  // namespace weerbaar::ingest::syslog
