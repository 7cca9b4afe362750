// The OpenAPI document as a page for people: one file of HTML, without scripts, that loads nothing.
#pragma once

#include <string>
#include <string_view>

namespace weerbaar::service {

// `document`: OpenAPI 3.1 as JSON, whole: what refers to nothing is a programmer's error. Headings are in Dutch and in
// English, the texts as the document has them.
std::string api_page(std::string_view document);
// What stands in its one element <style>.
std::string_view api_page_style();

}  // namespace weerbaar::service
