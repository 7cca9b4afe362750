// Who may write events over the network: by a bearer token or by a certificate, and as which source.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/message.h"
#include "os/file_system.h"
#include "service/credentials.h"

namespace weerbaar::service {

// Who may write events, and as what: the `source` of all its events.
struct SourceSettings {
  std::string name;
  std::string token_sha256;         // of its bearer token, 64 hexadecimal digits in lower case; may be empty
  std::string certificate_subject;  // of its certificate, as RFC 2253 writes it; may be empty
  std::string mapping;              // file for OTLP; may be empty
};

struct Sender {
  std::string source;   // the `source` of all that it writes
  std::string mapping;  // for OTLP, in TOML
};

// Immutable, so thread-safe.
class Senders {
 public:
  // Reads the mappings, which are relative to `directory`. kInvalid when one is wrong, or names another source.
  static Result<std::shared_ptr<const Senders>> read(const std::vector<SourceSettings>& sources, os::FileSystem& files,
                                                     const std::string& directory);

  // Null when the request proves nothing, as of Credentials::find().
  [[nodiscard]] const Sender* find(const http::Request& request) const;
  [[nodiscard]] size_t size() const { return senders_.size(); }

 private:
  std::vector<Sender> senders_;
  Credentials credentials_;
};

}  // namespace weerbaar::service
