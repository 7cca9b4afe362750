// Which applications may ask for decisions, and about which systems.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "service/credentials.h"

namespace weerbaar::service {

struct Application {
  std::string name;
  std::string token_sha256;          // of its bearer token, 64 hexadecimal digits in lower case; may be empty
  std::string certificate_subject;   // of its certificate, as RFC 2253 writes it; may be empty
  std::vector<std::string> systems;  // that it may ask about; at least one

  [[nodiscard]] bool may_ask_about(std::string_view system) const;
};

// Immutable, so thread-safe.
class Applications {
 public:
  explicit Applications(std::vector<Application> applications);

  // Null when the request proves nothing, as of Credentials::find().
  [[nodiscard]] const Application* find(const http::Request& request) const;
  [[nodiscard]] size_t size() const { return applications_.size(); }

 private:
  std::vector<Application> applications_;
  Credentials credentials_;
};

}  // namespace weerbaar::service
