// Exports, prints or lists many records. 456 bytes an employee.
#pragma once

#include <memory>

#include "examine/detect/detector.h"
#include "examine/detect/surroundings.h"

namespace weerbaar::detect {

// `surroundings` must outlive it.
std::unique_ptr<Detector> make_bulk(const Surroundings& surroundings);

}  // namespace weerbaar::detect
