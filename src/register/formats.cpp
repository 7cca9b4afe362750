#include "register/formats.h"

#include <algorithm>
#include <utility>

#include "register/ldif.h"
#include "register/scim.h"
#include "register/zgw.h"

namespace weerbaar::facts {
namespace {

constexpr DeliveryFormat kFormats[] = {
    {"ldif", false,
     [](std::string_view file, DeliveryMapping mapping, bool) { return open_ldif(file, std::move(mapping)); }},
    {"scim", false,
     [](std::string_view file, DeliveryMapping mapping, bool) { return open_scim(file, std::move(mapping)); }},
    {"zgw", true, &open_zgw}};

}  // namespace

std::span<const DeliveryFormat> delivery_formats() {
  return kFormats;
}

const DeliveryFormat* find_delivery_format(std::string_view name) {
  const auto found = std::ranges::find(kFormats, name, &DeliveryFormat::name);
  return found == std::end(kFormats) ? nullptr : &*found;
}

}  // namespace weerbaar::facts
