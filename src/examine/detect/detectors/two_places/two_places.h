// One account at two places within a quarter of an hour. 128 bytes an account and 456 an employee.
#pragma once

#include <memory>

#include "examine/detect/detector.h"
#include "examine/detect/surroundings.h"

namespace weerbaar::detect {

// `surroundings` must outlive it.
std::unique_ptr<Detector> make_two_places(const Surroundings& surroundings);

}  // namespace weerbaar::detect
