// Any text as the settings of a data directory: refused with the name of the file, or settings that come back as they
// are when they are written again.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/utf8.h"
#include "server/settings.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weerbaar::server;
  const auto settings = parse_settings(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!settings) {
    WEERBAAR_CHECK(settings.error().code == weerbaar::Code::kInvalid);
    WEERBAAR_CHECK(settings.error().text.starts_with(kSettingsFile));
    return 0;
  }
  WEERBAAR_CHECK(settings->retention_months > 0 && settings->retention_grace_days >= 0);
  for (const std::string* text : {&settings->origin, &settings->verifier_key, &settings->keys}) {
    WEERBAAR_CHECK(!text->empty() && weerbaar::is_utf8(*text));
  }
  const auto again = parse_settings(format_settings(*settings));
  WEERBAAR_CHECK(again.has_value());
  WEERBAAR_CHECK(again->origin == settings->origin && again->verifier_key == settings->verifier_key);
  WEERBAAR_CHECK(again->keys == settings->keys && again->retention_months == settings->retention_months);
  WEERBAAR_CHECK(again->retention_grace_days == settings->retention_grace_days);
  return 0;
}
