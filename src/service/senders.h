// Who may write events over the network: by a bearer token or by a certificate, and as which source.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/message.h"
#include "os/file_system.h"

namespace weerbaar::service {

// Who may write events, and as what: the `source` of all its events.
struct SourceSettings {
  std::string name;
  std::string token_sha256;         // of its bearer token, 64 hexadecimal digits in lower case; may be empty
  std::string certificate_subject;  // of its certificate, as RFC 2253 writes it; may be empty
  std::string mapping;              // file for OTLP; may be empty
  std::string syslog_mapping = {};  // file for syslog; empty: it sends none
};

struct Sender {
  std::string source;          // the `source` of all that it writes
  std::string mapping;         // for OTLP, in TOML
  std::string syslog_mapping;  // in TOML; empty: it sends no syslog
};

// Immutable, so thread-safe.
class Senders {
 public:
  // Reads the mappings, which are relative to `directory`. kInvalid when one is wrong, or names another source.
  static Result<std::shared_ptr<const Senders>> read(const std::vector<SourceSettings>& sources, os::FileSystem& files,
                                                     const std::string& directory);

  // Null when the request proves nothing: it has neither a token that is known nor a certificate that is. A request
  // with a token counts by its token.
  [[nodiscard]] const Sender* find(const http::Request& request) const;
  // By the certificate alone; null when nobody has it.
  [[nodiscard]] const Sender* find_by_certificate(std::string_view subject) const;
  [[nodiscard]] size_t size() const { return senders_.size(); }

 private:
  std::vector<std::unique_ptr<Sender>> senders_;
  std::map<std::string, const Sender*, std::less<>> by_token_;  // by the SHA-256 of it
  std::map<std::string, const Sender*, std::less<>> by_subject_;
};

// 256 random bits as text: "wbt_…".
Result<std::string> make_token();
// What the settings hold of a token. It is no password: it was made at random and cannot be guessed, so that one hash
// without salt is enough.
std::string token_hash(std::string_view token);

}  // namespace weerbaar::service
