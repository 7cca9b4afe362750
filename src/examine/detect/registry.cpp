#include "examine/detect/registry.h"

#include "examine/detect/detectors/absence/absence.h"
#include "examine/detect/detectors/break_glass/break_glass.h"
#include "examine/detect/detectors/bulk/bulk.h"
#include "examine/detect/detectors/enumeration/enumeration.h"
#include "examine/detect/detectors/honey/honey.h"
#include "examine/detect/detectors/hours/hours.h"
#include "examine/detect/detectors/near/near.h"
#include "examine/detect/detectors/public_figure/public_figure.h"
#include "examine/detect/detectors/reported/reported.h"
#include "examine/detect/detectors/returning/returning.h"
#include "examine/detect/detectors/sleeping/sleeping.h"
#include "examine/detect/detectors/two_places/two_places.h"
#include "examine/detect/detectors/unexplained/unexplained.h"
#include "examine/detect/detectors/volume/volume.h"

namespace weerbaar::detect {
namespace {

constexpr DetectorKind kDetectors[] = {
    {"absence", "absence", make_absence},
    {"break-glass", "break_glass", make_break_glass},
    {"bulk", "bulk", make_bulk},
    {"enumeration", "enumeration", make_enumeration},
    {"honey", "honey", make_honey},
    {"hours", "hours", make_hours},
    {"near", "near", make_near},
    {"public-figure", "public_figure", make_public_figure},
    {"reported", "reported", make_reported},
    {"returning", "returning", make_returning},
    {"sleeping", "sleeping", make_sleeping},
    {"two-places", "two_places", make_two_places},
    {"unexplained", "unexplained", make_unexplained},
    {"volume", "volume", make_volume},
};

}  // namespace

std::span<const DetectorKind> detectors() {
  return kDetectors;
}

}  // namespace weerbaar::detect
