// The directory of a witness: its settings, its key, and what it cosigned. docs/operate/witness.md,
// docs/formats/witness.md.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/server.h"
#include "os/file_system.h"
#include "server/serve_settings.h"
#include "trail/format/signature.h"
#include "witness/witness.h"

namespace weerbaar::server {

inline constexpr std::string_view kWitnessSettingsFile = "witness.toml";

struct WitnessDirectorySettings {
  std::string name;
  std::string verifier_key;
  Listen listen{"127.0.0.1", 8'444};
  bool plain_http = false;
  std::string certificate;  // PEM; empty: one is made at first use
  std::string key;          // of it
  int64_t workers = 8;
  int64_t requests_a_second = 50;  // of one client; 0: no limit
  std::vector<witness::KnownLog> logs;
};

// kInvalid with line and column.
Result<WitnessDirectorySettings> parse_witness_settings(std::string_view toml);

class WitnessDirectory {
 public:
  // Makes the directory with settings and a new key; gives its verifier key. kExists when the directory holds anything;
  // kInvalid when the name is no name of a key.
  static Result<trail::VerifierKey> create(os::FileSystem& files, const std::string& directory,
                                           const std::string& name);
  // Reads the settings. kNotFound when it is no directory of a witness.
  static Result<WitnessDirectory> open(os::FileSystem& files, const std::string& directory);

  [[nodiscard]] const WitnessDirectorySettings& settings() const { return settings_; }
  // With its key and the logs that it knows. kDenied when the key is not the one that the settings name.
  Result<std::unique_ptr<witness::Witness>> open_witness() const;
  Result<http::TlsOptions> certificate() const;

 private:
  WitnessDirectory(os::FileSystem& files, std::string directory) : files_(&files), directory_(std::move(directory)) {}

  os::FileSystem* files_;
  std::string directory_;
  WitnessDirectorySettings settings_;
};

}  // namespace weerbaar::server
