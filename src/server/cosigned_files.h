// What witnesses cosigned of the log of a data directory, for who reads it beside a server or in it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "server/data_directory.h"
#include "service/cosigned.h"

namespace weerbaar::server {

// By the witnesses and the quorum of the settings, writable. `data` must outlive what is opened with it.
Result<service::CosignedOptions> cosigned_options(const DataDirectory& data);

struct WitnessRefusal {
  std::string witness;
  TreeSize cosigned;  // of other entries than the log has

  // "w refuses this log, …"
  [[nodiscard]] std::string in_words() const;
};

// What witnesses say of the log.
struct WitnessesSaw {
  // The latest checkpoint that the quorum cosigned, or without a quorum that of the most entries, with its
  // cosignatures. Empty when there is none, when it is of more entries than `signed_size` (the log was put back), and
  // once refused: who refuses a log vouches for nothing of it.
  std::string note;
  std::vector<WitnessRefusal> refusals;
  size_t witnesses = 0;     // of the settings
  bool is_refused = false;  // too few others are left to vouch for it
};
Result<WitnessesSaw> witnesses_saw(const DataDirectory& data, TreeSize signed_size);

}  // namespace weerbaar::server
