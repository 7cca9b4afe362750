#include "http/peer.h"

#include <gtest/gtest.h>

namespace weerbaar::http {
namespace {

std::string named(std::vector<Field> fields) {
  Request request;
  request.fields = std::move(fields);
  const auto peer = forwarded_peer(request);
  return peer ? peer->name : "nobody";
}

TEST(Peer, is_the_last_address_of_the_last_field_for_only_that_one_did_the_own_proxy_write) {
  EXPECT_EQ(named({{"x-forwarded-for", "192.0.2.7"}}), "192.0.2.7");
  EXPECT_EQ(named({{"x-forwarded-for", "203.0.113.9, 10.0.0.1,\t192.0.2.7 "}}), "192.0.2.7");
  EXPECT_EQ(named({{"x-forwarded-for", "192.0.2.1"}, {"host", "h"}, {"x-forwarded-for", "192.0.2.2"}}), "192.0.2.2");
  EXPECT_EQ(named({{"x-forwarded-for", "2001:DB8:0:0::1"}}), "2001:db8::1");
  EXPECT_EQ(named({{"x-forwarded-for", "::ffff:192.0.2.7"}}), "192.0.2.7");
}

TEST(Peer, is_nobody_where_the_last_is_no_address_even_when_one_stands_before_it) {
  EXPECT_EQ(named({}), "nobody");
  EXPECT_EQ(named({{"forwarded", "for=192.0.2.7"}}), "nobody");
  for (const char* const wrong : {"", " ", "unknown", "192.0.2.7,", "192.0.2.7, unknown", "192.0.2.7:4711",
                                  "[2001:db8::1]", "fe80::1%eth0", "192.0.2", "192.0.2.256", "192.0.2.7 192.0.2.8"}) {
    EXPECT_EQ(named({{"x-forwarded-for", wrong}}), "nobody") << wrong;
  }
  EXPECT_EQ(named({{"x-forwarded-for", "192.0.2.7"}, {"x-forwarded-for", "_hidden"}}), "nobody");
}

TEST(Peer, counts_as_the_client_that_it_would_be_without_a_proxy) {
  Request request;
  request.fields = {{"x-forwarded-for", "2001:db8:1:2:3::4"}};
  const auto one = forwarded_peer(request);
  request.fields = {{"x-forwarded-for", "2001:db8:1:2:ffff::1"}};
  const auto neighbour = forwarded_peer(request);
  request.fields = {{"x-forwarded-for", "2001:db8:1:3::4"}};
  const auto other = forwarded_peer(request);
  ASSERT_TRUE(one && neighbour && other);
  EXPECT_EQ(one->client, neighbour->client);
  EXPECT_NE(one->client, other->client);
}

}  // namespace
}  // namespace weerbaar::http
