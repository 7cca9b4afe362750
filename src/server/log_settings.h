// The settings of how the log is published and witnessed: part of the section [serve] of weerbaar.toml.
// docs/operate/witness.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "service/mirrors.h"
#include "trail/format/signature.h"

namespace weerbaar::server {

struct WitnessSettings {
  std::string name;  // ours for it: in file names, metrics and logs
  std::string url;   // its submission prefix, without a / at the end
  trail::VerifierKey key;
  std::string authorities;  // file in PEM: who vouches for its certificate; empty: those of the machine

  // Plain HTTP, which only loopback may have.
  [[nodiscard]] bool plain_http() const { return url.starts_with("http://"); }
};

struct LogSettings {
  std::vector<service::Mirror> mirrors;
  std::vector<WitnessSettings> witnesses;
  int64_t witness_quorum = 0;  // that must cosign before a checkpoint is published
  std::chrono::milliseconds witness_every{10'000};
  std::chrono::milliseconds sign_every{10'000};  // while events come in
};

}  // namespace weerbaar::server
