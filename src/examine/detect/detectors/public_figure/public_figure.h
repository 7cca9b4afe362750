// Looks at persons of public interest, and at shielded ones. 648 bytes an employee.
#pragma once

#include <memory>

#include "examine/detect/detector.h"
#include "examine/detect/surroundings.h"

namespace weerbaar::detect {

// `surroundings` must outlive it.
std::unique_ptr<Detector> make_public_figure(const Surroundings& surroundings);

}  // namespace weerbaar::detect
