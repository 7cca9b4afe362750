#include "http/message.h"

#include <gtest/gtest.h>

namespace weerbaar::http {
namespace {

TEST(Message, head_has_the_status_the_date_and_the_length) {
  Response response;
  response.content_type = "text/plain";
  response.body = "hello";
  response.fields = {{"Retry-After", "3"}};
  ResponseHead about;
  about.unix_seconds = 784'111'777;
  const std::string head = format_head(response, about);
  EXPECT_TRUE(head.starts_with("HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 5\r\n"));
  EXPECT_NE(head.find("Content-Type: text/plain\r\n"), std::string::npos);
  EXPECT_NE(head.find("Retry-After: 3\r\n"), std::string::npos);
  EXPECT_TRUE(head.ends_with("\r\n\r\n"));
}

TEST(Message, whose_fields_would_break_out_of_their_line_is_not_sent) {
  for (const Field& field : {Field{"Location", "/a\r\nSet-Cookie: x"}, Field{"A\r\nB", "c"}, Field{"", "c"},
                             Field{"A: B", "c"}, Field{"A", std::string("\0", 1)}}) {
    Response response;
    response.body = "secret";
    response.fields = {field};
    const std::string head = format_head(response, {});
    EXPECT_TRUE(head.starts_with("HTTP/1.1 500 ")) << head;
    EXPECT_EQ(head.find("Set-Cookie"), std::string::npos);
    EXPECT_EQ(response.body.find("secret"), std::string::npos);
  }
}

TEST(Message, is_kept_by_nobody_unless_the_handler_says_so) {
  Response response;
  EXPECT_NE(format_head(response, {}).find("Cache-Control: no-store\r\n"), std::string::npos);
  response.fields = {{"Cache-Control", "public, max-age=5"}};
  const std::string head = format_head(response, {});
  EXPECT_NE(head.find("Cache-Control: public, max-age=5\r\n"), std::string::npos);
  EXPECT_EQ(head.find("no-store"), std::string::npos);
}

TEST(Message, problem_is_json_whatever_it_tells) {
  EXPECT_EQ(problem(404, "no \"such\" \\ thing\n").body,
            R"({"title":"Not Found","status":404,"detail":"no \"such\" \\ thing "})");
}

TEST(Message, without_content_has_no_length) {
  Response response;
  response.status = 204;
  EXPECT_EQ(format_head(response, {}).find("Content-Length"), std::string::npos);
}

}  // namespace
}  // namespace weerbaar::http
