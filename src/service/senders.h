// Who may write events over the network: by a bearer token or by a certificate, and as which source.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/address_range.h"
#include "http/message.h"
#include "ingest/sources/otlp/mapping.h"
#include "os/file_system.h"
#include "service/credentials.h"

namespace weerbaar::service {

// The halves of an access wait so long for each other.
inline constexpr std::chrono::milliseconds kJoinWithin{300'000};

// Who may write events, and as what: the `source` of all its events.
struct SourceSettings {
  std::string name;
  std::string token_sha256;         // of its bearer token, 64 hexadecimal digits in lower case; may be empty
  std::string certificate_subject;  // of its certificate, as RFC 2253 writes it; may be empty
  std::string mapping;              // file for OTLP; may be empty
  std::string syslog_mapping = {};  // file for syslog; empty: it sends none
  std::chrono::milliseconds join_within = kJoinWithin;  // halves of an access that come in different requests
  std::vector<std::string> syslog_addresses = {};  // ranges; who sends plain syslog from one of them is this source
  std::chrono::milliseconds heartbeat{0};          // it promises to be heard so often; zero: nothing
  std::string sequence_attribute = {};             // of its events: their number; empty: they have none
  std::string counter_attribute = {};              // which of its counters gave the number; empty: it has one
};

struct Sender {
  std::string source;                                   // the `source` of all that it writes
  std::string mapping;                                  // for OTLP, in TOML
  std::string syslog_mapping;                           // in TOML; empty: it sends no syslog
  ingest::otlp::Mapping otlp_mapping;                   // the same
  std::chrono::milliseconds join_within = kJoinWithin;  // zero: what comes in one request is all
  std::chrono::milliseconds heartbeat{0};               // as of SourceSettings, as what follows
  std::string sequence_attribute;
  std::string counter_attribute;

  // One without settings of its own.
  static Sender by_default(std::string source);
};

// Immutable, so thread-safe.
class Senders {
 public:
  // Reads the mappings, which are relative to `directory`. kInvalid when one is wrong, or names another source, and
  // when two sources have the same range of addresses.
  static Result<std::shared_ptr<const Senders>> read(const std::vector<SourceSettings>& sources, os::FileSystem& files,
                                                     const std::string& directory);

  // Null when the request proves nothing, as of Credentials::find().
  [[nodiscard]] const Sender* find(const http::Request& request) const;
  // By the certificate alone; null when nobody has it.
  [[nodiscard]] const Sender* find_by_certificate(std::string_view subject) const;
  // By the address from which it sends plain syslog: the longest range counts; null when it lies in none.
  [[nodiscard]] const Sender* find_by_address(std::string_view address) const;
  [[nodiscard]] size_t size() const { return senders_.size(); }
  [[nodiscard]] std::span<const std::unique_ptr<const Sender>> all() const { return senders_; }

 private:
  std::vector<std::unique_ptr<const Sender>> senders_;
  Credentials credentials_;
  http::AddressTable addresses_;
};

}  // namespace weerbaar::service
