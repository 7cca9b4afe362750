// What a client would rather have: the fields Accept and Accept-Language (RFC 9110, 12.5).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace weerbaar::service {

// A field may be longer; what stands behind so many of its parts is not looked at.
inline constexpr size_t kPartsMax = 32;

// The place of that one of `types` ("application/json") which the field wants most, the first of equals; that is the
// first one when the field is empty. Nothing when it wants none of them. What is no list of types is passed over.
std::optional<size_t> wanted_type(std::string_view accept, std::span<const std::string_view> types);

enum class Language : uint8_t { kDutch, kEnglish };
// The one that the field wants most: Dutch when it wants neither, or both as much.
Language wanted_language(std::string_view accept_language);

}  // namespace weerbaar::service
