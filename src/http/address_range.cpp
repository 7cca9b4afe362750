#include "http/address_range.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace weerbaar::http {
namespace {

constexpr unsigned kBits6 = 128;
constexpr unsigned kBits4 = 32;
constexpr size_t kMappedBytes = 12;

std::unexpected<Error> wrong() {
  return fail(Code::kInvalid, "a range of addresses is like 10.0.0.0/8, 192.0.2.7 or 2001:db8::/32");
}

bool bit_of(const Address& address, unsigned bit) {
  return (address[bit / 8] >> (7 - bit % 8) & 1U) != 0;
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  const std::string copy(text);
  Address address{};
  if (inet_pton(AF_INET6, copy.c_str(), address.data()) == 1) return address;
  address[10] = address[11] = 0xFF;
  if (inet_pton(AF_INET, copy.c_str(), address.data() + kMappedBytes) == 1) return address;
  return std::nullopt;
}

Result<AddressRange> parse_address_range(std::string_view text) {
  const size_t slash = text.find('/');
  const std::string_view written = text.substr(0, slash);
  const auto address = parse_address(written);
  if (!address) return wrong();
  AddressRange range{*address, kBits6};
  if (slash != std::string_view::npos) {
    const unsigned most = written.find(':') == std::string_view::npos ? kBits4 : kBits6;
    const std::string_view digits = text.substr(slash + 1);
    unsigned bits = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error != std::errc() || end != digits.data() + digits.size() || bits > most) return wrong();
    range.bits = kBits6 - most + bits;
  }
  for (unsigned bit = range.bits; bit < kBits6; ++bit) {
    if (!bit_of(range.first, bit)) continue;
    return fail(Code::kInvalid,
                "a range of addresses has nothing but zeros behind its prefix: write 10.0.0.0/8, or 10.0.0.1 for one "
                "address");
  }
  return range;
}

bool is_within(const Address& address, const AddressRange& range) {
  for (unsigned bit = 0; bit < range.bits; ++bit) {
    if (bit_of(address, bit) != bit_of(range.first, bit)) return false;
  }
  return true;
}

bool is_loopback(std::string_view address) {
  static const AddressRange kLoopback4 = parse_address_range("127.0.0.0/8").value();
  static const AddressRange kLoopback6 = parse_address_range("::1").value();
  const auto parsed = parse_address(address);
  return parsed && (is_within(*parsed, kLoopback4) || is_within(*parsed, kLoopback6));
}

bool AddressTable::add(const AddressRange& range, size_t owner) {
  if (std::ranges::find(entries_, range, &Entry::range) != entries_.end()) return false;
  const auto shorter =
      std::ranges::find_if(entries_, [&](const Entry& entry) { return entry.range.bits < range.bits; });
  entries_.insert(shorter, {range, owner});
  return true;
}

std::optional<size_t> AddressTable::find(std::string_view address) const {
  const auto parsed = parse_address(address);
  if (!parsed) return std::nullopt;
  const auto found =
      std::ranges::find_if(entries_, [&](const Entry& entry) { return is_within(*parsed, entry.range); });
  return found == entries_.end() ? std::nullopt : std::optional(found->owner);
}

}  // namespace weerbaar::http
