// Many more persons than peers of the same function, and than the employee's own past. 456 bytes an employee.
#pragma once

#include <memory>

#include "examine/detect/detector.h"
#include "examine/detect/surroundings.h"

namespace weerbaar::detect {

// `surroundings` must outlive it.
std::unique_ptr<Detector> make_volume(const Surroundings& surroundings);

}  // namespace weerbaar::detect
