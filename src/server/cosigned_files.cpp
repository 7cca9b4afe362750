#include "server/cosigned_files.h"

#include <optional>

namespace weerbaar::server {

using service::Cosigned;

Result<service::CosignedOptions> cosigned_options(const DataDirectory& data) {
  const LogSettings& settings = data.settings().serve.log;
  service::CosignedOptions options;
  options.files = &data.files();
  options.directory = os::join(data.path(), service::kCosignedDirectory);
  WEERBAAR_ASSIGN(options.log, data.verifier_key());
  for (const WitnessSettings& witness : settings.witnesses) {
    options.witnesses.push_back({witness.name, witness.key, witness.url});
  }
  options.quorum = static_cast<size_t>(settings.witness_quorum);
  return options;
}

Result<std::string> cosigned_note(const DataDirectory& data, TreeSize signed_size) {
  WEERBAAR_ASSIGN(service::CosignedOptions options, cosigned_options(data));
  if (options.witnesses.empty()) return std::string();
  options.writable = false;
  WEERBAAR_ASSIGN(const std::unique_ptr<Cosigned> cosigned, Cosigned::open(options));
  std::optional<Cosigned::Last> best = cosigned->under_quorum();
  if (options.quorum == 0) {
    for (const auto& witness : options.witnesses) {
      const auto last = cosigned->last(witness.name);
      if (last && (!best || last->checkpoint.size > best->checkpoint.size)) best = last;
    }
  }
  if (!best || best->checkpoint.size.value() == 0 || best->checkpoint.size > signed_size) return std::string();
  return best->note;
}

}  // namespace weerbaar::server
