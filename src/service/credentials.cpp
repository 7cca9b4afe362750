#include "service/credentials.h"

#include <array>

#include "base/bytes.h"
#include "os/file_system.h"
#include "trail/format/sha256.h"

namespace weerbaar::service {
namespace {

constexpr std::string_view kTokenMark = "wbt_";
constexpr std::string_view kBearer = "bearer ";

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

template <class Map>
std::optional<size_t> number_of(const Map& map, std::string_view key) {
  const auto found = map.find(key);
  if (found == map.end()) return std::nullopt;
  return found->second;
}

}  // namespace

void Credentials::add(std::string_view token_sha256, std::string_view certificate_subject, size_t number) {
  if (!token_sha256.empty()) by_token_.emplace(token_sha256, number);
  if (!certificate_subject.empty()) by_subject_.emplace(certificate_subject, number);
}

std::optional<size_t> Credentials::find(const http::Request& request) const {
  const std::string_view said = request.field("authorization");
  if (!said.empty()) {
    if (!equals_ignoring_case(said.substr(0, kBearer.size()), kBearer)) return std::nullopt;
    return number_of(by_token_, token_hash(said.substr(kBearer.size())));
  }
  return find_by_certificate(request.certificate_subject);
}

std::optional<size_t> Credentials::find_by_certificate(std::string_view subject) const {
  if (subject.empty()) return std::nullopt;
  return number_of(by_subject_, subject);
}

Result<std::string> make_token() {
  std::array<uint8_t, 32> random{};
  WEERBAAR_TRY(os::fill_random(random));
  return std::string(kTokenMark) + to_hex(random);
}

std::string token_hash(std::string_view token) {
  return to_hex(trail::sha256(as_bytes(token)));
}

}  // namespace weerbaar::service
