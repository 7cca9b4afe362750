// Looks at people near to the employee: relations, the same address now or earlier, neighbours, the same rare surname.
// 648 bytes an employee.
#pragma once

#include <memory>

#include "examine/detect/detector.h"
#include "examine/detect/surroundings.h"

namespace weerbaar::detect {

// `surroundings` must outlive it.
std::unique_ptr<Detector> make_near(const Surroundings& surroundings);

}  // namespace weerbaar::detect
