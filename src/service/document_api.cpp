#include "service/document_api.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "service/api_page.h"
#include "service/guard.h"
#include "trail/format/sha256.h"

namespace weerbaar::service {
namespace {

// The style of the page, and nothing else from anywhere.
std::string policy_of_page() {
  return fmt::format(
      "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      to_base64(trail::sha256(as_bytes(api_page_style()))));
}

http::Response document() {
  http::Response response;
  response.content_type = "application/json";
  response.body = api_document();
  response = protect(std::move(response));
  // It holds nothing that is not public, and other sites show such documents.
  for (http::Field& field : response.fields) {
    if (field.name == "Cross-Origin-Resource-Policy") field.value = "cross-origin";
  }
  response.fields.push_back({"Access-Control-Allow-Origin", "*"});
  return response;
}

}  // namespace

DocumentApi::DocumentApi() : page_(api_page(api_document())), page_policy_(policy_of_page()) {}

void DocumentApi::add_routes(http::Router& router) {
  router.mark(kApiBase, {"API-Version", std::string(kApiVersion)});
  router.add({"GET",
              "/api/v1/openapi.json",
              "openapi",
              [](http::Request&, const http::PathArguments&) { return document(); },
              {}});
  // Who types the name of the server into a browser, or has just logged in by a provider, finds what there is.
  router.add({"GET",
              "/",
              "start",
              [](http::Request&, const http::PathArguments&) {
                http::Response response;
                response.status = 303;
                response.fields.push_back({"Location", "/api/v1/docs"});
                return protect(std::move(response));
              },
              {}});
  router.add({"GET",
              "/api/v1/docs",
              "docs",
              [this](http::Request&, const http::PathArguments&) {
                http::Response response;
                response.content_type = "text/html; charset=utf-8";
                response.body = page_;
                return protect(std::move(response), page_policy_);
              },
              {}});
}

}  // namespace weerbaar::service
