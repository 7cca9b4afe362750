#include "http/peer.h"

#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>
#include <ranges>
#include <string_view>

namespace weerbaar::http {
namespace {

namespace ip = boost::asio::ip;

constexpr std::string_view kBlanks = " \t";

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

}  // namespace

Peer peer_of(const ip::address& address) {
  if (address.is_v4()) {
    const auto bytes = address.to_v4().to_bytes();
    return {address.to_string(), client_of(bytes)};
  }
  const auto bytes = address.to_v6().to_bytes();
  const bool is_mapped = address.to_v6().is_v4_mapped();
  return {is_mapped ? ip::make_address_v4(ip::v4_mapped, address.to_v6()).to_string() : address.to_string(),
          client_of(bytes)};
}

std::optional<Peer> forwarded_peer(const Request& head) {
  for (const Field& field : std::views::reverse(head.fields)) {
    if (field.name != "x-forwarded-for") continue;
    const std::string_view all = field.value;
    const std::string_view last = trimmed(all.substr(all.rfind(',') + 1));
    // A zone names an interface of the machine of the proxy.
    if (last.find('%') != std::string_view::npos) return std::nullopt;
    boost::system::error_code error;
    const ip::address address = ip::make_address(last, error);
    if (error) return std::nullopt;
    return peer_of(address);
  }
  return std::nullopt;
}

}  // namespace weerbaar::http
