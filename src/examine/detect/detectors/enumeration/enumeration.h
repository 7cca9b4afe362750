// Goes through persons one by one: consecutive numbers, or a street from door to door. 680 bytes an employee.
#pragma once

#include <memory>

#include "examine/detect/detector.h"
#include "examine/detect/surroundings.h"

namespace weerbaar::detect {

// `surroundings` must outlive it.
std::unique_ptr<Detector> make_enumeration(const Surroundings& surroundings);

}  // namespace weerbaar::detect
