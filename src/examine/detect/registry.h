// The detectors that there are.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "examine/detect/detector.h"
#include "examine/detect/surroundings.h"

namespace weerbaar::detect {

struct DetectorKind {
  std::string_view id;      // as policies and signals name it; its folder has it with _ for -
  std::string_view folder;  // under detectors/
  std::unique_ptr<Detector> (*make)(const Surroundings& surroundings);
};

// By id.
std::span<const DetectorKind> detectors();

}  // namespace weerbaar::detect
