// Comes back on other days to the same person, without a reason. At most 2.5 KiB an employee: 64 persons.
#pragma once

#include <memory>

#include "examine/detect/detector.h"
#include "examine/detect/surroundings.h"

namespace weerbaar::detect {

// `surroundings` must outlive it.
std::unique_ptr<Detector> make_returning(const Surroundings& surroundings);

}  // namespace weerbaar::detect
