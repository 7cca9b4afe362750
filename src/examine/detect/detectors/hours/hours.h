// Works outside the own shifts, where the work does not explain it. 456 bytes an employee.
#pragma once

#include <memory>

#include "examine/detect/detector.h"
#include "examine/detect/surroundings.h"

namespace weerbaar::detect {

// `surroundings` must outlive it.
std::unique_ptr<Detector> make_hours(const Surroundings& surroundings);

}  // namespace weerbaar::detect
