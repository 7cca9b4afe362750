// What witnesses cosigned of the log of a data directory, for who reads it beside a server or in it.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "server/data_directory.h"
#include "service/cosigned.h"

namespace weerbaar::server {

// By the witnesses and the quorum of the settings, writable. `data` must outlive what is opened with it.
Result<service::CosignedOptions> cosigned_options(const DataDirectory& data);

// The latest checkpoint that the quorum cosigned, or without a quorum that of the most entries, with its cosignatures.
// Empty when there is none, and when it is of more entries than `signed_size`: the log was put back.
Result<std::string> cosigned_note(const DataDirectory& data, TreeSize signed_size);

}  // namespace weerbaar::server
