// Who a client is: by the address of its connection, or by what a proxy in front says of it.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <optional>
#include <string>

#include "http/client_limits.h"
#include "http/message.h"

namespace weerbaar::http {

struct Peer {
  std::string name;  // its address in numbers; an IPv4 address in the form of IPv6 is shown as what it is
  Client client;
};

Peer peer_of(const boost::asio::ip::address& address);

// The last address of the last field X-Forwarded-For: what the nearest proxy says of who connected to it. What stands
// before it the client may have written itself, and is not looked at. Nothing when there is none, or it is no IPv4 or
// IPv6 address alone (without port, brackets and zone).
std::optional<Peer> forwarded_peer(const Request& head);

}  // namespace weerbaar::http
