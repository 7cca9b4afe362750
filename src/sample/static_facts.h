// What the administration knows of itself before any work is done: people, places, systems, rights.
#pragma once

#include "base/result.h"
#include "sample/fact_writer.h"
#include "sample/misuse.h"
#include "sample/organisation.h"
#include "sample/population.h"

namespace weerbaar::sample {

Status tell_static_facts(const Population& population, const Organisation& organisation, const Plan& plan,
                         FactWriter& facts);

}  // namespace weerbaar::sample
