// Common Event Format: what many security products write into a syslog message.
//
// Source: ArcSight Common Event Format, versions 0 and 1. Extensions are read leniently: a key is what follows a space
// and stands before '=', so that values may hold spaces and signs of equality that nobody escaped.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace weerbaar::ingest::syslog {

enum class CefHeader : uint8_t { kVersion, kVendor, kProduct, kDeviceVersion, kSignatureId, kName, kSeverity };
inline constexpr size_t kCefHeaders = 7;

struct Cef {
  std::array<std::string, kCefHeaders> header;
  std::vector<std::pair<std::string, std::string>> extension;  // in their order; a key may come twice
};

// Text that holds a CEF record begins so.
inline constexpr std::string_view kCefMark = "CEF:";

// `text` begins with kCefMark. kInvalid when a field of the header is missing, when the version is not 0 or 1, and when
// the extension begins with text that belongs to no key; the header is filled then.
Status parse_cef(std::string_view text, Cef& to);

}  // namespace weerbaar::ingest::syslog
