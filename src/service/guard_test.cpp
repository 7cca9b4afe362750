#include "service/guard.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "people/testing.h"

namespace weerbaar::service {
namespace {

using people::Permission;

constexpr Door kLook{"GET", "/look", "look", Permission::kSeeConsultations};
constexpr Door kChange{"POST", "/change", "change", Permission::kAskMandate};

class GuardTest : public people::PeopleFixture {
 protected:
  void SetUp() override {
    PeopleFixture::SetUp();
    guard_ = std::make_unique<Guard>(*sessions_, log_);
    for (const Door& door : {kLook, kChange}) {
      guard_->add(router_, door, [this](http::Request&, const http::PathArguments&, const Visitor& visitor) {
        ++answered_;
        http::Response response;
        response.content_type = "text/plain";
        response.body = visitor.account.name;
        return response;
      });
    }
    make("ingrid", "u1", {people::Role::kInvestigator});
    const auto secret = accounts_->renew(accounts_->find("ingrid")->number, people::kTestPassword, "heel iets anders 7",
                                         deed(), record());
    ASSERT_TRUE(secret);
    session_ = *sessions_->begin(accounts_->find("ingrid")->number);
  }
  http::Request request(const Door& door) {
    http::Request made;
    made.method = door.method;
    made.target = door.path;
    made.peer = "127.0.0.1";
    made.fields = {{"host", "weerbaar.example"}, {"cookie", "a=b; __Host-weerbaar=" + session_}};
    if (door.method == "POST") made.fields.push_back({"x-csrf-token", people::csrf_token(session_)});
    return made;
  }
  int ask(http::Request made) {
    const auto admitted = router_.admit(made);
    return admitted ? router_.handle(made).status : admitted.error().status;
  }
  int ask_with(const Door& door, const std::string& name, const std::string& value) {
    http::Request made = request(door);
    std::erase_if(made.fields, [&name](const http::Field& field) { return field.name == name; });
    if (!value.empty()) made.fields.push_back({name, value});
    return ask(made);
  }

