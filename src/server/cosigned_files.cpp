#include "server/cosigned_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

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

std::string WitnessRefusal::in_words() const {
  return fmt::format(
      "{} refuses this log, of which it cosigned {} entries that were others: they were lost, put back or "
      "changed",
      witness, cosigned.value());
}

Result<WitnessesSaw> witnesses_saw(const DataDirectory& data, TreeSize signed_size) {
  WEERBAAR_ASSIGN(service::CosignedOptions options, cosigned_options(data));
  WitnessesSaw saw;
  saw.witnesses = options.witnesses.size();
  if (options.witnesses.empty()) return saw;
  options.writable = false;
  WEERBAAR_ASSIGN(const std::unique_ptr<Cosigned> cosigned, Cosigned::open(options));
  std::optional<Cosigned::Last> best = cosigned->under_quorum();
  for (const auto& witness : options.witnesses) {
    if (const auto size = cosigned->refused(witness.name)) saw.refusals.push_back({witness.name, *size});
    const auto last = options.quorum == 0 ? cosigned->last(witness.name) : std::nullopt;
    if (last && (!best || last->checkpoint.size > best->checkpoint.size)) best = last;
  }
  saw.is_refused = saw.witnesses - saw.refusals.size() < std::max<size_t>(options.quorum, 1);
  if (saw.is_refused || !best || best->checkpoint.size.value() == 0 || best->checkpoint.size > signed_size) return saw;
  saw.note = std::move(best->note);
  return saw;
}

}  // namespace weerbaar::server
