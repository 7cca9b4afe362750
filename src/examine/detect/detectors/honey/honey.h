// Opens fictitious persons whom nobody has a reason to open. 648 bytes an employee.
#pragma once

#include <memory>

#include "examine/detect/detector.h"
#include "examine/detect/surroundings.h"

namespace weerbaar::detect {

// `surroundings` must outlive it.
std::unique_ptr<Detector> make_honey(const Surroundings& surroundings);

}  // namespace weerbaar::detect
