#include "http/certificate.h"

#include <gtest/gtest.h>

#include <ctime>
#include <vector>

#include "http/tls_context.h"
#include "os/testing.h"

namespace weerbaar::http {
namespace {

const std::vector<std::string> kNames = {"weerbaar.example.org", "localhost", "127.0.0.1", "::1"};

TEST(Certificate, that_was_made_is_one_that_tls_takes) {
  const auto made = make_self_signed(kNames);
  ASSERT_TRUE(made.has_value()) << made.error().text;
  TlsOptions options;
  options.certificate = *made;
  EXPECT_TRUE(make_tls_context(options).has_value());
  const auto print = fingerprint(made->certificate);
  ASSERT_TRUE(print.has_value());
  EXPECT_EQ(print->size(), 32U * 3 - 1);
}

TEST(Certificate, is_another_each_time) {
  const auto one = make_self_signed(kNames);
  const auto other = make_self_signed(kNames);
  ASSERT_TRUE(one.has_value() && other.has_value());
  EXPECT_NE(one->key, other->key);
  EXPECT_NE(fingerprint(one->certificate).value(), fingerprint(other->certificate).value());
}

TEST(Certificate, is_not_made_for_what_is_no_name) {
  for (const char* const name : {"", "a b", "a,DNS:b", "*.example.org", "a\nb"}) {
    const std::vector<std::string> names = {name};
    EXPECT_EQ(os::refusal(make_self_signed(names)), Code::kInvalid) << name;
  }
  EXPECT_EQ(os::refusal(make_self_signed({})), Code::kInvalid);
}

TEST(Certificate, is_valid_from_an_hour_ago_for_ten_years) {
  const std::string pem = make_self_signed(kNames).value().certificate;
  const int64_t now = time(nullptr);
  constexpr int64_t kDay = 86'400;
  EXPECT_TRUE(check_validity(pem, now));
  EXPECT_TRUE(check_validity(pem, now + 3'600 * kDay));
  EXPECT_NE(check_validity(pem, now - kDay).error().text.find("not valid yet"), std::string::npos);
  EXPECT_NE(check_validity(pem, now + 3'700 * kDay).error().text.find("expired"), std::string::npos);
  EXPECT_EQ(os::refusal(check_validity("", now)), Code::kInvalid);
}

TEST(Certificate, is_told_from_one_of_another_key) {
  const std::string names[] = {"localhost"};
  const auto one = make_self_signed(names);
  const auto other = make_self_signed(names);
  ASSERT_TRUE(one && other);
  EXPECT_TRUE(check_key(*one));
  EXPECT_EQ(check_key({one->certificate, other->key}).error().text, "this key is not that of the certificate");
  EXPECT_EQ(check_key({one->certificate, one->certificate}).error().text, "this is no key in PEM without a password");
  EXPECT_EQ(check_key({one->certificate, ""}).error().text, "this is no key in PEM without a password");
  EXPECT_EQ(check_key({"", one->key}).error().text, "this key is not that of the certificate");
}

TEST(TlsContext, refuses_what_does_not_belong_together) {
  const auto one = make_self_signed(kNames);
  const auto other = make_self_signed(kNames);
  ASSERT_TRUE(one.has_value() && other.has_value());
  const auto refusal_of = [](const Certificate& certificate, const std::string& authorities, bool required) {
    return os::refusal(make_tls_context(TlsOptions{certificate, authorities, required}));
  };
  EXPECT_EQ(refusal_of({one->certificate, other->key}, "", false), Code::kInvalid);
  EXPECT_EQ(refusal_of({"", one->key}, "", false), Code::kInvalid);
  EXPECT_EQ(refusal_of({one->certificate, ""}, "", false), Code::kInvalid);
  EXPECT_EQ(refusal_of(*one, "nonsense", false), Code::kInvalid);
  EXPECT_EQ(refusal_of(*one, "", true), Code::kInvalid);
  EXPECT_EQ(refusal_of(*one, other->certificate, true), std::nullopt);
  EXPECT_EQ(os::refusal(fingerprint("nonsense")), Code::kInvalid);
}

}  // namespace
}  // namespace weerbaar::http
