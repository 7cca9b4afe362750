// Who may read the entries of the log over the network: mirrors, by a token or a certificate.
#pragma once

#include <string>
#include <vector>

#include "http/message.h"
#include "service/credentials.h"

namespace weerbaar::service {

struct Mirror {
  std::string name;
  std::string token_sha256;         // of its bearer token, 64 hexadecimal digits in lower case; may be empty
  std::string certificate_subject;  // of its certificate, as RFC 2253 writes it; may be empty
};

// Immutable, so thread-safe.
class Mirrors {
 public:
  explicit Mirrors(std::vector<Mirror> mirrors);

  // Null when the request proves nothing, as of Credentials::find().
  [[nodiscard]] const Mirror* find(const http::Request& request) const;

 private:
  std::vector<Mirror> mirrors_;
  Credentials credentials_;
};

}  // namespace weerbaar::service
