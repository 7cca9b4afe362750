// Many persons whom the work does not explain, against peers, the own past, and over a long time. At most 11 KiB an
// employee and 256 such persons a period; what is beyond them counts in full.
#pragma once

#include <memory>

#include "examine/detect/detector.h"
#include "examine/detect/surroundings.h"

namespace weerbaar::detect {

// `surroundings` must outlive it.
std::unique_ptr<Detector> make_unexplained(const Surroundings& surroundings);

}  // namespace weerbaar::detect
