#include "service/api_page.h"

#include <gtest/gtest.h>

#include <set>

#include "service/document_api.h"
#include "service/document_testing.h"

namespace weerbaar::service {
namespace {

size_t count(std::string_view text, std::string_view what) {
  size_t found = 0;
  for (size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

TEST(ApiPage, shows_every_request_with_who_may_and_links_that_lead_to_it) {
  const std::string page = api_page(api_document());
  const Document document = Document::parse(api_document());
  for (const Operation& operation : operations_of(document)) {
    EXPECT_NE(page.find("<section class=\"request\" id=\"" + operation.id() + "\""), std::string::npos)
        << operation.path;
    EXPECT_NE(page.find("<a href=\"#" + operation.id() + "\"><code>" + operation.method + " " + operation.path + "<"),
              std::string::npos)
        << operation.path;
  }
  EXPECT_EQ(count(page, "Wie mag dit"), operations_of(document).size());
  for (size_t at = page.find("href=\"#"); at != std::string::npos; at = page.find("href=\"#", at + 1)) {
    const size_t begin = at + 7;
    const std::string id = page.substr(begin, page.find('"', begin) - begin);
    EXPECT_EQ(count(page, "id=\"" + id + "\""), 1U) << id;
  }
}

// Whatever is closed was opened last: browsers mend much, and readers for the blind less.
TEST(ApiPage, is_well_formed_and_loads_and_runs_nothing) {
  const std::string page = api_page(api_document());
  const std::set<std::string> alone = {"meta", "br", "!DOCTYPE"};
  std::vector<std::string> open;
  for (size_t at = page.find('<'); at != std::string::npos; at = page.find('<', at + 1)) {
    const size_t end = page.find_first_of(" >\n", at);
    const std::string tag = page.substr(at + 1, end - at - 1);
    if (alone.contains(tag)) continue;
    if (!tag.starts_with('/')) {
      open.push_back(tag);
      continue;
    }
    ASSERT_FALSE(open.empty());
    EXPECT_EQ("/" + open.back(), tag);
    open.pop_back();
  }
  EXPECT_TRUE(open.empty());
  for (const char* const never :
       {"<script", "<link", "<img", "src=", "url(", "@import", " style=", " onclick", "http:"}) {
    EXPECT_EQ(page.find(never), std::string::npos) << never;
  }
  for (const char* const always : {"<html lang=\"en\">", "<title>", "name=\"viewport\"", "<main", "<nav", "<h1"}) {
    EXPECT_EQ(count(page, always), 1U) << always;
  }
  const size_t begin = page.find("<style>") + 7;
  EXPECT_EQ(page.substr(begin, page.find("</style>") - begin), api_page_style());
}

// On a narrow screen a table scrolls in a box of its own, which only the focus can scroll without a pointer.
TEST(ApiPage, every_table_stands_in_a_box_that_the_keyboard_scrolls_and_has_its_heads_in_both_languages) {
  const std::string page = api_page(api_document());
  const size_t tables = count(page, "<table>");
  EXPECT_GT(tables, 100U);
  EXPECT_EQ(count(page, "role=\"region\" tabindex=\"0\" aria-labelledby=\"table-"), tables);
  EXPECT_EQ(count(page, "\"><table>"), tables);
  for (size_t number = 1; number <= tables; ++number) {
    EXPECT_EQ(count(page, "<h4 id=\"table-" + std::to_string(number) + "\">"), 1U);
  }
  EXPECT_EQ(count(page, "<span lang=\"nl\">Soort</span> · Type"), tables);
  EXPECT_EQ(count(page, "<span lang=\"nl\">Betekenis</span> · Meaning"), tables);
  EXPECT_NE(api_page_style().find(".table:focus-visible{outline"), std::string_view::npos);
}

TEST(ApiPage, shows_text_as_text) {
  Document document = Document::parse(api_document());
  document["paths"]["/me"]["get"]["summary"] = "<script>alert('1')</script> & \"more\"";
  document["info"]["title"] = "</title><b>";
  const std::string page = api_page(document.dump());
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_EQ(page.find("</title><b>"), std::string::npos);
  EXPECT_NE(page.find("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;more&quot;"), std::string::npos);
}

}  // namespace
}  // namespace weerbaar::service
