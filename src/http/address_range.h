// Ranges of addresses, as 10.0.0.0/8 or 2001:db8::/32, and who of several has an address.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weerbaar::http {

// An IPv4 address has the form ::ffff:a.b.c.d, so that each address has one form.
using Address = std::array<uint8_t, 16>;
// In numbers, without a zone. Nothing when it is none.
std::optional<Address> parse_address(std::string_view text);

struct AddressRange {
  Address first{};
  unsigned bits = 128;  // that an address must share with it, from the front; of IPv4 96 more than it was written with

  bool operator==(const AddressRange&) const = default;
};
// A single address is the range of itself. kInvalid when it is none, and when bits stand behind the prefix, as in
// 10.0.0.1/8: whoever wrote that may mean something else.
Result<AddressRange> parse_address_range(std::string_view text);
bool is_within(const Address& address, const AddressRange& range);
// 127.0.0.0/8 and ::1.
bool is_loopback(std::string_view address);

// Whose an address is: that of the longest range that it lies in.
class AddressTable {
 public:
  // False when somebody has the same range already.
  bool add(const AddressRange& range, size_t owner);
  // Nothing when it lies in none, or is no address.
  [[nodiscard]] std::optional<size_t> find(std::string_view address) const;
  [[nodiscard]] bool empty() const { return entries_.empty(); }

 private:
  struct Entry {
    AddressRange range;
    size_t owner;
  };
  std::vector<Entry> entries_;  // the longest first
};

}  // namespace weerbaar::http
