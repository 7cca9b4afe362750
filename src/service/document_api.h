// What this server can be asked, for programs and for people: the OpenAPI document, and a page made of it.
#pragma once

#include <string>
#include <string_view>

#include "http/router.h"

namespace weerbaar::service {

// docs/api/openapi.json, which the build embeds.
std::string_view api_document();
// The version of what stands under /api/v1/: the field API-Version of every answer there.
inline constexpr std::string_view kApiVersion = "1.0.0";
inline constexpr std::string_view kApiBase = "/api/v1/";

// Thread-safe.
class DocumentApi {
 public:
  DocumentApi();

  // It must outlive the router, of which every answer under kApiBase gets the version from now on.
  void add_routes(http::Router& router);

 private:
  const std::string page_;
  const std::string page_policy_;
};

}  // namespace weerbaar::service