  std::FILE* log_file_ = std::tmpfile();
  JsonLog log_{log_file_};
  std::unique_ptr<Guard> guard_;
  http::Router router_;
  std::string session_;
  int answered_ = 0;
};

TEST_F(GuardTest, lets_in_who_is_logged_in_and_may) {
  EXPECT_EQ(ask(request(kLook)), 200);
  EXPECT_EQ(ask(request(kChange)), 200);
  EXPECT_EQ(answered_, 2);
}

TEST_F(GuardTest, lets_nobody_in_without_a_session_that_lives) {
  EXPECT_EQ(ask_with(kLook, "cookie", ""), 401);
  EXPECT_EQ(ask_with(kLook, "cookie", "__Host-weerbaar="), 401);
  EXPECT_EQ(ask_with(kLook, "cookie", "weerbaar=" + session_), 401);
  EXPECT_EQ(ask_with(kLook, "cookie", "__Host-weerbaar=" + std::string(64, 'a')), 401);
  EXPECT_EQ(ask_with(kLook, "cookie", "__Host-weerbaar=" + session_ + "; __Host-weerbaar=" + session_), 401);
  ASSERT_TRUE(sessions_->end(session_));
  EXPECT_EQ(ask(request(kLook)), 401);
  EXPECT_EQ(answered_, 0);
}

TEST_F(GuardTest, lets_nobody_in_who_may_not_or_has_to_renew_the_password) {
  make("ali", "u2", {people::Role::kAnalyst});
  session_ = *sessions_->begin(accounts_->find("ali")->number);
  EXPECT_EQ(ask(request(kLook)), 403);
  ASSERT_TRUE(
      accounts_->renew(accounts_->find("ali")->number, people::kTestPassword, "heel iets anders 7", deed(), record()));
  session_ = *sessions_->begin(accounts_->find("ali")->number);
  EXPECT_EQ(ask(request(kLook)), 200);
  EXPECT_EQ(ask(request(kChange)), 403);
}

TEST_F(GuardTest, changes_nothing_without_the_token_of_this_very_session) {
  const std::string other = *sessions_->begin(accounts_->find("ingrid")->number);
  EXPECT_EQ(ask_with(kChange, "x-csrf-token", ""), 403);
  EXPECT_EQ(ask_with(kChange, "x-csrf-token", session_), 403);
  EXPECT_EQ(ask_with(kChange, "x-csrf-token", people::csrf_token(other)), 403);
  EXPECT_EQ(answered_, 0);
}

TEST_F(GuardTest, does_nothing_that_another_site_asks) {
  for (const char* const origin :
       {"https://evil.example", "null", "https://weerbaar.example.evil", "weerbaar.example"}) {
    EXPECT_EQ(ask_with(kChange, "origin", origin), 403) << origin;
    EXPECT_EQ(ask_with(kLook, "origin", origin), 403) << origin;
  }
  EXPECT_EQ(ask_with(kChange, "origin", "https://weerbaar.example"), 200);
  for (const char* const site : {"cross-site", "same-site"}) EXPECT_EQ(ask_with(kChange, "sec-fetch-site", site), 403);
  EXPECT_EQ(ask_with(kChange, "sec-fetch-site", "none"), 403);
  EXPECT_EQ(ask_with(kChange, "sec-fetch-site", "same-origin"), 200);
  EXPECT_EQ(ask_with(kLook, "sec-fetch-site", "none"), 200);
}

TEST_F(GuardTest, reads_no_large_body_and_no_other_than_json) {
  EXPECT_EQ(router_.admit(request(kChange))->body_bytes_max, 65'536U);
  EXPECT_EQ(router_.admit(request(kLook))->body_bytes_max, 0U);
  http::Response large = http::problem(413, "the body is too large");
  router_.form(request(kChange), large);
  EXPECT_TRUE(std::ranges::any_of(large.fields, [](const auto& one) { return one.name == "X-Frame-Options"; }));
  EXPECT_EQ(ask_with(kChange, "transfer-encoding", "chunked"), 415);
  EXPECT_EQ(ask_with(kChange, "content-length", "12"), 415);
  EXPECT_EQ(ask_with(kChange, "content-encoding", "gzip"), 415);
  EXPECT_EQ(ask_with(kLook, "content-encoding", "gzip"), 415);
  http::Request made = request(kChange);
  made.fields.push_back({"content-length", "12"});
  made.fields.push_back({"content-type", "application/json; charset=utf-8"});
  EXPECT_EQ(ask(made), 200);
}

TEST_F(GuardTest, tells_browsers_to_be_careful) {
  http::Request made = request(kLook);
  const http::Response response = router_.handle(made);
  const auto field = [&response](std::string_view name) {
    for (const http::Field& one : response.fields) {
      if (one.name == name) return one.value;
    }
    return std::string();
  };
  EXPECT_NE(field("Content-Security-Policy").find("default-src 'none'"), std::string::npos);
  EXPECT_NE(field("Content-Security-Policy").find("frame-ancestors 'none'"), std::string::npos);
  EXPECT_EQ(field("Referrer-Policy"), "no-referrer");
  EXPECT_EQ(field("X-Frame-Options"), "DENY");
  // No page of another site may read it.
  for (const http::Field& one : response.fields) EXPECT_FALSE(one.name.starts_with("Access-Control-")) << one.name;
  EXPECT_EQ(set_cookie(kSessionCookie, "x").value, "__Host-weerbaar=x; Path=/; Secure; HttpOnly; SameSite=Strict");
  EXPECT_EQ(set_cookie(kSessionCookie, "").value,
            "__Host-weerbaar=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
}

TEST_F(GuardTest, logs_a_refusal_without_who_it_was) {
  EXPECT_EQ(ask_with(kChange, "x-csrf-token", "wrong"), 403);
  std::rewind(log_file_);
  std::string text(4'096, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), log_file_));
  EXPECT_NE(text.find("a person was refused"), std::string::npos);
  for (const std::string& personal : {std::string("ingrid"), std::string("u1"), session_}) {
    EXPECT_EQ(text.find(personal), std::string::npos);
  }
}

}  // namespace
}  // namespace weerbaar::service
