#include "http/client_limits.h"

#include <algorithm>
#include <iterator>

namespace weerbaar::http {

Client client_of(std::span<const uint8_t> address) {
  static constexpr uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  Client client;
  client.version_6 = address.size() == 16;
  if (client.version_6 && std::ranges::equal(address.first(12), kMapped)) {
    client.version_6 = false;
    address = address.subspan(12);
  }
  for (const uint8_t byte : address.first(client.version_6 ? 8 : 4)) client.prefix = client.prefix << 8U | byte;
  return client;
}

void ClientLimits::refill(Account& account, Moment now) const {
  const std::chrono::duration<double> passed = now - account.counted;
  account.tokens = std::min(limits_.requests_burst, account.tokens + passed.count() * limits_.requests_a_second);
  account.counted = now;
}

// First those who have nothing to be remembered for; when that makes no room, all who are not connected.
void ClientLimits::forget_the_idle(Moment now) {
  std::erase_if(accounts_, [&](const auto& entry) {
    Account account = entry.second;
    refill(account, now);
    return account.connections == 0 && account.tokens >= limits_.requests_burst;
  });
  if (accounts_.size() < limits_.clients_remembered) return;
  std::erase_if(accounts_, [](const auto& entry) { return entry.second.connections == 0; });
}

ClientLimits::Account& ClientLimits::account_of(const Client& client, Moment now) {
  const auto found = accounts_.find(client);
  if (found != accounts_.end()) return found->second;
  if (accounts_.size() >= limits_.clients_remembered) forget_the_idle(now);
  return accounts_.emplace(client, Account{0, limits_.requests_burst, now}).first->second;
}

bool ClientLimits::connect(const Client& client, Moment now) {
  const std::lock_guard lock(mutex_);
  Account& account = account_of(client, now);
  if (account.connections >= limits_.connections_a_client_max) return false;
  ++account.connections;
  return true;
}

void ClientLimits::disconnect(const Client& client) {
  const std::lock_guard lock(mutex_);
  if (const auto found = accounts_.find(client); found != accounts_.end()) --found->second.connections;
}

bool ClientLimits::take_request(const Client& client, Moment now) {
  if (limits_.requests_a_second <= 0) return true;
  const std::lock_guard lock(mutex_);
  Account& account = account_of(client, now);
  refill(account, now);
  if (account.tokens < 1) return false;
  account.tokens -= 1;
  return true;
}

size_t ClientLimits::remembered() const {
  const std::lock_guard lock(mutex_);
  return accounts_.size();
}

}  // namespace weerbaar::http
