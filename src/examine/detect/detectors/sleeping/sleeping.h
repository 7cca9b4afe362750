// An authorisation that was not used for eight weeks is used suddenly, and not for explained work. At most 2 KiB an
// employee: 64 systems.
#pragma once

#include <memory>

#include "examine/detect/detector.h"
#include "examine/detect/surroundings.h"

namespace weerbaar::detect {

// `surroundings` must outlive it.
std::unique_ptr<Detector> make_sleeping(const Surroundings& surroundings);

}  // namespace weerbaar::detect
