// Accesses while the employee was absent, or by badge not where they came from. 648 bytes an employee.
#pragma once

#include <memory>

#include "examine/detect/detector.h"
#include "examine/detect/surroundings.h"

namespace weerbaar::detect {

// `surroundings` must outlive it.
std::unique_ptr<Detector> make_absence(const Surroundings& surroundings);

}  // namespace weerbaar::detect
