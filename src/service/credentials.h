// Who sends a request, by a bearer token or by a certificate.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"

namespace weerbaar::service {

// Numbers of those that may send, by what they are known by.
class Credentials {
 public:
  // Either may be empty: then nobody is known by it. No two have the same.
  void add(std::string_view token_sha256, std::string_view certificate_subject, size_t number);
  // Nothing when the request proves nothing: it has neither a token that is known nor a certificate that is. A request
  // with a token counts by its token.
  [[nodiscard]] std::optional<size_t> find(const http::Request& request) const;
  // By the certificate alone; nothing when nobody has it.
  [[nodiscard]] std::optional<size_t> find_by_certificate(std::string_view subject) const;

 private:
  std::map<std::string, size_t, std::less<>> by_token_;  // by the SHA-256 of it
  std::map<std::string, size_t, std::less<>> by_subject_;
};

// 256 random bits as text: "wbt_…".
Result<std::string> make_token();
// What the settings hold of a token. It is no password: it was made at random and cannot be guessed, so that one hash
// without salt is enough.
std::string token_hash(std::string_view token);

}  // namespace weerbaar::service
