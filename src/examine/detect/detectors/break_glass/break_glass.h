// Breaks the glass more often than peers, and with poor reasons. 664 bytes an employee.
#pragma once

#include <memory>

#include "examine/detect/detector.h"
#include "examine/detect/surroundings.h"

namespace weerbaar::detect {

// `surroundings` must outlive it.
std::unique_ptr<Detector> make_break_glass(const Surroundings& surroundings);

}  // namespace weerbaar::detect
