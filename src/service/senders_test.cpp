#include "service/senders.h"

#include <gtest/gtest.h>

#include "os/memory.h"
#include "os/testing.h"

namespace weerbaar::service {
namespace {

http::Request with(const std::string& authorization, const std::string& subject = "") {
  http::Request request;
  if (!authorization.empty()) request.fields.push_back({"authorization", authorization});
  request.certificate_subject = subject;
  return request;
}

class SendersTest : public testing::Test {
 protected:
  os::MemoryFileSystem files_;
};

TEST_F(SendersTest, know_a_source_by_its_token_or_its_certificate_and_by_nothing_else) {
  const std::string token = make_token().value();
  const auto senders =
      Senders::read({{"bvr", token_hash(token), "", ""}, {"inning", "", "CN=inning,O=Example", ""}}, files_, "data");
  ASSERT_TRUE(senders.has_value()) << senders.error().text;
  const Senders& known = **senders;
  ASSERT_NE(known.find(with("Bearer " + token)), nullptr);
  EXPECT_EQ(known.find(with("Bearer " + token))->source, "bvr");
  EXPECT_EQ(known.find(with("bearer " + token))->source, "bvr");
  EXPECT_EQ(known.find(with("", "CN=inning,O=Example"))->source, "inning");
  for (const std::string& said :
       {std::string(), std::string("Bearer"), std::string("Bearer "), token, "Basic " + token, "Bearer " + token + " ",
        "Bearer  " + token, "Bearer " + token.substr(1), "Bearer " + token_hash(token)}) {
    EXPECT_EQ(known.find(with(said)), nullptr) << said;
  }
  EXPECT_EQ(known.find(with("", "CN=inning,O=Example,C=NL")), nullptr);
  // A wrong token is not made good by a certificate.
  EXPECT_EQ(known.find(with("Bearer wrong", "CN=inning,O=Example")), nullptr);
}

TEST_F(SendersTest, nobody_is_known_when_nobody_is_named) {
  const auto senders = Senders::read({}, files_, "data");
  ASSERT_TRUE(senders.has_value());
  EXPECT_EQ((*senders)->find(with("Bearer x")), nullptr);
  EXPECT_EQ((*senders)->find(with("")), nullptr);
}

TEST_F(SendersTest, a_mapping_that_is_wrong_is_refused_by_name) {
  ASSERT_TRUE(files_.make_directory("data"));
  ASSERT_TRUE(os::write_file_atomically(files_, "data/m.toml", as_bytes("colour = 1\n")));
  const auto wrong = Senders::read({{"bvr", std::string(64, 'a'), "", "m.toml"}}, files_, "data");
  ASSERT_EQ(os::refusal(wrong), Code::kInvalid);
  EXPECT_NE(wrong.error().text.find("m.toml"), std::string::npos);
  EXPECT_EQ(os::refusal(Senders::read({{"bvr", std::string(64, 'a'), "", "absent"}}, files_, "data")), Code::kNotFound);
}

TEST(Token, is_another_each_time_and_its_hash_is_that_of_fips_180) {
  EXPECT_NE(make_token().value(), make_token().value());
  EXPECT_EQ(make_token()->size(), 68U);
  EXPECT_EQ(token_hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace weerbaar::service
