#include "http/client_limits.h"

#include <gtest/gtest.h>

namespace weerbaar::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Client client(uint64_t number) {
  return {false, number};
}

TEST(ClientLimits, count_the_connections_of_each_client_apart) {
  Limits limits;
  limits.connections_a_client_max = 2;
  ClientLimits clients(limits);
  const ClientLimits::Moment now{};
  EXPECT_TRUE(clients.connect(client(1), now));
  EXPECT_TRUE(clients.connect(client(1), now));
  EXPECT_FALSE(clients.connect(client(1), now));
  EXPECT_TRUE(clients.connect(client(2), now));
  clients.disconnect(client(1));
  EXPECT_TRUE(clients.connect(client(1), now));
}

TEST(ClientLimits, give_requests_back_with_time) {
  Limits limits;
  limits.requests_a_second = 10;
  limits.requests_burst = 5;
  ClientLimits clients(limits);
  ClientLimits::Moment now{};
  ASSERT_TRUE(clients.connect(client(1), now));
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(clients.take_request(client(1), now));
  EXPECT_FALSE(clients.take_request(client(1), now));
  now += milliseconds(100);
  EXPECT_TRUE(clients.take_request(client(1), now));
  EXPECT_FALSE(clients.take_request(client(1), now));
  now += seconds(1'000);
  int taken = 0;
  while (clients.take_request(client(1), now)) ++taken;
  EXPECT_EQ(taken, 5);
}

TEST(ClientLimits, outlast_a_new_connection) {
  Limits limits;
  limits.requests_a_second = 1;
  limits.requests_burst = 1;
  ClientLimits clients(limits);
  const ClientLimits::Moment now{};
  ASSERT_TRUE(clients.connect(client(1), now));
  EXPECT_TRUE(clients.take_request(client(1), now));
  clients.disconnect(client(1));
  ASSERT_TRUE(clients.connect(client(1), now));
  EXPECT_FALSE(clients.take_request(client(1), now));
}

TEST(ClientLimits, remember_no_more_clients_than_is_said) {
  Limits limits;
  limits.clients_remembered = 100;
  ClientLimits clients(limits);
  const ClientLimits::Moment now{};
  for (uint64_t i = 0; i < 10'000; ++i) {
    ASSERT_TRUE(clients.connect(client(i), now));
    clients.take_request(client(i), now);
    clients.disconnect(client(i));
    ASSERT_LE(clients.remembered(), 100U);
  }
}

TEST(ClientLimits, count_the_requests_of_clients_behind_a_proxy_who_are_not_connected_themselves) {
  Limits limits;
  limits.requests_a_second = 1;
  limits.requests_burst = 2;
  limits.clients_remembered = 100;
  ClientLimits clients(limits);
  const ClientLimits::Moment now{};
  ASSERT_TRUE(clients.connect(client(0), now));
  EXPECT_TRUE(clients.take_request(client(1), now));
  EXPECT_TRUE(clients.take_request(client(1), now));
  EXPECT_FALSE(clients.take_request(client(1), now));
  EXPECT_TRUE(clients.take_request(client(2), now));
  EXPECT_TRUE(clients.take_request(client(1), now + seconds(1)));
  for (uint64_t i = 10; i < 10'000; ++i) {
    EXPECT_TRUE(clients.take_request(client(i), now));
    ASSERT_LE(clients.remembered(), 100U);
  }
}

TEST(ClientLimits, take_a_network_of_ipv6_for_one_client_and_a_mapped_address_for_what_it_is) {
  const uint8_t one[16] = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8};
  const uint8_t same[16] = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 9, 9, 9, 9, 9, 9, 9, 9};
  const uint8_t other[16] = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8};
  const uint8_t mapped[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 10, 1, 2, 3};
  const uint8_t plain[4] = {10, 1, 2, 3};
  EXPECT_EQ(client_of(one), client_of(same));
  EXPECT_NE(client_of(one), client_of(other));
  EXPECT_EQ(client_of(mapped), client_of(plain));
}

}  // namespace
}  // namespace weerbaar::http
