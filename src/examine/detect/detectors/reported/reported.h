// Looked without a reason at persons who later appear in reports. At most 8.5 KiB an employee: 256 persons.
#pragma once

#include <memory>

#include "examine/detect/detector.h"
#include "examine/detect/surroundings.h"

namespace weerbaar::detect {

// `surroundings` must outlive it.
std::unique_ptr<Detector> make_reported(const Surroundings& surroundings);

}  // namespace weerbaar::detect
