// Many persons whom the work does not explain, against peers, the own past, and over a long time. At most 11 KiB an
// employee for 256 such persons a period; those beyond count in full, once each while 64 MiB hold them for all
// employees together, and each time after that.
#pragma once

#include <memory>

#include "examine/detect/detector.h"
#include "examine/detect/surroundings.h"

namespace weerbaar::detect {

// `surroundings` must outlive it.
std::unique_ptr<Detector> make_unexplained(const Surroundings& surroundings);

}  // namespace weerbaar::detect
